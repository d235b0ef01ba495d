// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/alert_rules.h"
#include "models/monitoring/evaluator.h"
#include "models/monitoring/monitor_reader.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::monitoring;
using namespace std::chrono_literals;
using ports::AlertState;
using statistics::State;

/// The life of an alert, as a table of windows and by the events it leaves in the workspace.
class TestAlerts : public QObject {
    Q_OBJECT

    std::unique_ptr<test::Folder> m_folder;
    std::shared_ptr<workspace::Workspace> m_workspace;
    std::unique_ptr<workspace::Database> m_database;
    MonitorDefinition m_monitor;

    static State stateOf(QChar letter) {
        switch (letter.toLatin1()) {
            case 'o':
                return State::Ok;
            case 'd':
                return State::Drift;
            case 'i':
                return State::Insufficient;
            default:
                return State::Unavailable;
        }
    }
    static Timestamp day(int number) { return *Timestamp::parseIso("2013-05-01") + number * 24h; }

    EvaluationResult result(int number, State state, const std::string& version = "v1") const {
        EvaluationResult r;
        r.evaluation.monitor = m_monitor.name;
        r.evaluation.kind = toString(m_monitor.kind);
        r.evaluation.model = m_monitor.model;
        r.evaluation.version = version;
        r.evaluation.window = {day(number), day(number + 1)};
        r.evaluation.evaluatedAt = day(number + 1);
        r.evaluation.state = state;
        r.evaluation.summary = "window " + std::to_string(number);
        r.inputs = "{}";
        return r;
    }
    Status window(int number, State state, Timestamp countFrom = kTimestampMin) {
        auto r = result(number, state);
        PH_ASSIGN(r.evaluation.id, store(*m_database, r));
        return advanceAlert(*m_database, m_monitor, r.evaluation, countFrom);
    }
    /// "pending 2 Firing…": the event log, one word an event with the day at which it happened.
    QString log() const {
        QStringList out;
        const auto events = readAlertEvents(*m_database);
        if (!events) return QString::fromStdString(events.error().text());
        for (const auto& e : *events)
            out << QStringLiteral("%1:%2@%3")
                       .arg(e.alert)
                       .arg(QLatin1String(ports::toString(e.state)))
                       .arg((e.at - day(0)) / 24h);
        return out.join(QLatin1Char(' '));
    }

private Q_SLOTS:
    void init() {
        test::failOnWarnings();
        m_folder = std::make_unique<test::Folder>();
        auto made = workspace::Workspace::create(m_folder->file(), ClockKind::Simulated, "UTC");
        PH_VERIFY(made);
        m_workspace = *made;
        auto database = m_workspace->connect();
        PH_VERIFY(database);
        m_database = std::move(*database);
        m_monitor = {};
        m_monitor.name = "features";
        m_monitor.model = "delay";
        m_monitor.alert = "drift of features";
        m_monitor.kind = MonitorKind::Drift;
        m_monitor.window = "day";
        PH_VERIFY(
            m_database->run("INSERT INTO monitor (name, kind, model, definition, created) VALUES ('features', 'drift', "
                            "'delay', '', 0)"));
    }
    void cleanup() {
        m_database.reset();
        m_workspace.reset();
    }

    void events_data() {
        QTest::addColumn<QString>("windows");
        QTest::addColumn<QString>("events");
        const auto row = [](const char* windows, const char* events) {
            QTest::newRow(windows) << QString::fromLatin1(windows) << QString::fromLatin1(events);
        };
        row("oooo", "");
        row("d", "1:pending@1");
        row("do", "1:pending@1 1:resolved@2");
        row("ddo", "1:pending@1 1:firing@2 1:resolved@3");
        row("dddd", "1:pending@1 1:firing@2");
        row("dido", "1:pending@1 1:firing@3 1:resolved@4");
        row("diid", "1:pending@1");  // 1 of the last 3 was the first one's turn to fall out of the window
        row("dodo", "1:pending@1 1:resolved@2 2:pending@3 2:firing@3 2:resolved@4");
        row("doodo", "1:pending@1 1:resolved@2 2:pending@4 2:resolved@5");
        row("ddiuo", "1:pending@1 1:firing@2 1:resolved@5");  // what cannot be judged neither fires nor resolves
        row("iiuu", "");
    }
    void events() {
        QFETCH(QString, windows);
        QFETCH(QString, events);
        for (int i = 0; i < windows.size(); ++i)
            PH_VERIFY(window(i, stateOf(windows[i])));
        QCOMPARE(log(), events);
    }

