// SPDX-License-Identifier: GPL-3.0-or-later
#include <QString>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

#include "models/monitoring/evaluate_kinds.h"
#include "models/monitoring/formula.h"

namespace pilothouse::monitoring {

using statistics::Interval;
using statistics::State;

namespace {

constexpr std::size_t kLeastRows = 30;

void judgeValue(const Interval& value, double limit, bool atLeast, statistics::Verdict& v) {
    v.method = atLeast ? "formula_at_least" : "formula_at_most";
    v.statistic = value.value;
    v.threshold = limit;
    v.minimumEffect = 0;
    v.effect = value.value - limit;
    v.effectLow = value.low - limit;
    v.effectHigh = value.high - limit;
    if (std::isnan(value.value) || std::isnan(value.low)) {
        v.effect = statistics::kNaN;
        v.state = State::Insufficient;
        v.reason = "the formula, or its interval, is not defined for these rows";
        return;
    }
    const double beyond = atLeast ? -v.effect : v.effect, deviation = (value.high - value.low) / 3.92;
    v.pValue = v.qValue = deviation > 0
                              ? boost::math::cdf(boost::math::complement(boost::math::normal(), beyond / deviation))
                              : (beyond > 0 ? 0 : 1);
    if (atLeast ? value.high < limit : value.low > limit) {
        v.state = State::Drift;
    } else if (beyond > 0) {
        v.state = State::Insufficient;
        v.reason = "beyond the limit, but chance alone could do that";
    } else {
        v.state = State::Ok;
    }
}

void addToDigest(InputsDigest& digest, const ports::RowSet& rows, const Formula& formula) {
    for (const std::string& name : formula.columns) {
        const ports::Column* column = rows.find(name);
        digest.add(name);
        for (std::size_t row = 0; column && row < rows.rows; ++row) {
            if (column->type == ports::ColumnType::Number)
                digest.add(column->missing(row) ? statistics::kNaN : column->numbers[row]);
            else if (column->type == ports::ColumnType::Text)
                digest.add(column->text(row));
        }
    }
}

}  // namespace

Status judgeBusiness(const Judging& j) {
    PH_ASSIGN(const Formula formula, parseFormula(j.monitor.formula));
    std::vector<std::string> columns = formula.columns;
    const auto add = [&columns](std::string name) {
        if (std::ranges::find(columns, name) == columns.end()) columns.push_back(std::move(name));
    };
    add(std::string(ports::field::time));
    for (const std::string& name : clusterColumns(j.monitor))
        add(name);
    PH_ASSIGN(const ports::RowSet rows, rowsOf(j, std::move(columns)));
    j.evaluation.rows = rows.rows;
    addToDigest(j.digest, rows, formula);
    const ports::Column* outcome = rows.find(ports::field::outcome);
    for (std::size_t row = 0; outcome && row < rows.rows; ++row)
        j.evaluation.labelled += !outcome->missing(row);
    const FormulaValue found = evaluateFormula(formula, rows, clustersOf(j, rows), j.context.seed);
    if (found.rows - found.missing < kLeastRows) {
        unavailable(j, "business", State::Insufficient,
                    std::to_string(found.rows - found.missing) +
                        " rows have all that the formula needs, at least 30 are needed");
        return {};
    }
    const bool atLeast = j.monitor.atLeast.has_value();
    ports::Finding finding;
    finding.check = "business";
    finding.severity = j.monitor.severity;
    finding.missingShare = static_cast<double>(found.missing) / static_cast<double>(found.rows);
    finding.verdict.nCurrent = found.rows - found.missing;
    judgeValue(found.value, atLeast ? *j.monitor.atLeast : j.monitor.atMost.value_or(0), atLeast, finding.verdict);
    const auto digits = [](double x) { return QString::number(x, 'g', 5); };
    j.evaluation.summary =
        QStringLiteral("formula %1 (%2 – %3) of %4 rows, %5 %6, %7 % of rows left out")
            .arg(digits(found.value.value), digits(found.value.low), digits(found.value.high))
            .arg(finding.verdict.nCurrent)
            .arg(atLeast ? QStringLiteral("at least") : QStringLiteral("at most"), digits(finding.verdict.threshold),
                 QString::number(100 * finding.missingShare, 'f', 1))
            .toStdString();
    j.evaluation.findings.push_back(std::move(finding));
    return {};
}

}  // namespace pilothouse::monitoring
