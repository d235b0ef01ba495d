// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"

namespace pilothouse::connect::mlflow {

/// A column of a model's signature.
struct ModelColumn {
    std::string name;  ///< empty: the model has its columns by position, or takes a tensor
    std::string type;  ///< "double", "long", "string", "boolean", "datetime", "tensor", …
    bool required = true;
};

struct ModelSignature {
    std::vector<ModelColumn> inputs, outputs;  ///< in the model's order; both empty: it was logged without a signature
    /// The names of the inputs that have one.
    [[nodiscard]] std::vector<std::string> features() const;
};

inline constexpr std::size_t kMaxMlModelBytes = 8u << 20;
inline constexpr std::size_t kMaxColumns = 100'000;

/// Reads the file MLmodel (https://mlflow.org/docs/latest/model/signatures/): YAML, whose signature.inputs and .outputs
/// are texts of JSON. InvalidInput, with what is wrong, for text that is not; anchors, aliases and deep nesting are
/// refused. Thread: any.
[[nodiscard]] Result<ModelSignature> parseMlModel(std::string_view yaml, const std::string& source);

}  // namespace pilothouse::connect::mlflow
