// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QTest>
#include <random>

#include "models/items/drift_comparison.h"
#include "models/predictions/embedded_prediction_log.h"
#include "tests/predictions/support.h"
#include "widgets/drift/drift_chart.h"
#include "widgets/drift/drift_details.h"
#include "widgets/drift/drift_heat_map.h"
#include "widgets/drift/drift_view.h"
#include "widgets/predictions/predictions_view.h"

using namespace pilothouse;
using namespace pilothouse::drift;
using namespace std::chrono_literals;

namespace {

/// Weeks judged on real rows against the profile of the first one.
class JudgedWeeks final : public monitoring::MonitorReader {
public:
    explicit JudgedWeeks(std::shared_ptr<workspace::Workspace> workspace) : MonitorReader(std::move(workspace)) {}
    [[nodiscard]] QFuture<Result<std::vector<ports::Evaluation>>> evaluations(monitoring::EvaluationsRequest request,
                                                                              CancellationToken) const override {
        std::vector<ports::Evaluation> out;
        for (const ports::Evaluation& e : weeks)
            if (e.window.overlaps(request.range)) out.push_back(e);
        return QtFuture::makeReadyFuture(Result<std::vector<ports::Evaluation>>(std::move(out)));
    }
    [[nodiscard]] QFuture<Result<statistics::Profile>> profile(std::string, std::string,
                                                               CancellationToken) const override {
        return QtFuture::makeReadyFuture(Result<statistics::Profile>(reference));
    }
    std::vector<ports::Evaluation> weeks;
    statistics::Profile reference;
};

}  // namespace

/// What a bar counts is what the predictions view shows of it, through the real widgets over a real log.
class TestDriftRows : public QObject {
    Q_OBJECT

    test::Store m_store;
    QTemporaryDir m_settings;
    Timestamp m_start = *Timestamp::parseIso("2013-01-07T00:00:00Z");
    std::shared_ptr<JudgedWeeks> m_monitors;
    std::unique_ptr<items::Session> m_session;
    std::vector<std::unique_ptr<QObject>> m_shown;