    void persistenceOfOne() {
        m_monitor.persistence = m_monitor.of = 1;
        PH_VERIFY(window(0, State::Drift));
        PH_VERIFY(window(1, State::Drift));
        PH_VERIFY(window(2, State::Ok));
        QCOMPARE(log(), QStringLiteral("1:pending@1 1:firing@1 1:resolved@3"));
    }

    void aNewReferenceStartsAnew() {
        PH_VERIFY(window(0, State::Drift));
        PH_VERIFY(window(1, State::Drift));
        const MonitorDefinition monitors[] = {m_monitor};
        PH_VERIFY(resolveForNewVersion(*m_database, monitors, "delay", "v2", day(2) + 1h));
        // Two of the last three windows drifted, but from another reference.
        PH_VERIFY(window(2, State::Drift, day(2) + 1h));
        PH_VERIFY(window(3, State::Drift, day(2) + 1h));
        QCOMPARE(log(), QStringLiteral("1:pending@1 1:firing@2 1:resolved@2 2:pending@3 2:firing@4"));
        const auto events = readAlertEvents(*m_database);
        QCOMPARE((*events)[2].text, std::string("v2 replaced the reference"));
    }

    void otherKindsKeepTheirAlert() {
        m_monitor.kind = MonitorKind::Quality;
        PH_VERIFY(window(0, State::Drift));
        const MonitorDefinition monitors[] = {m_monitor};
        PH_VERIFY(resolveForNewVersion(*m_database, monitors, "delay", "v2", day(2)));
        QCOMPARE(log(), QStringLiteral("1:pending@1"));
    }

    void whatAnAlertSays() {
        PH_VERIFY(window(0, State::Drift));
        PH_VERIFY(window(1, State::Drift));
        const auto alerts = readAlerts(*m_database, true, day(2));
        PH_VERIFY(alerts);
        QCOMPARE(alerts->size(), 1u);
        const ports::Alert& a = alerts->front();
        QCOMPARE(a.name, std::string("drift of features"));
        QVERIFY(a.state == AlertState::Firing);
        QVERIFY(a.pendingSince == day(1));
        QVERIFY(a.firingSince == day(2));
        QVERIFY(!a.resolvedAt);
        QVERIFY(a.window == (TimeRange{day(1), day(2)}));
        QCOMPARE(a.annotations.at("summary"), std::string("window 1"));
        QCOMPARE(a.annotations.at("version"), std::string("v1"));
        QCOMPARE(a.labels.at("monitor"), std::string("features"));
        QCOMPARE(a.fingerprint, fingerprintOf(alertLabels(m_monitor)));
        m_monitor.model = "other";
        QVERIFY(a.fingerprint != fingerprintOf(alertLabels(m_monitor)));
        m_monitor.model = "delay";
        PH_VERIFY(window(2, State::Ok));
        QVERIFY(readAlerts(*m_database, true, day(3))->empty());
        QCOMPARE(readAlerts(*m_database, false, day(3))->size(), 1u);
        QCOMPARE(readAlertEvents(*m_database, a.id)->size(), 3u);
        QVERIFY(readAlertEvents(*m_database, a.id + 1)->empty());
    }

    /// What a monitor says beside; an edit of it while an alert is open waits for the next spell.
    void labelsOfASpellStay() {
        m_monitor.labels = {{"team", "ml"}};
        m_monitor.annotations = {{"runbook_url", "https://example.org/drift"}, {"description", "read this"}};
        m_monitor.description = "not this";
        PH_VERIFY(window(0, State::Drift));
        m_monitor.severity = ports::Severity::Alarm;
        m_monitor.labels["team"] = "ops";
        PH_VERIFY(window(1, State::Drift));
        auto alerts = readAlerts(*m_database, false, day(2));
        PH_VERIFY(alerts);
        QCOMPARE(alerts->size(), 1u);
        QVERIFY(alerts->front().state == AlertState::Firing);
        QVERIFY(alerts->front().labels == (Labels{{"alertname", "drift of features"},
                                                  {"model", "delay"},
                                                  {"monitor", "features"},
                                                  {"severity", "warning"},
                                                  {"team", "ml"}}));
        QCOMPARE(alerts->front().fingerprint, fingerprintOf(alerts->front().labels));
        QCOMPARE(alerts->front().annotations.at("runbook_url"), std::string("https://example.org/drift"));
        QCOMPARE(alerts->front().annotations.at("description"), std::string("read this"));
        PH_VERIFY(window(2, State::Ok));
        PH_VERIFY(window(3, State::Drift));
        alerts = readAlerts(*m_database, true, day(4));
        QCOMPARE(alerts->front().labels.at("team"), std::string("ops"));
        QCOMPARE(alerts->front().labels.at("severity"), std::string("alarm"));
    }

