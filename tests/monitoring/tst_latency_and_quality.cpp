// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/window_reference.h"
#include "models/statistics/profile.h"
#include "tests/monitoring/kind_support.h"

using namespace pilothouse;
using namespace pilothouse::monitoring;
using statistics::State;

/// Monitors of a quantile, of the predicted class, and of types, constants and freshness.
class TestLatencyAndQuality : public QObject {
    Q_OBJECT

    std::unique_ptr<test::KindBench> m_bench;

    void day(int day, double factor, std::size_t n = 2'000) {
        for (std::size_t i = 0; i < n; ++i)
            m_bench->add(day * test::kOneDay + static_cast<std::int64_t>(i * 43),
                         {{"latency_ms", factor * std::exp(3 + 0.5 * m_bench->normal())}});
    }
    const ports::Finding* finding(const ports::Evaluation& e, const char* check, const std::string& column = {}) {
        for (const ports::Finding& f : e.findings)
            if (f.check == check && f.feature == column) return &f;
        QTest::qFail((std::string("no ") + check + " of " + column).c_str(), __FILE__, __LINE__);
        static const ports::Finding none;
        return &none;
    }
    void profile(const std::vector<double>& numbers, const std::vector<std::string>& texts) {
        auto& columns = m_bench->champion().profile.columns;
        columns.push_back(statistics::profileNumeric("amount", numbers, {}, {}));
        std::vector<std::string> dictionary;
        std::vector<std::uint32_t> codes;
        for (const std::string& text : texts) {
            auto place = std::ranges::find(dictionary, text);
            codes.push_back(static_cast<std::uint32_t>(place - dictionary.begin()));
            if (place == dictionary.end()) dictionary.push_back(text);
        }
        columns.push_back(statistics::profileCategorical("city", codes, dictionary, {}, {}));
        m_bench->champion().version.features = {"amount", "city"};
    }
    void aProfile() {
        std::vector<double> numbers;
        std::vector<std::string> texts;
        for (int i = 0; i < 1'000; ++i) {
            numbers.push_back(m_bench->normal());
            texts.emplace_back(1, static_cast<char>('a' + m_bench->random()() % 3));
        }
        profile(numbers, texts);
    }

private Q_SLOTS:
    void init() {
        test::failOnWarnings();
        m_bench = std::make_unique<test::KindBench>();
    }

