// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>

#include "models/monitoring/table_drift.h"
#include "models/statistics/random.h"

using namespace pilothouse;
using namespace pilothouse::monitoring;
using predictions::FileColumn;
using predictions::FileTable;
using statistics::kNaN;
using statistics::Random;
using statistics::State;

static constexpr std::uint32_t kMissing = ports::Column::kMissingCode;

static FileColumn numbers(const std::string& name, std::vector<double> values) {
    FileColumn c;
    c.name = name;
    c.numbers = std::move(values);
    c.numberCount = static_cast<std::uint64_t>(
        std::count_if(c.numbers.begin(), c.numbers.end(), [](double v) { return !std::isnan(v); }));
    return c;
}

static FileColumn texts(const std::string& name, const std::vector<std::string>& values) {
    FileColumn c;
    c.name = name;
    c.numbers.assign(values.size(), kNaN);
    for (const std::string& value : values) {
        if (value.empty()) {
            c.codes.push_back(kMissing);
            continue;
        }
        auto place = std::find(c.dictionary.begin(), c.dictionary.end(), value);
        if (place == c.dictionary.end()) place = c.dictionary.insert(place, value);
        c.codes.push_back(static_cast<std::uint32_t>(place - c.dictionary.begin()));
        ++c.textCount;
        c.booleanCount += value == "true" || value == "false" || value == "True" || value == "False";
    }
    return c;
}

static FileTable table(std::vector<FileColumn> columns) {
    FileTable out;
    out.path = "table.csv";
    out.rows = columns.empty() ? 0 : columns.front().numbers.size();
    out.columns = std::move(columns);
    return out;
}

static std::vector<double> normals(std::uint64_t seed, std::size_t n, double shift = 0) {
    Random random(seed);
    std::vector<double> out(n);
    for (double& v : out)
        v = random.normal() + shift;
    return out;
}

static std::vector<std::string> words(std::uint64_t seed, std::size_t n, std::vector<std::string> from) {
    Random random(seed);
    std::vector<std::string> out(n);
    for (std::string& v : out)
        v = from[random.below(from.size())];
    return out;
}

/// What two files say of each other's columns.
class TableDriftTest : public QObject {
    Q_OBJECT

    static FeatureDrift judge(FileColumn reference, FileColumn current, const TableDriftOptions& options = {}) {
        const auto drift = compareTables(table({std::move(reference)}), table({std::move(current)}), options, {});
        return drift && !drift->features.empty() ? drift->features.front() : FeatureDrift{};
    }

private Q_SLOTS:
    void everyFeatureHasItsState() {
        const FileTable reference =
            table({numbers("same", normals(1, 3000)), numbers("moved", normals(2, 3000)),
                   texts("word", words(3, 3000, {"a", "b"})), numbers("gone", normals(4, 3000))});
        FileTable current = table({numbers("moved", normals(5, 2000, 0.5)), numbers("same", normals(6, 2000)),
                                   texts("word", words(7, 2000, {"a", "b", "c"})), numbers("new", normals(8, 2000))});
        const auto drift = compareTables(reference, current, {}, {});
        QVERIFY(drift.has_value());
        QCOMPARE(drift->state, State::Drift);
        QCOMPARE(drift->features.size(), 5u);
        const auto state = [&](std::size_t i) { return drift->features[i].decisive().state; };
        QCOMPARE(drift->features[0].name, "same");
        QCOMPARE(state(0), State::Ok);
        QCOMPARE(state(1), State::Drift);
        QVERIFY(std::abs(drift->features[1].distribution.effect - 0.5) < 0.1);
        QCOMPARE(state(2), State::Drift);
        QCOMPARE(drift->features[2].type, "categorical");
        QCOMPARE(state(3), State::Drift);  // all of it is missing
        QCOMPARE(drift->features[3].decisive().method, "missing_share");
        QCOMPARE(drift->features[4].name, "new");
        QCOMPARE(state(4), State::Unavailable);
        QVERIFY(drift->summary.starts_with("3 of 5 features drift: "));
        // Again: the same numbers.
        const auto again = compareTables(reference, current, {}, {});
        QCOMPARE(again->features[1].distribution.pValue, drift->features[1].distribution.pValue);
        QCOMPARE(again->features[2].distribution.effectLow, drift->features[2].distribution.effectLow);
    }

    void identifiersAreNotJudged_data() {
        QTest::addColumn<QString>("kind");
        for (const char* kind : {"row number", "times", "nearly unique", "told by name"})
            QTest::newRow(kind) << QString::fromLatin1(kind);
    }
    void identifiersAreNotJudged() {
        QFETCH(QString, kind);
        std::vector<double> counting;
        std::vector<std::string> times, unique;
        for (int i = 0; i < 400; ++i) {
            counting.push_back(1000 + 3 * i);
            times.push_back("2026-01-" + std::to_string(10 + i % 20) + "T10:00:00Z");
            unique.push_back("user " + std::to_string(i));
        }
        FileTable reference = table({kind == u"times"           ? texts("x", times)
                                     : kind == u"nearly unique" ? texts("x", unique)
                                     : kind == u"row number"    ? numbers("x", counting)
                                                                : numbers("x", normals(9, 400))});
        if (kind == u"told by name") reference.identifiers = {"x"};
        FileTable current = table({kind == u"row number" || kind == u"told by name" ? numbers("x", normals(9, 400, 9))
                                                                                    : texts("x", {"a", "b"})});
        const auto drift = compareTables(reference, current, {}, {});
        QVERIFY(drift.has_value());
        QCOMPARE(drift->features.front().type, "identifier");
        QCOMPARE(drift->features.front().decisive().state, State::Unavailable);
        QVERIFY(!drift->features.front().decisive().reason.empty());
        QCOMPARE(drift->state, State::Unavailable);
    }

