// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/suppression.h"

#include "models/monitoring/monitor.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::monitoring;
using namespace std::chrono_literals;
using ports::Alert;
using ports::AlertState;
using ports::Matcher;
using ports::MatchOperator;

class TestSuppression : public QObject {
    Q_OBJECT

    static Alert alert(Labels labels, AlertState state = AlertState::Firing) {
        Alert a;
        a.labels = std::move(labels);
        a.fingerprint = fingerprintOf(a.labels);
        a.state = state;
        return a;
    }
    static std::vector<InhibitRule> rules(const char* yaml) {
        auto parsed = parseInhibitRules(yaml, "rules.yaml");
        if (!parsed) qWarning("%s", parsed.error().text().c_str());
        return parsed ? *parsed : std::vector<InhibitRule>{};
    }
    static QString inhibited(std::vector<Alert> alerts, const std::vector<InhibitRule>& rules) {
        suppress(alerts, {}, rules, Timestamp{});
        QString out;
        for (const Alert& a : alerts)
            out += a.inhibitedBy.empty() ? QLatin1Char('.') : QLatin1Char('x');
        return out;
    }

private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    /// Recorded from Alertmanager 0.25 and Prometheus 2.42.
    void fingerprintsAsTheServersGiveThem() {
        QCOMPARE(fingerprintOf({{"alertname", "Manual"}, {"severity", "info"}}), std::string("d8894ad7493fbfcb"));
        QCOMPARE(fingerprintOf({{"alertname", "DriftHigh"},
                                {"cluster", "demo"},
                                {"feature", "f03"},
                                {"instance", "127.0.0.1:19200"},
                                {"job", "model-server"},
                                {"model", "fraud-scorer"},
                                {"severity", "warning"},
                                {"team", "ml"},
                                {"version", "v4"}}),
                 std::string("59f3895dd5252fae"));
        QCOMPARE(fingerprintOf({{"alertname", "TargetDown"},
                                {"cluster", "demo"},
                                {"instance", "127.0.0.1:19999"},
                                {"job", "dead-target"},
                                {"severity", "critical"}}),
                 std::string("5446da78565bad22"));
        QCOMPARE(fingerprintOf({{"alertname", "Manual"}, {"severity", "info"}, {"team", ""}}),
                 std::string("d8894ad7493fbfcb"));
    }

