// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTest>
#include <random>

#include "models/monitoring/evaluator.h"
#include "tests/predictions/support.h"

namespace pilothouse::test {

inline constexpr std::int64_t kMonday = 1'704'067'200;  // 1 January 2024
inline constexpr std::int64_t kOneDay = 86'400;

/// A log of model m, whose version is v1, and one monitor over the windows in it.
class KindBench {
public:
    KindBench() {
        m_champion.version.model = "m";
        m_champion.version.version = "v1";
    }
    [[nodiscard]] Store& store() { return m_store; }
    [[nodiscard]] monitoring::Champion& champion() { return m_champion; }
    [[nodiscard]] std::mt19937& random() { return m_random; }
    [[nodiscard]] double uniform() { return static_cast<double>(m_random()) / 4294967296.0; }
    [[nodiscard]] double normal() { return m_normal(m_random); }

    /// A row of that second from the first Monday, with its outcome (NaN: not known).
    void add(std::int64_t second, Row values, double outcome = std::nan("")) {
        const std::string id = "r" + std::to_string(m_next++);
        values["model"] = "m";
        values["version"] = "v1";
        m_rows.push_back(row(id, at(kMonday + second), std::move(values)));
        if (!std::isnan(outcome)) m_truths.push_back({id, outcome, at(kMonday + second + 3'600)});
    }
    void flush() {
        if (!m_rows.empty() && !predictions::append(m_store.database(), rowSet(m_rows)).has_value())
            QTest::qFail("the rows were not taken", __FILE__, __LINE__);
        if (!m_truths.empty() && !predictions::appendTruth(m_store.database(), "m", m_truths).has_value())
            QTest::qFail("the outcomes were not taken", __FILE__, __LINE__);
        m_rows.clear();
        m_truths.clear();
    }

    /// Judges the window [fromDay, toDay) after the first Monday by a monitor of these lines (name and model are
    /// given).
    ports::Evaluation judge(const std::string& yaml, int fromDay = 0, int toDay = 7) {
        flush();
        const auto monitors = monitoring::parseMonitors("name: k\nmodel: m\n" + yaml, "k.yaml");
        if (!monitors) {
            QTest::qFail(monitors.error().text().c_str(), __FILE__, __LINE__);
            return {};
        }
        const TimeRange window{at(kMonday + fromDay * kOneDay), at(kMonday + toDay * kOneDay)};
        const monitoring::EvaluationContext context{.database = m_store.database(),
                                                    .zone = m_store.workspace()->zone(),
                                                    .now = at(kMonday + 400 * kOneDay),
                                                    .champion = &m_champion,
                                                    .earlier = &m_earlier};
        auto result = monitoring::evaluate(context, monitors->front(), window);
        if (!result) {
            QTest::qFail(result.error().text().c_str(), __FILE__, __LINE__);
            return {};
        }
        return std::move(result->evaluation);
    }
    /// Judges days one after the other, each compared with those before.
    std::vector<ports::Evaluation> judgeDays(const std::string& yaml, int days) {
        m_earlier.clear();
        for (int day = 0; day < days; ++day) {
            auto e = judge(yaml, day, day + 1);
            m_earlier.push_back(std::move(e));
        }
        return std::exchange(m_earlier, {});
    }

private:
    Store m_store;
    monitoring::Champion m_champion;
    std::mt19937 m_random{11};
    std::normal_distribution<double> m_normal;
    std::vector<Row> m_rows;
    std::vector<predictions::Truth> m_truths;
    std::vector<ports::Evaluation> m_earlier;
    std::size_t m_next = 0;
};

}  // namespace pilothouse::test
