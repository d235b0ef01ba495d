// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/drift_histogram.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/predictions/query_parser.h"

namespace pilothouse::items {
namespace {

using statistics::ColumnKind;
using statistics::ColumnProfile;

/// Shortest text that reads back as the same number.
QString exact(double value) { return QString::number(value, 'g', QLocale::FloatingPointShortest); }

/// The field as a clause writes it: quoted where its name needs that.
QString fieldText(const std::string& name) {
    QString out = QString::fromStdString(predictions::equalsClause(name, "x"));
    out.chop(2);
    return out;
}

/// One clause for all values but these: a filter each would fill the lens bar.
QString noneOf(const std::string& name, const std::vector<std::string>& categories, std::size_t shown) {
    const QString field = fieldText(name);
    QStringList values;
    for (std::size_t i = 0; i < shown; ++i)
        values += QString::fromStdString(predictions::equalsClause(name, categories[i])).mid(field.size() + 1);
    return values.isEmpty() ? field + u":*"_qs : field + u":* -"_qs + field + u":("_qs + values.join(u" OR "_qs) + u')';
}

QStringList betweenClauses(const QString& field, std::optional<double> low, std::optional<double> high) {
    QStringList result;
    if (low) result += field + u">="_qs + exact(*low);
    if (high) result += field + u'<' + exact(*high);
    return result;
}

/// More than this many times the even density, and one bar would flatten all others.
constexpr double kSteepest = 15;

bool hasScale(const ColumnProfile& profile) {
    if (profile.kind != ColumnKind::Numeric || profile.edges.size() < 5 || !(profile.max > profile.min)) return false;
    double total = 0;
    for (const std::uint64_t c : profile.counts)
        total += static_cast<double>(c);
    const double even = total / (profile.max - profile.min);
    for (std::size_t i = 0; i < profile.counts.size(); ++i) {
        const double low = i == 0 ? profile.min : profile.edges[i - 1];
        const double high = i == profile.edges.size() ? profile.max : profile.edges[i];
        // A first bin that holds only the minimum, or a last one that holds only the maximum, has no width.
        if (!(high > low) && profile.counts[i] > 0) return false;
        if (high > low && static_cast<double>(profile.counts[i]) / (high - low) > kSteepest * even) return false;
    }
    return true;
}

QString binLabel(const ColumnProfile& profile, std::size_t i) {
    const std::size_t last = profile.edges.size();
    const double low = i == 0 ? profile.min : profile.edges[i - 1];
    const double high = i == last ? profile.max : profile.edges[i];
    const double mean = i < profile.binMeans.size() ? profile.binMeans[i] : low;
    const bool oneValue = std::abs(mean - low) <= 1e-9 * std::max(1.0, std::abs(low));
    const auto text = [](double v) { return QString::number(v, 'g', 4); };
    if (oneValue) return text(low);
    if (i == last) return u"≥ "_qs + text(low);
    return text(low) + u" – "_qs + text(high);
}

DriftHistogram numericHistogram(const ColumnProfile& profile, const std::vector<double>& counts) {
    DriftHistogram result;
    result.scaled = hasScale(profile);
    const QString field = fieldText(profile.name);
    const std::size_t last = profile.edges.size();
    for (std::size_t i = 0; i <= last; ++i) {
        DriftBin bin;
        bin.low = i == 0 ? profile.min : profile.edges[i - 1];
        bin.high = i == last ? profile.max : profile.edges[i];
        bin.label = binLabel(profile, i);
        bin.clauses = betweenClauses(field, i == 0 ? std::nullopt : std::optional(profile.edges[i - 1]),
                                     i == last ? std::nullopt : std::optional(profile.edges[i]));
        bin.reference = static_cast<double>(profile.counts[i]);
        bin.current = bin.currentCount = counts[i];
        if (result.scaled && !(bin.high > bin.low)) bin.high = bin.low + (profile.max - profile.min) / 100;
        if (!result.scaled) {
            bin.low = static_cast<double>(i) - 0.5;
            bin.high = static_cast<double>(i) + 0.5;
        }
        result.bins.push_back(std::move(bin));
    }
    // Below the smallest edge lies nothing when the edge is the minimum itself.
    if (result.bins.size() > 1 && result.bins.front().reference == 0 && result.bins.front().current == 0)
        result.bins.erase(result.bins.begin());
    return result;
}

DriftHistogram categoricalHistogram(const ColumnProfile& profile, const std::vector<double>& counts,
                                    std::size_t maxCategories) {
    DriftHistogram result;
    result.categorical = true;
    const std::size_t shown = std::min(profile.categories.size(), maxCategories);
    DriftBin rest;
    rest.label = QStringLiteral("other");
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (i >= shown) {
            rest.reference += static_cast<double>(profile.counts[i]);
            rest.currentCount += counts[i];
            continue;
        }
        DriftBin bin;
        bin.label = QString::fromStdString(profile.categories[i]);
        bin.clauses = {QString::fromStdString(predictions::equalsClause(profile.name, profile.categories[i]))};
        bin.reference = static_cast<double>(profile.counts[i]);
        bin.current = bin.currentCount = counts[i];
        result.bins.push_back(std::move(bin));
    }
    if (rest.reference > 0 || rest.currentCount > 0) {
        rest.current = rest.currentCount;
        rest.clauses = {noneOf(profile.name, profile.categories, shown)};
        result.bins.push_back(std::move(rest));
    }
    for (std::size_t i = 0; i < result.bins.size(); ++i) {
        result.bins[i].low = static_cast<double>(i) - 0.5;
        result.bins[i].high = static_cast<double>(i) + 0.5;
    }
    return result;
}

bool toShares(DriftHistogram& histogram) {
    double reference = 0, current = 0;
    for (const DriftBin& b : histogram.bins) {
        reference += b.reference;
        current += b.current;
    }
    if (reference <= 0 && current <= 0) return false;
    for (DriftBin& b : histogram.bins) {
        if (reference > 0) b.reference /= reference;
        if (current > 0) b.current /= current;
    }
    histogram.n = current;
    return true;
}

/// 1, 2, 2.5 or 5 times a power of ten, not below `value`.
double roundUp(double value) {
    const double power = std::pow(10.0, std::floor(std::log10(value)));
    for (const double step : {1.0, 2.0, 2.5, 5.0, 10.0})
        if (step * power >= value * (1 - 1e-9)) return step * power;
    return 10 * power;
}

}  // namespace

