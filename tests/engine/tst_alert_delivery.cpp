// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/alert_delivery.h"

#include <QRegularExpression>

#include "models/monitoring/evaluator.h"
#include "models/monitoring/suppression.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::engine;
using namespace std::chrono_literals;
using statistics::State;

namespace {

/// Keeps what was sent, and answers when told to.
class FakeReceiver final : public ports::AlertReceiver {
public:
    struct Request {
        std::vector<ports::OutgoingAlert> alerts;
        QPromise<Result<ports::ReceiverAnswer>> promise;
    };
    std::vector<std::unique_ptr<Request>> requests;

    [[nodiscard]] std::string name() const override { return "fake"; }
    QFuture<Result<ports::ReceiverAnswer>> send(std::vector<ports::OutgoingAlert> alerts, CancellationToken) override {
        requests.push_back(std::make_unique<Request>());
        requests.back()->alerts = std::move(alerts);
        requests.back()->promise.start();
        return requests.back()->promise.future();
    }
    QFuture<Result<std::string>> check(CancellationToken) override { return {}; }

    void answer(Result<ports::ReceiverAnswer> with) {
        requests.back()->promise.addResult(std::move(with));
        requests.back()->promise.finish();
    }
    void accept() { answer(ports::ReceiverAnswer{true, "", false, {}}); }
};

}  // namespace

class TestAlertDelivery : public QObject {
    Q_OBJECT

    std::unique_ptr<test::Folder> m_folder;
    std::shared_ptr<workspace::Workspace> m_workspace;
    std::unique_ptr<workspace::Database> m_database;
    std::shared_ptr<FakeReceiver> m_receiver;
    std::unique_ptr<AlertDelivery> m_delivery;
    int m_window = 0;

    static Timestamp at(Duration after = {}) { return *Timestamp::parseIso("2026-05-01T12:00:00Z") + after; }

    std::unique_ptr<AlertDelivery> delivery(std::shared_ptr<ports::AlertReceiver> receiver) {
        DeliveryOptions options;
        options.origin = "pilothouse:///w/";
        options.batch = 3;
        options.seed = 1;
        return std::make_unique<AlertDelivery>(std::vector<AlertDelivery::Target>{{1, std::move(receiver)}}, options);
    }
    /// Judges a window of a monitor, so that its alert opens and fires, or resolves.
    void judge(const std::string& name, State state, Timestamp when) {
        monitoring::MonitorDefinition monitor;
        monitor.name = monitor.alert = name;
        monitor.model = "delay";
        monitor.persistence = monitor.of = 1;
        PH_VERIFY(
            m_database->run("INSERT OR IGNORE INTO monitor (name, kind, model, definition, created) VALUES (?, "
                            "'drift', 'delay', '', 0)",
                            name));
        monitoring::EvaluationResult r;
        r.evaluation.monitor = name;
        r.evaluation.kind = "drift";
        r.evaluation.model = "delay";
        r.evaluation.window = {at(m_window * 1s), at((m_window + 1) * 1s)};
        ++m_window;
        r.evaluation.evaluatedAt = when;
        r.evaluation.state = state;
        r.evaluation.summary = name;
        auto id = monitoring::store(*m_database, r);
        PH_VERIFY(id);
        r.evaluation.id = *id;
        PH_VERIFY(monitoring::advanceAlert(*m_database, monitor, r.evaluation, kTimestampMin));
    }
    Timestamp advance(Duration after) {
        const auto next = m_delivery->advance(*m_database, at(after));
        if (!next) qWarning("%s", next.error().text().c_str());
        return next.value_or(kTimestampMin);
    }
    /// "a+ b-": firing and resolved alerts of the last request.
    QString sent() const {
        QStringList out;
        for (const auto& a : m_receiver->requests.back()->alerts)
            out << QString::fromStdString(a.labels.at("monitor")) +
                       (a.start < a.end - 200s ? QStringLiteral("+") : QStringLiteral("-"));
        return out.join(QLatin1Char(' '));
    }
    std::size_t requests() const { return m_receiver->requests.size(); }

private Q_SLOTS:
    void init() {
        test::failOnWarnings();
        m_folder = std::make_unique<test::Folder>();
        auto made = workspace::Workspace::create(m_folder->file(), ClockKind::Logical, "UTC");
        PH_VERIFY(made);
        m_workspace = *made;
        m_database = std::move(*m_workspace->connect());
        m_receiver = std::make_shared<FakeReceiver>();
        m_delivery = delivery(m_receiver);
        m_window = 0;
    }
    void cleanup() {
        m_delivery.reset();
        m_database.reset();
        m_workspace.reset();
    }

