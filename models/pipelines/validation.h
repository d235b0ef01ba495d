// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "models/pipelines/dataset.h"
#include "models/pipelines/definition.h"

namespace pilothouse::pipelines {

struct ValidationLimits {
    std::size_t minimumRows = 1'000;
    std::vector<std::string> key;  ///< columns that name a row; empty: not looked at
    double maximumDuplicates = 0;  ///< share of the rows whose key stood there before
    double maximumOutside = 0;     ///< share of a column's values beyond its declared range
};
[[nodiscard]] Result<ValidationLimits> validationLimits(const Parameters& parameters);

/// What is wrong with the features as declared and with the rows, each with file and line of the declaration, value and
/// limit. Nothing: they may be learnt from.
[[nodiscard]] Result<std::vector<std::string>> validateRows(const PipelineDefinition& definition, const Dataset& data,
                                                            const ValidationLimits& limits, const Zone& zone);

}  // namespace pilothouse::pipelines
