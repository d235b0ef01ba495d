// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/cbpe.h"
#include "models/statistics/profile.h"
#include "tests/monitoring/kind_support.h"

using namespace pilothouse;
using namespace pilothouse::monitoring;
using statistics::State;

/// Monitors of performance that is estimated without labels.
class TestLabelFree : public QObject {
    Q_OBJECT

    std::unique_ptr<test::KindBench> m_bench;
    static constexpr const char* kWeek = "kind: label_free\nreference_time: 7d\nminimum_effect: 0.05\n";

    /// Calibrated scores; the smaller the sharpness, the less they tell apart. Outcomes only in the first week.
    void fill(int fromDay, int toDay, double sharpness, bool labelled) {
        for (std::int64_t t = fromDay * test::kOneDay; t < toDay * test::kOneDay; t += 300) {
            const double p = 1 / (1 + std::exp(-sharpness * m_bench->normal()));
            m_bench->add(t, {{"score", p}}, labelled ? (m_bench->uniform() < p ? 1.0 : 0.0) : std::nan(""));
        }
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

    void seesTheFallWithoutLabels() {
        fill(0, 7, 2, true);
        fill(7, 14, 2, false);
        fill(14, 21, 0.7, false);
        for (const char* metric : {"auc", "accuracy", "f1", "average_precision"}) {
            const std::string yaml = std::string(kWeek) + "metric: " + metric + "\n";
            const auto same = m_bench->judge(yaml, 7, 14), worse = m_bench->judge(yaml, 14, 21);
            QVERIFY2(same.state == State::Ok, same.summary.c_str());
            QVERIFY2(worse.state == State::Drift, worse.summary.c_str());
            QCOMPARE(worse.findings.front().check, std::string("estimated_") + metric);
            QCOMPARE(only(worse).method, std::string("cbpe"));
            QCOMPARE(only(worse).nReference, 2'016u);
            QCOMPARE(only(worse).nCurrent, 2'016u);
            QVERIFY(only(worse).effectHigh < 0 && only(worse).effectLow < only(worse).effectHigh);
            QVERIFY(only(worse).pValue < 0.025);
        }
        // What was estimated is what the statistics say of the same rows.
        const auto rows = [&](int from, int to) {
            predictions::ScanRequest request{
                *predictions::parseQuery(""),
                {test::at(test::kMonday + from * test::kOneDay), test::at(test::kMonday + to * test::kOneDay)},
                {"score", "outcome"}};
            return *predictions::collect(m_bench->store().database(), request, {});
        };
        const auto calls = [](const std::vector<double>& scores) {
            std::vector<std::uint8_t> out;
            for (const double s : scores)
                out.push_back(s >= 0.5);
            return out;
        };
        const auto reference = rows(0, 7), current = rows(14, 21);
        const auto& scores = reference.find("score")->numbers;
        const auto& known = reference.find("outcome")->numbers;
        const auto cbpe =
            statistics::Cbpe::fit(scores, calls(scores), std::vector<std::uint8_t>(known.begin(), known.end()));
        const auto& now = current.find("score")->numbers;
        const auto estimates = cbpe->estimate(now, calls(now));
        QCOMPARE(only(m_bench->judge(kWeek, 14, 21)).statistic, estimates->find("roc_auc")->value);
    }

    void severalClasses() {
        const auto add = [&](int fromDay, int toDay, double sure, bool labelled) {
            for (std::int64_t t = fromDay * test::kOneDay; t < toDay * test::kOneDay; t += 300) {
                const int called = static_cast<int>(m_bench->random()() % 3);
                test::Row row;
                for (int c = 0; c < 3; ++c)
                    row["p" + std::to_string(c)] = c == called ? sure : (1 - sure) / 2;
                const bool right = m_bench->uniform() < sure;
                const int truth = right ? called : (called + 1 + static_cast<int>(m_bench->random()() % 2)) % 3;
                m_bench->add(t, row, labelled ? truth : std::nan(""));
            }
        };
        add(0, 7, 0.85, true);
        add(7, 14, 0.85, false);
        add(14, 21, 0.6, false);
        const std::string yaml = std::string(kWeek) + "classes: [a, b, c]\nprobabilities: [p0, p1, p2]\n";
        const auto same = m_bench->judge(yaml, 7, 14), worse = m_bench->judge(yaml, 14, 21);
        QVERIFY2(same.state == State::Ok, same.summary.c_str());
        QVERIFY2(std::abs(only(same).statistic - 0.85) < 0.03, same.summary.c_str());
        QVERIFY2(worse.state != State::Ok, worse.summary.c_str());
    }

    void whatCannotBe() {
        fill(7, 14, 2, false);
        const auto says = [&](const std::string& yaml, int from, int to, State state, const char* reason) {
            const auto e = m_bench->judge(yaml, from, to);
            QVERIFY2(e.state == state, e.summary.c_str());
            QVERIFY2(e.summary.find(reason) != std::string::npos, e.summary.c_str());
        };
        says(kWeek, 0, 7, State::Insufficient, "0 rows with a score");
        says(kWeek, 7, 14, State::Unavailable, "no reference with outcomes: 0 rows of the version have one");
        fill(0, 7, 2, true);
        says(kWeek, 0, 7, State::Unavailable, "made of rows of this window");
        says(kWeek, 7, 14, State::Ok, "");
        // The profile's own time comes first, where its rows have outcomes.
        m_bench->champion().profile.startNs = test::at(test::kMonday).ns;
        m_bench->champion().profile.endNs = test::at(test::kMonday + 3 * test::kOneDay).ns;
        QCOMPARE(only(m_bench->judge(kWeek, 7, 14)).nReference, 864u);
        QCOMPARE(only(m_bench->judge(kWeek, 5, 6)).nReference, 864u);
        m_bench->champion().version.task = "regression";
        says("kind: label_free\nmetric: auc\n", 7, 14, State::Unavailable, "auc is no metric of a regression model");
        m_bench->champion().version.task = "binary";
        m_bench->add(7 * test::kOneDay, {{"score", 1.25}});
        says(kWeek, 7, 14, State::Unavailable, "not within 0 and 1");
    }

    /// A regression whose errors grow with x: where there are more large x, it loses more.
    void losses() {
        const auto add = [&](int fromDay, int toDay, double shift, bool labelled) {
            for (std::int64_t t = fromDay * test::kOneDay; t < toDay * test::kOneDay; t += 300) {
                const double x = m_bench->uniform() * 2 + shift, y = 10 * x + (0.5 + 3 * x) * m_bench->normal();
                m_bench->add(t, {{"score", 10 * x}, {"x", x}}, labelled ? y : std::nan(""));
            }
        };
        add(0, 7, 0, true);
        add(7, 14, 0, false);
        add(14, 21, 0.8, false);
        m_bench->champion().version.task = "regression";
        m_bench->champion().version.features = {"x"};
        std::vector<double> values;
        for (int i = 0; i < 100; ++i)
            values.push_back(i * 0.02);
        m_bench->champion().profile.columns.push_back(statistics::profileNumeric("x", values, {}, {}));
        for (const char* metric : {"mae", "rmse"}) {
            const std::string yaml =
                "kind: label_free\nreference_time: 7d\nminimum_effect: 0.15\nmetric: " + std::string(metric) + "\n";
            const auto same = m_bench->judge(yaml, 7, 14), worse = m_bench->judge(yaml, 14, 21);
            QVERIFY2(same.state == State::Ok, same.summary.c_str());
            QVERIFY2(worse.state == State::Drift, worse.summary.c_str());
            QCOMPARE(only(worse).method, std::string("direct_loss_estimation"));
            QCOMPARE(only(worse).nReference, 2'016u);
            QCOMPARE(worse.findings.front().check, std::string("estimated_") + metric);
            QVERIFY(only(worse).effectLow > 0.15);
        }
        const auto mae = m_bench->judge("kind: label_free\nreference_time: 7d\n", 7, 14);
        QVERIFY2(std::abs(only(mae).statistic - 3.5 * 0.798) < 0.25, mae.summary.c_str());
        const auto r2 = m_bench->judge("kind: label_free\nreference_time: 7d\n", 0, 7);
        QVERIFY2(r2.state == State::Unavailable, r2.summary.c_str());
        m_bench->add(7 * test::kOneDay, {{"score", HUGE_VAL}, {"x", 1.0}});
        const auto ill = m_bench->judge("kind: label_free\nreference_time: 7d\n", 7, 14);
        QVERIFY2(ill.state == State::Unavailable && ill.summary.find("infinite") != std::string::npos,
                 ill.summary.c_str());
    }

    /// Rows of one day share their luck: a band that takes them for independent leaves it out.
    void clusters() {
        const auto add = [&](int fromDay, int toDay, bool labelled) {
            for (int day = fromDay; day < toDay; ++day) {
                const double luck = 0.25 * m_bench->normal();
                for (int i = 0; i < 200; ++i) {
                    const double p = 0.15 + 0.7 * m_bench->uniform();
                    const double real = std::clamp(p + luck, 0.0, 1.0);
                    m_bench->add(day * test::kOneDay + i * 400, {{"score", p}},
                                 labelled ? (m_bench->uniform() < real ? 1.0 : 0.0) : std::nan(""));
                }
            }
        };
        add(0, 28, true);
        add(28, 35, false);
        const std::string yaml = "kind: label_free\nmetric: precision\nminimum_effect: 0.05\nreference_time: 28d\n";
        const auto alone = only(m_bench->judge(yaml, 28, 35));
        const auto verdict = only(m_bench->judge(yaml + "cluster: [date]\n", 28, 35));
        QCOMPARE(verdict.statistic, alone.statistic);
        QVERIFY(verdict.effectHigh - verdict.effectLow > 1.5 * (alone.effectHigh - alone.effectLow));
        QVERIFY2(verdict.nEffective > 20 && verdict.nEffective < 700, std::to_string(verdict.nEffective).c_str());
        QVERIFY(std::isnan(alone.nEffective));
    }

    /// The same of a regression; rows whose clusters share nothing keep their band.
    void clustersOfLosses() {
        const auto fillWith = [&](double shared) {
            m_bench = std::make_unique<test::KindBench>();
            for (int day = 0; day < 35; ++day) {
                const double luck = std::exp(shared * m_bench->normal());
                for (int i = 0; i < 60; ++i) {
                    const double x = m_bench->uniform();
                    m_bench->add(day * test::kOneDay + i * 1'200, {{"score", 10 * x}, {"x", x}},
                                 day < 28 ? 10 * x + luck * m_bench->normal() : std::nan(""));
                }
            }
            m_bench->champion().version.task = "regression";
            m_bench->champion().version.features = {"x"};
            std::vector<double> values;
            for (int i = 0; i < 100; ++i)
                values.push_back(i * 0.01);
            m_bench->champion().profile.columns.push_back(statistics::profileNumeric("x", values, {}, {}));
            const std::string yaml = "kind: label_free\nreference_time: 28d\nminimum_effect: 0.15\nmetric: mae\n";
            const auto alone = only(m_bench->judge(yaml, 28, 35));
            const auto verdict = only(m_bench->judge(yaml + "cluster: [date]\n", 28, 35));
            return (verdict.effectHigh - verdict.effectLow) / (alone.effectHigh - alone.effectLow);
        };
        const double nothing = fillWith(0), much = fillWith(0.7);
        QVERIFY2(nothing < 1.4, std::to_string(nothing).c_str());
        QVERIFY2(much > 2, std::to_string(much).c_str());
    }

    /// Scores where the reference had none say nothing.
    void unseenScores() {
        fill(0, 7, 0.3, true);
        for (std::int64_t t = 7 * test::kOneDay; t < 14 * test::kOneDay; t += 300)
            m_bench->add(t, {{"score", 0.999}});
        const auto e = m_bench->judge(std::string(kWeek) + "metric: accuracy\nlimit: 0.4\n", 7, 14);
        QVERIFY(e.state == State::Insufficient);
        QVERIFY2(only(e).reason.find("beyond all that the reference had") != std::string::npos, only(e).reason.c_str());
    }
};

QTEST_GUILESS_MAIN(TestLabelFree)
#include "tst_label_free.moc"
