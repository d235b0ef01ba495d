// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLineEdit>
#include <QListView>
#include <QListWidget>
#include <QMenu>
#include <QSignalSpy>
#include <QtTest>

#include "tests/widgets/shell/support.h"
#include "widgets/shell/bar_button.h"
#include "widgets/shell/command_palette.h"
#include "widgets/shell/lens_bar.h"
#include "widgets/shell/range_menu.h"
#include "widgets/shell/status_area.h"
#include "widgets/shell/timeline_strip.h"

using namespace pilothouse;
using shell::BarButton;

namespace {
Timestamp at(const char* iso) { return *Timestamp::parseIso(iso); }
}  // namespace

class TestWindow : public QObject {
    Q_OBJECT

    QTemporaryDir m_settings;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<shell::ColorScheme> m_scheme;
    std::unique_ptr<shell::MainWindow> m_window;
    std::shared_ptr<test::World> m_world;

    template <class T>
    T* child(const char* name) {
        T* found = m_window->findChild<T*>(QString::fromLatin1(name));
        if (!found) qFatal("no %s", name);
        return found;
    }
    items::Lens& lens() { return m_window->session()->lens(); }
    void key(int code, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QWidget* target = QApplication::focusWidget() ? QApplication::focusWidget() : m_window.get();
        QTest::keyClick(target, static_cast<Qt::Key>(code), modifiers);
    }
    QString currentView() { return m_window->frame()->currentView()->viewId(); }
    void grab(const char* name) {
        const QString folder = qEnvironmentVariable("PILOTHOUSE_TEST_PICTURES");
        if (folder.isEmpty()) return;
        QCoreApplication::processEvents();
        m_window->grab().save(QStringLiteral("%1/%2.png").arg(folder, QString::fromLatin1(name)));
    }

private Q_SLOTS:
    void init() {
        test::isolate(m_settings);
        m_folder = std::make_unique<QTemporaryDir>();
        m_scheme = std::make_unique<shell::ColorScheme>();
        m_scheme->force(theme::Scheme::Dark);
        m_window = test::makeWindow(*m_scheme);
        m_world = test::yearOfFlights();
        m_window->resize(1600, 900);
        m_window->setSession(test::makeSession(m_folder->path(), m_world));
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        QTRY_VERIFY(m_window->frame()->settled());
    }
    void cleanup() {
        m_window.reset();
        m_scheme.reset();
        m_folder.reset();
    }

    void looks() {
        grab("window-dark");
        lens().addFilter("carrier:UA");
        lens().addFilter("temp_f>80");
        lens().setVersion("v3");
        lens().setRange({at("2013-07-08T04:00:00Z"), at("2013-07-15T04:00:00Z")});
        m_window->session()->select({"alert", "5"});
        grab("window-dark-chosen");
        m_scheme->force(theme::Scheme::Light);
        grab("window-light");
        m_window->resize(1100, 700);
        grab("window-light-small");
        m_window->openPalette();
        QTest::keyClicks(child<QLineEdit>("paletteEdit"), QStringLiteral("ru"));
        grab("palette-light");
        m_window->openKeys();
        grab("keys-light");
        m_window->frame()->lensBar().chooseRange();
        QWidget* menu = child<QWidget>("rangeMenu");
        const QString folder = qEnvironmentVariable("PILOTHOUSE_TEST_PICTURES");
        if (!folder.isEmpty()) menu->grab().save(folder + QStringLiteral("/range-light.png"));
        menu->close();
        m_window->frame()->lensBar().openMenu();
        QVERIFY(child<QMenu>("mainMenu")->actions().size() >= 5);
        if (!folder.isEmpty()) child<QMenu>("mainMenu")->grab().save(folder + QStringLiteral("/menu-light.png"));
        child<QMenu>("mainMenu")->close();
    }

