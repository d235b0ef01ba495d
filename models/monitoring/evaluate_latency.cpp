// SPDX-License-Identifier: GPL-3.0-or-later
#include <QString>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>

#include "models/monitoring/earlier_windows.h"
#include "models/monitoring/evaluate_kinds.h"
#include "models/monitoring/window_reference.h"

namespace pilothouse::monitoring {

using statistics::State;

namespace {

constexpr double kRatio = 1.01, kLeast = 1e-3, kMost = 1e9;

/// Bins a hundredth apart from each other, the same for every window, so that counts of pieces add up: a quantile is
/// known to within a hundredth of itself.
const statistics::ColumnProfile& bins(const std::string& column) {
    thread_local std::map<std::string, statistics::ColumnProfile> known;
    const auto [place, added] = known.try_emplace(column);
    statistics::ColumnProfile& profile = place->second;
    if (!added) return profile;
    profile.name = column;
    profile.kind = statistics::ColumnKind::Numeric;
    const int count = static_cast<int>(std::log(kMost / kLeast) / std::log(kRatio)) + 1;
    profile.edges.push_back(0);
    for (int i = 0; i < count; ++i)
        profile.edges.push_back(kLeast * std::pow(kRatio, i));
    profile.scale = 1;
    profile.clipLow = profile.edges.front();
    profile.clipHigh = profile.edges.back();
    profile.counts.assign(profile.edges.size() + 1, 0);
    profile.binMeans.assign(profile.edges.size() + 1, 0);
    return profile;
}

struct Quantile {
    double value = statistics::kNaN, low = statistics::kNaN, high = statistics::kNaN;
};

/// The `rank`-th smallest value (from 1): its bin's ends.
std::pair<double, double> binOf(const statistics::ColumnProfile& profile, std::span<const std::uint64_t> counts,
                                std::uint64_t rank) {
    std::size_t bin = 0;
    for (std::uint64_t below = 0; bin + 1 < counts.size(); ++bin) {
        below += counts[bin];
        if (below >= rank) break;
    }
    const double low = bin == 0 ? 0 : profile.edges[bin - 1];
    return {low, bin < profile.edges.size() ? profile.edges[bin] : low};
}

/// A quantile with its 95 % interval between two order statistics (Conover 1999, Practical Nonparametric Statistics,
/// 3.2), whatever the distribution; low and high are NaN where there are too few rows for one.
Quantile quantileOf(const statistics::ColumnProfile& profile, std::span<const std::uint64_t> counts, std::uint64_t n,
                    double q) {
    const boost::math::binomial distribution(static_cast<double>(n), q);
    const double lower = boost::math::quantile(distribution, 0.025);
    const double upper = boost::math::quantile(boost::math::complement(distribution, 0.025)) + 1;
    Quantile out;
    const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(n)));
    const auto [from, to] = binOf(profile, counts, std::max<std::uint64_t>(1, rank));
    out.value = (from + to) / 2;
    if (lower < 1 || upper > static_cast<double>(n)) return out;
    out.low = binOf(profile, counts, static_cast<std::uint64_t>(lower)).first;
    out.high = binOf(profile, counts, static_cast<std::uint64_t>(upper)).second;
    return out;
}

void judgeAgainstLimit(const Quantile& quantile, double limit, statistics::Verdict& v) {
    v.method = "order_statistics";
    v.threshold = limit;
    v.minimumEffect = 0;
    v.effect = quantile.value / limit - 1;
    v.effectLow = quantile.low / limit - 1;
    v.effectHigh = quantile.high / limit - 1;
    v.state = quantile.low > limit ? State::Drift : State::Ok;
}

std::string summaryOf(const ports::Finding& f, double q, const Quantile& quantile) {
    const auto digits = [](double x) { return QString::number(x, 'g', 3); };
    const statistics::Verdict& v = f.verdict;
    QString text =
        QStringLiteral("p%1 of %2: %3 (%4 – %5) of %6 rows")
            .arg(100 * q, 0, 'g', 4)
            .arg(QString::fromStdString(f.feature), digits(quantile.value), digits(quantile.low), digits(quantile.high))
            .arg(v.nCurrent);
    if (!std::isnan(v.effect))
        text += (v.method == "order_statistics" ? QStringLiteral(", limit %1") : QStringLiteral(", %1 expected"))
                    .arg(digits(v.method == "order_statistics" ? v.threshold : quantile.value / (1 + v.effect)));
    return text.toStdString();
}

}  // namespace

Status judgeLatency(const Judging& j) {
    const std::string column =
        j.monitor.columns.empty() ? std::string(ports::field::latencyMs) : j.monitor.columns.front();
    const statistics::ColumnProfile& profile = bins(column);
    CountingPlan plan{{}, {{column, &profile, {}}}, {}};
    PH_ASSIGN(plan.query, queryOf(j));
    PH_ASSIGN(const WindowCounts counts, countsOf(j, plan));
    const statistics::ColumnTally& tally = counts.columns.front().tally;
    std::uint64_t n = 0;
    for (const std::uint64_t count : tally.counts) {
        n += count;
        j.digest.add(count);
    }
    j.evaluation.rows = counts.rows;
    if (tally.counts.front() > 0) {
        unavailable(j, "latency", State::Unavailable, std::to_string(tally.counts.front()) + " values are negative");
        return {};
    }
    if (n == 0) {
        const bool foreign = tally.foreign > 0;
        unavailable(j, "latency", foreign ? State::Unavailable : State::Insufficient,
                    foreign ? column + " holds no numbers" : "no row has a " + column);
        return {};
    }
    const Quantile quantile = quantileOf(profile, tally.counts, n, j.monitor.quantile);
    ports::Finding finding;
    finding.feature = column;
    finding.check = "latency";
    finding.severity = j.monitor.severity;
    finding.missingShare = 1 - static_cast<double>(n) / static_cast<double>(counts.rows);
    if (j.monitor.limit > 0) {
        judgeAgainstLimit(quantile, j.monitor.limit, finding.verdict);
    } else {
        PH_ASSIGN(auto before, levelsBefore(j, "latency"));
        finding.verdict = judgeLevel(quantile.value, before[column], j.monitor.referenceWindows, j.monitor.options);
    }
    statistics::Verdict& v = finding.verdict;
    v.statistic = quantile.value;
    v.nCurrent = n;
    if (std::isnan(quantile.low) && v.state != State::Drift) {
        v.state = State::Insufficient;
        v.reason = std::to_string(n) + " rows are too few for an interval of this quantile";
    }
    j.evaluation.summary = summaryOf(finding, j.monitor.quantile, quantile);
    j.evaluation.findings.push_back(std::move(finding));
    return {};
}

}  // namespace pilothouse::monitoring
