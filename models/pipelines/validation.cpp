// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/pipelines/validation.h"

#include <algorithm>
#include <charconv>
#include <unordered_set>

namespace pilothouse::pipelines {

using ports::Column;
using ports::ColumnType;

namespace {

std::string plain(double value) {
    char buffer[32];
    const auto [end, code] = std::to_chars(buffer, buffer + sizeof buffer, value);
    return {buffer, end};
}

const char* typeName(ColumnType type) {
    return type == ColumnType::Number ? "number" : type == ColumnType::Text ? "text" : "time";
}

class Validation {
public:
    Validation(const PipelineDefinition& definition, const Dataset& data, const ValidationLimits& limits)
        : m_definition(definition), m_data(data), m_limits(limits) {}

    /// Judged by what is declared alone: no row is needed to see that a feature is known too late.
    void features() {
        if (m_definition.features.empty()) add(1, "no features are declared");
        for (const FeatureUse& feature : m_definition.features) {
            const ColumnDeclaration* column = m_definition.column(feature.name);
            if (feature.name == m_definition.label.column) {
                add(feature.line, "feature " + feature.name + " is the outcome itself");
            } else if (ports::isReservedField(feature.name)) {
                add(feature.line,
                    "feature " + feature.name + " is a field of the prediction log, made with or after the score");
            } else if (!column) {
                add(feature.line, "feature " + feature.name + " is not declared under \"columns\"");
            } else if (column->known == Known::After) {
                add(feature.line, "feature " + feature.name + " is known only after " + m_definition.moment +
                                      " (declared in line " + std::to_string(column->line) +
                                      "); a prediction cannot use it");
            } else if (column->type == ColumnType::Time) {
                add(feature.line, "feature " + feature.name + " is a time; a feature is a number or text");
            } else if (!m_data.rows.find(feature.name) && m_data.rows.rows > 0) {
                add(feature.line, "feature " + feature.name + " is in no row");
            }
        }
    }

    void counts() {
        const std::size_t rows = m_data.rows.rows;
        if (rows < m_limits.minimumRows)
            m_problems.push_back("too few rows: " + grouped(rows) + ", limit: at least " +
                                 grouped(m_limits.minimumRows));
        const auto positives =
            static_cast<std::size_t>(std::count(m_data.outcomes.begin(), m_data.outcomes.end(), std::uint8_t{1}));
        if (rows > 0 && (positives == 0 || positives == rows))
            m_problems.push_back("one class only: the outcome is " + std::string(positives ? "1" : "0") + " in all " +
                                 grouped(rows) + " rows");
    }

    void columns() {
        for (const ColumnDeclaration& declared : m_definition.columns) {
            const Column* column = m_data.rows.find(declared.name);
            if (!column || m_data.rows.rows == 0) continue;
            if (column->type != declared.type) {
                add(declared.line, declared.name + ": the rows hold a " + typeName(column->type) + ", declared is a " +
                                       typeName(declared.type));
                continue;
            }
            // What comes after the moment may be absent for many; only what a prediction rests on is held to the
            // limits.
            if (declared.known == Known::Before) missing(declared, *column);
            if (declared.low) range(declared, *column);
        }
    }

    Status duplicates(const Zone& zone) {
        if (m_limits.key.empty() || m_data.rows.rows == 0) return {};
        PH_ASSIGN(const RowKey key, RowKey::of(m_data, zone, m_limits.key));
        std::unordered_set<std::uint64_t> seen;
        seen.reserve(m_data.rows.rows);
        for (std::size_t r = 0; r < m_data.rows.rows; ++r)
            seen.insert(key(r));
        const std::size_t repeated = m_data.rows.rows - seen.size();
        const double share = static_cast<double>(repeated) / static_cast<double>(m_data.rows.rows);
        if (share > m_limits.maximumDuplicates) {
            std::string names;
            for (const std::string& name : m_limits.key)
                names += (names.empty() ? "" : ", ") + name;
            m_problems.push_back("duplicates: " + grouped(repeated) + " rows (" + percent(share) +
                                 ") repeat another's " + names + ", limit: " + percent(m_limits.maximumDuplicates));
        }
        return {};
    }

    std::vector<std::string> take() { return std::move(m_problems); }

private:
    void add(int line, const std::string& text) {
        m_problems.push_back(m_definition.place(std::max(line, 1)) + ": " + text);
    }

    void missing(const ColumnDeclaration& declared, const Column& column) {
        std::size_t count = 0;
        for (std::size_t r = 0; r < m_data.rows.rows; ++r)
            count += column.missing(r);
        const double share = static_cast<double>(count) / static_cast<double>(m_data.rows.rows);
        if (share > declared.maximumMissing)
            add(declared.line, declared.name + ": " + percent(share) +
                                   " of the values are missing, limit: " + percent(declared.maximumMissing));
    }

    void range(const ColumnDeclaration& declared, const Column& column) {
        std::size_t outside = 0;
        double worst = 0, by = -1;
        for (const double value : column.numbers) {
            const double beyond = std::max(*declared.low - value, value - *declared.high);
            if (!(beyond > 0)) continue;  // also what is missing
            ++outside;
            if (beyond > by) {
                by = beyond;
                worst = value;
            }
        }
        if (static_cast<double>(outside) <= m_limits.maximumOutside * static_cast<double>(m_data.rows.rows)) return;
        const std::string unit = declared.unit.empty() ? std::string() : " " + declared.unit;
        add(declared.line, declared.name + ": " + grouped(outside) + (outside == 1 ? " value lies" : " values lie") +
                               " outside of the range, " + plain(worst) + unit + " is the farthest, limit: " +
                               plain(*declared.low) + " to " + plain(*declared.high) + unit);
    }

    const PipelineDefinition& m_definition;
    const Dataset& m_data;
    const ValidationLimits& m_limits;
    std::vector<std::string> m_problems;
};

}  // namespace

Result<ValidationLimits> validationLimits(const Parameters& parameters) {
    ValidationLimits limits;
    PH_ASSIGN(const std::int64_t rows, parameters.integer("minimum_rows", 1'000, 1, 1'000'000'000));
    limits.minimumRows = static_cast<std::size_t>(rows);
    limits.key = parameters.list("key");
    PH_ASSIGN(limits.maximumDuplicates, parameters.number("maximum_duplicates", 0));
    PH_ASSIGN(limits.maximumOutside, parameters.number("maximum_outside", 0));
    for (const double share : {limits.maximumDuplicates, limits.maximumOutside})
        if (share < 0 || share > 1)
            return fail(Error::invalid("maximum_duplicates and maximum_outside are shares from 0 to 1"));
    return limits;
}

Result<std::vector<std::string>> validateRows(const PipelineDefinition& definition, const Dataset& data,
                                              const ValidationLimits& limits, const Zone& zone) {
    Validation validation(definition, data, limits);
    validation.features();
    validation.counts();
    validation.columns();
    PH_TRY(validation.duplicates(zone));
    return validation.take();
}

}  // namespace pilothouse::pipelines
