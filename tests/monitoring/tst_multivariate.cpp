// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/profile.h"
#include "tests/monitoring/kind_support.h"

using namespace pilothouse;
using namespace pilothouse::monitoring;
using statistics::State;

/// Monitors of how columns go together.
class TestMultivariate : public QObject {
    Q_OBJECT

    static constexpr const char* kYaml = "kind: multivariate\nminimum_effect: 0.08\n";
    static constexpr int kRowsADay = 300;

    /// x, y and z go together as strongly as said; the city goes with x. Each column by itself is always the same.
    static void fill(test::KindBench& bench, int fromDay, int toDay, double together, int everyFlush = 0) {
        int added = 0;
        for (int day = fromDay; day < toDay; ++day)
            for (int i = 0; i < kRowsADay; ++i) {
                const double common = bench.normal(), rest = std::sqrt(1 - together * together);
                test::Row row;
                for (const char* name : {"x", "y", "z"})
                    row[name] = together * common + rest * bench.normal();
                const double cityOf = together > 0.5 ? std::get<double>(row["x"]) : bench.normal();
                row["city"] = std::string(cityOf > 0.4 ? "north" : cityOf > -0.4 ? "middle" : "south");
                bench.add(day * test::kOneDay + i * 200, row);
                if (everyFlush > 0 && ++added % everyFlush == 0) bench.flush();
            }
    }
    static void profileOfTheFirst(test::KindBench& bench, int days) {
        bench.flush();
        const TimeRange range{test::at(test::kMonday), test::at(test::kMonday + days * test::kOneDay)};
        predictions::ScanRequest request{*predictions::parseQuery(""), range, {"x", "y", "z", "city"}};
        const auto rows = predictions::collect(bench.store().database(), request, {});
        QVERIFY(rows.has_value());
        auto& profile = bench.champion().profile;
        for (const ports::Column& column : rows->columns) {
            profile.columns.push_back(
                column.type == ports::ColumnType::Number
                    ? statistics::profileNumeric(column.name, column.numbers, {}, {})
                    : statistics::profileCategorical(column.name, column.codes, column.dictionary, {}, {}));
            bench.champion().version.features.push_back(column.name);
        }
        profile.startNs = range.start.ns;
        profile.endNs = range.end.ns;
    }
    static const ports::Finding& finding(const ports::Evaluation& e, const char* check) {
        for (const ports::Finding& f : e.findings)
            if (f.check == check) return f;
        QTest::qFail((std::string("no ") + check + ": " + e.summary).c_str(), __FILE__, __LINE__);
        static const ports::Finding none;
        return none;
    }

private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void seesWhatNoColumnShows() {
        test::KindBench bench;
        fill(bench, 0, 14, 0.9);
        fill(bench, 14, 21, 0);
        profileOfTheFirst(bench, 7);
        const auto same = bench.judge(kYaml, 7, 14), apart = bench.judge(kYaml, 14, 21);
        QVERIFY2(same.state == State::Ok, same.summary.c_str());
        QVERIFY2(apart.state == State::Drift, apart.summary.c_str());
        for (const char* check : {"reconstruction", "domain"}) {
            const auto &f = finding(apart, check), &before = finding(same, check);
            QVERIFY2(f.verdict.state == State::Drift, check);
            QVERIFY2(before.verdict.state == State::Ok, before.verdict.reason.c_str());
            QVERIFY(f.verdict.qValue < 0.01 && f.verdict.effectLow > 0.08);
            QCOMPARE(f.verdict.nReference, 7u * kRowsADay);
            QCOMPARE(f.verdict.nCurrent, 7u * kRowsADay);
        }
        QVERIFY(std::abs(finding(same, "domain").verdict.statistic - 0.5) < 0.05);
        QVERIFY2(apart.summary.find("tells the window from the reference with AUC") != std::string::npos &&
                     apart.summary.find(" %") != std::string::npos,
                 apart.summary.c_str());
        // Each column by itself is what it was.
        const auto alone = bench.judge("kind: drift\n", 14, 21);
        QVERIFY2(alone.state == State::Ok, alone.summary.c_str());
        const auto one = bench.judge(std::string(kYaml) + "checks: [reconstruction]\n", 14, 21);
        QCOMPARE(one.findings.size(), 1u);
    }

    /// False alarms without any change.
    void staysQuiet() {
        test::KindBench bench;
        fill(bench, 0, 60, 0.8);
        profileOfTheFirst(bench, 7);
        int drifts = 0;
        for (int day = 7; day < 60; ++day)
            drifts += bench.judge("kind: multivariate\nminimum_effect: 0\n", day, day + 1).state == State::Drift;
        QVERIFY2(drifts <= 3, QByteArray::number(drifts).constData());
    }

    /// Rows are drawn by their ids: the same ones however the log is cut.
    void drawsTheSameRows() {
        test::KindBench whole, cut;
        for (test::KindBench* bench : {&whole, &cut}) {
            fill(*bench, 0, 45, 0.8, bench == &cut ? 777 : 0);
            profileOfTheFirst(*bench, 2);
        }
        const std::string yaml = std::string(kYaml) + "checks: [reconstruction]\n";
        const auto a = whole.judge(yaml, 2, 45), b = cut.judge(yaml, 2, 45);
        QCOMPARE(a.rows, 43u * kRowsADay);
        QCOMPARE(a.findings.front().verdict.nCurrent, 10'000u);
        QCOMPARE(a.findings.front().verdict.statistic, b.findings.front().verdict.statistic);
        QVERIFY2(a.summary.find("10000 of 12900 rows against 600 of 600") != std::string::npos, a.summary.c_str());
    }

    void whatCannotBe() {
        test::KindBench bench;
        fill(bench, 0, 10, 0.8);
        const auto says = [&](const std::string& yaml, int from, int to, State state, const char* what) {
            const auto e = bench.judge(yaml, from, to);
            QVERIFY2(e.state == state, e.summary.c_str());
            QVERIFY2(e.summary.find(what) != std::string::npos, e.summary.c_str());
        };
        says(kYaml, 7, 10, State::Unavailable, "fewer than two columns");
        profileOfTheFirst(bench, 7);
        says(kYaml, 5, 8, State::Unavailable, "made of rows of this window");
        says(kYaml, 50, 51, State::Insufficient, "0 rows, at least 100");
        says(std::string(kYaml) + "columns: [x, nowhere]\n", 7, 10, State::Unavailable, "fewer than two columns");
        // The profile's time holds no rows: the log's first ones are the reference.
        auto& profile = bench.champion().profile;
        profile.startNs -= 1'000 * test::kOneDay * 1'000'000'000;
        profile.endNs -= 1'000 * test::kOneDay * 1'000'000'000;
        const auto first = bench.judge(std::string(kYaml) + "reference_time: 3d\n", 7, 10);
        QCOMPARE(finding(first, "domain").verdict.nReference, 3u * kRowsADay);
        // Constant, missing and infinite values.
        for (int i = 0; i < 300; ++i) {
            test::Row row{{"x", i % 2 ? HUGE_VAL : 1e300}, {"city", std::string("new")}};
            if (i % 3 == 0) row["y"] = 1.0;
            bench.add(20 * test::kOneDay + i, row);
        }
        const auto ill = bench.judge(std::string(kYaml) + "reference_time: 3d\n", 20, 21);
        QVERIFY2(finding(ill, "domain").verdict.state == State::Drift, finding(ill, "domain").verdict.reason.c_str());
        QVERIFY(finding(ill, "reconstruction").verdict.state != State::Ok);
    }
};

QTEST_GUILESS_MAIN(TestMultivariate)
#include "tst_multivariate.moc"
