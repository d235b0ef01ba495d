// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/items/performance.h"
#include "widgets/chart/lane.h"
#include "widgets/chart/plot_picture.h"

/// What the performance view and a report draw, from what was measured.
namespace pilothouse::performance {

/// Confusion matrix, ROC, precision-recall and reliability of a binary classifier, or predicted against actual and
/// residuals of a regression. The comparison (a version, or the shown version's reference) is outlined; null: none.
[[nodiscard]] std::vector<chart::PlotPicture> picturesOf(const items::PerformanceReport& report);

/// The lanes of one metric: realised with its interval, estimated without labels, the labels known, the rows.
[[nodiscard]] std::vector<chart::Lane> lanesOf(const items::PerformanceReport& report, const std::string& metric);

/// "0.731 (0.718 – 0.744)" in the digits that the metric deserves.
[[nodiscard]] QString metricText(std::string_view metric, const statistics::Interval& value);
/// How a realised number was made: method, n, labels. Plain text.
[[nodiscard]] QString howMeasured(const statistics::MetricValue& value);
/// How all of the report was made: paragraphs of plain text.
[[nodiscard]] QStringList howMade(const items::PerformanceReport& report, const Zone& zone);

}  // namespace pilothouse::performance
