// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>
#include <limits>
#include <numeric>

#include "models/statistics/drift.h"
#include "models/statistics/profile_builder.h"
#include "models/statistics/random.h"

using namespace pilothouse::statistics;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

enum class Kind { Normal, Decimal, Heavy, Few, Constant, Strange, Empty };
constexpr Kind kKinds[] = {Kind::Normal,   Kind::Decimal, Kind::Heavy, Kind::Few,
                           Kind::Constant, Kind::Strange, Kind::Empty};

std::vector<double> values(Random& random, std::size_t n, Kind kind) {
    std::vector<double> out;
    for (std::size_t i = 0; i < n; ++i) {
        const double x = random.normal();
        const std::uint64_t die = random.below(100);
        switch (kind) {
            case Kind::Normal:
                out.push_back(die == 0 ? kNaN : x);
                break;
            case Kind::Decimal:
                out.push_back(std::round(x * 100) / 100);
                break;
            case Kind::Heavy:
                out.push_back(std::exp(4 * x));
                break;
            case Kind::Few:
                out.push_back(static_cast<double>(die % 5));
                break;
            case Kind::Constant:
                out.push_back(7.25);
                break;
            case Kind::Strange:
                out.push_back(die < 2    ? kInfinity
                              : die < 4  ? -kInfinity
                              : die < 6  ? kNaN
                              : die < 8  ? -0.0
                              : die < 10 ? 1e300 * x
                                         : 1e-310 * x);
                break;
            case Kind::Empty:
                out.push_back(kNaN);
                break;
        }
    }
    return out;
}

NumericProfileBuilder built(std::span<const double> all) {
    NumericProfileBuilder b;
    for (const double v : all)
        b.add(v);
    return b;
}

std::string json(const ColumnProfile& column) {
    Profile profile;
    profile.columns.push_back(column);
    return toJson(profile);
}

/// Pieces of random sizes, merged in a random tree.
template <class Builder>
Builder mergedAtRandom(Random& random, std::vector<Builder> pieces) {
    while (pieces.size() > 1) {
        const std::size_t from = random.below(pieces.size());
        Builder piece = std::move(pieces[from]);
        pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(from));
        pieces[random.below(pieces.size())].merge(piece);
    }
    return std::move(pieces.front());
}

std::vector<std::string> texts(Random& random, std::size_t n, std::size_t distinct) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < n; ++i) {
        const double u = random.uniform();
        out.push_back("word " + std::to_string(static_cast<std::size_t>(u * u * static_cast<double>(distinct))));
    }
    return out;
}

struct Coded {
    std::vector<std::uint32_t> codes;
    std::vector<std::string> dictionary;
};
Coded coded(const std::vector<std::string>& all) {
    Coded out;
    std::unordered_map<std::string, std::uint32_t> known;
    for (const std::string& text : all) {
        const auto [place, added] = known.try_emplace(text, static_cast<std::uint32_t>(known.size()));
        if (added) out.dictionary.push_back(text);
        out.codes.push_back(place->second);
    }
    return out;
}

}  // namespace