    void onlyTheFirstViewIsMade() {
        QVERIFY(child<QWidget>("overviewView")->isVisible());
        QVERIFY(!m_window->findChild<QWidget*>(QStringLiteral("driftView")));
        key(Qt::Key_3);
        QCOMPARE(currentView(), QStringLiteral("drift"));
        QVERIFY(child<QWidget>("driftView")->isVisible());
        QVERIFY(child<QAbstractButton>("rail.drift")->isChecked());
        key(Qt::Key_1);
        QCOMPARE(currentView(), QStringLiteral("overview"));
    }

    void theFocusBeginsInTheView() {
        QTRY_VERIFY(QApplication::focusWidget());
        auto* view = m_window->frame()->currentView();
        QTRY_VERIFY(view->hasFocus() || view->isAncestorOf(QApplication::focusWidget()));
    }

    void theOnlyModelIsChosen() {
        QCOMPARE(lens().state().model, std::string("delay"));
        QVERIFY(!lens().canGoBack());
        QCOMPARE(child<BarButton>("modelChip")->strong(), QStringLiteral("delay"));
        QCOMPARE(child<BarButton>("compareChip")->strong(), QStringLiteral("profile of v3"));
    }

    void backAndForward() {
        lens().setVersion("v2");
        lens().setVersion("v3");
        key(Qt::Key_Left, Qt::AltModifier);
        QCOMPARE(lens().state().version, std::string("v2"));
        QCOMPARE(child<BarButton>("versionChip")->strong(), QStringLiteral("v2"));
        key(Qt::Key_Right, Qt::AltModifier);
        QCOMPARE(lens().state().version, std::string("v3"));
        QVERIFY(!child<BarButton>("lensForward")->isEnabled());
        QTest::mouseClick(child<BarButton>("lensBack"), Qt::LeftButton);
        QCOMPARE(lens().state().version, std::string("v2"));
    }

    void filtersByKey() {
        key(Qt::Key_F);
        auto* edit = child<QLineEdit>("filterEdit");
        QVERIFY(edit->hasFocus());
        // Letters and digits are text here, not commands.
        QTest::keyClicks(edit, QStringLiteral("temp_f>81"));
        QCOMPARE(edit->text(), QStringLiteral("temp_f>81"));
        QCOMPARE(currentView(), QStringLiteral("overview"));
        QVERIFY(lens().live());
        QTest::keyClick(edit, Qt::Key_Return);
        QTRY_COMPARE(lens().state().filters, std::vector<std::string>{"temp_f>81"});
        auto* chip = child<BarButton>("filter.0");
        QCOMPARE(chip->strong(), QStringLiteral("temp_f>81"));
        chip->setFocus();
        QTest::keyClick(chip, Qt::Key_Return);
        edit = child<QLineEdit>("filterEdit");
        QTest::keyClicks(edit, QStringLiteral("temp_f>("));  // replaces the selected text
        QTest::keyClick(edit, Qt::Key_Return);
        QVERIFY(edit->isVisible());  // does not parse: the chip is still being edited
        QVERIFY(!edit->accessibleDescription().isEmpty());
        QTest::keyClick(edit, Qt::Key_Escape);
        QTRY_VERIFY(!m_window->findChild<QLineEdit*>(QStringLiteral("filterEdit")));
        QCOMPARE(lens().state().filters, std::vector<std::string>{"temp_f>81"});
        chip = child<BarButton>("filter.0");
        chip->setFocus();
        QTest::keyClick(chip, Qt::Key_Delete);
        QTRY_VERIFY(lens().state().filters.empty());
    }

