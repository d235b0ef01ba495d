// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/performance_metrics.h"
#include "tests/monitoring/kind_support.h"

using namespace pilothouse;
using namespace pilothouse::monitoring;
using statistics::State;

/// Monitors of performance, of each task and metric, and what they say of rows that cannot be.
class TestPerformanceMonitors : public QObject {
    Q_OBJECT

    std::unique_ptr<test::KindBench> m_bench;

    void binary(std::size_t n, double sharpness = 2) {
        for (std::size_t i = 0; i < n; ++i) {
            const double x = m_bench->normal(), p = 1 / (1 + std::exp(-sharpness * x));
            m_bench->add(static_cast<std::int64_t>(i * 7 * test::kOneDay / n), {{"score", p}, {"hour", double(i % 24)}},
                         m_bench->uniform() < p ? 1 : 0);
        }
    }
    void regression(std::size_t n, double noise) {
        for (std::size_t i = 0; i < n; ++i) {
            const double x = 10 * m_bench->normal();
            m_bench->add(static_cast<std::int64_t>(i * 7 * test::kOneDay / n), {{"score", x}},
                         x + noise * m_bench->normal());
        }
    }
    void classes(std::size_t n, double right) {
        for (std::size_t i = 0; i < n; ++i) {
            const int truth = static_cast<int>(m_bench->random()() % 3);
            const int called = m_bench->uniform() < right ? truth : (truth + 1) % 3;
            test::Row row{{"said", std::string(1, static_cast<char>('a' + called))}};
            for (int c = 0; c < 3; ++c)
                row["p" + std::to_string(c)] = c == called ? 0.8 : 0.1;
            m_bench->add(static_cast<std::int64_t>(i * 7 * test::kOneDay / n), row, truth);
        }
    }
    void has(const char* name, double value, std::uint64_t n = 5000) {
        m_bench->champion().version.metrics.push_back({name, value, statistics::kNaN, statistics::kNaN, n});
    }
    static const statistics::Verdict& only(const ports::Evaluation& e) {
        static const statistics::Verdict none;
        if (e.findings.size() != 1) QTest::qFail("one finding is expected", __FILE__, __LINE__);
        return e.findings.empty() ? none : e.findings.front().verdict;
    }

private Q_SLOTS:
    void init() {
        test::failOnWarnings();
        m_bench = std::make_unique<test::KindBench>();
    }

