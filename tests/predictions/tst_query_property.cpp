// SPDX-License-Identifier: GPL-3.0-or-later
// Thousands of random queries over random rows, against an evaluation that takes one row at a time.
#include <QTest>
#include <filesystem>
#include <fstream>

#include "models/statistics/profile.h"
#include "models/workspace/registry_store.h"
#include "tests/predictions/naive.h"
#include "tests/predictions/segments.h"

using namespace pilothouse;
using namespace pilothouse::test;

namespace {

/// Hostile on purpose: empty and Unicode texts, wildcards and quotes as plain characters, repeated times, infinities.
class Generator {
public:
    explicit Generator(unsigned seed) : m_random(seed) {}
    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(m_random); }
    bool chance(double p) { return std::uniform_real_distribution<>(0, 1)(m_random) < p; }
    template <class T>
    const T& of(const std::vector<T>& values) {
        return values[below(values.size())];
    }

    std::string text() {
        static const std::vector<std::string> kTexts{
            "UA",       "AA",         "ua",         "",    " ",     "gate timeout", "Gate Timeout at gate 7",
            "timeouts", "über",       "ÜBER alles", "a*b", "what?", "say \"hi\"",   "back\\slash",
            "日本語",   "日本",       "wrong",      "5",   "05",    "1e3",          "x\ty",
            "\x01",     "2013-04-01", "B6",         "é"};
        return of(kTexts);
    }
    double number() {
        static const std::vector<double> kNumbers{0,
                                                  -0.0,
                                                  1,
                                                  -1,
                                                  5,
                                                  0.5,
                                                  0.55,
                                                  0.45,
                                                  70.5,
                                                  1e3,
                                                  1.0 / 3,
                                                  1e-9,
                                                  2.5e17,
                                                  1e300,
                                                  std::numeric_limits<double>::infinity(),
                                                  -std::numeric_limits<double>::infinity()};
        return chance(0.5) ? of(kNumbers) : std::round(std::uniform_real_distribution<>(-50, 50)(m_random) * 100) / 100;
    }
    Timestamp time() {
        static const std::int64_t kStart = Timestamp::parseIso("2013-04-01")->ns;
        return {kStart + static_cast<std::int64_t>(below(500)) * 3'600'000'000'000 +
                (chance(0.2) ? static_cast<std::int64_t>(below(5)) : 0)};
    }

    Row row(std::size_t number_, int era) {
        Row r = test::row("R" + std::to_string(number_), time());
        r["model"] = chance(0.8) ? "delay" : "other";
        if (chance(0.8)) r["version"] = std::string(chance(0.5) ? "v1" : chance(0.7) ? "v2" : "v9");
        if (chance(0.8)) r["score"] = std::uniform_real_distribution<>(0, 1)(m_random);
        if (chance(0.7)) r["temp_f"] = number();
        if (chance(0.7)) r["carrier"] = text();
        if (chance(0.5)) r["message"] = text() + " " + text();
        if (chance(0.3)) r["seen_at"] = time();
        if (era > 0 && chance(0.5)) r["late_column"] = number();
        if (chance(0.6)) {  // a field that changes its type with the batch
            if (era % 3 == 0) r["mixed"] = number();
            if (era % 3 == 1) r["mixed"] = text();
            if (era % 3 == 2) r["mixed"] = time();
        }
        return r;
    }

