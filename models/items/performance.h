// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/base/time_zone.h"
#include "models/ports/query.h"
#include "models/statistics/cbpe.h"
#include "models/statistics/curves.h"
#include "models/statistics/metrics.h"

/// How well versions of a model did, as the performance view and the report show it. Values only.
namespace pilothouse::items {

enum class PerformanceTask { Binary, Regression, Other };
enum class WindowUnit { Hour, Day, Week, Month };
[[nodiscard]] const char* toString(WindowUnit unit);  ///< "hour", "day", …

struct PerformanceQuestion {
    std::string model;
    std::string version;      ///< empty: those with the most rows
    std::string compareWith;  ///< a version that is shown beside it; empty: none
    ports::Query rows;        ///< the model's rows and the lens's filters, without a version
    TimeRange range;
    std::optional<WindowUnit> unit;  ///< nothing: as fits the range
    Zone zone;
    Timestamp now;
};

/// Of one version in one window of the calendar.
struct WindowPerformance {
    TimeRange window;  ///< cut at the ends of the range
    std::uint64_t rows = 0, labelled = 0;
    bool mature = true;                            ///< labels have had the time that they take
    std::vector<statistics::MetricValue> metrics;  ///< from labels; empty: none is known
    std::vector<statistics::Estimate> estimates;   ///< without labels; empty: see VersionPerformance::estimateNote
    double outsideReference = 0;                   ///< share of scores beyond the reference's
    [[nodiscard]] double maturity() const {
        return rows == 0 ? 0 : static_cast<double>(labelled) / static_cast<double>(rows);
    }
    [[nodiscard]] const statistics::MetricValue* metric(std::string_view name) const;
    [[nodiscard]] const statistics::Estimate* estimate(std::string_view name) const;
};

/// What the pictures of a binary classifier show.
struct BinaryPicture {
    statistics::ConfusionMatrix confusion;
    std::vector<statistics::CurvePoint> roc, precisionRecall;  ///< thinned to what a picture can show
    statistics::CurvePoint rocAtThreshold, precisionRecallAtThreshold;
    double auc = 0, averagePrecision = 0, prevalence = 0;
    std::vector<statistics::ReliabilityBin> reliability;
    std::uint64_t labelled = 0;
};

/// What the pictures of a regression show.
struct RegressionPicture {
    struct Residuals {
        double low = 0, high = 0;
        std::uint64_t n = 0;
    };
    std::vector<std::pair<double, double>> points;  ///< (predicted, actual), evenly picked
    std::vector<Residuals> histogram;               ///< of actual - predicted; the outer bins hold what lies beyond
    std::uint64_t labelled = 0;
};

/// The rows from which the estimate without labels was calibrated.
struct EstimateReference {
    TimeRange range;
    std::uint64_t labelled = 0;
    bool calibrated = false;  ///< an isotonic map was needed
};

struct VersionPerformance {
    std::string version;
    PerformanceTask task = PerformanceTask::Binary;
    bool registered = false;  ///< task and threshold are the registry's; else they were taken from the rows
    std::string positiveClass;
    double threshold = 0.5;
    std::uint64_t rows = 0, labelled = 0, unscored = 0;
    TimeRange seen;  ///< first and last row within the range
    std::vector<WindowPerformance> windows;
    std::vector<statistics::MetricValue> overall;
    std::string problem;  ///< why nothing could be measured; empty: it could
    std::optional<EstimateReference> reference;
    std::string estimateNote;  ///< why there is no estimate, or where there is none
    std::optional<BinaryPicture> binary, referencePicture;
    std::optional<RegressionPicture> regression;
    [[nodiscard]] const statistics::MetricValue* metric(std::string_view name) const;
};

struct PerformanceReport {
    PerformanceQuestion question;
    WindowUnit unit = WindowUnit::Day;
    std::vector<VersionPerformance> versions;  ///< most recent first
    std::size_t shown = 0;                     ///< whose pictures are drawn
    std::optional<std::size_t> compared;       ///< outlined in them; else the shown version's reference
    Duration labelDelay{};                     ///< how long labels take; older windows are mature
    std::string clusterWords;                  ///< which rows count as dependent, and who says so
    std::uint64_t rows = 0, labelled = 0;
    [[nodiscard]] const VersionPerformance* main() const {
        return shown < versions.size() ? &versions[shown] : nullptr;
    }
    [[nodiscard]] const VersionPerformance* comparison() const { return compared ? &versions[*compared] : nullptr; }
};

struct SegmentPerformance {
    std::string label, clause;  ///< clause: of the query language, its rows; empty: "other"
    std::uint64_t rows = 0, labelled = 0;
    statistics::MetricValue metric;  ///< of the metric that was asked for
    enum class Verdict { Worse, Like, Better, Insufficient } verdict = Verdict::Insufficient;
};
struct SegmentReport {
    std::string column, metric, version;
    statistics::MetricValue overall;
    /// Worst first: those whose interval lies on the worse side of all rows' value, by how far; then the rest by the
    /// end of the interval; those with too few labels last.
    std::vector<SegmentPerformance> segments;
};

/// What a metric is called, and which way is better.
[[nodiscard]] std::string metricTitle(std::string_view metric);  ///< "ROC AUC"
[[nodiscard]] bool higherIsBetter(std::string_view metric);
[[nodiscard]] bool isShare(std::string_view metric);  ///< within 0 … 1 and read as a share
[[nodiscard]] std::vector<std::string> metricsOf(PerformanceTask task);
/// How the interval of a metric was made, in words.
[[nodiscard]] std::string intervalWords(std::string_view how);

}  // namespace pilothouse::items
