// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/alert_rules.h"
#include "models/monitoring/embedded_alert_source.h"
#include "models/monitoring/evaluator.h"
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

    void silencing() {
        ports::Silence silence;
        silence.matchers = {{"monitor", "features"}, {"model", "delay"}};
        silence.range = {noon(), noon() + 24h};
        silence.author = "test";
        silence.comment = "known";
        const auto id = wait(m_source->silence(silence));
        PH_VERIFY(id);
        QVERIFY(wait(m_source->alerts(true, {}))->front().silenced);
        const auto listed = wait(m_source->silences({}));
        PH_VERIFY(listed);
        QCOMPARE(listed->size(), 1u);
        QCOMPARE(listed->front().id, *id);
        QVERIFY(listed->front().matchers == silence.matchers);
        PH_VERIFY(wait(m_source->expireSilence(*id)));
        QVERIFY(!wait(m_source->alerts(true, {}))->front().silenced);
        QVERIFY(wait(m_source->silences({}))->front().range.end <= m_workspace->now());
        PH_VERIFY(wait(m_source->expireSilence(*id)));  // once more changes nothing
    }

    void otherLabelsDoNotMatch() {
        ports::Silence silence;
        silence.matchers = {{"monitor", "features"}, {"model", "other"}};
        silence.range = {noon(), noon() + 24h};
        PH_VERIFY(wait(m_source->silence(silence)));
        QVERIFY(!wait(m_source->alerts(true, {}))->front().silenced);
    }

    void everyKindOfMatcher_data() {
        QTest::addColumn<QString>("label");
        QTest::addColumn<int>("op");
        QTest::addColumn<QString>("value");
        QTest::addColumn<bool>("silenced");
        const auto row = [](const char* label, ports::MatchOperator op, const char* value, bool silenced) {
            QTest::addRow("%s%s%s", label, ports::toString(op), value)
                << QString::fromLatin1(label) << static_cast<int>(op) << QString::fromLatin1(value) << silenced;
        };
        row("monitor", ports::MatchOperator::Equal, "features", true);
        row("monitor", ports::MatchOperator::NotEqual, "score", true);
        row("monitor", ports::MatchOperator::NotEqual, "features", false);
        row("monitor", ports::MatchOperator::Matches, "feat.*|score", true);
        row("monitor", ports::MatchOperator::Matches, "feat", false);  // the whole value
        row("monitor", ports::MatchOperator::NotMatches, "s.*", true);
        row("monitor", ports::MatchOperator::NotMatches, "f.*", false);
        row("team", ports::MatchOperator::Equal, "", true);  // a label that is not there
    }
    void everyKindOfMatcher() {
        QFETCH(QString, label);
        QFETCH(int, op);
        QFETCH(QString, value);
        QFETCH(bool, silenced);
        ports::Silence silence;
        silence.matchers = {{"model", "delay"},
                            {label.toStdString(), value.toStdString(), static_cast<ports::MatchOperator>(op)}};
        silence.range = {noon() + 3h, noon() + 24h};
        const auto id = wait(m_source->silence(silence));
        PH_VERIFY(id);
        const auto open = wait(m_source->alerts(true, {}));
        QCOMPARE(open->front().silenced, silenced);
        QVERIFY(open->front().silencedBy == (silenced ? std::vector<std::string>{*id} : std::vector<std::string>{}));
        QVERIFY(wait(m_source->silences({}))->front().matchers == silence.matchers);
    }

    void changing() {
        ports::Silence silence;
        silence.matchers = {{"monitor", "features"}};
        silence.range = {noon() + 3h, noon() + 24h};
        silence.comment = "known";
        const auto id = wait(m_source->silence(silence));
        PH_VERIFY(id);
        silence.id = *id;
        silence.range.end = noon() + 48h;
        silence.comment = "known for longer";
        const auto same = wait(m_source->silence(silence));
        PH_VERIFY(same);
        QCOMPARE(*same, *id);
        auto listed = wait(m_source->silences({}));
        QCOMPARE(listed->size(), 1u);
        QVERIFY(listed->front().range == silence.range);
        QCOMPARE(listed->front().comment, silence.comment);
        // Other matchers: what was silenced before stays known.
        silence.matchers = {{"monitor", "score"}};
        const auto other = wait(m_source->silence(silence));
        PH_VERIFY(other);
        QVERIFY(*other != *id);
        listed = wait(m_source->silences({}));
        QCOMPARE(listed->size(), 2u);
        for (const auto& s : *listed)
            QCOMPARE(s.range.end <= m_workspace->now(), s.id == *id);
        QVERIFY(!wait(m_source->alerts(true, {}))->front().silenced);
        silence.id = "silence-99";
        PH_FAILS(wait(m_source->silence(silence)), ErrorKind::NotFound, "silence-99");
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

    void cancelled() {
        CancellationSource source;
        source.cancel();
        QVERIFY(isCancelled(wait(m_source->alerts(false, source.token()))));
    }
};

QTEST_GUILESS_MAIN(TestAlertSource)
#include "tst_alert_source.moc"
