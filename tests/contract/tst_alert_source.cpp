// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/alert_rules.h"
#include "models/monitoring/embedded_alert_source.h"
#include "models/monitoring/evaluator.h"
#include "tests/contract/alert_source_contract.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace std::chrono_literals;

/// What every AlertSource keeps to; here the one in the workspace.
class TestAlertSource : public QObject {
    Q_OBJECT

    std::unique_ptr<test::Folder> m_folder;
    std::shared_ptr<workspace::Workspace> m_workspace;
    std::unique_ptr<ports::AlertSource> m_source;

    static Timestamp noon() { return *Timestamp::parseIso("2013-05-01T12:00:00Z"); }

    template <class T>
    static T wait(QFuture<T> future) {
        future.waitForFinished();
        return future.result();
    }

    /// Two monitors: the first one's alert fires, the second one's is resolved.
    Status seed() {
        PH_ASSIGN(const auto database, m_workspace->connect());
        for (const char* name : {"features", "score"}) {
            monitoring::MonitorDefinition monitor;
            monitor.name = monitor.alert = name;
            monitor.model = "delay";
            monitor.persistence = monitor.of = 1;
            PH_TRY(database->run(
                "INSERT INTO monitor (name, kind, model, definition, created) VALUES (?, 'drift', 'delay', '', 0)",
                monitor.name));
            for (int i = 0; i < 2; ++i) {
                monitoring::EvaluationResult r;
                r.evaluation.monitor = name;
                r.evaluation.kind = "drift";
                r.evaluation.model = "delay";
                r.evaluation.window = {noon() + i * 1h, noon() + (i + 1) * 1h};
                r.evaluation.evaluatedAt = r.evaluation.window.end;
                r.evaluation.state =
                    i == 1 && monitor.name == "score" ? statistics::State::Ok : statistics::State::Drift;
                PH_ASSIGN(r.evaluation.id, monitoring::store(*database, r));
                PH_TRY(monitoring::advanceAlert(*database, monitor, r.evaluation, kTimestampMin));
            }
        }
        PH_TRY(m_workspace->storeSimulatedNow(*database, noon() + 3h));
        m_workspace->setSimulatedNow(noon() + 3h);
        return {};
    }

private Q_SLOTS:
    void init() {
        test::failOnWarnings();
        m_folder = std::make_unique<test::Folder>();
        auto made = workspace::Workspace::create(m_folder->file(), ClockKind::Simulated, "UTC");
        PH_VERIFY(made);
        m_workspace = *made;
        PH_VERIFY(seed());
        m_source = std::make_unique<monitoring::EmbeddedAlertSource>(m_workspace);
    }
    void cleanup() {
        m_source.reset();
        m_workspace.reset();
    }

    void openAndAll() {
        const auto open = wait(m_source->alerts(true, {}));
        PH_VERIFY(open);
        QCOMPARE(open->size(), 1u);
        QCOMPARE(open->front().monitor, std::string("features"));
        QVERIFY(open->front().state == ports::AlertState::Firing);
        const auto all = wait(m_source->alerts(false, {}));
        PH_VERIFY(all);
        QCOMPARE(all->size(), 2u);
        for (std::size_t i = 1; i < all->size(); ++i)
            QVERIFY((*all)[i - 1].pendingSince >= (*all)[i].pendingSince);
        for (const auto& alert : *all) {
            QVERIFY(!alert.fingerprint.empty());
            QVERIFY(alert.labels.contains("alertname"));
            QCOMPARE(alert.resolvedAt.has_value(), alert.state == ports::AlertState::Resolved);
        }
    }

    void otherLabelsDoNotMatch() {
        ports::Silence silence;
        silence.matchers = {{"monitor", "features"}, {"model", "other"}};
        silence.range = {noon(), noon() + 24h};
        PH_VERIFY(wait(m_source->silence(silence)));
        QVERIFY(!wait(m_source->alerts(true, {}))->front().silenced);
    }

    void notYetBegun() {
        ports::Silence silence;
        silence.matchers = {{"monitor", "features"}};
        silence.range = {noon() + 5h, noon() + 24h};
        const auto id = wait(m_source->silence(silence));
        PH_VERIFY(id);
        QVERIFY(!wait(m_source->alerts(true, {}))->front().silenced);
        silence.id = *id;
        silence.range.start = noon() + 3h;
        QCOMPARE(*wait(m_source->silence(silence)), *id);
        QVERIFY(wait(m_source->alerts(true, {}))->front().silenced);
    }

    void refusals() {
        ports::Silence silence;
        silence.range = {noon(), noon() + 1h};
        PH_FAILS(wait(m_source->silence(silence)), ErrorKind::InvalidInput, "label");
        silence.matchers = {{"monitor", "features"}};
        silence.range = {noon(), noon()};
        PH_FAILS(wait(m_source->silence(silence)), ErrorKind::InvalidInput, "end after it begins");
        silence.range = {noon(), noon() + 1h};
        PH_FAILS(wait(m_source->silence(silence)), ErrorKind::InvalidInput, "past");
        silence.range = {noon(), noon() + 24h};
        silence.matchers = {{"monitor", ".*", ports::MatchOperator::Matches}};
        PH_FAILS(wait(m_source->silence(silence)), ErrorKind::InvalidInput, "every alert");
        silence.matchers = {{"monitor", "(", ports::MatchOperator::Matches}};
        PH_FAILS(wait(m_source->silence(silence)), ErrorKind::InvalidInput, "regular expression");
        silence.matchers = {{"", "x"}};
        PH_FAILS(wait(m_source->silence(silence)), ErrorKind::InvalidInput, "label");
        PH_FAILS(wait(m_source->expireSilence("none")), ErrorKind::NotFound, "none");
        QVERIFY(wait(m_source->silences({}))->empty());
    }

    void contract() {
        const contract::AlertSubject subject{*m_source, [this] { return m_workspace->now(); }};
        contract::theOpenAlert(subject);
        contract::aSilenceComesAndGoes(subject);
    }
    void contractOfMatchers() {
        contract::everyKindOfMatcher({*m_source, [this] { return m_workspace->now(); }});
    }
    void contractOfChanges() {
        const contract::AlertSubject subject{*m_source, [this] { return m_workspace->now(); }};
        contract::aSilenceIsChanged(subject);
        contract::unsoundSilencesAreRefused(subject);
        contract::cancelledIsNoError(subject);
    }
};

QTEST_GUILESS_MAIN(TestAlertSource)
#include "tst_alert_source.moc"