    void aNumberThatOnlyMostlyGrowsIsAFeature() {
        std::vector<double> values;
        for (int i = 0; i < 400; ++i)
            values.push_back(i / 2);
        QCOMPARE(judge(numbers("x", values), numbers("x", values)).type, "numeric");
    }

    void theReferenceDecidesTheType() {
        const FeatureDrift texted = judge(numbers("x", normals(10, 500)), texts("x", words(11, 500, {"high", "low"})));
        QCOMPARE(texted.decisive().state, State::Unavailable);
        QVERIFY(texted.decisive().reason.find("texts now, such as") != std::string::npos);
        const FeatureDrift numbered = judge(texts("x", words(12, 500, {"a", "b"})), numbers("x", normals(13, 500)));
        QVERIFY(numbered.decisive().reason.find("numbers now") != std::string::npos);
        // A few numbers among texts are texts; a few texts among numbers are missing.
        FileColumn mixed = texts("x", words(14, 500, {"a", "b"}));
        mixed.codes[0] = kMissing;
        mixed.numbers[0] = 7;
        mixed.numberCount = 1;
        --mixed.textCount;
        const FeatureDrift categorical = judge(mixed, mixed);
        QCOMPARE(categorical.distribution.nReference, 500u);
        QCOMPARE(categorical.missing.nReference, 500u);
    }

    void booleansAreTheSameHoweverTheyAreWritten() {
        const FileColumn json = texts("x", words(15, 2000, {"true", "false"}));
        const FileColumn python = texts("x", words(16, 2000, {"True", "False"}));
        std::vector<double> bits = normals(17, 2000);
        for (double& v : bits)
            v = v > 0;
        for (const FileColumn& other : {python, numbers("x", bits)}) {
            const FeatureDrift d = judge(json, other);
            QCOMPARE(d.type, "boolean");
            QCOMPARE(d.decisive().state, State::Ok);
        }
        QCOMPARE(judge(json, texts("x", words(18, 2000, {"true", "true", "false"}))).decisive().state, State::Drift);
    }

    void tooLittleIsNeitherOkNorDrift() {
        QCOMPARE(judge(numbers("x", normals(19, 2000)), numbers("x", {0.1})).decisive().state, State::Insufficient);
        QCOMPARE(judge(numbers("x", normals(20, 2000)), numbers("x", {})).decisive().state, State::Unavailable);
        QCOMPARE(judge(numbers("x", {}), numbers("x", normals(21, 100))).decisive().state, State::Unavailable);
        const auto drift = compareTables(table({}), table({numbers("x", {1, 2})}), {}, {});
        QCOMPARE(drift->summary, "the reference has no rows");
    }

    void columnsCanBeChosen() {
        const FileTable both = table({numbers("a", normals(22, 100)), numbers("b", normals(23, 100))});
        TableDriftOptions options;
        options.columns = {"b"};
        QCOMPARE(compareTables(both, both, options, {})->features.size(), 1u);
        options = {};
        options.except = {"b"};
        QCOMPARE(compareTables(both, both, options, {})->features.front().name, "a");
        options.except = {"c"};
        QVERIFY(!compareTables(both, both, options, {}).has_value());
    }

    // Rows that come in groups of equals say less than their number.
    void clustersMakeRowsCountForLess() {
        const auto grouped = [](std::uint64_t seed) {
            Random random(seed);
            std::vector<double> values, groups;
            for (int group = 0; group < 60; ++group) {
                const double shared = random.normal();
                for (int i = 0; i < 20; ++i) {
                    values.push_back(shared + 0.1 * random.normal());
                    groups.push_back(group);
                }
            }
            return table({numbers("x", values), numbers("group", groups)});
        };
        TableDriftOptions options;
        options.cluster = {"group"};
        const auto plain = compareTables(grouped(24), grouped(25), {}, {});
        const auto clustered = compareTables(grouped(24), grouped(25), options, {});
        QVERIFY(clustered.has_value());
        QVERIFY(clustered->features[0].distribution.nEffective < 120);
        QCOMPARE(plain->features[0].distribution.nEffective, 1200.0);
        QVERIFY(clustered->features[0].distribution.pValue > plain->features[0].distribution.pValue);
        options.cluster = {"nothing"};
        QVERIFY(!compareTables(grouped(24), grouped(25), options, {}).has_value());
    }

    void canBeCancelled() {
        CancellationSource source;
        source.cancel();
        const FileTable one = table({numbers("a", normals(26, 100))});
        QVERIFY(isCancelled(compareTables(one, one, {}, source.token())));
    }
};

QTEST_APPLESS_MAIN(TableDriftTest)
#include "tst_table_drift.moc"
