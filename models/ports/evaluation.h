// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/timestamp.h"
#include "models/ports/alert_source.h"
#include "models/statistics/verdict.h"

/// What a monitor found in a window. Written by monitoring, shown by every view: one function computes a verdict.
namespace pilothouse::ports {

/// One check of one column (or of the whole window, feature empty).
struct Finding {
    std::string feature;  ///< "" for the window as a whole
    std::string check;    ///< "drift", "missing", "unseen", "traffic", "auc", "completeness", …
    statistics::Verdict verdict;
    Severity severity = Severity::Warning;
    std::vector<double> counts;  ///< current counts on the profile's bins (drift); empty otherwise
    double missingShare = 0;
};

struct Evaluation {
    std::int64_t id = 0;
    std::string monitor;
    std::string kind;  ///< "traffic", "quality", "score", "drift", "performance"
    std::string model;
    std::string version;  ///< the version whose profile was the reference; empty in history
    TimeRange window;
    Timestamp evaluatedAt;
    int revision = 0;
    statistics::State state = statistics::State::Unavailable;  ///< worst of the findings
    std::string summary;                                       ///< "7 of 18 columns drift, most: temp_f 2.1 σ"
    std::uint64_t rows = 0, labelled = 0;
    std::vector<Finding> findings;  ///< empty in lists that ask for none
};

}  // namespace pilothouse::ports