    void filtersArePutAside() {
        // Chips that were shown before are deleted a little later.
        const auto chipOf = [&](const char* name) {
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
            return child<BarButton>(name);
        };
        lens().addFilter("temp_f>81");
        lens().addFilter("carrier:UA");
        auto* chip = chipOf("filter.0");
        chip->setFocus();
        QTest::keyClick(chip, Qt::Key_Space);
        QTRY_COMPARE(lens().state().filters, std::vector<std::string>{"carrier:UA"});
        QCOMPARE(lens().state().aside, std::vector<std::string>{"temp_f>81"});
        chip = chipOf("filterAside.0");
        QVERIFY(chip->hasFocus());  // the same key takes it back
        QCOMPARE(chip->accessibleName(), QStringLiteral("temp_f>81, put aside"));
        grab("filters-aside");
        // A clause that is added stands before those that do not count.
        key(Qt::Key_F);
        auto* edit = child<QLineEdit>("filterEdit");
        QVERIFY(edit->x() < chip->x());
        QTest::keyClick(edit, Qt::Key_Escape);
        QTRY_VERIFY(!m_window->findChild<QLineEdit*>(QStringLiteral("filterEdit")));
        QTest::mouseClick(chipOf("filter.0"), Qt::LeftButton, Qt::ControlModifier, {10, 10});
        QTRY_VERIFY(lens().state().filters.empty());
        chip = chipOf("filterAside.0");
        chip->setFocus();
        QTest::keyClick(chip, Qt::Key_Space);
        QTRY_COMPARE(lens().state().filters, std::vector<std::string>{"temp_f>81"});
        lens().back();
        QVERIFY(lens().state().filters.empty());
        lens().forward();
        chip = chipOf("filterAside.0");
        chip->setFocus();
        QTest::keyClick(chip, Qt::Key_Delete);
        QTRY_VERIFY(lens().state().aside.empty());
        QCOMPARE(lens().state().filters, std::vector<std::string>{"temp_f>81"});
        lens().clearFilters();
    }

    void rangesByKey() {
        const TimeRange week{at("2013-07-08T04:00:00Z"), at("2013-07-15T04:00:00Z")};
        lens().setRange(week);
        QVERIFY(!child<BarButton>("liveButton")->isChecked());
        QCOMPARE(child<BarButton>("rangeButton")->strong(), QStringLiteral("8 – 14 Jul 2013"));
        key(Qt::Key_BracketLeft);
        QCOMPARE(lens().range(), (TimeRange{at("2013-07-01T04:00:00Z"), at("2013-07-08T04:00:00Z")}));
        key(Qt::Key_BracketRight);
        QCOMPARE(lens().range(), week);
        key(Qt::Key_L);
        QVERIFY(lens().live());
        QCOMPARE(lens().range().end, m_world->rows.end);
        QCOMPARE(child<BarButton>("rangeButton")->strong(), QStringLiteral("Last 7 days"));
        key(Qt::Key_Z);
        QVERIFY(m_window->session()->utc());
        QCOMPARE(child<BarButton>("zoneButton")->strong(), QStringLiteral("UTC"));
    }

    void rangeMenu() {
        key(Qt::Key_T);
        auto* list = child<QListWidget>("rangePresets");
        QVERIFY(list->isVisible());
        QTest::keyClick(list, Qt::Key_Down);
        QTest::keyClick(list, Qt::Key_Return);
        QCOMPARE(lens().state().range.last, Duration(std::chrono::hours(24 * 7)));
        QVERIFY(!child<QWidget>("rangeMenu")->isVisible());
        key(Qt::Key_T);
        child<QDateTimeEdit>("rangeFrom")->setDateTime(QDateTime(QDate(2013, 3, 1), QTime(0, 0), Qt::UTC));
        child<QDateTimeEdit>("rangeTo")->setDateTime(QDateTime(QDate(2013, 2, 1), QTime(0, 0), Qt::UTC));
        QTest::mouseClick(child<QAbstractButton>("rangeApply"), Qt::LeftButton);
        QVERIFY(child<QLabel>("rangeProblem")->isVisible());
        child<QDateTimeEdit>("rangeTo")->setDateTime(QDateTime(QDate(2013, 4, 1), QTime(0, 0), Qt::UTC));
        QTest::mouseClick(child<QAbstractButton>("rangeApply"), Qt::LeftButton);
        // Midnights of New York, before and after its change of clocks.
        QCOMPARE(lens().range(), (TimeRange{at("2013-03-01T05:00:00Z"), at("2013-04-01T04:00:00Z")}));
    }