    void aQuantileWithItsInterval() {
        std::vector<double> values;
        for (int i = 0; i < 5'000; ++i) {
            values.push_back(std::exp(3 + 0.5 * m_bench->normal()));
            m_bench->add(i * 10, {{"latency_ms", values.back()}});
        }
        std::ranges::sort(values);
        const auto e = m_bench->judge("kind: latency\nquantile: 0.95\nlimit: 100\n", 0, 1);
        QVERIFY2(e.state == State::Ok, e.summary.c_str());
        const auto& v = finding(e, "latency", "latency_ms")->verdict;
        QVERIFY(std::abs(v.statistic / values[4'749] - 1) < 0.01);
        // Ranks of the 95 % interval: binomial quantiles of 5,000 at 0.95.
        QVERIFY(std::abs((1 + v.effectLow) * 100 / values[4'718] - 1) < 0.015);
        QVERIFY(std::abs((1 + v.effectHigh) * 100 / values[4'781] - 1) < 0.015);
        const auto over = m_bench->judge("kind: latency\nquantile: 0.95\nlimit: 30\n", 0, 1);
        QVERIFY2(over.state == State::Drift, over.summary.c_str());
        const auto rare = m_bench->judge("kind: latency\nquantile: 0.9999\nlimit: 1e6\n", 0, 1);
        QVERIFY(rare.state == State::Insufficient);
        QVERIFY2(rare.findings.front().verdict.reason.find("too few for an interval") != std::string::npos,
                 rare.summary.c_str());
    }

    void againstTheWindowsBefore() {
        for (int d = 0; d < 20; ++d)
            day(d, 1);
        day(20, 1.6);
        const auto days = m_bench->judgeDays("kind: latency\nreference_windows: 14\n", 21);
        QVERIFY(days.front().state == State::Insufficient);
        std::size_t drifts = 0;
        for (std::size_t d = 7; d < 20; ++d)
            drifts += days[d].state == State::Drift;
        QCOMPARE(drifts, 0u);
        QVERIFY2(days[20].state == State::Drift, days[20].summary.c_str());
        const auto& v = days[20].findings.front().verdict;
        QVERIFY(v.effectLow < 0.6 && v.effectHigh > 0.6 && v.effectLow > 0.2);
        QVERIFY(v.pValue < 0.01);
        QCOMPARE(v.method, std::string("log_level_between_windows"));
    }

    void latenciesThatCannotBe() {
        const auto says = [&](State state, const char* what) {
            const auto e = m_bench->judge("kind: latency\nlimit: 10\n", 0, 1);
            QVERIFY2(e.state == state, e.summary.c_str());
            QVERIFY2(e.summary.find(what) != std::string::npos, e.summary.c_str());
        };
        says(State::Insufficient, "no row has a latency_ms");
        m_bench->add(5, {{"latency_ms", 3.0}});
        says(State::Insufficient, "p99 of latency_ms");
        m_bench->add(6, {{"latency_ms", -3.0}});
        says(State::Unavailable, "1 values are negative");
        m_bench->add(7, {{"note", std::string("text")}});
        const auto e = m_bench->judge("kind: latency\ncolumns: [note]\nlimit: 10\n", 0, 1);
        QVERIFY2(e.state == State::Unavailable && e.summary == "note holds no numbers", e.summary.c_str());
    }

    void levels() {
        std::vector<LevelBefore> before;
        for (const double level : {100.0, 102.0, 98.0, 101.0, 99.0, 100.0, 103.0, 97.0})
            before.push_back({level, 500, false});
        const statistics::DriftOptions options;
        QVERIFY(judgeLevel(101, before, 8, options).state == State::Ok);
        QVERIFY(judgeLevel(130, before, 8, options).state == State::Drift);
        QVERIFY(judgeLevel(60, before, 8, options).state == State::Ok);  // a fall is no fault
        QVERIFY(judgeLevel(130, std::span(before).first(2), 8, options).state == State::Insufficient);
        // One window that drifted is left out of what is compared with.
        before.push_back({1'000, 500, true});
        QVERIFY(judgeLevel(130, before, 8, options).state == State::Drift);
        // Windows that are all the same are known to a hundredth and not better.
        const std::vector<LevelBefore> same(10, {100, 500, false});
        const auto v = judgeLevel(101, same, 8, options);
        QVERIFY(v.state == State::Ok && v.effectLow < 0.01 && v.effectHigh > 0.01);
    }

    void typesAndConstants() {
        aProfile();
        for (int i = 0; i < 500; ++i)
            m_bench->add(i * 60,
                         {{"amount", m_bench->normal()}, {"city", std::string(1, static_cast<char>('a' + i % 3))}});
        m_bench->flush();  // a batch has one type a column
        for (int i = 0; i < 500; ++i) {
            test::Row row{{"city", std::string("b")}};
            if (i % 2 == 0) row["amount"] = std::string("12,5");
            m_bench->add(test::kOneDay + i * 60, row);
        }
        m_bench->flush();
        for (int i = 0; i < 3; ++i)
            m_bench->add(2 * test::kOneDay + i * 60, {{"amount", 0.5}, {"city", std::string("a")}});
        const std::string yaml = "kind: quality\nchecks: [type, constant]\n";
        const auto well = m_bench->judge(yaml, 0, 1), ill = m_bench->judge(yaml, 1, 2),
                   few = m_bench->judge(yaml, 2, 3), none = m_bench->judge(yaml, 3, 4);
        QVERIFY2(well.state == State::Ok, well.summary.c_str());
        QVERIFY(finding(ill, "type", "amount")->verdict.state == State::Drift);
        QCOMPARE(finding(ill, "type", "amount")->verdict.statistic, 1.0);
        QVERIFY(finding(ill, "type", "city")->verdict.state == State::Ok);
        QVERIFY(finding(ill, "constant", "city")->verdict.state == State::Drift);
        QVERIFY(finding(ill, "constant", "city")->verdict.pValue < 1e-20);
        QVERIFY(finding(ill, "constant", "amount")->verdict.state == State::Insufficient);
        QVERIFY(finding(few, "constant", "city")->verdict.state == State::Ok);  // three rows may well be alike
        QVERIFY2(none.state == State::Insufficient, none.summary.c_str());
        QVERIFY(ill.summary.find("type") != std::string::npos);
    }

    /// A column that only a few rows of another type have stays one that has values, too.
    void foreignIsNotMissing() {
        aProfile();
        for (int i = 0; i < 100; ++i) {
            test::Row row{{"city", std::string("a")}};
            row["amount"] = i < 10 ? test::Value(std::string("x")) : test::Value(0.1 * i);
            m_bench->add(i * 60, row);
            m_bench->flush();
        }
        const auto e = m_bench->judge("kind: quality\nchecks: [missing, type]\n", 0, 1);
        QCOMPARE(finding(e, "missing", "amount")->verdict.statistic, 0.0);
        QCOMPARE(finding(e, "type", "amount")->verdict.statistic, 0.1);
    }

    void cardinality() {
        for (int d = 0; d < 12; ++d) {
            const bool traffic = d == 9, jump = d == 10, fall = d == 11;
            for (int i = 0; i < (traffic ? 1'000 : 400); ++i) {
                test::Row row;
                // Of 40 cities; every row has a session of its own, and a plan of which there are three.
                row["city"] = "c" + std::to_string(m_bench->random()() % (jump ? 120 : 40));
                row["session"] = std::to_string(fall ? i % 20 : i + 10'000 * d);
                row["plan"] = std::string(1, static_cast<char>('a' + i % 3));
                if (i % 4) row["amount"] = m_bench->normal();
                m_bench->add(d * test::kOneDay + i * 60, row);
            }
        }
        const auto days = m_bench->judgeDays(
            "kind: quality\nreference_windows: 8\nchecks: [cardinality]\n"
            "columns: [city, session, plan, amount]\n",
            12);
        const auto of = [&](int day, const char* column) -> const statistics::Verdict& {
            return finding(days[static_cast<std::size_t>(day)], "cardinality", column)->verdict;
        };
        QCOMPARE(of(8, "city").statistic, 40.0);
        QCOMPARE(of(8, "amount").statistic, 300.0);
        QCOMPARE(of(8, "amount").nCurrent, 300u);
        QVERIFY2(days[8].state == State::Ok, days[8].summary.c_str());
        QCOMPARE(of(9, "session").statistic, 1'000.0);
        QVERIFY2(days[9].state == State::Ok, days[9].summary.c_str());  // more rows have more sessions
        QCOMPARE(of(9, "session").effect, 0.0);
        QVERIFY(of(10, "city").state == State::Drift && of(10, "city").effect > 1.5);
        QVERIFY(of(10, "session").state == State::Ok);
        QVERIFY(of(11, "session").state == State::Drift && of(11, "session").effect < -0.9);
        QVERIFY(of(11, "plan").state != State::Drift);
        QVERIFY2(days[10].summary.find("city cardinality +") != std::string::npos, days[10].summary.c_str());
        QVERIFY(of(2, "city").state == State::Insufficient);
    }

    void duplicates() {
        for (int d = 0; d < 10; ++d)
            for (int i = 0; i < 400; ++i) {
                const bool again = i > 0 && (d == 9 ? i % 10 == 0 : i % 100 == 0);
                m_bench->add(d * test::kOneDay + i * 60, {{"amount", static_cast<double>(again ? i - 1 : i)},
                                                          {"city", std::string(again   ? "b"
                                                                               : i % 2 ? "a"
                                                                                       : "b")}});
            }
        const std::string yaml = "kind: quality\nreference_windows: 8\nchecks: [duplicates]\n";
        const auto days = m_bench->judgeDays(yaml + "columns: [amount]\n", 10);
        QCOMPARE(finding(days[8], "duplicates", "")->verdict.statistic, 3.0 / 400);
        QVERIFY2(days[8].state == State::Ok, days[8].summary.c_str());
        QCOMPARE(finding(days[9], "duplicates", "")->verdict.statistic, 39.0 / 400);
        QVERIFY2(days[9].state == State::Drift, days[9].summary.c_str());
        // Rows are alike where all columns are; the row before was of city a.
        const auto both = m_bench->judgeDays(yaml + "columns: [amount, city]\n", 1);
        QCOMPARE(finding(both[0], "duplicates", "")->verdict.statistic, 0.0);
        const auto none = m_bench->judgeDays(yaml, 1);
        QVERIFY2(none[0].state == State::Unavailable && none[0].summary.find("no columns") != std::string::npos,
                 none[0].summary.c_str());
    }

    void freshness() {
        m_bench->add(20 * 3'600, {{"amount", 1.0}});
        m_bench->add(test::kOneDay + 5'400, {{"amount", 1.0}});
        const std::string yaml = "kind: quality\nchecks: [freshness]\nfreshness: ";
        const auto late = m_bench->judge(yaml + "3h\n", 0, 1);
        QVERIFY(late.state == State::Drift);
        QCOMPARE(late.findings.front().verdict.statistic, 4 * 3'600.0);
        QCOMPARE(late.findings.front().verdict.threshold, 3 * 3'600.0);
        QVERIFY(m_bench->judge(yaml + "4h\n", 0, 1).state == State::Ok);
        QVERIFY(m_bench->judge(yaml + "30h\n", 2, 3).state == State::Insufficient);
        QVERIFY(m_bench->judge(yaml + "10h\n", 2, 3).state == State::Drift);
    }

    void predictedClasses() {
        for (int d = 0; d < 14; ++d)
            for (int i = 0; i < 300; ++i) {
                const bool other = d >= 7 && i % 3 == 0;
                m_bench->add(d * test::kOneDay + i * 60,
                             {{"city", std::string(1, static_cast<char>(other ? 'c' : 'a' + i % 2))}});
            }
        std::vector<std::string> texts;
        for (int i = 0; i < 2'000; ++i)
            texts.emplace_back(1, static_cast<char>('a' + i % 2));
        profile(std::vector<double>(10, 1.0), texts);
        const std::string yaml = "kind: score\npredicted: city\n";
        QVERIFY(m_bench->judge(yaml, 0, 7).state == State::Ok);
        const auto moved = m_bench->judge(yaml, 7, 14);
        QVERIFY2(moved.state == State::Drift, moved.summary.c_str());
        QCOMPARE(finding(moved, "drift", "city")->verdict.method, std::string("total_variation"));
    }
};

QTEST_GUILESS_MAIN(TestLatencyAndQuality)
#include "tst_latency_and_quality.moc"
