// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits>
#include <numeric>

#include "tests/statistics/support.h"

using namespace pilothouse;
using namespace pilothouse::statistics;
using namespace pilothouse::test;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::uint32_t kMissing = 0xFFFFFFFFu;

std::uint64_t sum(const std::vector<std::uint64_t>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

/// A column of each kind and of each trouble.
Profile everything() {
    Random random(5);
    Profile p;
    p.model = "delay";
    p.version = "v1";
    p.startNs = -5;
    p.endNs = 1'364'788'800'000'000'000;
    p.rows = 400;
    std::vector<double> x = normals(random, 400, 1e-7, 1.0 / 3);
    const auto clusters = blocks(400, 8);
    p.columns.push_back(profileNumeric("plain", x, clusters, {}));
    x[3] = kNaN;
    x[4] = kInfinity;
    x[5] = -kInfinity;
    x[6] = 1e308;
    x[7] = -1e308;
    p.columns.push_back(profileNumeric("wild", x, clusters, {}));
    p.columns.push_back(profileNumeric("constant", std::vector<double>(400, 0.1), {}, {}));
    p.columns.push_back(profileNumeric("missing", std::vector<double>(400, kNaN), {}, {}));
    p.columns.push_back(profileNumeric("infinite", std::vector<double>(400, kInfinity), {}, {}));
    p.columns.push_back(profileNumeric("empty", {}, {}, {}));
    p.columns.push_back(profileNumeric("one row", std::vector<double>{4.5}, {}, {}));
    ProfileOptions few;
    few.categories = 3;
    const std::vector<std::string> words{"a\"b\\", "ümlaut \xF0\x9F\x9B\xA9", "tab\there", "", "plain", "rare"};
    p.columns.push_back(
        profileCategorical("words", codes(random, 400, {.4, .2, .2, .1, .06, .04}), words, clusters, few));
    std::vector<std::uint32_t> each(400);
    std::iota(each.begin(), each.end(), 0u);
    p.columns.push_back(profileCategorical("id", each, dictionary(400), {}, {}));
    p.columns.push_back(profileCategorical("nothing", std::vector<std::uint32_t>(400, kMissing), {}, {}, {}));
    return p;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    if (at == std::string::npos) qFatal("the text to replace is not there");
    return text.replace(at, from.size(), to);
}

}  // namespace