std::optional<DriftHistogram> frozenHistogram(const ColumnProfile& profile, const std::vector<double>& counts,
                                              std::size_t maxCategories) {
    if (counts.empty() || counts.size() != profile.counts.size()) return std::nullopt;
    DriftHistogram result;
    if (profile.kind == ColumnKind::Numeric && counts.size() == profile.edges.size() + 1) {
        result = numericHistogram(profile, counts);
    } else if (profile.kind == ColumnKind::Categorical && counts.size() == profile.categories.size() + 1) {
        result = categoricalHistogram(profile, counts, maxCategories);
    } else {
        return std::nullopt;
    }
    result.feature = QString::fromStdString(profile.name);
    if (!toShares(result)) return std::nullopt;
    return result;
}

std::vector<double> evenEdges(const ColumnProfile& profile, double currentMin, double currentMax, std::size_t bins) {
    if (!hasScale(profile) || bins < 2) return {};
    const double low = std::isfinite(currentMin) ? std::min(profile.min, currentMin) : profile.min;
    const double high = std::isfinite(currentMax) ? std::max(profile.max, currentMax) : profile.max;
    double width = roundUp((high - low) / static_cast<double>(bins));
    // Whole numbers in bins narrower than one, or of 2.5, would show a comb that is not in the data.
    const auto whole = [](double v) { return v == std::floor(v); };
    const bool integers =
        whole(profile.min) && whole(profile.max) && std::all_of(profile.edges.begin(), profile.edges.end(), whole);
    if (integers) width = std::max(1.0, std::ceil(width));
    const double offset = integers && width < 10 ? -0.5 : 0;
    const double first = std::floor((low - offset) / width) * width + offset;
    std::vector<double> edges;
    for (std::size_t i = 0; i <= 2 * bins; ++i) {
        edges.push_back(first + static_cast<double>(i) * width);
        if (edges.back() > high) break;
    }
    return edges;
}

std::optional<DriftHistogram> evenHistogram(const std::string& feature, const std::vector<double>& edges,
                                            const std::vector<std::uint64_t>& reference,
                                            const std::vector<std::uint64_t>& current) {
    if (edges.size() < 2 || reference.size() != edges.size() + 1 || current.size() != edges.size() + 1)
        return std::nullopt;
    DriftHistogram result;
    result.feature = QString::fromStdString(feature);
    result.scaled = true;
    for (std::size_t i = 1; i < edges.size(); ++i) {
        DriftBin bin;
        bin.low = edges[i - 1];
        bin.high = edges[i];
        bin.label = QString::number(bin.low, 'g', 5) + u" – "_qs + QString::number(bin.high, 'g', 5);
        bin.clauses = betweenClauses(fieldText(feature), bin.low, bin.high);
        bin.reference = static_cast<double>(reference[i]);
        bin.current = bin.currentCount = static_cast<double>(current[i]);
        result.bins.push_back(std::move(bin));
    }
    // Rows beyond the edges (late ones, since the edges were chosen) belong to the outer bars.
    result.bins.front().reference += static_cast<double>(reference.front());
    result.bins.back().reference += static_cast<double>(reference.back());
    result.bins.front().currentCount = result.bins.front().current += static_cast<double>(current.front());
    result.bins.back().currentCount = result.bins.back().current += static_cast<double>(current.back());
    if (!toShares(result)) return std::nullopt;
    return result;
}

}  // namespace pilothouse::items
