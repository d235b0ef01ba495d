// SPDX-License-Identifier: GPL-3.0-or-later
// Clauses that need more than one row, the clock, or a word about types.
#include <QTest>
#include <set>

#include "models/predictions/embedded_prediction_log.h"
#include "models/predictions/log_queries.h"
#include "models/workspace/registry_store.h"
#include "tests/predictions/support.h"

using namespace pilothouse;
using namespace pilothouse::test;

namespace {

Row scored(const std::string& id, const std::string& version, double score, std::int64_t second, Row more = {}) {
    more["version"] = version;
    more["score"] = score;
    return row(id, at(second), std::move(more));
}

void addVersion(Store& store, const std::string& name, double threshold) {
    const auto added = store.workspace()->write([&](workspace::Database& db) -> Result<int> {
        PH_ASSIGN(const auto model, workspace::registry::modelId(db, "delay", {}));
        (void)model;
        ports::ModelVersion version;
        version.model = "delay";
        version.version = name;
        version.task = "binary";
        version.threshold = threshold;
        PH_TRY(workspace::registry::addVersion(db, version));
        return 0;
    });
    PH_VERIFY(added.result());
}

}  // namespace

class TestQueryLanguage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { failOnWarnings(); }

    void versionsThatDisagree() {
        Store store;
        addVersion(store, "12", 0.5);
        addVersion(store, "13", 0.3);
        const std::vector<Row> rows{scored("same", "12", 0.9, 1),     scored("differ", "12", 0.4, 2),
                                    scored("alone", "12", 0.9, 3),    scored("third", "12", 0.1, 4),
                                    scored("edge", "12", 0.4, 5),     row("unscored", at(6), {{"version", "13"}}),
                                    scored("same", "13", 0.8, 11),    scored("differ", "13", 0.4, 12),
                                    scored("third", "14", 0.9, 14),   scored("edge", "13", 0.29, 15),
                                    scored("unscored", "12", 0.9, 16)};
        PH_VERIFY(predictions::append(store.database(), rowSet(rows)));
        // Other models do not count, whatever their versions are called.
        Row other = scored("alone", "13", 0.1, 20);
        other["model"] = "churn";
        PH_VERIFY(predictions::append(store.database(), rowSet(std::vector{other})));
        using Ids = std::vector<std::string>;
        QCOMPARE(*store.ids("version:12 vs 13"), (Ids{"differ", "differ"}));
        QCOMPARE(*store.ids("version:13 vs 12 version:13"), Ids{"differ"});
        QCOMPARE(*store.ids("version:12 vs 14"), (Ids{"third", "third"}));
        QCOMPARE(*store.ids("version:12 vs 99"), Ids{});
        QCOMPARE(store.ids("NOT version:12 vs 13")->size(), std::size_t{10});
        // The comparison is over the whole log, also where only a part of it is asked for.
        QCOMPARE(*store.ids("version:12 vs 13", {at(12), at(13)}), Ids{"differ"});
    }

    /// Against a comparison of all pairs, over sealed segments too.
    void disagreementOfManyRows() {
        Store store;
        addVersion(store, "a", 0.5);
        addVersion(store, "b", 0.7);
        std::mt19937 random(5);
        std::map<std::string, std::map<std::string, std::set<bool>>> classes;  // request, version
        std::vector<Row> rows;
        for (int i = 0; i < 4'000; ++i) {
            const std::string id = "R" + std::to_string(random() % 1'500), version = random() % 2 ? "a" : "b";
            if (!classes[id][version].empty()) continue;  // the same request is the same row
            const double score = static_cast<double>(random() % 100) / 100;
            rows.push_back(scored(id, version, score, i));
            classes[id][version].insert(score >= (version == "a" ? 0.5 : 0.7));
        }
        PH_VERIFY(predictions::append(store.database(), rowSet(rows)));
        std::size_t expected = 0;
        for (const Row& r : rows) {
            auto& of = classes[std::get<std::string>(r.at("request_id"))];
            const bool same = of["a"].empty() || of["b"].empty() || of["a"] == of["b"];
            expected += same ? 0 : 1;
        }
        QVERIFY(expected > 100);
        QCOMPARE(store.ids("version:a vs b")->size(), expected);
    }

    void nowIsTheWorkspacesClock() {
        Store store;
        const Timestamp now = store.workspace()->now();
        std::vector<Row> rows;
        for (int hour = 1; hour <= 5; ++hour)
            rows.push_back(row("R" + std::to_string(hour), now - std::chrono::hours(hour)));
        PH_VERIFY(predictions::append(store.database(), rowSet(rows)));
        predictions::EmbeddedPredictionLog log(store.workspace());
        const auto count = [&](const char* text) {
            auto answer = log.count(*predictions::parseQuery(text), TimeRange::all(), {});
            answer.waitForFinished();
            return answer.result();
        };
        QCOMPARE(*count("time>now-150m"), std::uint64_t{2});
        QCOMPARE(*count("time:[now-4h TO now-2h]"), std::uint64_t{3});
        QCOMPARE(*count("time<now-1d+21h"), std::uint64_t{2});
        QCOMPARE(*count("time:now-3h"), std::uint64_t{1});
        PH_FAILS(count("time>now-2y"), ErrorKind::InvalidInput, "now-2h");
        // Without a clock it is said, and not taken for another time.
        PH_FAILS(
            predictions::countInLog(store.database(), *predictions::parseQuery("time>now-2h"), TimeRange::all(), {}),
            ErrorKind::InvalidInput, "clock");
    }

    void operandsOfAnotherTypeAreRefused_data() {
        QTest::addColumn<QString>("query");
        QTest::addColumn<QString>("message");
        const auto line = [](const char* query, const char* message) {
            QTest::newRow(query) << QString::fromUtf8(query) << QString::fromUtf8(message);
        };
        line("wrong temp_f:cold", "\"temp_f\" holds numbers, and \"cold\" is not one (byte 6 of the query)");
        line("carrier:UA time>yesterday", "\"time\" holds times, and \"yesterday\" is not one");
        line("carrier~0.5±0.1", "± needs them");
        line("temp_f~warm", "\"temp_f\" does not hold texts");
        line("outside:carrier", "write unseen:carrier");
        line("unseen:temp_f", "write outside:temp_f");
        line("carier:UA", "the nearest: \"carrier\"");
        line("wrong carrier:/(/", "cannot be read: missing ): ( (byte 6 of the query)");
    }
    void operandsOfAnotherTypeAreRefused() {
        QFETCH(QString, query);
        QFETCH(QString, message);
        Store store;
        PH_VERIFY(predictions::append(store.database(),
                                      rowSet(std::vector{row("R", at(1), {{"temp_f", 1.0}, {"carrier", "UA"}})})));
        const auto got = store.ids(query.toStdString());
        QVERIFY(!got);
        QVERIFY(got.error().kind == ErrorKind::InvalidInput);
        QVERIFY2(QString::fromStdString(got.error().message).contains(message), got.error().message.c_str());
    }
};

QTEST_GUILESS_MAIN(TestQueryLanguage)
#include "tst_query_language.moc"