class TestProfile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void momentsAndQuantilesAgreeWithNumPy() {
        for (const QJsonValue& c : cases("samples")) {
            const ColumnProfile p = profileNumeric("x", numbers(c[u"reference"]), {}, {});
            QVERIFY(close(p.mean, c[u"mean"].toDouble(), 1e-12));
            QVERIFY(close(p.variance, c[u"variance"].toDouble(), 1e-12));
            const auto expected = numbers(c[u"quantiles"]);
            QCOMPARE(p.quantiles.size(), expected.size());
            for (std::size_t i = 0; i < expected.size(); ++i)
                QVERIFY(close(p.quantiles[i], expected[i], 1e-12));
        }
    }

    void countsAddUpToTheRows() {
        for (const ColumnProfile& c : everything().columns)
            QCOMPARE(sum(c.counts) + c.missing, c.n);
    }

    void binsHaveEqualMass() {
        Random random(1);
        const ColumnProfile p = profileNumeric("x", normals(random, 10'000), {}, {});
        QCOMPARE(p.counts.size(), 20u);
        for (const std::uint64_t count : p.counts)
            QCOMPARE(count, 500u);
        QVERIFY(close(p.scale, std::sqrt(p.variance), 1e-12));
    }

    void tiesAreKeptWhole() {
        // 90 % zeros, as precipitation has them; the rest spread.
        Random random(1);
        std::vector<double> x(10'000, 0);
        for (std::size_t i = 0; i < 1000; ++i)
            x[i * 10] = 0.01 * static_cast<double>(1 + random.below(100));
        const ColumnProfile p = profileNumeric("rain", x, {}, {});
        QVERIFY(p.counts.size() >= 3 && p.counts.size() <= 20);
        QCOMPARE(p.counts.front(), 9000u);
        for (const std::uint64_t count : p.counts)
            QVERIFY(count > 0);
        // Whatever the value, all of its rows meet in one bin.
        for (const double v : {0.0, 0.5, 1.0}) {
            const CurrentCounts one = countNumeric(p, std::vector<double>(7, v), {});
            QCOMPARE(std::count(one.counts.begin(), one.counts.end(), 7u), 1);
        }
    }

    void fewValuesHaveABinEach() {
        std::vector<double> x;
        for (int i = 0; i < 700; ++i)
            x.push_back(i % 7 + 1);
        x.push_back(8);
        const ColumnProfile p = profileNumeric("weekday", x, {}, {});
        QCOMPARE(p.counts, (std::vector<std::uint64_t>{100, 100, 100, 100, 100, 100, 100, 1}));
        QCOMPARE(p.edges.front(), 1.5);
        QCOMPARE(p.binMeans[3], 4.0);
    }

    void anOutlierInTheReferenceDoesNotStretchItsScale() {
        Random random(1);
        std::vector<double> x = normals(random, 5000);
        const double before = profileNumeric("x", x, {}, {}).scale;
        x[17] = 1e6;
        const ColumnProfile p = profileNumeric("x", x, {}, {});
        QVERIFY(p.variance > 1e8);
        QVERIFY(close(p.scale, before, 0.02));
        QVERIFY(p.binMeans.back() < 3);
        QCOMPARE(p.max, 1e6);
    }

    void hugeValuesDoNotOverflow() {
        const ColumnProfile p = profileNumeric("x", std::vector<double>{-1e308, 1e308, 5e307, 0, 1, 2}, {}, {});
        for (const double v : {p.mean, p.variance, p.scale, p.clipLow, p.clipHigh})
            QVERIFY(std::isfinite(v));
        for (const double v : p.binMeans)
            QVERIFY(std::isfinite(v));
        const ColumnProfile tiny = profileNumeric("x", std::vector<double>{1e-310, 3e-310, 2e-310}, {}, {});
        QVERIFY(tiny.scale > 0 && tiny.scale < 1e-300);
    }

    void categoriesAreOrderedByCountThenName() {
        const std::vector<std::string> words{"z", "b", "a", "once", "b"};
        std::vector<std::uint32_t> rows{3, kMissing, 77};
        rows.insert(rows.end(), 300, 0);
        rows.insert(rows.end(), 100, 1);
        rows.insert(rows.end(), 100, 4);
        rows.insert(rows.end(), 200, 2);
        ProfileOptions options;
        options.categories = 3;
        const ColumnProfile p = profileCategorical("x", rows, words, {}, options);
        QCOMPARE(p.categories, (std::vector<std::string>{"z", "a", "b"}));
        QCOMPARE(p.counts, (std::vector<std::uint64_t>{300, 200, 200, 1}));
        QCOMPARE(p.other, 1u);
        QCOMPARE(p.singletons, 1u);
        QCOMPARE(p.rest, std::vector<std::string>{"once"});
        QCOMPARE(p.missing, 2u);
    }

    void unseenValuesAreToldFromRareOnes() {
        ProfileOptions options;
        options.categories = 1;
        const std::vector<std::string> words{"common", "rare"};
        std::vector<std::uint32_t> rows(1000, 0);
        rows[5] = rows[6] = 1;
        const ColumnProfile p = profileCategorical("x", rows, words, {}, options);
        const std::vector<std::string> now{"new", "rare", "common", "not used"};
        const CurrentCounts c = countCategorical(p, std::vector<std::uint32_t>{0, 0, 1, 2, kMissing}, now, {});
        QCOMPARE(c.counts, (std::vector<std::uint64_t>{1, 3}));
        QCOMPARE(c.unseen, 2u);
        QCOMPARE(c.missing, 1u);
        QCOMPARE(c.n(), 5u);
    }

    void equalsAreNotPartedIntoNamedAndOther() {
        // Clear ranks keep to K; five hundred equals are all named; of thousands hardly more than what stands out.
        std::vector<std::uint32_t> ranks, equals, many(20'000, 0);
        for (std::uint32_t i = 0; i < 100; ++i)
            ranks.insert(ranks.end(), 40'000 / ((i + 1) * (i + 1)), i);
        Random random(6);
        for (int i = 0; i < 5000; ++i)
            equals.push_back(static_cast<std::uint32_t>(random.below(500)));
        for (int i = 0; i < 20'000; ++i)
            many.push_back(static_cast<std::uint32_t>(1 + random.below(5000)));
        QCOMPARE(profileCategorical("x", ranks, dictionary(100), {}, {}).categories.size(), 50u);
        QCOMPARE(profileCategorical("x", equals, dictionary(500), {}, {}).categories.size(), 500u);
        const ColumnProfile p = profileCategorical("x", many, dictionary(5001), {}, {});
        QCOMPARE(p.categories.front(), std::string("value 0"));
        QVERIFY2(p.categories.size() <= 6, qPrintable(QString::number(p.categories.size())));
    }

    void aRestTooLongToKeepIsNotCalledUnseen() {
        std::vector<std::uint32_t> rows;
        for (std::uint32_t i = 0; i < 3000; ++i)
            rows.insert(rows.end(), 2 + (i == 0 ? 50 : 0), i);
        ProfileOptions options;
        options.categories = 10;
        const ColumnProfile p = profileCategorical("tailnum", rows, dictionary(3000), {}, options);
        QCOMPARE(p.kind, ColumnKind::Categorical);
        QCOMPARE(p.rest.size(), ColumnProfile::kRest);
        QVERIFY(!p.restComplete);
        const std::vector<std::string> now{"never seen"};
        QCOMPARE(countCategorical(p, std::vector<std::uint32_t>{0}, now, {}).unseen, 0u);
    }

    void nearlyUniqueTextIsAnIdentifier() {
        std::vector<std::uint32_t> each(100);
        std::iota(each.begin(), each.end(), 0u);
        const ColumnProfile p = profileCategorical("request", each, dictionary(100), {}, {});
        QCOMPARE(p.kind, ColumnKind::Identifier);
        QVERIFY(p.categories.empty() && p.rest.empty());
        QCOMPARE(p.counts, std::vector<std::uint64_t>{100});
        each.resize(10);  // ten rows say nothing yet
        QCOMPARE(profileCategorical("request", each, dictionary(100), {}, {}).kind, ColumnKind::Categorical);
    }

    void countingByChunksEqualsCountingTheWhole() {
        Random random(9);
        const Profile profile = everything();
        std::vector<double> values = normals(random, 1000, 0, 3);
        values[10] = kNaN;
        values[11] = kInfinity;
        const auto words = codes(random, 1000, std::vector<double>(8, 0.125));
        for (const ColumnProfile& p : profile.columns) {
            const auto count = [&](std::size_t from, std::size_t n) {
                return p.kind == ColumnKind::Numeric
                           ? countNumeric(p, std::span(values).subspan(from, n), {})
                           : countCategorical(p, std::span(words).subspan(from, n), dictionary(8), {});
            };
            const CurrentCounts whole = count(0, 1000);
            CurrentCounts parts = count(0, 1);
            for (std::size_t from = 1; from < 1000; from += 111) {
                const CurrentCounts part = count(from, std::min<std::size_t>(111, 1000 - from));
                for (std::size_t b = 0; b < parts.counts.size(); ++b)
                    parts.counts[b] += part.counts[b];
                parts.missing += part.missing;
                parts.unseen += part.unseen;
            }
            QCOMPARE(parts.counts, whole.counts);
            QCOMPARE(parts.missing, whole.missing);
            QCOMPARE(parts.unseen, whole.unseen);
            QCOMPARE(whole.n(), 1000u);
        }
    }

    void clusterCountsAddUpToTheWindow() {
        Random random(9);
        const ColumnProfile p = everything().columns.front();
        std::vector<double> values = normals(random, 1000, 0, 3);
        values[10] = kNaN;
        const CurrentCounts c = countNumeric(p, values, blocks(1000, 7));
        QCOMPARE(c.clusterCounts.size(), 143u);
        std::vector<std::uint64_t> counts(c.counts.size(), 0);
        for (const auto& row : c.clusterCounts)
            for (std::size_t b = 0; b < row.size(); ++b)
                counts[b] += row[b];
        QCOMPARE(counts, c.counts);
        QCOMPARE(std::accumulate(c.clusterMissing.begin(), c.clusterMissing.end(), 0u), 1u);
        double low = 0;
        for (const auto& sums : c.clusterOuterSums)
            low += sums[0];
        QVERIFY(close(low, c.binSums.front(), 1e-9));
    }

    void clusteringLowersTheEffectiveN() {
        Random random(2);
        std::vector<double> x;
        for (int hour = 0; hour < 500; ++hour)
            x.insert(x.end(), 16, random.normal());
        const ColumnProfile p = profileNumeric("temp", x, blocks(x.size(), 16), {});
        QVERIFY2(p.effectiveN > 400 && p.effectiveN < 620, qPrintable(QString::number(p.effectiveN)));
        QCOMPARE(profileNumeric("temp", x, {}, {}).effectiveN, 8000.0);
        QCOMPARE(p.effectiveRows, 8000.0);  // nothing is missing
    }

    void jsonReadsBackExactly() {
        const Profile profile = everything();
        const std::string text = toJson(profile);
        const Result<Profile> back = profileFromJson(text);
        QVERIFY2(back, back ? "" : back.error().text().c_str());
        QCOMPARE(toJson(*back), text);
        QCOMPARE(back->columns.size(), profile.columns.size());
        for (std::size_t i = 0; i < profile.columns.size(); ++i) {
            const ColumnProfile &a = profile.columns[i], &b = back->columns[i];
            QCOMPARE(b.name, a.name);
            QCOMPARE(b.edges, a.edges);
            QCOMPARE(b.binMeans, a.binMeans);
            QCOMPARE(b.quantiles, a.quantiles);
            QCOMPARE(b.categories, a.categories);
            QCOMPARE(b.rest, a.rest);
            QCOMPARE(b.counts, a.counts);
            QVERIFY(b.variance == a.variance && b.scale == a.scale && b.effectiveN == a.effectiveN);
            QVERIFY(b.commonMotion == a.commonMotion);
            QVERIFY(b.clusters == a.clusters && b.clusterSize == a.clusterSize);
            QVERIFY(b.kind == a.kind && b.infinite == a.infinite && b.outerDeviation == a.outerDeviation);
        }
        QCOMPARE(back->startNs, -5);
        QCOMPARE(back->endNs, profile.endNs);
    }

    // A profile of before the common motion of clusters, and their sizes, were known.
    void olderProfilesAreRead() {
        Random random(9);
        Profile profile;
        profile.columns.push_back(
            profileCategorical("word", codes(random, 500, {0.5, 0.3, 0.2}), dictionary(3), {}, {}));
        profile.rows = 500;
        const std::string written = toJson(profile), less = replaced(written, ",\"common_motion\":1", ""),
                          old = replaced(less, ",\"clusters\":0,\"cluster_size\":1", "");
        QVERIFY(less != written && old != less);
        const Result<Profile> back = profileFromJson(old);
        QVERIFY2(back, back ? "" : back.error().text().c_str());
        QCOMPARE(toJson(*back), written);
        for (const char* wrong : {"0.5", "-1", "1e9"})
            for (const char* key : {"\"common_motion\":", "\"cluster_size\":"})
                QVERIFY(!profileFromJson(replaced(written, std::string(key) + "1", std::string(key) + wrong)));
        QVERIFY(!profileFromJson(replaced(written, "\"clusters\":0", "\"clusters\":501")));
    }

    void everyTruncationIsRefused() {
        const std::string text = toJson(everything());
        for (std::size_t n = 0; n + 2 < text.size(); n += n < 600 ? 1 : 37)
            QVERIFY2(!profileFromJson(std::string_view(text).substr(0, n)), qPrintable(QString::number(n)));
    }

    // One byte after the other is changed: refused, or read as a profile that can be judged. The sanitizers watch.
    void changedBytesDoNoHarm() {
        const std::string text = toJson(everything());
        Random random(8);
        const CurrentCounts nothing;
        for (int i = 0; i < 4000; ++i) {
            std::string changed = text;
            for (int k = 0; k < 1 + i % 3; ++k)
                changed[random.below(changed.size())] = "0123456789-+.eE\"\\,:[]{}nt\x01\xFF"[random.below(26)];
            const Result<Profile> back = profileFromJson(changed);
            if (!back) {
                QVERIFY(!back.error().message.empty());
                continue;
            }
            for (const ColumnProfile& c : back->columns) {
                const CurrentCounts counts =
                    c.kind == ColumnKind::Numeric
                        ? countNumeric(c, std::vector<double>{0, 1, kNaN, 1e300}, {})
                        : countCategorical(c, std::vector<std::uint32_t>{0, 0}, dictionary(1), {});
                QVERIFY(!(driftEffect(c, counts) < 0));
            }
        }
    }

    void hostileProfilesAreRefused_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("reason");
        const std::string good = toJson(everything());
        const auto row = [](const char* name, const std::string& text, const char* reason) {
            QTest::newRow(name) << QString::fromStdString(text) << QString::fromLatin1(reason);
        };
        row("empty", "", "ends too early");
        row("not JSON", "hello", "a value is expected");
        row("not an object", "[]", "not an object");
        row("no format", "{}", "no format");
        row("later format", replaced(good, "\"format\":1", "\"format\":2"), "its format is 2, this version reads 1");
        row("format as text", replaced(good, "\"format\":1", "\"format\":\"1\""), "names no format");
        row("negative format", replaced(good, "\"format\":1", "\"format\":-1"), "its format is -1");
        row("NaN", replaced(good, "\"mean\":", "\"mean\":NaN,\"x\":"), "a value is expected");
        row("number out of range", replaced(good, "\"mean\":", "\"mean\":1e999,\"x\":"), "out of range");
        row("unknown key", replaced(good, "\"mean\":", "\"x\":1,\"mean\":"), "unknown keys");
        row("key twice", replaced(good, "\"mean\":", "\"mean\":1,\"mean\":"), "comes twice");
        row("missing key", replaced(good, "\"mean\":", "\"meat\":"), "has no \"mean\"");
        row("count too many", replaced(good, "\"counts\":[", "\"counts\":[1,"), "do not add up");
        row("bin too many", replaced(good, "\"counts\":[", "\"counts\":[0,"), "do not fit its edges");
        row("negative count", replaced(good, "\"n\":400", "\"n\":-400"), "wrong \"n\"");
        row("fraction for a count", replaced(good, "\"n\":400", "\"n\":400.5"), "wrong \"n\"");
        row("more missing than rows", replaced(good, "\"missing\":0", "\"missing\":401"),
            "more missing values than rows");
        row("overflow", replaced(good, "\"n\":400", "\"n\":18446744073709551616"), "wrong \"n\"");
        row("edges that fall", replaced(good, "\"edges\":[", "\"edges\":[9e9,"), "do not ascend");
        row("unknown kind", replaced(good, "\"kind\":\"numeric\"", "\"kind\":\"text\""), "no known kind");
        row("wrong kind", replaced(good, "\"kind\":\"numeric\"", "\"kind\":\"categorical\""), "has no \"categories\"");
        row("name twice", replaced(good, "\"name\":\"wild\"", "\"name\":\"plain\""), "comes twice");
        row("no name", replaced(good, "\"name\":\"wild\"", "\"name\":\"\""), "has no name");
        row("category twice", replaced(good, "\"tab\\u0009here\"", "\"a\\\"b\\\\\""), "a category twice");
        row("deep", std::string(100'000, '['), "nested too deep");
        row("half a surrogate", replaced(good, "\"name\":\"wild\"", "\"name\":\"\\ud800\""), "surrogate");
        row("trailing text", good + "x", "something follows");
        row(
            "many values",
            "{\"format\":1,\"columns\":[" +
                [] {
                    std::string zeros;
                    for (int i = 0; i < 1'000'001; ++i)
                        zeros += "0,";
                    return zeros;
                }() +
                "0]}",
            "too many values");
    }
    void hostileProfilesAreRefused() {
        QFETCH(QString, text);
        QFETCH(QString, reason);
        const Result<Profile> result = profileFromJson(text.toStdString());
        QVERIFY(!result);
        QVERIFY2(result.error().message.find(reason.toStdString()) != std::string::npos,
                 result.error().message.c_str());
    }

    void aHundredFeaturesTakeTensOfKilobytes() {
        Random random(1);
        Profile profile;
        for (int i = 0; i < 100; ++i) {
            profile.columns.push_back(profileNumeric("feature " + std::to_string(i), normals(random, 500), {}, {}));
        }
        const std::size_t bytes = toJson(profile).size();
        QVERIFY2(bytes < 200'000, qPrintable(QString::number(bytes)));
    }
};

QTEST_GUILESS_MAIN(TestProfile)
#include "tst_profile.moc"
