// SPDX-License-Identifier: GPL-3.0-or-later
// Performance without outcomes, against NannyML on its own data (make_estimates.py).
#include <limits>
#include <map>

#include "models/statistics/calibration.h"
#include "models/statistics/cbpe.h"
#include "models/statistics/loss_estimate.h"
#include "models/statistics/multiclass.h"
#include "tests/statistics/support.h"

using namespace pilothouse::statistics;
using namespace pilothouse::test;

namespace {

/// What NannyML says of a metric: value and sampling error.
struct Said {
    double value, error;
};
Said said(const QJsonObject& estimates, const char* name) {
    const auto pair = numbers(estimates[QLatin1String(name)]);
    if (pair.size() != 2) qFatal("no %s", name);
    return {pair[0], pair[1]};
}

template <class T>
std::vector<T> part(const std::vector<T>& all, std::size_t from, std::size_t count) {
    return {all.begin() + static_cast<std::ptrdiff_t>(from), all.begin() + static_cast<std::ptrdiff_t>(from + count)};
}

}  // namespace

class TestEstimates : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isotonicAgreesWithScikitLearn() {
        const QJsonObject c = fixture("estimates")[QLatin1String("isotonic")].toObject();
        const auto map =
            Isotonic::fit(numbers(c[QLatin1String("scores")]), numbers<std::uint8_t>(c[QLatin1String("outcomes")]));
        QVERIFY(map);
        const auto at = numbers(c[QLatin1String("at")]), values = numbers(c[QLatin1String("values")]);
        for (std::size_t i = 0; i < at.size(); ++i)
            QVERIFY(close((*map)(at[i]), values[i], 1e-12));
    }

    void binaryAgreesWithNannyml() {
        for (const QJsonValue& c : cases("estimates", "binary")) {
            const auto scores = numbers(c[u"scores"]), current = numbers(c[u"current_scores"]);
            const auto called = numbers<std::uint8_t>(c[u"called"]), outcomes = numbers<std::uint8_t>(c[u"outcomes"]),
                       currentCalled = numbers<std::uint8_t>(c[u"current_called"]);
            const auto cbpe = Cbpe::fit(scores, called, outcomes);
            QVERIFY(cbpe);
            QCOMPARE(cbpe->calibrated(), c[u"needs_calibration"].toBool());
            const auto chunk = static_cast<std::size_t>(c[u"chunk"].toInt());
            const QJsonArray expected = c[u"estimates"].toArray();
            QCOMPARE(static_cast<std::size_t>(expected.size()) * chunk, current.size());
            for (qsizetype k = 0; k < expected.size(); ++k) {
                const QJsonObject e = expected[k].toObject();
                const auto x = part(current, static_cast<std::size_t>(k) * chunk, chunk);
                const auto result = cbpe->estimate(x, part(currentCalled, static_cast<std::size_t>(k) * chunk, chunk));
                QVERIFY(result);
                for (const char* name : {"accuracy", "precision", "recall", "specificity", "f1", "true_positive",
                                         "false_positive", "true_negative", "false_negative"}) {
                    QVERIFY2(close(result->find(name)->value, said(e, name).value, 1e-9), name);
                    QVERIFY2(relative(result->find(name)->samplingError, said(e, name).error, 1e-9), name);
                }
                // NannyML rounds running sums to five digits before it takes their ratio.
                QVERIFY(close(result->find("roc_auc")->value, said(e, "roc_auc").value, 1e-7));
                std::vector<double> p;
                for (const double s : x)
                    p.push_back(cbpe->probability(s));
                QVERIFY(close(expectedAveragePrecision(x, p, Ties::Apart), said(e, "average_precision").value, 1e-7));
                // Equal scores together, as in what is realised later; the same where no two are equal.
                QVERIFY(close(result->find("average_precision")->value, said(e, "average_precision").value, 0.01));
                // NannyML breaks ties as its sort leaves them; here they count half, which is a little narrower.
                QVERIFY(relative(result->find("roc_auc")->samplingError, said(e, "roc_auc").error, 0.03));
                // Both from 50 resamples: each is known to a tenth.
                QVERIFY(relative(result->find("average_precision")->samplingError, said(e, "average_precision").error,
                                 0.45));
            }
        }
    }

    void multiclassAgreesWithNannyml() {
        const QJsonObject c = fixture("estimates")[QLatin1String("multiclass")].toObject();
        const auto list = [&](const char* name) { return c[QLatin1String(name)]; };
        const auto classes = static_cast<std::size_t>(list("classes").toInt());
        for (const auto& [name, calibrate] :
             std::map<const char*, Calibrate>{{"always", Calibrate::Always}, {"never", Calibrate::Never}}) {
            const auto cbpe =
                CbpeMulticlass::fit(numbers(list("probabilities")), numbers<std::uint32_t>(list("predicted")),
                                    numbers<std::uint32_t>(list("truth")), classes, {calibrate, 1});
            QVERIFY(cbpe);
            const auto result = cbpe->estimate(numbers(list("current_probabilities")),
                                               numbers<std::uint32_t>(list("current_predicted")));
            QVERIFY(result);
            QCOMPARE(result->calibrated, calibrate == Calibrate::Always);
            const QJsonObject e = list(name).toObject();
            for (const auto& [ours, theirs] : std::map<const char*, const char*>{{"accuracy", "accuracy"},
                                                                                 {"precision_macro", "precision"},
                                                                                 {"recall_macro", "recall"},
                                                                                 {"specificity_macro", "specificity"},
                                                                                 {"f1_macro", "f1"}}) {
                QVERIFY2(close(result->find(ours)->value, said(e, theirs).value, 1e-9), ours);
                QVERIFY2(relative(result->find(ours)->samplingError, said(e, theirs).error, 1e-9), ours);
            }
            // Ties: a row's calibrated probability depends on its other classes too, so equal scores are not alike;
            // NannyML takes them in the order that its sort leaves.
            QVERIFY(close(result->find("roc_auc_macro")->value, said(e, "roc_auc").value, 1e-3));
            QVERIFY(relative(result->find("roc_auc_macro")->samplingError, said(e, "roc_auc").error, 0.05));
        }
    }

    void lossesAgreeWithNannyml() {
        const QJsonObject c = fixture("estimates")[QLatin1String("regression")].toObject();
        const auto predicted = numbers(c[QLatin1String("predicted")]), actual = numbers(c[QLatin1String("actual")]);
        const QJsonObject e = c[QLatin1String("estimates")].toObject(), losses = c[QLatin1String("losses")].toObject();
        const std::map<const char*, RegressionLoss> kinds{
            {"mae", RegressionLoss::AbsoluteError},    {"mape", RegressionLoss::AbsolutePercentageError},
            {"mse", RegressionLoss::SquaredError},     {"rmse", RegressionLoss::SquaredError},
            {"msle", RegressionLoss::SquaredLogError}, {"rmsle", RegressionLoss::SquaredLogError}};
        for (const auto& [name, kind] : kinds) {
            std::size_t trainedOn = 0;
            const auto estimator =
                LossEstimator::fit(kind, predicted, actual, [&](std::span<const double> x) -> pilothouse::Status {
                    trainedOn = x.size();
                    return {};
                });
            QVERIFY(estimator && trainedOn == actual.size());
            const PredictLosses predict = [&, name = name]() -> pilothouse::Result<std::vector<double>> {
                return numbers(losses[QLatin1String(name)]);
            };
            const bool root = name[0] == 'r';
            const auto estimate = root ? estimator->estimateRoot(predict) : estimator->estimate(predict);
            QVERIFY(estimate);
            QCOMPARE(estimate->name, std::string(name));
            QVERIFY2(relative(estimate->value, said(e, name).value, 1e-9), name);
            QVERIFY2(relative(estimate->samplingError, said(e, name).error, 1e-9), name);
        }
    }

    // What makes the estimate right: on calibrated scores it meets what the outcomes say later, within its error.
    void anEstimateMeetsWhatIsRealised() {
        Random random(7);
        std::vector<double> scores;
        std::vector<std::uint8_t> called, outcomes;
        const auto draw = [&](std::size_t n, double lift) {
            scores.clear();
            called.clear();
            outcomes.clear();
            for (std::size_t i = 0; i < n; ++i) {
                const double u = random.uniform();
                scores.push_back(lift * u + (1 - lift) * u * u);
                called.push_back(scores.back() >= 0.5);
                outcomes.push_back(random.uniform() < scores.back());
            }
        };
        draw(20'000, 0.2);
        const auto cbpe = Cbpe::fit(scores, called, outcomes);
        QVERIFY(cbpe);
        draw(20'000, 0.9);  // the inputs move, the meaning of a score does not
        const auto e = cbpe->estimate(scores, called);
        QVERIFY(e);
        const double auc = rocAuc(scores, outcomes), error = e->find("roc_auc")->samplingError;
        QVERIFY(std::abs(e->find("roc_auc")->value - auc) < 4 * error);
        QVERIFY(e->find("roc_auc")->low < auc && e->outsideReference < 0.01);
        QVERIFY(std::abs(e->find("average_precision")->value - averagePrecision(scores, outcomes)) < 0.02);
    }

    void whatCannotBeEstimatedHasAReason() {
        const std::vector<double> none, missing{kNaN, kNaN}, two{0.2, 0.8}, wrong{0.2, 1.8};
        const std::vector<std::uint8_t> called{0, 1}, ones{1, 1}, one{1}, noRows;
        QVERIFY(!Isotonic::fit(none, noRows) && !Isotonic::fit(two, one) && !Isotonic::fit(missing, called));
        QVERIFY(!Cbpe::fit(none, noRows, noRows) && !Cbpe::fit(two, one, called) && !Cbpe::fit(wrong, called, called));
        QVERIFY(!Cbpe::fit(missing, called, called));
        const auto cbpe = Cbpe::fit(two, called, ones);  // one class only: nothing to calibrate, no AUC's error
        QVERIFY(cbpe && !cbpe->calibrated());
        QVERIFY(!cbpe->estimate(none, noRows) && !cbpe->estimate(missing, called) && !cbpe->estimate(wrong, called));
        QVERIFY(!cbpe->estimate(two, one));
        const auto e = cbpe->estimate(std::vector<double>{0.1, kNaN}, std::vector<std::uint8_t>{0, 0});
        QVERIFY(e && e->missing == 1 && e->rows == 2 && e->outsideReference == 1);
        QVERIFY(std::isnan(e->find("precision")->value) && std::isnan(e->find("roc_auc")->samplingError));
        QVERIFY(e->find("nothing") == nullptr);
        const std::vector<double> p{0.3, 0.7, 0.6, 0.4}, off{0.3, 1.7, 0.6, 0.4};
        const std::vector<std::uint32_t> codes{1, 0}, unknown{1, 2};
        QVERIFY(!CbpeMulticlass::fit(p, codes, codes, 1) && !CbpeMulticlass::fit(p, codes, unknown, 2));
        QVERIFY(!CbpeMulticlass::fit(p, unknown, codes, 2) && !CbpeMulticlass::fit(off, codes, codes, 2));
        QVERIFY(!CbpeMulticlass::fit(p, codes, std::vector<std::uint32_t>{1}, 2) &&
                !CbpeMulticlass::fit({}, {}, {}, 2));
        const auto multi = CbpeMulticlass::fit(p, codes, codes, 2);
        QVERIFY(multi && !multi->estimate(off, codes) && !multi->estimate(p, unknown));
        QVERIFY(!multi->estimate(std::vector<double>{kNaN, 0.5, 0.5, kNaN}, codes));
        QVERIFY(!lossesOf(RegressionLoss::SquaredLogError, two, std::vector<double>{-3, 1}));
        QVERIFY(!lossesOf(RegressionLoss::AbsoluteError, two, none) &&
                !lossesOf(RegressionLoss::AbsoluteError, {}, {}));
        QVERIFY(!lossesOf(RegressionLoss::AbsoluteError, missing, two));
        const auto fine = [](std::span<const double>) -> pilothouse::Status { return {}; };
        const auto loss = LossEstimator::fit(RegressionLoss::AbsoluteError, two, wrong, fine);
        QVERIFY(loss && !loss->estimateRoot([] { return std::vector<double>{1}; }));
        QVERIFY(!loss->estimate([] { return std::vector<double>{}; }));
        QVERIFY(!loss->estimate([] { return std::vector<double>{kNaN}; }));
        QVERIFY(!loss->estimate([]() -> pilothouse::Result<std::vector<double>> {
            return pilothouse::fail(pilothouse::Error::invalid("no model"));
        }));
        QVERIFY(!LossEstimator::fit(RegressionLoss::AbsoluteError, two, wrong, [](std::span<const double>) {
            return pilothouse::Status(pilothouse::fail(pilothouse::Error::invalid("no model")));
        }));
    }
};

QTEST_GUILESS_MAIN(TestEstimates)
#include "tst_estimates.moc"
