// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>
#include <numeric>

#include "models/monitoring/domain_classifier.h"
#include "models/statistics/random.h"

using namespace pilothouse;
using namespace pilothouse::monitoring;
using ports::Column;
using ports::ColumnType;
using statistics::Random;

namespace {

Column numbers(const std::string& name, std::vector<double> values) {
    Column out;
    out.name = name;
    out.numbers = std::move(values);
    return out;
}

/// Two normal columns with the correlation, whose own distributions it leaves alone, and one that is noise.
ports::RowSet pairs(std::size_t n, double correlation, std::uint64_t seed, double shift = 0) {
    Random random(seed);
    std::vector<double> a, b, noise;
    for (std::size_t i = 0; i < n; ++i) {
        const double x = random.normal();
        a.push_back(x + shift);
        b.push_back(correlation * x + std::sqrt(1 - correlation * correlation) * random.normal());
        noise.push_back(random.normal());
    }
    return {n, {numbers("noise", std::move(noise)), numbers("a", std::move(a)), numbers("b", std::move(b))}};
}

const std::vector<std::string> kNames{"noise", "a", "b"};

}  // namespace

class TestDomainClassifier : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nothingIsToldApartWhereNothingDiffers() {
        int above = 0;
        for (std::uint64_t seed = 1; seed <= 60; ++seed) {
            const auto found =
                separateDomains({pairs(400, 0.5, seed)}, {pairs(400, 0.5, seed + 100)}, kNames, {.seed = seed}, {});
            QVERIFY(found);
            above += found->auc.low > 0.5;
        }
        // 2.5 % of 60; more than 5 come by chance once in 300 runs.
        QVERIFY2(above <= 5, qPrintable(QString::number(above)));
    }

    void aChangeOfBothColumnsTogetherIsFound() {
        const auto found = separateDomains({pairs(3000, 0.9, 1)}, {pairs(3000, -0.9, 2)}, kNames, {}, {});
        QVERIFY(found);
        QVERIFY(found->auc.low > 0.8);
        QCOMPARE(found->features.back().name, std::string("noise"));
        QVERIFY(found->features.back().share < 0.1);
        double sum = 0;
        for (const auto& f : found->features)
            sum += f.share;
        QVERIFY(std::abs(sum - 1) < 1e-6);
    }

    void whatAClusterSharesIsNoDifference() {
        // 40 days a side, each with a weather of its own from one distribution.
        const auto side = [](std::uint64_t seed, std::vector<std::uint32_t>& days) {
            Random random(seed);
            std::vector<double> weather;
            for (std::uint32_t day = 0; day < 40; ++day) {
                const double its = random.normal();
                for (int i = 0; i < 50; ++i) {
                    weather.push_back(its);
                    days.push_back(day);
                }
            }
            return ports::RowSet{weather.size(), {numbers("a", std::move(weather))}};
        };
        std::vector<std::uint32_t> first, second;
        const ports::RowSet a = side(1, first), b = side(2, second);
        const auto byRow = separateDomains({a}, {b}, {"a"}, {}, {});
        QVERIFY(byRow);
        QVERIFY2(byRow->auc.low > 0.8, "the premise: rows held out one by one are known by their day's weather");
        const auto byDay = separateDomains({a, first}, {b, second}, {"a"}, {}, {});
        QVERIFY(byDay);
        QVERIFY(byDay->auc.low < 0.5);
    }

    void weightsAreTheRatioOfDensities() {
        const auto reference = pairs(8000, 0, 1);
        const auto found = separateDomains({reference}, {pairs(8000, 0, 2, 0.7)}, kNames, {}, {});
        QVERIFY(found);
        QCOMPARE(found->weights.size(), found->referenceRows.size());
        const double mean = std::accumulate(found->weights.begin(), found->weights.end(), 0.0) / 8000;
        QVERIFY(std::abs(mean - 1) < 1e-9);
        // Reweighted, the reference's mean of `a` is that of the current window.
        double weighted = 0;
        for (std::size_t i = 0; i < found->weights.size(); ++i)
            weighted += found->weights[i] * reference.find("a")->numbers[found->referenceRows[i]] / 8000;
        QVERIFY2(std::abs(weighted - 0.7) < 0.1, qPrintable(QString::number(weighted)));
    }

    void theSameSeedGivesTheSameBits() {
        const auto a = pairs(30'000, 0.2, 1), b = pairs(500, 0.3, 2);
        const auto first = separateDomains({a}, {b}, kNames, {.mostRows = 1000, .seed = 7}, {});
        const auto again = separateDomains({a}, {b}, kNames, {.mostRows = 1000, .seed = 7}, {});
        QVERIFY(first && again);
        QCOMPARE(first->referenceRows.size(), 1000u);
        QCOMPARE(first->currentRows.size(), 500u);
        QVERIFY(first->weights == again->weights);
        QCOMPARE(first->auc.value, again->auc.value);
    }

    void manyCategoriesAndMissingValuesAreBounded() {
        Column ids;
        ids.name = "id";
        ids.type = ColumnType::Text;
        for (std::uint32_t i = 0; i < 5000; ++i) {
            ids.dictionary.push_back("id " + std::to_string(i));
            ids.codes.push_back(i % 7 == 0 ? Column::kMissingCode : i);
        }
        const ports::RowSet a{5000, {ids, numbers("nan", std::vector<double>(5000, std::nan("")))}};
        const ports::RowSet b{5000, {ids, numbers("infinite", std::vector<double>(5000, HUGE_VAL))}};
        const auto found = separateDomains({a}, {b}, {"id", "nan"}, {.mostRows = 2000}, {});
        QVERIFY(found);
        QVERIFY(found->auc.low < 0.5);
    }

    void badInputIsNamed() {
        Column text;
        text.name = "a";
        text.type = ColumnType::Text;
        text.dictionary = {"x"};
        text.codes.assign(100, 0);
        const ports::RowSet other{100, {text}};
        auto found = separateDomains({pairs(100, 0, 1)}, {other}, kNames, {}, {});
        QVERIFY(!found);
        QVERIFY(found.error().message.find("column a has another type") != std::string::npos);
        found = separateDomains({pairs(3, 0, 1)}, {pairs(100, 0, 2)}, kNames, {}, {});
        QVERIFY(!found);
        QVERIFY(found.error().message.find("has 3 rows, at least 4") != std::string::npos);
        found = separateDomains({pairs(100, 0, 1)}, {pairs(100, 0, 2)}, {"unknown"}, {}, {});
        QVERIFY(!found);
        found = separateDomains({pairs(100, 0, 1)}, {ports::RowSet{}}, kNames, {}, {});
        QVERIFY(!found);
        CancellationSource stopped;
        stopped.cancel();
        found = separateDomains({pairs(100, 0, 1)}, {pairs(100, 0, 2)}, kNames, {}, stopped.token());
        QVERIFY(!found);
        QCOMPARE(found.error().kind, ErrorKind::Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestDomainClassifier)
#include "tst_domain_classifier.moc"