    void timelineDrag() {
        auto& strip = m_window->frame()->timeline();
        QCOMPARE(strip.extent(), (TimeRange{at("2013-01-01T05:00:00Z"), at("2013-07-15T04:00:00Z")}));
        const int y = strip.height() / 2;
        const auto x = [&](const char* iso) { return static_cast<int>(std::lround(strip.xAt(at(iso)))); };
        QTest::mousePress(&strip, Qt::LeftButton, {}, {x("2013-05-06T04:00:00Z"), y});
        QTest::mouseMove(&strip, {x("2013-05-10T04:00:00Z"), y});
        QTest::mouseMove(&strip, {x("2013-05-13T04:00:00Z"), y});
        QVERIFY(lens().live());  // only when the hand lets go
        QTest::mouseRelease(&strip, Qt::LeftButton, {}, {x("2013-05-13T04:00:00Z"), y});
        QCOMPARE(lens().range(), (TimeRange{at("2013-05-06T04:00:00Z"), at("2013-05-13T04:00:00Z")}));
        QTest::mousePress(&strip, Qt::LeftButton, Qt::ShiftModifier, {x("2013-05-27T04:00:00Z"), y});
        QTest::mouseRelease(&strip, Qt::LeftButton, Qt::ShiftModifier, {x("2013-05-27T04:00:00Z"), y});
        QCOMPARE(lens().range(), (TimeRange{at("2013-05-06T04:00:00Z"), at("2013-05-27T04:00:00Z")}));
        const TimeRange all = strip.view();
        QWheelEvent wheel(QPointF(800, y), strip.mapToGlobal(QPointF(800, y)), {}, {0, 240}, Qt::NoButton, {},
                          Qt::NoScrollPhase, false);
        const Timestamp under = strip.timeAt(800);
        QCoreApplication::sendEvent(&strip, &wheel);
        QVERIFY(strip.view().duration() < all.duration());
        QVERIFY(std::abs(strip.xAt(under) - 800) < 1.5);
        QTest::mouseDClick(&strip, Qt::LeftButton, {}, {800, y});
        QCOMPARE(strip.view(), all);
        QTest::mouseMove(&strip, {900, y});
        QVERIFY(lens().cursor().has_value());
    }

    void timelineEvents() {
        auto& strip = m_window->frame()->timeline();
        const int x = static_cast<int>(std::lround(strip.xAt(at("2013-06-25T06:00:00Z"))));
        QTest::mouseClick(&strip, Qt::LeftButton, {}, {x, 28});
        QCOMPARE(m_window->session()->selection().kind, std::string("run"));
        QCOMPARE(m_window->session()->selection().id, std::string("4"));
        QCOMPARE(currentView(), QStringLiteral("runs"));
    }

    void palette() {
        key(Qt::Key_K, Qt::ControlModifier);
        auto* edit = child<QLineEdit>("paletteEdit");
        QVERIFY(edit->hasFocus());
        QTest::keyClicks(edit, QStringLiteral("delay v2"));
        auto* list = child<QListView>("paletteList");
        QCOMPARE(list->currentIndex().data().toString(), QStringLiteral("delay v2"));
        QTest::keyClick(edit, Qt::Key_Return);
        QVERIFY(!child<QWidget>("commandPalette")->isVisible());
        QCOMPARE(lens().state().version, std::string("v2"));
        key(Qt::Key_K, Qt::ControlModifier);
        QTest::keyClicks(edit, QStringLiteral("temp"));
        QTest::keyClick(edit, Qt::Key_Return);
        QCOMPARE(m_window->session()->selection().id, std::string("temp_f"));
        QCOMPARE(currentView(), QStringLiteral("drift"));
        key(Qt::Key_K, Qt::ControlModifier);
        QTest::keyClick(edit, Qt::Key_Escape);
        QVERIFY(!child<QWidget>("commandPalette")->isVisible());
        QVERIFY(m_window->frame()->currentView()->isAncestorOf(QApplication::focusWidget()) ||
                m_window->frame()->currentView()->hasFocus());
    }