    void theLifeOfAnAlert() {
        QVERIFY(advance(0s) == kTimestampMax);
        QCOMPARE(requests(), 0u);
        judge("a", State::Drift, at(1s));
        advance(2s);
        QCOMPARE(requests(), 1u);
        const auto& alert = m_receiver->requests.back()->alerts.at(0);
        QVERIFY(alert.start == at(1s));
        QVERIFY(alert.end == at(2s) + 4min);
        QCOMPARE(alert.generator, std::string("pilothouse:///w/a"));
        QVERIFY(m_delivery->inFlight());
        advance(3s);  // one request at a time
        QCOMPARE(requests(), 1u);
        m_receiver->accept();
        QVERIFY(advance(4s) == at(64s));  // again a minute after it was acknowledged
        QCOMPARE(requests(), 1u);
        advance(64s);
        QCOMPARE(requests(), 2u);
        m_receiver->accept();
        advance(65s);
        judge("a", State::Ok, at(70s));
        advance(71s);
        QCOMPARE(requests(), 3u);
        QVERIFY(m_receiver->requests.back()->alerts.at(0).end == at(70s));
        m_receiver->accept();
        QVERIFY(advance(72s) == kTimestampMax);  // told to be over once, and acknowledged
        advance(1h);
        QCOMPARE(requests(), 3u);
        QCOMPARE(m_delivery->figures().front().sent, std::int64_t{3});
    }