    std::string quotedText(const std::string& text_) {
        std::string out = "\"";
        for (const char c : text_) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        return out + "\"";
    }
    std::string operand(const std::string& field) {
        if (field == "time" || field == "seen_at" || field == "outcome_time")
            return chance(0.15) ? "now-" + std::to_string(below(400)) + "h"
                                : quotedText(chance(0.3) ? "2013-04-0" + std::to_string(1 + below(9)) : time().toIso());
        if (field == "carrier" || field == "message" || field == "version" || field == "model")
            return chance(0.9) ? quotedText(text()) : quotedText("v1");
        if (field == "request_id") return "R" + std::to_string(below(400));
        if (field == "mixed" && chance(0.5)) return chance(0.5) ? quotedText(text()) : quotedText(time().toIso());
        return quotedText(naiveText(field == "outcome" ? Value(double(below(2)))
                                    : field == "score" ? Value(0.5)
                                                       : Value(number())));
    }
    std::string clause() {
        static const std::vector<std::string> kFields{"time",  "seen_at",    "carrier",     "message", "version",
                                                      "model", "request_id", "temp_f",      "score",   "late_column",
                                                      "mixed", "outcome",    "outcome_time"};
        static const std::vector<std::string> kOrders{"<", "<=", ">", ">=", ":", "!="};
        static const std::vector<std::string> kPatterns{"*",   "U*", "?A",  "*e*", "*\\**", "??",
                                                        "20*", "*5", "日*", "?",   "a\\*b", "-*"};
        static const std::vector<std::string> kRegexes{".*",     "U.",  "(?i)ua",        ".*gate.*", "[0-9.]+", "日.*",
                                                       "-?\\d+", "a.b", "20.*T0[1-5].*", "",         "\\w+"};
        const std::string field = of(kFields);
        switch (below(13)) {
            case 0:
                return chance(0.3) ? "wrong" : chance(0.5) ? "confident" : "labelled";
            case 1:
                return "outside:temp_f";
            case 2:
                return "unseen:carrier";
            case 3:
                return (chance(0.5) ? "missing:" : "exists:") + field;
            case 4:
                return field + ":" + of(kPatterns);
            case 5:
                return chance(0.5) ? quotedText(text()) : "gate";
            case 6:
                return "score~0.5±0.05";
            case 7:
                return "temp_f~5+-" + std::to_string(below(60));
            case 8:
                return field + (chance(0.5) ? ":[" : ":{") + operand(field) + " TO " +
                       (chance(0.2) ? "*" : operand(field)) + (chance(0.5) ? "]" : "}");
            case 9:
                return field + ":(" + operand(field) + " OR " + operand(field) +
                       (chance(0.3) ? " OR NOT " + operand(field) : "") + ")";
            case 10:
                return (chance(0.5) ? "message~" : "carrier~") + quotedText(text());
            case 11: {
                const std::string pattern = "/" + of(kRegexes) + "/";
                if (pattern == "//") return "carrier:/(?s).?/";
                return chance(0.2) ? pattern : field + ":" + pattern;
            }
            default:
                return field + of(kOrders) + operand(field);
        }
    }
    std::string query(int depth = 0) {
        if (depth >= 3 || chance(0.4)) return clause();
        switch (below(4)) {
            case 0:
                return "(" + query(depth + 1) + " OR " + query(depth + 1) + ")";
            case 1:
                return "NOT (" + query(depth + 1) + ")";
            case 2:
                return query(depth + 1) + " AND " + query(depth + 1);
            default:
                return query(depth + 1) + " " + query(depth + 1);
        }
    }

private:
    std::mt19937 m_random;
};

struct Log {
    std::vector<Row> rows;  ///< in order of arrival, with outcome and outcome_time
    NaiveVersions versions;
};

/// Two versions with profiles, written as the registry does.
void addVersions(Store& store, Log& log) {
    for (int v = 1; v <= 2; ++v) {
        NaiveVersion naive;
        naive.threshold = v == 1 ? 0.5 : 0.3;
        naive.ranges["temp_f"] = {-10.0 * v, 20.0};
        naive.categories["carrier"] = {"UA", "AA", "über"};
        statistics::Profile profile;
        profile.model = "delay";
        profile.version = "v" + std::to_string(v);
        const std::vector<double> temps{naive.ranges["temp_f"].first, 0, 1, 2, 3, naive.ranges["temp_f"].second};
        const std::vector<std::string> carriers{"UA", "AA", "über"};  // the last one falls into "other"
        const std::vector<std::uint32_t> codes{0, 0, 0, 1, 1, 2};
        const statistics::ProfileOptions options{20, 2};
        profile.rows = temps.size();
        profile.columns = {statistics::profileNumeric("temp_f", temps, {}, options),
                           statistics::profileCategorical("carrier", codes, carriers, {}, options)};
        const std::string json = statistics::toJson(profile);
        const std::vector<std::uint8_t> bytes(json.begin(), json.end());
        const auto added = store.workspace()->write([&](workspace::Database& db) -> Result<int> {
            PH_ASSIGN(const auto digest,
                      workspace::artifacts::put(*store.workspace(), db, bytes, "application/json", {}));
            PH_ASSIGN(const auto model, workspace::registry::modelId(db, "delay", {}));
            (void)model;
            ports::ModelVersion version;
            version.model = "delay";
            version.version = profile.version;
            version.task = "binary";
            version.threshold = naive.threshold;
            version.profileDigest = digest;
            PH_TRY(workspace::registry::addVersion(db, version));
            return 0;
        });
        PH_VERIFY(added.result());
        log.versions[profile.version] = naive;
    }
}

