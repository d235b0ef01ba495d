// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/base/result.h"
#include "models/ports/rows.h"

namespace pilothouse::trees {

/// How one feature becomes a number for the model: Number as it is; Text by its place among the categories that
/// training saw, any other text is missing.
struct FeatureEncoding {
    std::string name;
    ports::ColumnType type = ports::ColumnType::Number;
    std::vector<std::string> categories;  ///< sorted; at most 65,536

    bool operator==(const FeatureEncoding&) const = default;
};

/// A trained model as one blob:
///   "PHMODEL1"  u32 length of the head  head (JSON: format, engine, features, categories)  u64 length  XGBoost's
///   UBJSON
/// Numbers are little-endian; nothing may follow.
struct ModelArtifact {
    static constexpr int kFormat = 1;
    static constexpr const char* kMediaType = "application/vnd.pilothouse.model.v1";
    std::vector<FeatureEncoding> features;  ///< in the model's order
    std::vector<std::uint8_t> booster;
};

[[nodiscard]] std::vector<std::uint8_t> encodeModel(const ModelArtifact& model);
/// Corrupt or Unsupported with the reason; bounded by the blob's own size, 4,096 features and 65,536 categories each.
[[nodiscard]] Result<ModelArtifact> decodeModel(std::span<const std::uint8_t> blob);

/// The features of rows as the model reads them. Categories are looked up by column once a RowSet, not once a row.
class FeatureMatrix {
public:
    /// Keeps references; columns that are absent are missing. A Text feature that is a number column in `rows` (or the
    /// other way round) is InvalidInput and names it.
    static Result<FeatureMatrix> bind(const std::vector<FeatureEncoding>& features, const ports::RowSet& rows);
    [[nodiscard]] std::size_t width() const { return m_columns.size(); }
    /// One row's features to `out` (width() floats), NaN where missing.
    void row(std::size_t index, float* out) const;
    [[nodiscard]] std::vector<float> dense(std::span<const std::size_t> indices) const;

private:
    struct Bound {
        const ports::Column* column = nullptr;
        std::vector<float> codes;  ///< Text: by dictionary index
    };
    std::vector<Bound> m_columns;
};

}  // namespace pilothouse::trees