    TimeRange week(int n) const { return {m_start + n * 168h, m_start + (n + 1) * 168h}; }
    items::DriftComparison against(int reference, int current) const {
        items::DriftComparison c;
        c.model = "delay";
        c.reference = {"the first week", *predictions::parseQuery("model:delay"), week(reference)};
        c.current = {"a week", c.reference.query, week(current)};
        return c;
    }
    void fill() {
        std::mt19937 random(3);
        std::uniform_real_distribution<double> uniform;
        std::vector<test::Row> rows;
        for (int i = 0; i < 4 * 1'200; ++i) {
            const int w = i / 1'200;
            const double u = uniform(random);
            // Thirty values of which the last come in the third week only; a name and values that need quotes.
            const int category =
                static_cast<int>(uniform(random) * uniform(random) * 30) + (w >= 2 && u < 0.1 ? 10 : 0);
            rows.push_back(test::row("r" + std::to_string(i), m_start + i * (Duration(168h) / 1'200),
                                     {{"version", std::string(w < 2 ? "v1" : "v2")},
                                      {"score", u},
                                      {"how far", std::floor(1'000 * uniform(random)) / 10 + (w == 3 ? 30 : 0)},
                                      {"gate no", "gate \"" + std::to_string(category) + "\" (A)"}}));
            if (i % 17 == 0) rows.back().erase("how far");
        }
        for (int i = 0; i < 500; ++i) {  // another model in the same time
            test::Row other = test::row("o" + std::to_string(i), m_start + i * 1h, {{"how far", 5.0}});
            other["model"] = std::string("price");
            rows.push_back(other);
        }
        auto transaction = *workspace::Transaction::begin(m_store.database());
        QVERIFY(predictions::append(m_store.database(), test::rowSet(rows)));
        QVERIFY(transaction.commit());
    }
    DriftDetails* open(DriftView& view, int column, const QString& feature) {
        view.resize(1000, 700);
        view.show();
        [&] { QTRY_VERIFY(view.settled()); }();
        auto* details = qobject_cast<DriftDetails*>(view.details());
        details->resize(420, 900);
        details->show();
        auto* heat = view.findChild<DriftHeatMap*>(u"driftHeatMap"_qs);
        for (int row = 0; row < 5; ++row) {
            QTest::mouseClick(heat, Qt::LeftButton, {}, heat->cellRect(row, column).center());
            [&] { QTRY_VERIFY(view.settled()); }();
            if (details->column() && details->column()->picture.feature == feature) return details;
        }
        return nullptr;
    }
    /// What the predictions view says of the lens: how many rows match.
    QString rowsShown() {
        predictions_view::PredictionsView view(*m_session);
        view.resize(1000, 600);
        view.show();
        [&] { QTRY_VERIFY_WITH_TIMEOUT(view.settled(), 10'000); }();
        QString text = view.findChild<QLabel*>(u"querySummary"_qs)->text();
        return text.remove(QRegularExpression(u"<[^>]*>"_qs));
    }
    void checkEveryBar(const QString& feature, int column) {
        items::LensState before;
        before.model = "delay";
        before.version = "v1";  // would leave most of the bar's rows out
        before.filters = {"score>0.99"};
        before.range.fixed = week(column + 1);
        m_session->lens().set(before);
        DriftView view(*m_session);
        DriftDetails* details = open(view, column, feature);
        QVERIFY(details);
        auto* chart = details->findChild<DriftChart*>(u"driftLargeChart"_qs);
        QVERIFY(chart->histogram());
        double sum = 0;
        const auto bins = chart->histogram()->bins;
        QVERIFY(bins.size() > 5);
        for (std::size_t b = 0; b < bins.size(); ++b) {
            sum += bins[b].currentCount;
            if (bins[b].currentCount == 0) continue;
            m_session->lens().set(before);
            QTRY_VERIFY(view.settled());
            chart->setSelectedBin(static_cast<int>(b));
            Q_EMIT chart->binClicked(static_cast<int>(b));
            QTest::mouseClick(details->findChild<QPushButton*>(u"showRows"_qs), Qt::LeftButton);
            QVERIFY(m_session->lens().state().version.empty());
            QVERIFY(std::ranges::find(m_session->lens().state().aside, "score>0.99") !=
                    m_session->lens().state().aside.end());
            const QString shown = rowsShown();
            const QString expected = QLocale(QLocale::English).toString(static_cast<int>(bins[b].currentCount));
            QVERIFY2(shown.startsWith(expected + u' '),
                     qPrintable(bins[b].label + u": "_qs + expected + u" against "_qs + shown));
        }
        const double missing = details->column()->picture.finding.missingShare * 1'200;
        QCOMPARE(std::round(sum + missing), 1'200.0);
        // Rows without a value are a link of their own.
        if (missing > 0) {
            Q_EMIT details->findChild<QLabel*>(u"driftOtherRows"_qs)->linkActivated(u"missing:\"how far\""_qs);
            QVERIFY(
                details->findChild<QLabel*>(u"driftOtherRows"_qs)->text().contains(u"missing:&quot;how far&quot;"_qs));
            const QString shown = rowsShown();
            QVERIFY2(shown.startsWith(QString::number(std::lround(missing)) + u' '), qPrintable(shown));
        }
    }

private Q_SLOTS:
    void initTestCase() {
        QCoreApplication::setOrganizationName(QStringLiteral("pilothouse-test"));
        QCoreApplication::setApplicationName(QStringLiteral("drift"));
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
        m_store.workspace()->setSimulatedNow(m_start + 30 * 24h);
        fill();
        m_monitors = std::make_shared<JudgedWeeks>(m_store.workspace());
        for (int w = 1; w < 4; ++w) {
            auto judged = items::compareRows(m_store.database(), m_store.workspace()->zone(), against(0, w), {});
            QVERIFY2(judged, judged ? "" : judged.error().text().c_str());
            m_monitors->reference = judged->profile;
            judged->evaluation.id = w;
            judged->evaluation.kind = "drift";
            judged->evaluation.version = "v1";
            m_monitors->weeks.push_back(judged->evaluation);
        }
        items::Session::Ports ports;
        ports.monitors = m_monitors;
        ports.predictions = std::make_shared<predictions::EmbeddedPredictionLog>(m_store.workspace());
        m_session = std::make_unique<items::Session>(m_store.workspace(), ports);
    }
    void init() { QTest::failOnWarning(QRegularExpression(u"^(?!This plugin does not support)"_qs)); }
    void cleanupTestCase() { m_session.reset(); }

    void numericBars() { checkEveryBar(u"how far"_qs, 2); }
    void categoriesAndTheRestOfThem() { checkEveryBar(u"gate no"_qs, 1); }

    void comparisonsAgreeWithWhatWasPlanted() {
        const auto drifted = items::compareRows(m_store.database(), m_store.workspace()->zone(), against(1, 3), {});
        const auto same = items::compareRows(m_store.database(), m_store.workspace()->zone(), against(0, 1), {});
        QVERIFY(drifted && same);
        const auto find = [](const items::DriftWindow& w, const std::string& feature) {
            for (const auto& f : w.evaluation.findings)
                if (f.feature == feature && f.check == "drift") return f.verdict;
            return statistics::Verdict{};
        };
        const auto moved = find(*drifted, "how far");
        QCOMPARE(moved.state, statistics::State::Drift);
        QVERIFY(moved.effect > 0.9 && moved.effect < 1.2);  // 30 of a spread of 100 / √12
        QVERIFY(moved.effectLow < moved.effect && moved.effect < moved.effectHigh);
        QCOMPARE(moved.method, std::string("wasserstein_sigma"));
        QVERIFY(find(*same, "how far").state != statistics::State::Drift);
        QVERIFY(!items::compareRows(m_store.database(), m_store.workspace()->zone(), against(1, 9), {}));
    }

    void anyTwoWindowsAreComparedByOneClick() {
        items::LensState lens;
        lens.model = "delay";
        m_session->lens().set(lens);
        DriftView view(*m_session);
        DriftDetails* details = open(view, 2, u"how far"_qs);
        QVERIFY(details);
        auto* heat = view.findChild<DriftHeatMap*>(u"driftHeatMap"_qs);
        auto* against = view.findChild<QComboBox*>(u"driftAgainst"_qs);
        QCOMPARE(against->count(), 2);
        QTest::mouseClick(heat, Qt::LeftButton, Qt::ShiftModifier, heat->cellRect(0, 1).center());
        QTRY_VERIFY(view.settled());
        QCOMPARE(against->count(), 3);
        const QString title = view.findChild<QLabel*>(u"driftSummaryTitle"_qs)->text();
        QVERIFY2(title.contains(u"against Week of 21 Jan"_qs), qPrintable(title));
        const auto expected =
            items::compareRows(m_store.database(), m_store.workspace()->zone(), this->against(2, 3), {});
        QVERIFY(expected);
        for (const auto& f : expected->evaluation.findings)
            if (f.feature == "how far" && f.check == "drift") {
                QCOMPARE(details->column()->picture.finding.verdict.effect, f.verdict.effect);
                QCOMPARE(details->column()->picture.finding.verdict.effectLow, f.verdict.effectLow);
                QCOMPARE(details->column()->picture.finding.verdict.nReference, f.verdict.nReference);
            }
        QVERIFY(details->column()->against.contains(u"21 Jan"_qs));
        // Back to the monitor's verdict.
        against->setCurrentIndex(0);
        Q_EMIT against->activated(0);
        QTRY_VERIFY(view.settled());
        QCOMPARE(details->column()->version, u"v1"_qs);
    }

    void aSegmentIsComparedWithTheRestAndAVersionWithAnother() {
        items::LensState lens;
        lens.model = "delay";
        lens.filters = {"score>0.5"};
        lens.version = "v2";
        lens.compareWith = "v1";
        lens.range.fixed = TimeRange{m_start, m_start + 28 * 24h};
        m_session->lens().set(lens);
        DriftView view(*m_session);
        DriftDetails* details = open(view, 2, u"how far"_qs);
        QVERIFY(details);
        auto* against = view.findChild<QComboBox*>(u"driftAgainst"_qs);
        QCOMPARE(against->count(), 4);
        for (const auto& [words, rows, reference] :
             {std::tuple{u"filters"_qs, 0, 0}, std::tuple{u"v2 against v1"_qs, 2'400, 2'400}}) {
            const int index = against->findText(words, Qt::MatchContains);
            QVERIFY(index > 0);
            against->setCurrentIndex(index);
            Q_EMIT against->activated(index);
            QTRY_VERIFY(view.settled());
            const auto& verdict = details->column()->picture.finding.verdict;
            const auto missing = [](std::uint64_t n) { return n - n / 17; };
            if (rows > 0) {
                QVERIFY(std::llabs(static_cast<long long>(verdict.nCurrent) -
                                   static_cast<long long>(missing(static_cast<std::uint64_t>(rows)))) <= 2);
            } else {
                QVERIFY(verdict.nCurrent + verdict.nReference >= 1'128 &&
                        verdict.nCurrent + verdict.nReference <= 1'130);
            }
        }
    }

    void theModeOfTheHistogramIsRemembered() {
        {
            DriftDetails details;
            details.findChild<QAbstractButton*>(u"modeCumulative"_qs)->click();
        }
        DriftDetails again;
        QCOMPARE(again.findChild<DriftChart*>(u"driftLargeChart"_qs)->mode(), DriftChart::Mode::Cumulative);
    }
};

QTEST_MAIN(TestDriftRows)
#include "tst_drift_rows.moc"