    void everyBinaryMetric() {
        binary(3'000);
        for (const std::string& name : metricNames()) {
            const PerformanceMetric* metric = findMetric(Task::Binary, name);
            if (!metric) continue;
            const double held = metric->lowerIsBetter ? 10 : 0.01, lost = metric->lowerIsBetter ? 1e-6 : 0.999;
            const auto limited = [&](double limit) {
                return m_bench->judge("kind: performance\nmetric: " + name + "\nlimit: " +
                                      QString::number(limit, 'g', 12).toStdString() + "\nresamples: 100\n");
            };
            const auto ok = limited(held), drift = limited(lost);
            QVERIFY2(ok.state == State::Ok, ok.summary.c_str());
            QVERIFY2(drift.state == State::Drift, drift.summary.c_str());
            for (const auto* e : {&ok, &drift}) {
                const auto& v = only(*e);
                QCOMPARE(e->findings.front().check, name);
                QVERIFY(v.effectLow <= v.effect && v.effect <= v.effectHigh);
                QVERIFY(v.effectLow < v.effectHigh);
                QCOMPARE(v.nCurrent, 3'000u);
                QVERIFY((v.pValue < 0.025) == (e->state == State::Drift));
            }
        }
    }

    /// Against the version's own: less the minimum effect; of a loss that much of it more.
    void againstTheVersion() {
        binary(3'000);
        has("auc", 0.88);
        has("log_loss", 0.4);
        const auto auc = m_bench->judge("kind: performance\nminimum_effect: 0.02\n");
        QCOMPARE(only(auc).threshold, 0.86);
        QCOMPARE(only(auc).nReference, 5'000u);
        QCOMPARE(auc.findings.front().check, std::string("auc"));
        const auto loss = m_bench->judge("kind: performance\nmetric: log_loss\nminimum_effect: 0.2\n");
        QVERIFY(std::abs(only(loss).threshold - 0.48) < 1e-12);
        QVERIFY(std::abs(only(loss).minimumEffect - 0.2) < 1e-12);
        QVERIFY(std::abs(only(loss).effect - (only(loss).statistic / 0.4 - 1)) < 1e-12);
        const auto none = m_bench->judge("kind: performance\nmetric: recall\n");
        QVERIFY(none.state == State::Unavailable);
        QVERIFY2(none.summary.find("no held-out recall") != std::string::npos, none.summary.c_str());
    }

    void valuesAreThoseOfTheStatistics() {
        binary(500);
        const auto e = m_bench->judge("kind: performance\nmetric: accuracy\nlimit: 0.1\n");
        PerformanceRows rows;
        predictions::ScanRequest request{*predictions::parseQuery(""), TimeRange::all(), {"score", "outcome"}};
        const auto set = predictions::collect(m_bench->store().database(), request, {});
        PH_VERIFY(set);
        std::size_t right = 0;
        for (std::size_t i = 0; i < set->rows; ++i)
            right += (set->find("score")->numbers[i] >= 0.5) == (set->find("outcome")->numbers[i] == 1);
        QCOMPARE(only(e).statistic, static_cast<double>(right) / 500);
    }

    void clustersWiden() {
        for (std::int64_t day = 0; day < 7; ++day) {
            const double badness = day % 2 == 0 ? 5 : 1;
            for (std::int64_t i = 0; i < 200; ++i)
                m_bench->add(day * test::kOneDay + i, {{"score", 0.0}}, badness * m_bench->normal());
        }
        m_bench->champion().version.task = "regression";
        const auto rows = m_bench->judge("kind: performance\nmetric: mae\nlimit: 100\n");
        const auto days = m_bench->judge("kind: performance\nmetric: mae\nlimit: 100\ncluster: [date]\n");
        const auto width = [](const ports::Evaluation& e) { return only(e).effectHigh - only(e).effectLow; };
        QVERIFY(width(days) > 3 * width(rows));
    }

    void regressions() {
        regression(2'000, 3);
        m_bench->champion().version.task = "regression";
        has("mae", 3 * 0.7979);
        const auto same = m_bench->judge("kind: performance\nminimum_effect: 0.2\n");
        QCOMPARE(same.findings.front().check, std::string("mae"));
        QVERIFY2(same.state == State::Ok, same.summary.c_str());
        m_bench->champion().version.metrics.front().value = 1.5;
        const auto worse = m_bench->judge("kind: performance\nminimum_effect: 0.2\n");
        QVERIFY2(worse.state == State::Drift, worse.summary.c_str());
        QVERIFY(effectText(worse.findings.front()).find("%") != std::string::npos);
        for (const char* metric : {"rmse", "mae"})
            QVERIFY(m_bench->judge(std::string("kind: performance\nlimit: 9\nmetric: ") + metric).state == State::Ok);
        const auto r2 = m_bench->judge("kind: performance\nmetric: r2\nlimit: 0.99\n");
        QVERIFY2(r2.state == State::Drift, r2.summary.c_str());
    }

    void severalClasses() {
        classes(2'000, 0.8);
        const std::string head = "kind: performance\nclasses: [a, b, c]\nprobabilities: [p0, p1, p2]\nlimit: ";
        for (const std::string& name : metricNames()) {
            const PerformanceMetric* metric = findMetric(Task::Multiclass, name);
            if (!metric) continue;
            const std::string held = metric->lowerIsBetter ? "3" : "0.5", lost = metric->lowerIsBetter ? "0.1" : "0.97";
            const auto ok = m_bench->judge(head + held + "\nmetric: " + name + "\nresamples: 100\n");
            QVERIFY2(ok.state == State::Ok, (name + ": " + ok.summary).c_str());
            const auto drift = m_bench->judge(head + lost + "\nmetric: " + name + "\nresamples: 100\n");
            QVERIFY2(drift.state == State::Drift, (name + ": " + drift.summary).c_str());
        }
        // By the column of the predicted class: the same as the most probable one.
        const auto byName = m_bench->judge("kind: performance\nclasses: [a, b, c]\npredicted: said\nlimit: 0.5\n");
        const auto byProbability = m_bench->judge(head + "0.5\n");
        QCOMPARE(only(byName).statistic, only(byProbability).statistic);
        QVERIFY(std::abs(only(byName).statistic - 0.8) < 0.04);
    }

    void whatCannotBe_data() {
        QTest::addColumn<QString>("yaml");
        QTest::addColumn<int>("what");
        QTest::addColumn<int>("state");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const char* yaml, int what, State state, const char* says) {
            QTest::newRow(name) << QString::fromUtf8(yaml) << what << static_cast<int>(state)
                                << QString::fromUtf8(says);
        };
        const char *two = "limit: 0.5\n", *value = "metric: mae\nlimit: 5\n",
                   *three = "classes: [a, b, c]\nprobabilities: [p0, p1, p2]\nlimit: 0.5\n";
        row("no rows", two, 0, State::Insufficient, "0 positive");
        row("no rows, regression", value, 0, State::Insufficient, "0 rows");
        row("one row", value, 1, State::Insufficient, "1 rows");
        row("probability", two, 2, State::Unavailable, "1 of 101 rows have a score that is not within 0 and 1");
        row("infinite", value, 3, State::Unavailable, "an infinite prediction");
        row("unknown outcome", two, 4, State::Unavailable, "neither 0 nor 1");
        row("one class only", two, 5, State::Insufficient, "0 positive and 100 negative");
        row("unknown class", three, 6, State::Unavailable, "an outcome that is none of the classes");
        row("no class", three, 7, State::Insufficient, "0 rows");
        row("sum", three, 8, State::Unavailable, "do not add up to 1");
        row("constant outcome", "metric: r2\nlimit: 0.5\n", 5, State::Insufficient, "not defined");
    }
    void whatCannotBe() {
        QFETCH(QString, yaml);
        QFETCH(int, what);
        QFETCH(int, state);
        QFETCH(QString, says);
        if (what == 1) m_bench->add(5, {{"score", 1.0}}, 1);
        for (int i = 0; what > 1 && i < 100; ++i) {
            test::Row row{{"score", 0.5}};
            if (what == 6 || what == 8) {
                row["p0"] = row["p1"] = 0.2;
                row["p2"] = what == 8 ? 0.2 : 0.6;
            }
            m_bench->add(i * 60, row, what == 5 ? 0 : i % 2);
        }
        if (what == 2) m_bench->add(5, {{"score", 1.5}}, 1);
        if (what == 3) m_bench->add(5, {{"score", HUGE_VAL}}, 1);
        if (what == 4) m_bench->add(5, {{"score", 0.5}}, 2);
        if (what == 6) m_bench->add(5, {{"p0", 1.0}, {"p1", 0.0}, {"p2", 0.0}}, 3);
        const auto e = m_bench->judge("kind: performance\n" + yaml.toStdString());
        QVERIFY2(e.state == static_cast<State>(state), e.summary.c_str());
        const std::string reason = e.findings.empty() ? "" : e.findings.front().verdict.reason;
        QVERIFY2(reason.find(says.toStdString()) != std::string::npos, reason.c_str());
    }

    void aMetricOfAnotherTask() {
        m_bench->champion().version.task = "binary";
        const auto e = m_bench->judge("kind: performance\nmetric: mae\nlimit: 5\n");
        QVERIFY(e.state == State::Unavailable);
        QCOMPARE(e.summary, std::string("mae is no metric of a binary model"));
        m_bench->champion().version.task = "multiclass";
        QVERIFY(m_bench->judge("kind: performance\n").summary.find("does not say the classes") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestPerformanceMonitors)
#include "tst_performance_monitors.moc"