class TestProfileBuilder : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void isTheProfileOfTheValues() {
        for (const Kind kind : kKinds) {
            Random random(1);
            const auto all = values(random, 5'000, kind);
            QCOMPARE(json(built(all).finish("x", {})), json(profileNumeric("x", all, {}, {})));
        }
        Random random(2);
        for (const std::size_t distinct : {1u, 3u, 40u, 400u, 100'000u}) {
            const auto all = texts(random, 3'000, distinct);
            CategoricalProfileBuilder b;
            for (const std::string& text : all)
                b.add(text);
            const Coded c = coded(all);
            QCOMPARE(json(b.finish("x", {})), json(profileCategorical("x", c.codes, c.dictionary, {}, {})));
        }
    }

    // The property: pieces merged are the whole, however it was cut, also where values are only known nearly.
    void piecesMergedAreTheWhole() {
        for (int round = 0; round < 60; ++round) {
            Random random(100 + static_cast<std::uint64_t>(round));
            const Kind kind = kKinds[static_cast<std::size_t>(round) % std::size(kKinds)];
            // Every third round has more distinct values than are counted one by one.
            const bool many = round % 15 == 0 || round % 15 == 2;
            const auto all = values(random, many ? 300'000 : 1 + random.below(4'000), kind);
            std::vector<NumericProfileBuilder> pieces(1 + random.below(12));
            for (const double v : all)
                pieces[random.below(pieces.size())].add(v);
            QCOMPARE(json(mergedAtRandom(random, pieces).finish("x", {})), json(built(all).finish("x", {})));
        }
        for (int round = 0; round < 40; ++round) {
            Random random(200 + static_cast<std::uint64_t>(round));
            const auto all = texts(random, 1 + random.below(3'000), 1 + random.below(2'000));
            std::vector<CategoricalProfileBuilder> pieces(1 + random.below(12));
            CategoricalProfileBuilder whole;
            for (const std::string& text : all) {
                CategoricalProfileBuilder& piece = pieces[random.below(pieces.size())];
                const bool missing = random.below(20) == 0;
                missing ? piece.addMissing() : piece.add(text);
                missing ? whole.addMissing() : whole.add(text);
            }
            QCOMPARE(json(mergedAtRandom(random, pieces).finish("x", {})), json(whole.finish("x", {})));
        }
    }

    void manyValuesAreKnownNearly() {
        Random random(3);
        const auto all = values(random, 400'000, Kind::Normal);
        const ColumnProfile exact = profileNumeric("x", all, {}, {}), near = built(all).finish("x", {});
        QCOMPARE(near.n, exact.n);
        QCOMPARE(near.missing, exact.missing);
        QCOMPARE(near.min, exact.min);
        QCOMPARE(near.max, exact.max);
        QVERIFY(std::abs(near.mean - exact.mean) < 1e-5);
        QVERIFY(std::abs(near.scale - exact.scale) < 1e-4);
        QCOMPARE(near.edges.size(), exact.edges.size());
        for (std::size_t i = 0; i < near.edges.size(); ++i) {
            QVERIFY(std::abs(near.edges[i] - exact.edges[i]) < 1e-3);
            QVERIFY(std::abs(static_cast<double>(near.counts[i]) - static_cast<double>(exact.counts[i])) < 200);
        }
    }

    void tooManyTextsAreAnIdentifier() {
        CategoricalProfileBuilder first, second, whole;
        for (std::size_t i = 0; i <= CategoricalProfileBuilder::kMostTexts; ++i) {
            const std::string text = std::to_string(i);
            (i % 2 == 0 ? first : second).add(text, 3);
            whole.add(text, 3);
        }
        first.merge(second);
        const ColumnProfile p = first.finish("x", {});
        QCOMPARE(json(p), json(whole.finish("x", {})));
        QCOMPARE(p.kind, ColumnKind::Identifier);
        QCOMPARE(p.n, std::uint64_t{3} * (CategoricalProfileBuilder::kMostTexts + 1));
    }

    void clustersAreCountedAfterwards() {
        Random random(4);
        std::vector<double> all;
        std::vector<std::uint32_t> clusters;
        for (std::uint32_t group = 0; group < 80; ++group) {
            const double shared = random.normal();
            for (int i = 0; i < 25; ++i) {
                all.push_back(i == 7 && group % 3 == 0 ? kNaN : shared + 0.3 * random.normal());
                clusters.push_back(group);
            }
        }
        const ColumnProfile once = profileNumeric("x", all, clusters, {});
        ColumnProfile twice = built(all).finish("x", {});
        const CurrentCounts own = countNumeric(twice, all, clusters);
        setEffective(twice, valuesByCluster(own), missingByCluster(own));
        QCOMPARE(json(twice), json(once));
        QVERIFY(twice.effectiveN < 300);
    }
};

QTEST_APPLESS_MAIN(TestProfileBuilder)
#include "tst_profile_builder.moc"