/// Fills the store with random rows in batches and segments cut at random, and gives the rows.
Log fill(Store& store, Generator& random, std::size_t count) {
    Log log;
    addVersions(store, log);
    for (std::size_t done = 0, era = 0; done < count; ++era) {
        const std::size_t size = std::min(count - done, 1 + random.below(count / 6));
        std::vector<Row> batch;
        for (std::size_t i = 0; i < size; ++i)
            batch.push_back(random.row(done + i, static_cast<int>(era)));
        const auto add = [&]() -> Status {
            if (random.chance(0.6)) return appendSegment(store.database(), rowSet(batch));
            const auto appended = predictions::append(store.database(), rowSet(batch));
            return appended ? Status{} : Status(fail(appended.error()));
        };
        if (auto status = add(); !status) qFatal("%s", status.error().text().c_str());
        log.rows.insert(log.rows.end(), batch.begin(), batch.end());
        done += size;
    }
    std::vector<predictions::Truth> truths;
    for (Row& row : log.rows) {
        if (!random.chance(0.6) || row["model"] != Value(std::string("delay"))) continue;
        const predictions::Truth truth{std::get<std::string>(row["request_id"]), double(random.below(2)),
                                       random.time()};
        truths.push_back(truth);
        row["outcome"] = truth.value;
        row["outcome_time"] = truth.known;
    }
    if (auto status = predictions::appendTruth(store.database(), "delay", truths); !status)
        qFatal("%s", status.error().text().c_str());
    return log;
}

}  // namespace

class TestQueryProperty : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { failOnWarnings(); }

    void randomQueries_data() {
        QTest::addColumn<unsigned>("seed");
        for (unsigned seed = 1; seed <= 12; ++seed)
            QTest::addRow("seed %u", seed) << seed;
    }
    void randomQueries() {
        QFETCH(unsigned, seed);
        ask(seed, 300, 500);
    }
    /// Segments of several blocks.
    void randomQueriesOverManyRows() { ask(77, 24'000, 60); }

private:
    void ask(unsigned seed, std::size_t rows, int queries) {
        Generator random(seed);
        Store store;
        const Log log = fill(store, random, rows);
        int answered = 0, refused = 0;
        std::uint64_t matches = 0;
        for (int i = 0; i < queries; ++i) {
            const std::string text = random.query();
            const auto query = predictions::parseQuery(text);
            QVERIFY2(query, (text + ": " + (query ? "" : query.error().text())).c_str());
            const TimeRange range = random.chance(0.5) ? TimeRange::all() : TimeRange{random.time(), random.time()};
            const auto got = store.ids(text, range);
            if (!got) {  // "score < UA": said so, and not silently nothing
                QVERIFY2(got.error().kind == ErrorKind::InvalidInput &&
                             got.error().message.find("holds ") != std::string::npos,
                         got.error().text().c_str());
                ++refused;
                continue;
            }
            std::vector<std::string> expected;
            for (const Row& row : log.rows)
                if (range.contains(std::get<Timestamp>(row.at("time"))) && naiveMatches(query->root, row, log.versions))
                    expected.push_back(std::get<std::string>(row.at("request_id")));
            QVERIFY2(
                *got == expected,
                (text + ": " + std::to_string(got->size()) + " rows, not " + std::to_string(expected.size())).c_str());
            matches += got->size();
            ++answered;
        }
        QVERIFY2(answered > queries * 4 / 5, qPrintable(QString::number(answered)));
        QVERIFY(matches > 1000);
    }
};

QTEST_GUILESS_MAIN(TestQueryProperty)
#include "tst_query_property.moc"
