// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the columns together are what they were, though each by itself may be.
#include <QString>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

#include "models/monitoring/domain_classifier.h"
#include "models/monitoring/evaluate_kinds.h"
#include "models/monitoring/outcome_reference.h"
#include "models/monitoring/reference_sample.h"
#include "models/statistics/reconstruction.h"

namespace pilothouse::monitoring {

using ports::Column;
using ports::ColumnType;
using statistics::ColumnKind;
using statistics::State;
using statistics::Verdict;

namespace {

constexpr std::size_t kLeastRows = 100;

struct Sides {
    std::vector<std::string> features;
    SampledRows reference, current;
    std::vector<std::uint32_t> referenceClusters, currentClusters;
};

ports::Finding findingOf(const Judging& j, const char* check, Verdict verdict) {
    ports::Finding finding;
    finding.check = check;
    finding.severity = j.monitor.severity;
    finding.verdict = std::move(verdict);
    return finding;
}

/// The reference's values and the window's as numbers of the same meaning: a category is the share it had.
struct Matrix {
    std::vector<std::vector<double>> values;
    [[nodiscard]] statistics::Columns columns() const { return {values.begin(), values.end()}; }
};

void addTexts(const Column& reference, const Column& current, Matrix& before, Matrix& now) {
    const auto encoding = statistics::FrequencyEncoding::fit(reference.codes, reference.dictionary.size());
    if (!encoding) return;  // a column without a value in the reference says nothing
    std::vector<std::uint32_t> codes;
    std::map<std::string_view, std::uint32_t> known;
    for (const std::string& text : reference.dictionary)
        known.emplace(text, static_cast<std::uint32_t>(known.size()));
    for (std::size_t row = 0; row < current.codes.size(); ++row) {
        const auto place = current.missing(row) ? known.end() : known.find(current.text(row));
        const auto unseen = static_cast<std::uint32_t>(known.size());
        codes.push_back(current.missing(row) ? Column::kMissingCode : place == known.end() ? unseen : place->second);
    }
    before.values.push_back(encoding->encode(reference.codes));
    now.values.push_back(encoding->encode(codes));
}

Verdict judgeReconstruction(const Judging& j, const Sides& sides) {
    Verdict v;
    v.method = "pca_reconstruction";
    v.nReference = sides.reference.rows.rows;
    v.nCurrent = sides.current.rows.rows;
    v.minimumEffect = j.monitor.options.minimumEffect;
    Matrix before, now;
    for (const std::string& name : sides.features) {
        const Column &reference = *sides.reference.rows.find(name), &current = *sides.current.rows.find(name);
        if (reference.type == ColumnType::Text) {
            addTexts(reference, current, before, now);
            continue;
        }
        before.values.push_back(reference.numbers);
        now.values.push_back(current.numbers);
    }
    const auto fitted = statistics::Reconstruction::fit(before.columns());
    const auto measured = fitted ? fitted->measure(now.columns(), sides.currentClusters)
                                 : Result<statistics::ReconstructionError>(fail(fitted.error()));
    if (!measured) {
        v.reason = measured.error().message;
        return v;
    }
    const std::vector<double>& chunks = fitted->chunks();
    const auto k = static_cast<double>(chunks.size());
    const double mean = std::accumulate(chunks.begin(), chunks.end(), 0.0) / k;
    double squares = 0;
    for (const double x : chunks)
        squares += (x - mean) * (x - mean);
    v.statistic = measured->error.value;
    if (!(mean > 0) || k < 3 || !std::isfinite(measured->error.low)) {
        v.state = State::Insufficient;
        v.reason = "too few rows for the error's interval, or none is lost by the components";
        return v;
    }
    // A prediction test: how far the reference's own chunks lie apart, and this window's own sampling error.
    const double sampling = (measured->error.high - measured->error.low) / 3.92;
    const double deviation = std::sqrt(squares / (k - 1) * (1 + 1 / k) + sampling * sampling) / mean;
    const boost::math::students_t t(k - 1);
    const bool above = v.statistic > mean;
    v.threshold = above ? fitted->upper() : fitted->lower();
    v.effect = std::abs(v.statistic / mean - 1);
    const double half = boost::math::quantile(t, 0.975) * deviation;
    v.effectLow = v.effect - half;
    v.effectHigh = v.effect + half;
    v.pValue = deviation > 0 ? 2 * boost::math::cdf(boost::math::complement(t, v.effect / deviation)) : 1;
    v.state = State::Ok;
    const double needed = boost::math::quantile(t, 1 - j.monitor.options.falseAlarmRate / 2);
    if ((needed + boost::math::quantile(t, j.monitor.options.power)) * deviation > 2 * v.minimumEffect) {
        v.state = State::Insufficient;
        v.reason = "the reference's own parts differ too much to notice twice the minimum effect";
    }
    return v;
}

Verdict judgeDomain(const Judging& j, const Sides& sides, std::string& toldBy) {
    Verdict v;
    v.method = "domain_classifier_auc";
    v.minimumEffect = j.monitor.options.minimumEffect;
    v.nReference = sides.reference.rows.rows;
    v.nCurrent = sides.current.rows.rows;
    const ports::RowSet reference = clipped(sides.reference.rows), current = clipped(sides.current.rows);
    const auto apart =
        separateDomains({reference, sides.referenceClusters}, {current, sides.currentClusters}, sides.features,
                        {.mostRows = kSampledRows, .seed = j.context.seed}, j.context.token);
    if (!apart) {
        v.state = State::Insufficient;
        v.reason = apart.error().message;
        return v;
    }
    v.statistic = apart->auc.value;
    v.effect = apart->auc.value - 0.5;
    v.effectLow = apart->auc.low - 0.5;
    v.effectHigh = apart->auc.high - 0.5;
    const double deviation = (v.effectHigh - v.effectLow) / 3.92;
    if (!(deviation > 0)) {
        v.state = State::Insufficient;
        v.reason = "the AUC has no interval";
        return v;
    }
    const boost::math::normal normal;
    v.pValue = boost::math::cdf(boost::math::complement(normal, v.effect / deviation));
    const double needed = boost::math::quantile(normal, 1 - j.monitor.options.falseAlarmRate);
    v.threshold = 0.5 + needed * deviation;
    v.state = State::Ok;
    if ((needed + boost::math::quantile(normal, j.monitor.options.power)) * deviation > 2 * v.minimumEffect) {
        v.state = State::Insufficient;
        v.reason = "the interval is too wide to notice twice the minimum effect";
    }
    for (std::size_t i = 0; v.effectLow > 0 && i < apart->features.size() && i < 3 && apart->features[i].share >= 0.05;
         ++i)
        toldBy += (i ? ", " : "") + apart->features[i].name + " " +
                  QString::number(100 * apart->features[i].share, 'f', 0).toStdString() + " %";
    return v;
}

/// Drift where Benjamini and Hochberg reject over the checks, and the interval clears the minimum effect.
void settleChecks(const Judging& j) {
    std::vector<double> p;
    for (const ports::Finding& f : j.evaluation.findings)
        p.push_back(f.verdict.pValue);
    const auto q = statistics::benjaminiHochberg(p);
    for (std::size_t i = 0; i < q.size(); ++i) {
        Verdict& v = j.evaluation.findings[i].verdict;
        v.qValue = q[i];
        if (!(v.qValue <= j.monitor.options.falseAlarmRate && v.effectLow > v.minimumEffect)) continue;
        v.state = State::Drift;
        v.reason.clear();
    }
}

void addToDigest(InputsDigest& digest, const ports::RowSet& rows) {
    for (const Column& column : rows.columns) {
        digest.add(column.name);
        for (std::size_t row = 0; row < rows.rows; ++row) {
            if (column.type == ColumnType::Number)
                digest.add(column.missing(row) ? statistics::kNaN : column.numbers[row]);
            else if (column.type == ColumnType::Text)
                digest.add(column.text(row));
            else
                digest.add(static_cast<std::uint64_t>(column.times[row]));
        }
    }
}

/// Empty: both sides can be looked at.
Result<std::string> readSides(const Judging& j, Sides& sides) {
    const auto types = featureTypes(j, sides.features);
    PH_ASSIGN(sides.current, sampleRows(j, j.window, j.context.arrivals, types));
    j.evaluation.rows = sides.current.total;
    if (sides.features.size() < 2) return std::string("fewer than two columns that the reference's profile holds");
    PH_ASSIGN(const auto ranges, outcomeReferenceRanges(j));
    for (const TimeRange& range : ranges) {
        if (range.overlaps(j.window)) return std::string("the reference is made of rows of this window");
        PH_ASSIGN(sides.reference,
                  sampleRows(j, range, {.before = j.context.arrivals.before, .lastTruth = j.context.arrivals.lastTruth},
                             types));
        if (sides.reference.rows.rows >= kLeastRows) break;
    }
    addToDigest(j.digest, sides.reference.rows);
    addToDigest(j.digest, sides.current.rows);
    if (sides.reference.rows.rows < kLeastRows)
        return "the log holds " + std::to_string(sides.reference.rows.rows) +
               " rows of the reference, at least 100 are needed";
    sides.referenceClusters = clustersOf(j, sides.reference.rows);
    sides.currentClusters = clustersOf(j, sides.current.rows);
    return std::string();
}

std::string summaryOf(const Judging& j, const Sides& sides, const std::string& toldBy) {
    QString text;
    for (const ports::Finding& f : j.evaluation.findings) {
        if (std::isnan(f.verdict.statistic)) continue;
        text += (text.isEmpty() ? QString() : QStringLiteral("; ")) +
                (f.check == "domain" ? QStringLiteral("a classifier tells the window from the reference with AUC %1")
                                     : QStringLiteral("reconstruction error %1"))
                    .arg(f.verdict.statistic, 0, 'f', 3);
        if (f.check == "reconstruction") text += QStringLiteral(" (%1 % off)").arg(100 * f.verdict.effect, 0, 'f', 1);
    }
    if (text.isEmpty()) return {};
    if (!toldBy.empty()) text += QStringLiteral(", by ") + QString::fromStdString(toldBy);
    return (text + QStringLiteral("; %1 of %2 rows against %3 of %4")
                       .arg(sides.current.rows.rows)
                       .arg(sides.current.total)
                       .arg(sides.reference.rows.rows)
                       .arg(sides.reference.total))
        .toStdString();
}

}  // namespace

Status judgeMultivariate(const Judging& j) {
    const auto has = [&](const char* check) {
        return std::ranges::find(j.monitor.checks, check) != j.monitor.checks.end();
    };
    const char* first = has("domain") ? "domain" : "reconstruction";
    Sides sides;
    PH_ASSIGN(const std::string problem, readSides(j, sides));
    if (!problem.empty()) {
        unavailable(j, first, State::Unavailable, problem);
        return {};
    }
    if (sides.current.rows.rows < kLeastRows) {
        unavailable(j, first, State::Insufficient,
                    std::to_string(sides.current.rows.rows) + " rows, at least 100 are needed");
        return {};
    }
    std::string toldBy;
    if (has("reconstruction"))
        j.evaluation.findings.push_back(findingOf(j, "reconstruction", judgeReconstruction(j, sides)));
    if (has("domain")) j.evaluation.findings.push_back(findingOf(j, "domain", judgeDomain(j, sides, toldBy)));
    PH_TRY(j.context.token.check());
    settleChecks(j);
    j.evaluation.summary = summaryOf(j, sides, toldBy);
    return {};
}

}  // namespace pilothouse::monitoring
