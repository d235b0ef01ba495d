// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSignalSpy>
#include <QtTest>

#include "models/items/lens.h"

using namespace pilothouse;
using items::Lens;

namespace {
Timestamp at(const char* iso) { return *Timestamp::parseIso(iso); }
}  // namespace

class TestLens : public QObject {
    Q_OBJECT

    ManualClock m_clock{at("2013-07-14T16:00:00Z")};
    Zone m_zone = *Zone::fromName("America/New_York");

private Q_SLOTS:
    void undoAndRedo() {
        Lens lens(m_clock, m_zone);
        QSignalSpy changed(&lens, &Lens::changed);
        QVERIFY(!lens.touched());
        lens.setModel("delay");
        lens.setVersion("v1");
        lens.setVersion("v1");  // nothing new
        QCOMPARE(changed.count(), 2);
        lens.back();
        QCOMPARE(lens.state().version, std::string());
        QVERIFY(lens.canGoForward());
        lens.setVersion("v2");  // another way forward
        QVERIFY(!lens.canGoForward());
        lens.back();
        lens.back();
        lens.back();
        QCOMPARE(lens.state(), items::LensState{});
        QVERIFY(!lens.canGoBack());
        lens.forward();
        lens.forward();
        QCOMPARE(lens.state().version, std::string("v2"));
    }

    void aModelsVersionsGoWithIt() {
        Lens lens(m_clock, m_zone);
        lens.setModel("delay");
        lens.setVersion("v2");
        lens.setCompareWith("v1");
        lens.setModel("eta");
        QVERIFY(lens.state().version.empty());
        QVERIFY(lens.state().compareWith.empty());
    }

    void liveFollowsTheClock() {
        ManualClock clock(at("2013-07-14T16:00:00Z"));
        Lens lens(clock, m_zone);
        QVERIFY(lens.live());
        lens.setLast(std::chrono::hours(24));
        clock.set(at("2013-07-15T16:00:00Z"));
        QCOMPARE(lens.range(), (TimeRange{at("2013-07-14T16:00:00Z"), at("2013-07-15T16:00:00Z")}));
        lens.setLive(false);
        clock.set(at("2013-07-16T16:00:00Z"));
        QCOMPARE(lens.range().end, at("2013-07-15T16:00:00Z"));
        lens.setLive(true);
        QCOMPARE(lens.range().end, at("2013-07-16T16:00:00Z"));
        QCOMPARE(lens.range().duration(), Duration(std::chrono::hours(24)));
    }

    void stepsKeepWholeDays() {
        Lens lens(m_clock, m_zone);
        // Seven days that hold the change of clocks: an hour less than 7 × 24.
        lens.setRange({at("2013-03-04T05:00:00Z"), at("2013-03-11T04:00:00Z")});
        lens.step(1);
        QCOMPARE(lens.range(), (TimeRange{at("2013-03-11T04:00:00Z"), at("2013-03-18T04:00:00Z")}));
        lens.step(-1);
        lens.step(-1);
        QCOMPARE(lens.range(), (TimeRange{at("2013-02-25T05:00:00Z"), at("2013-03-04T05:00:00Z")}));
        lens.setRange({at("2013-03-04T05:30:00Z"), at("2013-03-04T07:30:00Z")});
        lens.step(1);
        QCOMPARE(lens.range(), (TimeRange{at("2013-03-04T07:30:00Z"), at("2013-03-04T09:30:00Z")}));
    }

    void aBurstOfAdjustmentsIsOneStep() {
        Lens lens(m_clock, m_zone);
        lens.setModel("delay");
        for (int i = 1; i < 20; ++i)
            lens.adjustRange({at("2013-07-01T00:00:00Z"), at("2013-07-02T00:00:00Z") + Duration(i)});
        QCOMPARE(lens.range().end.ns, at("2013-07-02T00:00:00Z").ns + 19);
        lens.back();
        QVERIFY(lens.live());
        QCOMPARE(lens.state().model, std::string("delay"));
    }

    void emptyRangesAreRefused() {
        Lens lens(m_clock, m_zone);
        QSignalSpy changed(&lens, &Lens::changed);
        lens.setRange({at("2013-07-02T00:00:00Z"), at("2013-07-01T00:00:00Z")});
        lens.setLast(Duration(0));
        QCOMPARE(changed.count(), 0);
    }

    void filters() {
        Lens lens(m_clock, m_zone);
        lens.addFilter("  carrier:UA ");
        lens.addFilter("carrier:UA");
        lens.addFilter("   ");
        lens.addFilter("temp_f>80");
        QCOMPARE(lens.state().filters, (std::vector<std::string>{"carrier:UA", "temp_f>80"}));
        lens.setFilter(1, "temp_f>90");
        lens.setFilter(0, " ");
        QCOMPARE(lens.state().filters, std::vector<std::string>{"temp_f>90"});
        lens.removeFilter(7);
        lens.putAside(7);
        lens.takeBack(0);
        lens.removeAside(0);
        lens.clearFilters();
        QVERIFY(lens.state().filters.empty());
    }

    void whatIsAsideDoesNotCount() {
        Lens lens(m_clock, m_zone);
        lens.addFilter("carrier:UA");
        lens.addFilter("temp_f>80");
        lens.putAside(0);
        QCOMPARE(lens.state().filters, std::vector<std::string>{"temp_f>80"});
        QCOMPARE(lens.state().aside, std::vector<std::string>{"carrier:UA"});
        lens.addFilter("carrier:UA");  // and again, while it is aside
        lens.putAside(1);
        QCOMPARE(lens.state().aside, std::vector<std::string>{"carrier:UA"});
        lens.clearFilters();
        QCOMPARE(lens.state().aside, std::vector<std::string>{"carrier:UA"});
        lens.takeBack(0);
        QCOMPARE(lens.state().filters, std::vector<std::string>{"carrier:UA"});
        QVERIFY(lens.state().aside.empty());
        lens.back();
        QCOMPARE(lens.state().aside, std::vector<std::string>{"carrier:UA"});
        lens.removeAside(0);
        QVERIFY(lens.state().aside.empty() && lens.state().filters.empty());
    }

    void theQueryHoldsAllOfIt() {
        using ports::QueryOp;
        Lens lens(m_clock, m_zone);
        QCOMPARE(lens.query().root.op, QueryOp::All);
        lens.setModel("delay");
        QCOMPARE(lens.query().root.op, QueryOp::Equals);
        lens.setVersion("v2");
        lens.addFilter("temp_f>80");
        lens.addFilter("carrier:(");  // does not parse
        const auto root = lens.query().root;
        QCOMPARE(root.op, QueryOp::And);
        std::vector<std::string> fields;
        const std::function<void(const ports::QueryNode&)> walk = [&](const ports::QueryNode& node) {
            if (!node.field.empty()) fields.push_back(node.field);
            for (const auto& child : node.children)
                walk(child);
        };
        walk(root);
        QCOMPARE(fields, (std::vector<std::string>{"model", "version", "temp_f"}));
    }

    void historyIsBounded() {
        Lens lens(m_clock, m_zone);
        for (int i = 0; i < 500; ++i)
            lens.setVersion("v" + std::to_string(i));
        int steps = 0;
        for (; lens.canGoBack(); ++steps)
            lens.back();
        QVERIFY(steps >= 100 && steps < 250);
    }
};

QTEST_GUILESS_MAIN(TestLens)
#include "tst_lens.moc"