    void matchersAsWritten_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("read");
        const auto row = [](const char* text, const char* read) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(read);
        };
        row("a=b", R"(a="b")");
        row(" team = \"ml ops\" ", R"(team="ml ops")");
        row("a!=b", R"(a!="b")");
        row("a=~b|c", R"(a=~"b|c")");
        row("a!~\"x\\d+\"", R"(a!~"x\\d+")");
        row("a=\"\"", R"(a="")");
        row("a=", R"(a="")");
        row(R"(a="q\"u\\o\nt")", R"(a="q\"u\\o\nt")");
        row("a=b=c", R"(a="b=c")");
        row("url=http://x/?a=1", R"(url="http://x/?a=1")");
        row("a", "");
        row("", "");
        row("=b", "");
        row("1a=b", "");
        row("a b=c", "");
        row("a=\"b", "");
        row("a=\"b\"c", "");
        row("a=b\"c", "");
        row("a=\"b\\", "");
        row("a!b", "");
    }
    void matchersAsWritten() {
        QFETCH(QString, text);
        QFETCH(QString, read);
        const auto matcher = parseMatcher(text.toStdString());
        QCOMPARE(matcher ? QString::fromStdString(ports::toString(*matcher)) : QString(), read);
        if (matcher) QVERIFY(*parseMatcher(ports::toString(*matcher)) == *matcher);
    }

    void expressionsAreBounded() {
        QVERIFY(LabelMatchers::compile({{"a", "((a{0,100}){0,100}){0,100}", MatchOperator::Matches}}).error().kind ==
                ErrorKind::InvalidInput);
        QVERIFY(!LabelMatchers::compile({{"a", std::string(5'000, 'x')}}));
        QVERIFY(!LabelMatchers::compile(std::vector<Matcher>(65, Matcher{"a", "b"})));
        // What takes a backtracking engine for ever.
        const auto slow = LabelMatchers::compile({{"a", "(x+x+)+y", MatchOperator::Matches}});
        PH_VERIFY(slow);
        QVERIFY(!slow->match({{"a", std::string(4'000, 'x')}}));
    }

    void storedMatchers() {
        const std::vector<Matcher> all{{"a", "1"},
                                       {"b", "2", MatchOperator::NotEqual},
                                       {"c", "3|\"", MatchOperator::Matches},
                                       {"d", "4", MatchOperator::NotMatches}};
        QVERIFY(matchersFrom(matchersJson(all)) == all);
        QVERIFY(matchersFrom(R"({"model":"delay","monitor":"x"})") ==
                (std::vector<Matcher>{{"model", "delay"}, {"monitor", "x"}}));
        QVERIFY(matchersFrom("nonsense").empty());
    }

    void inhibition() {
        const auto severity = rules(R"(
inhibit_rules:
  - source_matchers: [severity = alarm]
    target_matchers: ['severity =~ "warning|info"']
    equal: [model, region]
)");
        QCOMPARE(severity.size(), 1u);
        const Alert alarm = alert({{"alertname", "auc"}, {"model", "delay"}, {"severity", "alarm"}});
        const Alert warning = alert({{"alertname", "drift"}, {"model", "delay"}, {"severity", "warning"}});
        const Alert other = alert({{"alertname", "drift"}, {"model", "churn"}, {"severity", "warning"}});
        const Alert region =
            alert({{"alertname", "drift"}, {"model", "delay"}, {"region", "eu"}, {"severity", "warning"}});
        QCOMPARE(inhibited({alarm, warning, other, region}, severity), QStringLiteral(".x.."));
        QCOMPARE(inhibited({warning, alarm}, severity), QStringLiteral("x."));
        QCOMPARE(inhibited({warning}, severity), QStringLiteral("."));
        Alert pending = alarm, resolved = warning;
        pending.state = AlertState::Pending;  // does not fire, so it inhibits nothing
        resolved.state = AlertState::Resolved;
        QCOMPARE(inhibited({pending, warning}, severity), QStringLiteral(".."));
        QCOMPARE(inhibited({alarm, resolved}, severity), QStringLiteral(".."));
        std::vector<Alert> both{alarm, warning};
        suppress(both, {}, severity, {});
        QVERIFY(both[1].inhibitedBy == std::vector{alarm.fingerprint});
        QVERIFY(both[1].suppressed() && !both[1].silenced && !both[0].suppressed());
    }

    /// Alertmanager: alerts that match both sides do not inhibit each other, and none inhibits itself.
    void bothSides() {
        const auto all = rules("inhibit_rules: [{source_matchers: [model=delay], target_matchers: [model=delay]}]");
        QCOMPARE(inhibited(
                     {alert({{"alertname", "a"}, {"model", "delay"}}), alert({{"alertname", "b"}, {"model", "delay"}})},
                     all),
                 QStringLiteral(".."));
        const auto some = rules("inhibit_rules: [{source_matchers: [alertname=~a|b], target_matchers: [model=delay]}]");
        QCOMPARE(
            inhibited({alert({{"alertname", "a"}, {"model", "delay"}}), alert({{"alertname", "b"}, {"model", "x"}}),
                       alert({{"alertname", "c"}, {"model", "delay"}})},
                      some),
            QStringLiteral("x.x"));
    }

    void rulesThatCannotBeUsed_data() {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("map") << QByteArray("inhibit_rules: {a: b}") << QByteArray("r.yaml:1: inhibit_rules: a list");
        QTest::newRow("side") << QByteArray("inhibit_rules:\n  - source_matchers: [a=b]\n")
                              << QByteArray("r.yaml:2: a rule needs source_matchers and target_matchers");
        QTest::newRow("matcher") << QByteArray("inhibit_rules:\n- source_matchers: [a]\n  target_matchers: [a=b]")
                                 << QByteArray("\"a\" is no matcher");
        QTest::newRow("expression") << QByteArray("inhibit_rules:\n- source_matchers: ['a=~(']\n")
                                    << QByteArray("regular expression");
        QTest::newRow("key") << QByteArray("inhibit_rules: [{source: [a=b]}]") << QByteArray("\"source\" is not known");
        QTest::newRow("label") << QByteArray("inhibit_rules: [{equal: ['a b']}]") << QByteArray("is no label");
        QTest::newRow("yaml") << QByteArray("inhibit_rules: [") << QByteArray("r.yaml:");
    }
    void rulesThatCannotBeUsed() {
        QFETCH(QByteArray, yaml);
        QFETCH(QByteArray, says);
        PH_FAILS(parseInhibitRules(yaml.toStdString(), "r.yaml"), ErrorKind::InvalidInput, says.toStdString());
    }

    /// Rules lie beside the monitors of the same file.
    void besideMonitors() {
        const std::string file =
            "monitors:\n  - {name: m, model: delay, kind: drift, labels: {team: ml}, annotations: {runbook_url: x}}\n"
            "inhibit_rules:\n  - {source_matchers: [monitor=m], target_matchers: [model=delay]}\n";
        const auto monitors = parseMonitors(file, "m.yaml");
        PH_VERIFY(monitors);
        QVERIFY(monitors->front().labels == (Labels{{"team", "ml"}}));
        QVERIFY(monitors->front().annotations == (Labels{{"runbook_url", "x"}}));
        QCOMPARE(parseInhibitRules(file, "m.yaml")->size(), 1u);
        PH_FAILS(parseMonitors("monitors: []\ninhibit_rules: [{}]\n", "m.yaml"), ErrorKind::InvalidInput,
                 "a rule needs");
        PH_FAILS(parseMonitors("{name: m, model: d, kind: drift, labels: {severity: x}}", "m.yaml"),
                 ErrorKind::InvalidInput, "severity is set by itself");
        PH_FAILS(parseMonitors("{name: m, model: d, kind: drift, labels: {a-b: x}}", "m.yaml"), ErrorKind::InvalidInput,
                 "labels");
    }

    void rulesInTheWorkspace() {
        const test::Folder folder;
        const auto made = workspace::Workspace::create(folder.file(), ClockKind::Logical, "UTC");
        PH_VERIFY(made);
        const auto database = (*made)->connect();
        QVERIFY(readInhibitRules(**database)->empty());
        PH_VERIFY(saveInhibitRules(**database, "inhibit_rules: [{source_matchers: [a=b], target_matchers: [c=d]}]",
                                   "r.yaml"));
        QCOMPARE(readInhibitRules(**database)->size(), 1u);
        PH_FAILS(saveInhibitRules(**database, "inhibit_rules: [3]", "r.yaml"), ErrorKind::InvalidInput, "r.yaml:1");
        QCOMPARE(readInhibitRules(**database)->size(), 1u);
        PH_VERIFY(saveInhibitRules(**database, "", "r.yaml"));
        QVERIFY(readInhibitRules(**database)->empty());
    }
};

QTEST_GUILESS_MAIN(TestSuppression)
#include "tst_suppression.moc"