    void listsByKey() {
        auto* list = child<QListWidget>("overviewList");
        key(Qt::Key_J);
        key(Qt::Key_J);
        QCOMPARE(list->currentRow(), 2);
        key(Qt::Key_K);
        QCOMPARE(list->currentRow(), 1);
        key(Qt::Key_Slash);
        QCOMPARE(static_cast<test::PlainView*>(m_window->frame()->currentView())->queries, 1);
    }

    void detailsFollowTheSelection() {
        auto* pane = child<QWidget>("detailsPane");
        QVERIFY(!pane->isVisible());
        m_window->session()->select({"alert", "5"});
        QTRY_VERIFY(pane->isVisible());
        key(Qt::Key_D);
        QVERIFY(!pane->isVisible());
        key(Qt::Key_D);
        QVERIFY(pane->isVisible());
    }

    void status() {
        QCOMPARE(child<BarButton>("firingButton")->strong(), QStringLiteral("▲ 2 firing"));
        QTest::mouseClick(child<BarButton>("firingButton"), Qt::LeftButton);
        QCOMPARE(m_window->session()->selection().id, std::string("5"));
        // Run 5 is another process's: it is shown, and can be cancelled.
        QVERIFY(child<BarButton>("runningWork")->isVisible());
        QTest::mouseClick(child<BarButton>("cancelRun"), Qt::LeftButton);
        QCOMPARE(m_world->cancelled, std::vector<std::string>{"5"});
    }

    void changesOfOthersAreNoticed() {
        const int before = m_world->questions;
        auto other = m_window->session()->workspace().connect();
        QVERIFY(other);
        QSignalSpy changed(m_window->session(), &items::Session::changed);
        QTest::qWait(250);  // the watch is open
        QVERIFY(workspace::Workspace::setSetting(**other, "a", "b"));
        QTRY_VERIFY(changed.count() >= 1);
        QTRY_VERIFY(m_world->questions > before);
        QTRY_VERIFY(m_window->frame()->settled());
        const int after = m_world->questions;
        QTest::qWait(600);
        QCOMPARE(m_world->questions, after);  // nothing changed, nothing is asked
    }

    void theEngineIsAtHand() {
        m_folder = std::make_unique<QTemporaryDir>();
        auto session = test::makeSession(m_folder->path(), m_world);
        session->setEngine(std::make_unique<engine::Engine>(session->sharedWorkspace()));
        m_window->setSession(std::move(session));
        QTRY_VERIFY(m_window->frame()->settled());
        auto* play = child<BarButton>("enginePause");
        QVERIFY(play->isVisible());
        QCOMPARE(play->strong(), QStringLiteral("Play"));
        for (int i = 0; i < 5; ++i)
            QVERIFY(child<BarButton>(qPrintable(QStringLiteral("engineSpeed.%1").arg(i)))->isVisible());
        QVERIFY(child<QLabel>("clockLabel")->text().contains(QStringLiteral("14 Jul 2013 12:00")));
        grab("engine");
        // This workspace has nothing to replay: the engine says so, and that is shown.
        QTest::mouseClick(play, Qt::LeftButton);
        QTRY_VERIFY(!play->isVisible());
        QVERIFY(!child<QLabel>("replayRate")->text().isEmpty());
    }

    void closingForgetsNothing() {
        key(Qt::Key_4);
        m_window->setSession(nullptr);
        QVERIFY(child<QWidget>("startPage")->isVisible());
        m_folder = std::make_unique<QTemporaryDir>();
        m_window->setSession(test::makeSession(m_folder->path(), m_world));
        QCOMPARE(currentView(), QStringLiteral("runs"));
    }
};

QTEST_MAIN(TestWindow)
#include "tst_window.moc"
