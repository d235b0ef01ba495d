// SPDX-License-Identifier: GPL-3.0-or-later
// Performance metrics against scikit-learn, and their intervals.
#include "models/statistics/metrics.h"

#include <limits>
#include <map>

#include "models/statistics/auc_interval.h"
#include "models/statistics/intervals.h"
#include "models/statistics/multiclass.h"
#include "tests/statistics/support.h"

using namespace pilothouse::statistics;
using namespace pilothouse::test;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::map<std::string, MetricValue> byName(const std::vector<MetricValue>& values) {
    std::map<std::string, MetricValue> out;
    for (const MetricValue& v : values)
        out[v.name] = v;
    return out;
}

bool inside(const Interval& i) { return i.low <= i.value && i.value <= i.high && i.low < i.high; }

}  // namespace

class TestMetrics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void binaryAgreesWithScikitLearn() {
        for (const QJsonValue& c : cases("metrics", "binary")) {
            const auto rows = labelledRows(numbers(c[u"scores"]), numbers(c[u"outcomes"]), {});
            QVERIFY(rows);
            const auto values = byName(measureBinary(*rows, {}));
            for (const char* name : {"accuracy", "precision", "recall", "specificity", "f1", "roc_auc",
                                     "average_precision", "log_loss", "brier", "ece"}) {
                const MetricValue& v = values.at(name);
                QVERIFY2(close(v.value.value, c[QLatin1String(name)].toDouble(), 1e-9), name);
                // The bootstrap of an error that cannot be negative lies above it: noise adds.
                QVERIFY2(inside(v.value) || v.name == "ece", name);
                QCOMPARE(v.maturity(), 1.0);
            }
            const auto wilsonOf = numbers(c[u"accuracy_interval"]), student = numbers(c[u"brier_interval"]);
            QVERIFY(close(values.at("accuracy").value.low, wilsonOf[0], 1e-9));
            QVERIFY(close(values.at("accuracy").value.high, wilsonOf[1], 1e-9));
            QVERIFY(close(values.at("brier").value.low, student[0], 1e-9));
            QVERIFY(close(values.at("brier").value.high, student[1], 1e-9));
            QVERIFY(close(calibrationError(rows->scores, rows->outcomes, 7, CalibrationBins::EqualMass),
                          c[u"ece_mass"].toDouble(), 1e-9));
            const ConfusionMatrix m = confusion(rows->scores, rows->outcomes, 0.5);
            QVERIFY(close(f1(m), c[u"f1"].toDouble(), 1e-12) && close(accuracy(m), c[u"accuracy"].toDouble(), 1e-12));
            QVERIFY(close(precision(m), c[u"precision"].toDouble(), 1e-12));
            QVERIFY(close(recall(m), c[u"recall"].toDouble(), 1e-12));
            QVERIFY(close(specificity(m), c[u"specificity"].toDouble(), 1e-12));
        }
    }

    void multiclassAgreesWithScikitLearn() {
        for (const QJsonValue& c : cases("metrics", "multiclass")) {
            const auto truth = numbers<std::uint32_t>(c[u"truth"]), predicted = numbers<std::uint32_t>(c[u"predicted"]);
            const auto probabilities = numbers(c[u"probabilities"]);
            const auto classes = static_cast<std::size_t>(c[u"classes"].toInt());
            const auto matrix = classMatrix(truth, predicted, classes);
            QVERIFY(matrix && matrix->cells == numbers(c[u"matrix"]));
            QVERIFY(close(accuracyOf(*matrix), c[u"accuracy"].toDouble(), 1e-12));
            MetricOptions options;
            options.resamples = 100;
            const auto measured = measureMulticlass(truth, predicted, classes, {}, options);
            QVERIFY(measured);
            const auto values = byName(*measured);
            for (const char* average : {"macro", "micro", "weighted"})
                for (const char* name : {"precision", "recall", "f1"}) {
                    const std::string key = std::string(name) + '_' + average;
                    QVERIFY2(close(values.at(key).value.value, c[QLatin1String(key.c_str())].toDouble(), 1e-12),
                             key.c_str());
                    QVERIFY2(inside(values.at(key).value), key.c_str());
                }
            if (!c.toObject().contains(u"log_loss")) {
                // A class without a row has no curve: a reason, not a number.
                QVERIFY(!oneVsRestAuc(probabilities, truth, classes, Average::Macro));
                QVERIFY(std::isnan(classMetrics(*matrix).back().recall));
                continue;
            }
            QVERIFY(close(*multiclassLogLoss(probabilities, truth, classes), c[u"log_loss"].toDouble(), 1e-9));
            QVERIFY(
                close(*oneVsRestAuc(probabilities, truth, classes, Average::Macro), c[u"auc_macro"].toDouble(), 1e-9));
            QVERIFY(
                close(*oneVsRestAuc(probabilities, truth, classes, Average::Micro), c[u"auc_micro"].toDouble(), 1e-9));
            QVERIFY(close(*oneVsRestAuc(probabilities, truth, classes, Average::Weighted),
                          c[u"auc_weighted"].toDouble(), 1e-9));
        }
    }

    void regressionAgreesWithScikitLearn() {
        for (const QJsonValue& c : cases("metrics", "regression")) {
            const auto rows = labelledRegression(numbers(c[u"predicted"]), numbers(c[u"actual"]), {});
            QVERIFY(rows);
            const auto values = byName(measureRegression(*rows, 0.8, {}));
            for (const char* name : {"mae", "rmse", "mape", "r2", "pinball"}) {
                QVERIFY2(close(values.at(name).value.value, c[QLatin1String(name)].toDouble(), 1e-9), name);
                QVERIFY2(inside(values.at(name).value), name);
            }
            const auto interval = numbers(c[u"mae_interval"]);
            QVERIFY(close(values.at("mae").value.low, interval[0], 1e-9));
            QVERIFY(close(values.at("mae").value.high, interval[1], 1e-9));
        }
    }

    void clustersWidenAnInterval() {
        const QJsonObject c = fixture("metrics")[QLatin1String("clusters")].toObject();
        const auto x = numbers(c[QLatin1String("x")]);
        const auto ids = numbers<std::uint32_t>(c[QLatin1String("clusters")]);
        const Interval i = meanInterval({x, {}, ids}), naive = meanInterval({x, {}, {}});
        QVERIFY(close(ratioOf({x, {}, ids}).standardError, c[QLatin1String("error")].toDouble(), 1e-9));
        QVERIFY(close(i.low, c[QLatin1String("low")].toDouble(), 1e-9));
        QVERIFY(close(i.high, c[QLatin1String("high")].toDouble(), 1e-9));
        QVERIFY(naive.high - naive.low < 0.7 * (i.high - i.low));
        std::vector<double> shares;
        for (const double v : x)
            shares.push_back(v > 0 ? 1 : 0);
        const Interval share = shareInterval({shares, {}, ids}), rows = shareInterval({shares, {}, {}});
        QVERIFY(rows.high - rows.low < share.high - share.low);
        // All right in three clusters of a hundred rows: what three rows would say, not three hundred.
        const std::vector<double> ones(300, 1.0);
        QVERIFY(shareInterval({ones, {}, blocks(300, 100)}).low < 0.5);
        QVERIFY(shareInterval({ones, {}, {}}).low > 0.98);
        QVERIFY(std::isnan(shareInterval({ones, {}, blocks(300, 300)}).low));
    }

    // DeLong's form against a bootstrap in NumPy of 6,000 resamples, which skews a little: a tenth of the width.
    void theAucsIntervalAgreesWithABootstrap() {
        const QJsonObject c = reference()[QLatin1String("bootstrap")].toObject();
        const auto a = numbers(c[QLatin1String("a")]), expected = numbers(c[QLatin1String("interval")]);
        const auto outcomes = numbers<std::uint8_t>(c[QLatin1String("outcomes")]);
        const auto clusters = numbers<std::uint32_t>(c[QLatin1String("clusters")]);
        const Interval auc = aucIntervalAnalytic(a, outcomes, clusters);
        const double width = expected[1] - expected[0];
        QVERIFY(close(auc.value, c[QLatin1String("auc")].toDouble(), 1e-12));
        QVERIFY(close(auc.low, expected[0], 0.1 * width) && close(auc.high, expected[1], 0.1 * width));
        const Interval rows = aucIntervalAnalytic(a, outcomes, {});
        QVERIFY(rows.high - rows.low < 0.8 * (auc.high - auc.low));
        // Clusters of one row each are rows; only the factor n / (n - 1) of the cross term, which is 0, could differ.
        QVERIFY(close(aucStandardError(a, outcomes, blocks(a.size(), 1)), aucStandardError(a, outcomes, {}), 1e-12));
        // DeLong by hand: placements 1, 1/2 of the positives, 1, 1/2 of the negatives around 3/4; 1/16 + 1/16.
        const std::vector<double> scores{0.1, 0.6, 0.5, 0.9};
        const std::vector<std::uint8_t> four{0, 0, 1, 1};
        QVERIFY(close(aucStandardError(scores, four, {}), std::sqrt(0.125), 1e-12));
        // All apart: no spread of its own, yet no certainty from two of each.
        const Interval apart = aucIntervalAnalytic(std::vector<double>{0.1, 0.2, 0.8, 0.9}, four, {});
        QVERIFY(apart.value == 1 && apart.high == 1 && apart.low < 0.5);
        QVERIFY(std::isnan(aucIntervalAnalytic(scores, std::vector<std::uint8_t>{0, 0, 0, 1}, {}).low));
        QVERIFY(std::isnan(aucIntervalAnalytic(scores, four, std::vector<std::uint32_t>{1, 2}).value));
        QVERIFY(std::isnan(aucIntervalAnalytic(scores, four, std::vector<std::uint32_t>{1, 1, 1, 1}).low));
        QVERIFY(std::isnan(aucStandardError({}, {}, {})));
        const std::vector<double> gap{0.1, kNaN, 0.5, 0.9};
        QVERIFY(std::isnan(aucIntervalAnalytic(gap, four, {}).value));
        QVERIFY(std::isnan(aucIntervalAnalytic(scores, std::vector<std::uint8_t>{1, 1, 1, 1}, {}).value));
    }

    void withoutResamplesOnlyTheirIntervalsAreMissing() {
        Random random(5);
        std::vector<double> scores, outcomes, actual;
        std::vector<std::uint32_t> classes;
        for (std::size_t i = 0; i < 200; ++i) {
            scores.push_back(random.uniform());
            outcomes.push_back(random.uniform() < scores.back() ? 1 : 0);
            actual.push_back(scores.back() + random.normal());
            classes.push_back(static_cast<std::uint32_t>(random.below(3)));
        }
        const MetricOptions none{0.5, 0, 1};
        for (const MetricValue& v : measureBinary(*labelledRows(scores, outcomes, {}), none)) {
            const bool resampled = v.name == "average_precision" || v.name == "ece";
            QVERIFY(std::isfinite(v.value.value) && std::isnan(v.value.low) == resampled);
        }
        for (const MetricValue& v : measureRegression(*labelledRegression(scores, actual, {}), 0.5, none))
            QVERIFY(std::isfinite(v.value.value) && std::isnan(v.value.low) == (v.name == "r2"));
        const auto measured = measureMulticlass(classes, classes, 3, {}, none);
        QVERIFY(measured);
        for (const MetricValue& v : *measured)
            QVERIFY(v.value.value == 1 && std::isnan(v.value.low) == (v.name != "accuracy"));
    }

    // 95 % intervals hold what they should about 95 times in a hundred, F1's by its detour too.
    void intervalsCoverTheTruth() {
        Random random(11);
        int f1Held = 0, accuracyHeld = 0;
        constexpr int kTrials = 400;
        for (int t = 0; t < kTrials; ++t) {
            std::vector<double> scores, outcomes;
            for (int i = 0; i < 150; ++i) {
                scores.push_back(random.uniform());
                outcomes.push_back(random.uniform() < scores.back() ? 1 : 0);
            }
            MetricOptions options;
            options.resamples = 100;
            const auto values = byName(measureBinary(*labelledRows(scores, outcomes, {}), options));
            // Of uniform calibrated scores at 0.5: accuracy, precision and recall are all 0.75.
            accuracyHeld += values.at("accuracy").value.low <= 0.75 && values.at("accuracy").value.high >= 0.75;
            f1Held += values.at("f1").value.low <= 0.75 && values.at("f1").value.high >= 0.75;
        }
        QVERIFY2(accuracyHeld > 0.92 * kTrials && accuracyHeld < 0.985 * kTrials,
                 qPrintable(QString::number(accuracyHeld)));
        QVERIFY2(f1Held > 0.92 * kTrials && f1Held < 0.985 * kTrials, qPrintable(QString::number(f1Held)));
    }

    void maturityTravelsWithTheMetric() {
        const auto rows = labelledRows(std::vector<double>{0.2, 0.9, 7}, std::vector<double>{0, 1, kNaN}, {});
        QVERIFY(rows);  // a row without an outcome is not looked at
        for (const MetricValue& v : measureBinary(*rows, {}))
            QVERIFY(close(v.maturity(), 2.0 / 3, 1e-12) && v.labelled == 2);
        const std::vector<std::uint32_t> truth{0, 1, kNoClass, 1}, predicted{0, 1, 9, 0};
        const auto measured = measureMulticlass(truth, predicted, 2, {}, {});
        QVERIFY(measured);
        for (const MetricValue& v : *measured)
            QVERIFY(v.rows == 4 && v.labelled == 3);
    }

    void whatCannotBeMeasuredHasAReason() {
        const std::vector<double> none, missing{kNaN, kNaN}, scores{0.1, 0.9}, wrong{0.1, 1.2}, two{0, 2}, ok{0, 1};
        QVERIFY(!labelledRows(none, none, {}) && !labelledRows(scores, missing, {}) && !labelledRows(wrong, ok, {}));
        QVERIFY(!labelledRows(scores, two, {}) && !labelledRows(scores, std::vector<double>{1}, {}));
        QVERIFY(!labelledRows(missing, ok, {}) && !labelledRows(scores, ok, std::vector<std::uint32_t>{1}));
        QVERIFY(!labelledRegression(none, none, {}) && !labelledRegression(scores, missing, {}));
        QVERIFY(!labelledRegression(scores, std::vector<double>{0, kInfinity}, {}));
        QVERIFY(!labelledRegression(std::vector<double>{kNaN, 1}, ok, {}));
        // One class, nothing called: not a number, never a zero.
        const auto values = byName(measureBinary(*labelledRows(scores, std::vector<double>{0, 0}, {}), {0.95, 100, 1}));
        for (const char* name : {"precision", "recall", "f1", "roc_auc", "average_precision"})
            QVERIFY2(std::isnan(values.at(name).value.value) && values.at(name).interval.empty(), name);
        const auto one = byName(measureBinary(*labelledRows(std::vector<double>{0.5}, std::vector<double>{1}, {}), {}));
        QVERIFY(std::isnan(one.at("brier").value.low) && std::isfinite(one.at("brier").value.value));
        const auto constant =
            byName(measureRegression(*labelledRegression(scores, std::vector<double>{0, 0}, {}), 2, {}));
        for (const char* name : {"mape", "r2", "pinball"})
            QVERIFY2(std::isnan(constant.at(name).value.value), name);
        const std::vector<std::uint32_t> a{0, 1}, b{0, 2}, unknown{kNoClass, kNoClass};
        QVERIFY(!classMatrix(a, b, 2) && !classMatrix(unknown, a, 2) && !classMatrix(a, a, 1) &&
                !classMatrix(a, {}, 2));
        QVERIFY(!classMatrix(a, a, 1'000'000) && !measureMulticlass(a, a, 2, std::vector<std::uint32_t>{1}, {}));
        const std::vector<double> p{0.5, 0.5, 0.2, 0.8}, off{0.5, 0.6, 0.2, 0.8}, negative{-0.5, 1.5, 0.2, 0.8};
        QVERIFY(multiclassLogLoss(p, a, 2) && !multiclassLogLoss(off, a, 2) && !multiclassLogLoss(negative, a, 2));
        QVERIFY(!multiclassLogLoss(p, b, 2) && !multiclassLogLoss(p, unknown, 2) && !multiclassLogLoss(p, a, 3));
        QVERIFY(!oneVsRestAuc(p, std::vector<std::uint32_t>{1, 1}, 2, Average::Macro));
        const std::vector<std::uint8_t> outcome{0, 1};
        QVERIFY(std::isnan(calibrationError(wrong, outcome, 10, CalibrationBins::EqualWidth)));
        QVERIFY(std::isnan(calibrationError(scores, outcome, 0, CalibrationBins::EqualMass)));
        QVERIFY(std::isnan(meanInterval({none, {}, {}}).value));
        QVERIFY(std::isnan(ratioOf({scores, std::vector<double>{0, 0}, {}}).value));
    }
};

QTEST_GUILESS_MAIN(TestMetrics)
#include "tst_metrics.moc"