    /// Told to be over until it is acknowledged, also by another process after this one is gone.
    void nothingIsLostWithTheProcess() {
        judge("a", State::Drift, at(1s));
        advance(2s);
        QCOMPARE(requests(), 1u);
        m_delivery.reset();  // nobody knows whether it arrived
        judge("a", State::Ok, at(10s));
        judge("b", State::Drift, at(11s));
        m_delivery = delivery(m_receiver);
        advance(12s);
        QCOMPARE(sent(), QStringLiteral("a- b+"));
        m_receiver->answer(fail(ErrorKind::Unavailable, "connection reset"));
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("connection reset")));
        const Timestamp retry = advance(13s);
        QVERIFY(retry > at(13s) && retry <= at(14s));
        m_delivery = delivery(m_receiver);
        advance(20s);
        QCOMPARE(sent(), QStringLiteral("a- b+"));
        m_receiver->accept();
        advance(21s);
        m_delivery = delivery(m_receiver);
        QVERIFY(advance(22s) == at(81s));
        QCOMPARE(requests(), 3u);
    }

    void whatWasNeverToldIsNotOver() {
        judge("a", State::Drift, at(1s));
        judge("a", State::Ok, at(2s));
        QVERIFY(advance(3s) == kTimestampMax);
        QCOMPARE(requests(), 0u);
    }

    /// An earlier spell has the fingerprint of the later one: its end must not arrive after the other's beginning.
    void spellsInOrder() {
        judge("a", State::Drift, at(1s));
        advance(2s);
        m_receiver->accept();
        advance(3s);
        judge("a", State::Ok, at(4s));
        judge("a", State::Drift, at(5s));
        advance(6s);
        QCOMPARE(sent(), QStringLiteral("a- a+"));
    }

    void waitsDoubleAndAreCut() {
        judge("a", State::Drift, at(1s));
        Duration now = 2s;
        std::vector<double> waits;
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("no answer")));
        for (int i = 0; i < 14; ++i) {
            advance(now);
            m_receiver->answer(fail(ErrorKind::Unavailable, "no answer"));
            const Timestamp next = advance(now);
            waits.push_back(static_cast<double>((next - at(now)).count()) * 1e-9);
            now = next - at();
        }
        QCOMPARE(requests(), 14u);
        for (std::size_t i = 0; i < waits.size(); ++i) {
            const double full = std::min(300.0, std::ldexp(1.0, static_cast<int>(i)));
            QVERIFY2(waits[i] >= full / 2 && waits[i] <= full, qPrintable(QString::number(waits[i])));
        }
        QCOMPARE(m_delivery->figures().front().failuresInARow, 14);
        advance(now);
        m_receiver->accept();
        advance(now);
        QCOMPARE(m_delivery->figures().front().failuresInARow, 0);
        QVERIFY(m_delivery->figures().front().problem.empty());
    }

    void theReceiverMayAskForTime() {
        judge("a", State::Drift, at(1s));
        advance(2s);
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("HTTP status 429")));
        m_receiver->answer(ports::ReceiverAnswer{false, "HTTP status 429", false, 10min});
        QVERIFY(advance(3s) == at(3s) + 10min);
        advance(4min);
        QCOMPARE(requests(), 1u);
        advance(3s + 10min);
        QCOMPARE(requests(), 2u);
    }

    /// A clock that was set back by a day does not make a second's wait a day's.
    void aClockThatGoesBack() {
        judge("a", State::Drift, at(1s));
        advance(2s);
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("gone")));
        m_receiver->answer(fail(ErrorKind::Unavailable, "gone"));
        advance(3s);
        QVERIFY(advance(-24h) <= at(-23h));
        advance(-23h);
        QCOMPARE(requests(), 2u);
    }

    void oneThatIsRefusedKeepsNoneBack() {
        for (const char* name : {"a", "b", "c"})
            judge(name, State::Drift, at(1s));
        const ports::ReceiverAnswer refusal{false, "HTTP status 400: bad", true, {}};
        advance(2s);
        QCOMPARE(sent(), QStringLiteral("a+ b+ c+"));
        m_receiver->answer(refusal);
        advance(3s);
        QCOMPARE(sent(), QStringLiteral("a+"));
        m_receiver->accept();
        advance(4s);
        QCOMPARE(sent(), QStringLiteral("b+"));
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("alert 2 is refused")));
        m_receiver->answer(refusal);
        advance(5s);
        QCOMPARE(sent(), QStringLiteral("c+"));
        m_receiver->accept();
        QVERIFY(advance(6s) == at(64s));
        QCOMPARE(m_delivery->figures().front().refused, std::int64_t{1});
        advance(64s);
        QCOMPARE(sent(), QStringLiteral("a+"));
        m_receiver->accept();
        judge("b", State::Ok, at(65s));
        advance(66s);
        QCOMPARE(sent(), QStringLiteral("b- c+"));
    }

    void manyGoInBatches() {
        for (const char* name : {"a", "b", "c", "d"})
            judge(name, State::Drift, at(1s));
        advance(2s);
        QCOMPARE(sent(), QStringLiteral("a+ b+ c+"));
        m_receiver->accept();
        advance(2s);
        QCOMPARE(sent(), QStringLiteral("d+"));
    }

    void suppressedOnesWait() {
        PH_VERIFY(monitoring::saveInhibitRules(
            *m_database, "inhibit_rules: [{source_matchers: [monitor=a], target_matchers: [monitor=b]}]", "r"));
        judge("b", State::Drift, at(1s));
        advance(2s);
        QCOMPARE(sent(), QStringLiteral("b+"));
        m_receiver->accept();
        advance(3s);
        judge("a", State::Drift, at(3s));
        judge("c", State::Drift, at(3s));
        PH_VERIFY(
            m_database->run("INSERT INTO silence (id, matchers, starts, ends, author, comment) VALUES ('s', "
                            "'{\"monitor\":\"c\"}', 0, ?, '', '')",
                            at(90s)));
        advance(4s);
        QCOMPARE(sent(), QStringLiteral("a+"));  // c is silenced and was never told
        m_receiver->accept();
        advance(5s);
        advance(70s);
        QCOMPARE(sent(), QStringLiteral("b+ a+"));  // b was told before it was inhibited, and goes on
        m_receiver->accept();
        advance(71s);
        advance(90s);
        QCOMPARE(sent(), QStringLiteral("c+"));
    }

    void aLostLeaseStopsIt() {
        judge("a", State::Drift, at(1s));
        const auto lost = [](workspace::Database&) { return Status(fail(ErrorKind::Conflict, "the lease was lost")); };
        PH_FAILS(m_delivery->advance(*m_database, at(2s), lost), ErrorKind::Conflict, "lease");
        QCOMPARE(requests(), 0u);
    }
};

QTEST_GUILESS_MAIN(TestAlertDelivery)
#include "tst_alert_delivery.moc"
