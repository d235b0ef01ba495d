// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "models/items/event_list_model.h"

using namespace pilothouse;
using namespace pilothouse::items;

namespace {

ports::Alert firing(std::int64_t id, const char* name, ports::Severity severity) {
    ports::Alert out;
    out.id = id;
    out.name = name;
    out.fingerprint = "f" + std::to_string(id);
    out.severity = severity;
    out.state = ports::AlertState::Firing;
    out.firingSince = Timestamp{id};
    return out;
}

}  // namespace

class TestEventList : public QObject {
    Q_OBJECT
private Q_SLOTS:
    /// What calls for nobody stays in sight, behind what does, and says why.
    void suppressedAlertsAreLast() {
        std::vector<ports::Alert> alerts{
            firing(1, "silent", ports::Severity::Alarm), firing(2, "loud", ports::Severity::Warning),
            firing(3, "follows", ports::Severity::Alarm), firing(4, "pending", ports::Severity::Alarm)};
        alerts[0].silenced = true;
        alerts[0].silencedBy = {"7"};
        alerts[0].annotations["summary"] = "AUC 0.6";
        alerts[2].inhibitedBy = {"f2", "elsewhere"};
        alerts[3].state = ports::AlertState::Pending;
        const auto events = firingEvents(alerts);
        QCOMPARE(events.size(), 3u);
        QCOMPARE(events[0].label, QStringLiteral("loud"));
        QVERIFY(!events[0].over);
        QCOMPARE(events[1].label, QStringLiteral("follows"));
        QVERIFY(events[1].over);
        QCOMPARE(events[1].more, QStringLiteral("inhibited by loud, inhibited by elsewhere"));
        QCOMPARE(events[2].more, QStringLiteral("silenced (7) · AUC 0.6"));
    }
};

QTEST_GUILESS_MAIN(TestEventList)
#include "tst_event_list.moc"