    /// A later revision of a window replaces the earlier one in the count; nothing is rewritten.
    void revisions() {
        PH_VERIFY(window(0, State::Drift));
        auto corrected = result(0, State::Ok);
        PH_VERIFY(store(*m_database, corrected));
        PH_VERIFY(window(1, State::Drift));
        QCOMPARE(log(), QStringLiteral("1:pending@1"));
        QCOMPARE(*m_database->integer("SELECT count(*) FROM evaluation"), std::optional<std::int64_t>(3));
        const auto read = MonitorReader::read(*m_database, {});
        PH_VERIFY(read);
        QCOMPARE(read->size(), 2u);
        QCOMPARE((*read)[0].revision, 1);
        QVERIFY((*read)[0].state == State::Ok);
    }

    void findingsReadBack() {
        auto r = result(0, State::Drift);
        ports::Finding f;
        f.feature = "temp_f";
        f.check = "drift";
        f.severity = ports::Severity::Alarm;
        f.verdict.state = State::Drift;
        f.verdict.method = "wasserstein_sigma";
        f.verdict.statistic = 1.0 / 3;
        f.verdict.effect = 2.1;
        f.verdict.nReference = 80'789;
        f.verdict.nCurrent = 6'500;
        f.counts = {1, 2, 3.5};
        f.missingShare = 0.25;
        ports::Finding empty;
        empty.check = "auc";
        empty.verdict.reason = "no version is in production";
        r.evaluation.findings = {f, empty};
        PH_VERIFY(store(*m_database, r));
        EvaluationsRequest request;
        request.counts = true;
        request.kinds = {"score", "drift"};
        request.model = "delay";
        request.range = {day(0) + 1h, day(0) + 2h};
        const auto read = MonitorReader::read(*m_database, request);
        PH_VERIFY(read);
        QCOMPARE(read->size(), 1u);
        QCOMPARE(read->front().findings.size(), 2u);
        const ports::Finding& g = read->front().findings[0];
        QCOMPARE(g.feature, f.feature);
        QCOMPARE(g.verdict.statistic, 1.0 / 3);
        QVERIFY(std::isnan(g.verdict.pValue));
        QVERIFY(g.counts == f.counts);
        QCOMPARE(g.missingShare, 0.25);
        QVERIFY(g.severity == ports::Severity::Alarm);
        QVERIFY(read->front().findings[1].verdict.state == State::Unavailable);
        QVERIFY(read->front().findings[1].counts.empty());
        for (const auto& [kinds, range] : {std::pair(std::vector<std::string>{"score"}, request.range),
                                           std::pair(request.kinds, TimeRange{day(1), day(2)})}) {
            EvaluationsRequest other = request;
            other.kinds = kinds;
            other.range = range;
            QVERIFY(MonitorReader::read(*m_database, other)->empty());
        }
    }

    void worst() {
        const auto of = [](const QString& letters) {
            std::vector<ports::Finding> findings;
            for (const QChar c : letters) {
                findings.emplace_back();
                findings.back().verdict.state = stateOf(c);
            }
            return worstState(findings);
        };
        QVERIFY(of(QStringLiteral("oooo")) == State::Ok);
        QVERIFY(of(QStringLiteral("ooid")) == State::Drift);
        QVERIFY(of(QStringLiteral("ooi")) == State::Ok);
        QVERIFY(of(QStringLiteral("oii")) == State::Insufficient);
        QVERIFY(of(QStringLiteral("uuo")) == State::Ok);
        QVERIFY(of(QStringLiteral("uu")) == State::Unavailable);
        QVERIFY(of(QString()) == State::Unavailable);
    }
};

QTEST_GUILESS_MAIN(TestAlerts)
#include "tst_alerts.moc"
