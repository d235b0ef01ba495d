// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QAbstractItemView>
#include <QClipboard>
#include <QCompleter>
#include <QElapsedTimer>
#include <QHeaderView>
#include <QInputDialog>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QSettings>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QTableView>
#include <QTest>

#include "tests/widgets/predictions/support.h"
#include "widgets/predictions/difference_list.h"
#include "widgets/predictions/facet_list.h"
#include "widgets/predictions/predictions_view.h"
#include "widgets/predictions/query_edit.h"
#include "widgets/predictions/row_details.h"
#include "widgets/predictions/rows_table.h"
#include "widgets/predictions/search_menu.h"
#include "widgets/predictions/time_histogram.h"
#include "widgets/theme/tokens.h"

using namespace pilothouse;
using namespace pilothouse::predictions_view;
using test::LogFixture;

class TestPredictionsView : public QObject {
    Q_OBJECT

    QTemporaryDir m_settings;

    static void show(PredictionsView& view, QSize size = {1200, 700}) {
        view.resize(size);
        view.show();
        QVERIFY(QTest::qWaitForWindowActive(&view));
        QTRY_VERIFY(view.settled());
    }
    template <class T>
    static T* find(QWidget& view, const char* name) {
        return view.findChild<T*>(QString::fromLatin1(name));
    }
    static QString status(PredictionsView& view) {
        QString text = find<QLabel>(view, "querySummary")->text();
        return text.remove(QRegularExpression(u"<[^>]*>"_qs));
    }
    static void type(PredictionsView& view, const char* text) {
        auto* query = find<QueryEdit>(view, "queryEdit");
        view.focusQuery();
        query->selectAll();
        QTest::keyClicks(query, QString::fromLatin1(text));
    }
    static void enter(PredictionsView& view, const char* text) {
        type(view, text);
        auto* query = find<QueryEdit>(view, "queryEdit");
        query->completer()->popup()->hide();
        QTest::keyClick(query, Qt::Key_Return);
        QTRY_VERIFY(view.settled());
    }
    static QString cell(PredictionsView& view, int row, const char* id) {
        auto* table = find<RowsTable>(view, "rowsTable");
        for (int c = 0; c < table->model()->columnCount(); ++c)
            if (table->model()->headerData(c, Qt::Horizontal, items::PredictionRowsModel::ColumnIdRole).toString() ==
                QString::fromLatin1(id))
                return table->rowDelegate().text(table->model()->index(row, c));
        return u"no such column"_qs;
    }

private Q_SLOTS:
    void initTestCase() {
        QCoreApplication::setOrganizationName(u"pilothouse-test"_qs);
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
        theme::apply(theme::Scheme::Light);
    }
    void init() {
        QSettings().clear();
        // What the offscreen platform cannot do is no fault of ours.
        QTest::failOnWarning(QRegularExpression(u"^(?!This plugin does not support)"_qs));
    }

    void rowsComeWhileTheQueryIsTyped() {
        LogFixture f(3'000);
        PredictionsView view(*f.session);
        show(view);
        auto* table = find<RowsTable>(view, "rowsTable");
        const auto first = [&] {
            return table->model()->index(0, 0).data(items::PredictionRowsModel::RequestIdRole).toString();
        };
        type(view, "carrier:UA");
        QTRY_COMPARE(table->model()->rowCount(), 1'000);
        QTRY_VERIFY(view.settled());
        QCOMPARE(first(), u"r2997"_qs);
        QVERIFY(f.session->lens().state().filters.empty());  // nothing is kept yet
        QVERIFY2(status(view).contains(u"Enter keeps this"_qs), qPrintable(status(view)));
        // A half of a clause that matches nothing leaves the rows alone.
        auto* query = find<QueryEdit>(view, "queryEdit");
        QTest::keyClicks(query, u" zzz"_qs);
        QTRY_VERIFY(view.settled());
        QCOMPARE(table->model()->rowCount(), 1'000);
        QVERIFY2(status(view).startsWith(u"No rows match yet"_qs), qPrintable(status(view)));
        query->completer()->popup()->hide();
        QTest::keyClick(query, Qt::Key_Escape);
        QTRY_COMPARE(table->model()->rowCount(), 3'000);
        QTRY_VERIFY(view.settled());
        QCOMPARE(query->text(), QString());
        QVERIFY2(status(view).startsWith(u"3,000 rows"_qs), qPrintable(status(view)));
        // Enter keeps it: one step of the lens, however many keys.
        enter(view, "carrier:UA");
        QCOMPARE(f.session->lens().state().filters, std::vector<std::string>{"carrier:UA"});
        f.session->lens().back();
        QVERIFY(f.session->lens().state().filters.empty());
        QTRY_COMPARE(table->model()->rowCount(), 3'000);
    }

    void ordersByAClickOrAKey() {
        LogFixture f(3'000);
        {
            PredictionsView view(*f.session);
            show(view);
            auto* table = find<RowsTable>(view, "rowsTable");
            const auto click = [&](const char* id) {
                QHeaderView* head = table->horizontalHeader();
                for (int i = 0; i < head->count(); ++i)
                    if (table->model()->headerData(i, Qt::Horizontal, items::PredictionRowsModel::ColumnIdRole) ==
                        QString::fromLatin1(id))
                        QTest::mouseClick(head->viewport(), Qt::LeftButton, {},
                                          {head->sectionViewportPosition(i) + 10, 8});
                QTRY_VERIFY(view.settled());
            };
            const auto request = [&](int row) {
                return table->model()->index(row, 0).data(items::PredictionRowsModel::RequestIdRole).toString();
            };
            click("time");
            QCOMPARE(table->model()->rowCount(), 3'000);
            QCOMPARE(request(0), u"r0"_qs);
            QTest::keyClick(table, Qt::Key_End);
            QTRY_VERIFY(view.settled());
            QCOMPARE(request(2'999), u"r2999"_qs);
            click("time");
            QCOMPARE(request(0), u"r2999"_qs);
            click("temp_f");
            QCOMPARE(cell(view, 0, "temp_f"), u"99"_qs);
            QCOMPARE(request(0), u"r2999"_qs);  // the newest of the hottest
            QCOMPARE(request(1), u"r2959"_qs);
            QCOMPARE(table->model()->rowCount(), 500);
            QVERIFY2(status(view).contains(u"the 500 greatest temp_f"_qs), qPrintable(status(view)));
            QVERIFY2(status(view).startsWith(u"3,000 rows"_qs), qPrintable(status(view)));
            click("temp_f");
            QCOMPARE(cell(view, 0, "temp_f"), u"60"_qs);
            QVERIFY(table->selectionModel()->selectedRows().size() <= 1);  // a click in the head selects no column
            // By key.
            table->setFocus();
            QTest::keyClick(table, Qt::Key_O);
            auto* menu = find<QMenu>(*table, "orderMenu");
            menu->findChild<QAction*>(u"order_greatest_latency_ms"_qs)->trigger();
            menu->close();
            QTRY_VERIFY(view.settled());
            QCOMPARE(cell(view, 0, "latency_ms"), u"1.6 ms"_qs);
            // Rows without a value come last.
            QTest::keyClick(table, Qt::Key_O);
            menu = find<QMenu>(*table, "orderMenu");
            menu->findChild<QAction*>(u"order_greatest_wind_gust_mph"_qs)->trigger();
            menu->close();
            QTRY_VERIFY(view.settled());
            QCOMPARE(table->model()->rowCount(), 500);
            QCOMPARE(cell(view, 299, "wind_gust_mph"), u"25"_qs);
            QCOMPARE(cell(view, 300, "wind_gust_mph"), QString());
            enter(view, "-carrier:UA");
            QCOMPARE(table->model()->rowCount(), 500);
            QCOMPARE(cell(view, 199, "wind_gust_mph"), u"25"_qs);
            QCOMPARE(cell(view, 200, "wind_gust_mph"), QString());
        }
        PredictionsView again(*f.session);
        show(again);
        QCOMPARE(find<RowsTable>(again, "rowsTable")->model()->rowCount(), 500);
        QCOMPARE(cell(again, 0, "wind_gust_mph"), u"25"_qs);
    }

    void newestFirstAndCounted() {
        LogFixture f(3'000);
        PredictionsView view(*f.session);
        show(view);
        auto* table = find<RowsTable>(view, "rowsTable");
        QCOMPARE(table->model()->rowCount(), 3'000);
        QVERIFY2(status(view).startsWith(u"3,000 rows"_qs), qPrintable(status(view)));
        QVERIFY(!table->shownColumns().contains(u"request_id"_qs));  // hidden by default, yet known
        QCOMPARE(table->model()->index(0, 0).data(items::PredictionRowsModel::RequestIdRole).toString(), u"r2999"_qs);
        QCOMPARE(cell(view, 0, "carrier+flight"), u"EV 3099"_qs);
        QCOMPARE(cell(view, 0, "origin+dest"), u"JFK → SFO"_qs);
        QCOMPARE(cell(view, 0, "score"), u"0.990"_qs);
        QCOMPARE(cell(view, 0, "outcome"), u"negative"_qs);
        QVERIFY(table->rowDelegate().wrong(table->model()->index(0, 0)).value());
        QCOMPARE(cell(view, 2'999 - 2'993, "time"), u"10 Jul 01:53"_qs);
        QCOMPARE(cell(view, 2, "outcome"), u"negative"_qs);
        QCOMPARE(cell(view, 3, "outcome"), u"not known"_qs);
        QCOMPARE(cell(view, 4, "outcome"), u"positive"_qs);  // 2995
        QCOMPARE(cell(view, 2'999 - 2'996, "wind_gust_mph"), QString());
    }

    void whereThereIsLittleRoomTheRowsAreCountedAllTheSame() {
        LogFixture f(3'000);
        PredictionsView view(*f.session);
        show(view, {1'200, 700});
        QVERIFY2(status(view).contains(u" ms"_qs), qPrintable(status(view)));
        auto* label = find<QLabel>(view, "querySummary");
        QVERIFY(label->toolTip().isEmpty());
        view.resize(480, 500);
        QTRY_VERIFY(!status(view).contains(u" ms"_qs));
        QVERIFY2(status(view).startsWith(u"3,000 rows"_qs), qPrintable(status(view)));
        QVERIFY(label->toolTip().contains(u" ms"_qs));
        view.resize(1'200, 700);
        QTRY_VERIFY(status(view).contains(u" ms"_qs));
    }

    void theBottomIsReached() {
        LogFixture f(3'000);
        PredictionsView view(*f.session);
        show(view);
        auto* table = find<RowsTable>(view, "rowsTable");
        table->setFocus();
        QTest::keyClick(table, Qt::Key_End);
        QTRY_VERIFY(view.settled());
        QCOMPARE(table->model()->index(2'999, 0).data(items::PredictionRowsModel::RequestIdRole).toString(), u"r0"_qs);
        QTest::keyClick(table, Qt::Key_Home);
        QVERIFY(table->atNewest());
    }

    void queryBecomesFiltersOfTheLens() {
        LogFixture f(3'000);
        PredictionsView view(*f.session);
        show(view);
        enter(view, "carrier:UA temp_f>=90");
        QCOMPARE(f.session->lens().state().filters, (std::vector<std::string>{"carrier:UA", "temp_f>=90"}));
        QCOMPARE(find<RowsTable>(view, "rowsTable")->model()->rowCount(), 250);
        QVERIFY2(status(view).startsWith(u"250 of 3,000 rows"_qs), qPrintable(status(view)));
        f.session->lens().back();
        QTRY_VERIFY(view.settled());
        QCOMPARE(find<QueryEdit>(view, "queryEdit")->text(), QString());
        QCOMPARE(find<RowsTable>(view, "rowsTable")->model()->rowCount(), 3'000);
        // And a filter set elsewhere is seen in the bar.
        f.session->lens().addFilter("dest:BOS");
        QTRY_VERIFY(view.settled());
        QCOMPARE(find<QueryEdit>(view, "queryEdit")->text(), u"dest:BOS"_qs);
    }

    void errorsAreSaidWhereTheyAre() {
        LogFixture f(100);
        PredictionsView view(*f.session);
        show(view);
        type(view, "carrier:UA temp_f:[20 TO");
        auto* query = find<QueryEdit>(view, "queryEdit");
        QVERIFY2(query->problem().startsWith(u"Position "_qs), qPrintable(query->problem()));
        QVERIFY2(status(view).contains(u"Position "_qs), qPrintable(status(view)));
        QTest::keyClick(query, Qt::Key_Return);
        QVERIFY(f.session->lens().state().filters.empty());
        query->completer()->popup()->hide();
        QTest::keyClick(query, Qt::Key_Escape);
        QCOMPARE(query->text(), QString());
        QVERIFY(query->problem().isEmpty());
    }

    void namesAndValuesAreCompleted() {
        LogFixture f(300);
        PredictionsView view(*f.session);
        show(view);
        auto* query = find<QueryEdit>(view, "queryEdit");
        type(view, "carr");
        QAbstractItemView* popup = query->completer()->popup();
        QTRY_VERIFY(popup->isVisible());
        QCOMPARE(popup->model()->index(0, 0).data().toString(), u"carrier:"_qs);
        QTest::keyClick(query, Qt::Key_Tab);
        QCOMPARE(query->text(), u"carrier:"_qs);
        QTRY_VERIFY(popup->isVisible());
        QCOMPARE(popup->model()->rowCount(), 3);
        QTest::keyClicks(query, u"U"_qs);
        QTRY_COMPARE(popup->model()->rowCount(), 1);
        QTest::keyClick(popup, Qt::Key_Down);
        QTest::keyClick(popup, Qt::Key_Return);
        QCOMPARE(query->text(), u"carrier:UA"_qs);
    }

    void historyWalks() {
        LogFixture f(100);
        PredictionsView view(*f.session);
        show(view);
        enter(view, "carrier:UA");
        enter(view, "wrong");
        view.focusQuery();
        auto* query = find<QueryEdit>(view, "queryEdit");
        QTest::keyClick(query, Qt::Key_Up);
        QTest::keyClick(query, Qt::Key_Up);
        QCOMPARE(query->text(), u"carrier:UA"_qs);
        PredictionsView again(*f.session);
        QCOMPARE(find<QueryEdit>(again, "queryEdit")->history(), (QStringList{u"wrong"_qs, u"carrier:UA"_qs}));
    }

    void facetsAddAndExclude() {
        LogFixture f(3'000);
        PredictionsView view(*f.session);
        show(view);
        auto* facets = find<FacetList>(view, "facetList");
        const auto indexOf = [&](const QString& clause) {
            for (int r = 0; r < facets->model()->rowCount(); ++r)
                if (facets->model()->index(r, 0).data(items::PredictionFacetsModel::ClauseRole).toString() == clause)
                    return facets->model()->index(r, 0);
            return QModelIndex();
        };
        QTRY_VERIFY(indexOf(u"carrier:B6"_qs).isValid());
        const auto click = [&](const QString& clause, Qt::KeyboardModifiers modifiers) {
            facets->scrollTo(indexOf(clause));
            QTest::mouseClick(facets->viewport(), Qt::LeftButton, modifiers,
                              facets->visualRect(indexOf(clause)).center());
            QTRY_VERIFY(view.settled());
        };
        click(u"carrier:B6"_qs, {});
        QCOMPARE(f.session->lens().state().filters, std::vector<std::string>{"carrier:B6"});
        QCOMPARE(find<RowsTable>(view, "rowsTable")->model()->rowCount(), 1'000);
        click(u"origin:JFK"_qs, Qt::ShiftModifier);
        QCOMPARE(f.session->lens().state().filters, (std::vector<std::string>{"carrier:B6", "-origin:JFK"}));
        QCOMPARE(find<RowsTable>(view, "rowsTable")->model()->rowCount(), 500);
        click(u"carrier:B6"_qs, {});
        QCOMPARE(f.session->lens().state().filters, std::vector<std::string>{"-origin:JFK"});
    }

    void brushSetsTheRange() {
        LogFixture f(3'000);
        PredictionsView view(*f.session);
        show(view);
        auto* histogram = find<TimeHistogram>(view, "timeHistogram");
        const Timestamp from = LogFixture::start() + std::chrono::hours(10),
                        to = LogFixture::start() + std::chrono::hours(20);
        const QPoint a(static_cast<int>(histogram->xOf(from)) + 1, 30), b(static_cast<int>(histogram->xOf(to)) - 1, 30);
        QTest::mousePress(histogram, Qt::LeftButton, {}, a);
        QTest::mouseMove(histogram, b);
        QTest::mouseRelease(histogram, Qt::LeftButton, {}, b);
        QTRY_VERIFY(view.settled());
        const TimeRange range = f.session->lens().range();
        QVERIFY(!f.session->lens().live());
        QVERIFY(range.start <= from && from - range.start < std::chrono::hours(3));
        QVERIFY(range.end >= to - std::chrono::hours(1) && range.end - to < std::chrono::hours(3));
        QCOMPARE(find<RowsTable>(view, "rowsTable")->model()->rowCount(),
                 static_cast<int>(range.duration() / std::chrono::minutes(1)));
    }

    void brushByKeys() {
        LogFixture f(3'000);
        PredictionsView view(*f.session);
        show(view);
        auto* histogram = find<TimeHistogram>(view, "timeHistogram");
        const TimeRange before = f.session->lens().range();
        histogram->setFocus(Qt::TabFocusReason);
        QTest::keyClick(histogram, Qt::Key_Home);
        QVERIFY(f.session->lens().cursor());
        for (int i = 0; i < 3; ++i)
            QTest::keyClick(histogram, Qt::Key_Right);
        QTest::keyClick(histogram, Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(f.session->lens().range(), before);
        QTest::keyClick(histogram, Qt::Key_Return);
        QTRY_VERIFY(view.settled());
        const TimeRange range = f.session->lens().range();
        QVERIFY(before.start < range.start && range.end < before.end);
        QVERIFY(!f.session->lens().cursor());
        QCOMPARE(find<RowsTable>(view, "rowsTable")->model()->rowCount(),
                 static_cast<int>(range.duration() / std::chrono::minutes(1)));
        QTest::keyClick(histogram, Qt::Key_Left);
        QTest::keyClick(histogram, Qt::Key_Escape);
        QTest::keyClick(histogram, Qt::Key_Return);
        QCOMPARE(f.session->lens().range(), range);
    }

    void keysWalkAndOpen() {
        LogFixture f(500);
        PredictionsView view(*f.session);
        show(view);
        auto* table = find<RowsTable>(view, "rowsTable");
        QVERIFY(table->hasFocus());
        // The newest row is open at first sight, but nobody has selected it.
        QCOMPARE(view.details()->findChild<RowDetails*>()->row()->text("request_id"), std::string("r499"));
        QVERIFY(f.session->selection().id.empty());
        QTest::keyClick(table, Qt::Key_J);
        QTest::keyClick(table, Qt::Key_J);
        QTest::keyClick(table, Qt::Key_J);
        QTest::keyClick(table, Qt::Key_K);
        QCOMPARE(table->currentIndex().row(), 2);
        QTest::keyClick(table, Qt::Key_Return);
        QTRY_VERIFY(view.settled());
        auto* details = view.details()->findChild<RowDetails*>();
        QVERIFY(details->row());
        QCOMPARE(details->row()->text("request_id"), std::string("r497"));
        QCOMPARE(details->row()->neighbours.size(), std::size_t{6});
        QCOMPARE(f.session->selection().id, std::string("r497"));
        QTest::mouseClick(find<QPushButton>(*details, "copyRequestId"), Qt::LeftButton);
        QCOMPARE(QGuiApplication::clipboard()->text(), u"r497"_qs);
        QTest::keyClick(table, Qt::Key_Escape);
        QVERIFY(!details->row());
        QTest::keyClick(table, Qt::Key_Slash);
        QVERIFY(find<QueryEdit>(view, "queryEdit")->hasFocus());
    }

    void emptySaysWhichFilterRemovedTheLastRows() {
        LogFixture f(1'000);
        PredictionsView view(*f.session);
        show(view);
        enter(view, "carrier:UA temp_f>200 wrong");
        auto* reason = find<QLabel>(view, "emptyReason");
        QTRY_VERIFY(reason->isVisible());
        QVERIFY2(reason->text().contains(u"0 of 1,000 rows match: 3 filters"_qs), qPrintable(reason->text()));
        QVERIFY2(reason->text().contains(u"temp_f>200 removed the last 334 rows"_qs), qPrintable(reason->text()));
        QVERIFY2(reason->text().contains(u"carrier:UA  →  334\ntemp_f>200  →  0"_qs), qPrintable(reason->text()));
        QTest::mouseClick(find<QPushButton>(view, "removeClause"), Qt::LeftButton);
        QTRY_VERIFY(view.settled());
        QVERIFY(!reason->isVisible());
        QCOMPARE(f.session->lens().state().filters, (std::vector<std::string>{"carrier:UA", "wrong"}));
    }

    void emptyRangeLeadsToTheLog() {
        LogFixture f(1'000);
        const Timestamp later = LogFixture::start() + std::chrono::hours(24 * 100);
        f.session->lens().setRange({later, later + std::chrono::hours(24)});
        PredictionsView view(*f.session);
        show(view);
        QVERIFY2(find<QLabel>(view, "emptyReason")->text().startsWith(u"No rows in"_qs),
                 qPrintable(find<QLabel>(view, "emptyReason")->text()));
        QTest::mouseClick(find<QPushButton>(view, "showEverything"), Qt::LeftButton);
        QTRY_VERIFY(view.settled());
        QCOMPARE(find<RowsTable>(view, "rowsTable")->model()->rowCount(), 1'000);
    }

    void emptyLog() {
        LogFixture f(0);
        PredictionsView view(*f.session);
        show(view);
        QVERIFY(find<QLabel>(view, "emptyReason")->text().startsWith(u"The log holds no rows yet"_qs));
    }

    void liveFollowsAtTheTopAndStandsStillBelow() {
        LogFixture f(2'000);
        f.workspace->setSimulatedNow(LogFixture::start() + std::chrono::minutes(2'000));
        f.session->lens().setLast(std::chrono::hours(24 * 7));
        PredictionsView view(*f.session);
        show(view);
        auto* table = find<RowsTable>(view, "rowsTable");
        QCOMPARE(table->model()->rowCount(), 2'000);
        const auto grow = [&] {
            f.append(50);
            f.workspace->setSimulatedNow(LogFixture::start() + std::chrono::minutes(f.rows));
            Q_EMIT f.session->changed();
        };
        grow();
        QTRY_COMPARE(table->model()->rowCount(), 2'050);
        QTRY_VERIFY(view.settled());
        QCOMPARE(table->model()->index(0, 0).data(items::PredictionRowsModel::RequestIdRole).toString(), u"r2049"_qs);

        table->verticalScrollBar()->setValue(500);
        QTRY_VERIFY(view.settled());
        grow();
        auto* newer = find<QPushButton>(view, "newerRows");
        QTRY_VERIFY(newer->isVisible());
        QCOMPARE(newer->text(), u"▲ 50 newer rows"_qs);
        QCOMPARE(table->model()->rowCount(), 2'050);
        QCOMPARE(table->verticalScrollBar()->value(), 500);
        QTest::mouseClick(newer, Qt::LeftButton);
        QTRY_COMPARE(table->model()->rowCount(), 2'100);
        QVERIFY(!newer->isVisible());
    }

    void absoluteRangesStandStill() {
        LogFixture f(1'000);
        PredictionsView view(*f.session);
        show(view);
        f.append(100);
        Q_EMIT f.session->changed();
        QTest::qWait(60);
        QTRY_VERIFY(view.settled());
        QCOMPARE(find<RowsTable>(view, "rowsTable")->model()->rowCount(), 1'000);
    }

    void columnsAreChosenAndRemembered() {
        LogFixture f(100);
        {
            PredictionsView view(*f.session);
            show(view);
            auto* table = find<RowsTable>(view, "rowsTable");
            QVERIFY(!table->shownColumns().contains(u"request_id"_qs));
            table->setColumnShown(u"request_id"_qs, true);
            table->setColumnShown(u"latency_ms"_qs, false);
            table->horizontalHeader()->moveSection(table->horizontalHeader()->visualIndex(0), 1);
        }
        PredictionsView again(*f.session);
        show(again);
        const QStringList shown = find<RowsTable>(again, "rowsTable")->shownColumns();
        QVERIFY(shown.contains(u"request_id"_qs));
        QVERIFY(!shown.contains(u"latency_ms"_qs));
        QCOMPARE(shown.mid(0, 2), (QStringList{u"carrier+flight"_qs, u"time"_qs}));
    }

    void exportsAllMatchingRows() {
        LogFixture f(10'000);
        PredictionsView view(*f.session);
        show(view);
        enter(view, "carrier:UA");
        const QString path = f.folder.filePath(u"rows.csv"_qs);
        view.exportAll(path);
        QTRY_VERIFY(status(view).contains(u"rows in"_qs));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QList<QByteArray> lines = file.readAll().trimmed().split('\n');
        QCOMPARE(lines.size(), qsizetype{3 + 3'334});
        QVERIFY2(lines[0].startsWith("# query: ") && lines[0].endsWith("carrier:UA"), lines[0].constData());
        QVERIFY2(lines[1].startsWith("# range: 2013-07-08T04:00:00Z to "), lines[1].constData());
        QVERIFY(lines[2].contains("temp_f"));
        QVERIFY(view.exportCsv().startsWith("time,carrier+flight,"));
    }

    void exportsJsonLines() {
        LogFixture f(5'000);
        PredictionsView view(*f.session);
        show(view);
        enter(view, "carrier:UA");
        const QString path = f.folder.filePath(u"rows.jsonl"_qs);
        view.exportAll(path);
        QTRY_VERIFY(status(view).contains(u"rows in"_qs));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QList<QByteArray> lines = file.readAll().trimmed().split('\n');
        QCOMPARE(lines.size(), qsizetype{1 + 1'667});
        const QJsonObject head = QJsonDocument::fromJson(lines[0]).object()[u"pilothouse_export"].toObject();
        QVERIFY(head[u"query"].toString().endsWith(u"carrier:UA"));
        const QJsonObject newest = QJsonDocument::fromJson(lines[1]).object();
        QCOMPARE(newest[u"carrier"].toString(), u"UA"_qs);
        QCOMPARE(newest[u"request_id"].toString(), u"r4998"_qs);
        QVERIFY(newest[u"wind_gust_mph"].isNull());
    }

    void whatIsDifferent() {
        LogFixture f(3'000);
        PredictionsView view(*f.session);
        show(view);
        enter(view, "temp_f:60");  // every fortieth row: to Boston, late
        auto* list = find<DifferenceList>(view, "differenceList");
        const QAbstractItemModelTester tester(list->model(), QAbstractItemModelTester::FailureReportingMode::Fatal);
        QTest::mouseClick(find<QPushButton>(view, "showDifferences"), Qt::LeftButton);
        QTRY_VERIFY(view.settled());
        QStringList found;
        for (int i = 0; i < list->model()->rowCount(); ++i)
            found += list->model()->index(i, 0).data().toString();
        QVERIFY2(found.contains(u"dest BOS"_qs), qPrintable(found.join(u", ")));
        QVERIFY(found.contains(u"outcome 1"_qs));
        QVERIFY(found.contains(u"wind_gust_mph no value"_qs));
        QVERIFY(!found.contains(u"carrier UA"_qs));     // as frequent here as elsewhere
        QVERIFY(found.filter(u"temp_f"_qs).isEmpty());  // the query says that itself
        const auto index = list->model()->index(static_cast<int>(found.indexOf(u"dest BOS"_qs)), 0);
        QVERIFY(std::abs(index.data(items::PredictionDifferences::LiftRole).toDouble() - 1 / (675.0 / 2925)) < 1e-9);
        QVERIFY(index.data(items::PredictionDifferences::SafeLiftRole).toDouble() > 2);
        QVERIFY(find<QLabel>(view, "differenceNote")->text().contains(u"75 rows against 2,925"_qs));
        list->setFocus();
        list->setCurrentIndex(index);
        QTest::keyClick(list, Qt::Key_Return);
        QTRY_VERIFY(view.settled());
        QCOMPARE(f.session->lens().state().filters, (std::vector<std::string>{"temp_f:60", "dest:BOS"}));
        // One row is different from others in everything, and that says nothing.
        enter(view, "request_id:r1");
        QTRY_VERIFY(view.settled());
        QCOMPARE(list->model()->rowCount(), 0);
        QVERIFY(find<QLabel>(view, "differenceNote")->text().startsWith(u"Nothing differs"_qs));
    }

    void searchesAreSavedAndLookedThrough() {
        LogFixture f(300);
        PredictionsView view(*f.session);
        show(view);
        auto* menu = find<SearchMenu>(view, "savedSearches");
        enter(view, "carrier:UA temp_f>=90");
        menu->askName();
        auto* dialog = menu->findChild<QInputDialog*>(u"searchName"_qs);
        QCOMPARE(dialog->textValue(), u"carrier:UA temp_f>=90"_qs);
        dialog->setTextValue(u"hot & United"_qs);
        dialog->accept();
        QTRY_VERIFY(!menu->busy() && menu->searches().size() == 1);
        enter(view, "wrong");
        menu->menu()->findChild<QAction*>(u"search_hot & United"_qs)->trigger();
        QTRY_VERIFY(view.settled());
        QCOMPARE(f.session->lens().state().filters, (std::vector<std::string>{"carrier:UA", "temp_f>=90"}));
        QCOMPARE(find<QueryEdit>(view, "queryEdit")->text(), u"carrier:UA temp_f>=90"_qs);
        // Another view of the same workspace finds it.
        PredictionsView again(*f.session);
        auto* other = find<SearchMenu>(again, "savedSearches");
        other->refresh();
        QTRY_COMPARE(other->searches().size(), std::size_t{1});
        other->menu()->findChild<QAction*>(u"remove_hot & United"_qs)->trigger();
        QTRY_VERIFY(!other->busy() && other->searches().empty());
        other->save(u" "_qs);
        QTRY_VERIFY(!other->busy());
        QVERIFY2(status(again).contains(u"needs a name"_qs), qPrintable(status(again)));
    }

    void savedSearchesKeepOrderAndColumns() {
        LogFixture f(3'000);
        PredictionsView view(*f.session);
        show(view);
        auto* table = find<RowsTable>(view, "rowsTable");
        auto* menu = find<SearchMenu>(view, "savedSearches");
        const QStringList usual = table->shownColumns();
        const QStringList chosen{u"latency_ms"_qs, u"time"_qs, u"request_id"_qs};
        QVERIFY(table->arrangeColumns(chosen));
        QCOMPARE(table->shownColumns(), chosen);
        table->chooseOrder({"temp_f", false});
        QTRY_VERIFY(view.settled());
        menu->save(u"hottest"_qs);
        QTRY_VERIFY(!menu->busy() && menu->searches().size() == 1);
        QVERIFY(table->arrangeColumns(usual));
        table->chooseOrder({});
        QTRY_VERIFY(view.settled());
        QCOMPARE(cell(view, 0, "request_id"), u"r2999"_qs);
        table->chooseOrder({{}, true});
        QTRY_VERIFY(view.settled());
        QCOMPARE(cell(view, 0, "request_id"), u"r0"_qs);
        menu->menu()->findChild<QAction*>(u"search_hottest"_qs)->trigger();
        QTRY_VERIFY(view.settled());
        QCOMPARE(table->shownColumns(), chosen);
        QCOMPARE(table->order(), (ports::RowOrder{"temp_f", false}));
        QCOMPARE(cell(view, 0, "temp_f"), u"99"_qs);
        // What is not here any more is left out; where nothing of it is, columns stay.
        QVERIFY(table->arrangeColumns({u"gone"_qs, u"score"_qs}));
        QCOMPARE(table->shownColumns(), QStringList{u"score"_qs});
        QVERIFY(!table->arrangeColumns({u"gone"_qs}));
        QCOMPARE(table->shownColumns(), QStringList{u"score"_qs});
        table->chooseOrder({"gone", true});
        QCOMPARE(table->order(), ports::RowOrder{});
        // From elsewhere in the window, before this view was looked at.
        QTRY_VERIFY(view.settled());
        PredictionsView again(*f.session);
        f.session->select({"search", "hottest"});
        show(again);
        auto* other = find<RowsTable>(again, "rowsTable");
        QTRY_COMPARE(other->shownColumns(), chosen);
        QTRY_COMPARE(other->order(), (ports::RowOrder{"temp_f", false}));
        QTRY_VERIFY(again.settled());
    }

    /// The figures are for people, the bounds only for what is broken.
    void firstRowsAndScrolling() {
        LogFixture f(100'000);
        PredictionsView view(*f.session);
        f.session->lens().setRange({LogFixture::start(), LogFixture::start() + std::chrono::hours(24 * 100)});
        show(view);
        auto* table = find<RowsTable>(view, "rowsTable");
        std::vector<qint64> waits;
        for (const char* query : {"carrier:UA", "carrier:B6 temp_f>80", "wrong", "dest:/B.*/ -carrier:UA", ""}) {
            type(view, query);
            auto* edit = find<QueryEdit>(view, "queryEdit");
            if (!*query) edit->clear();
            edit->completer()->popup()->hide();
            QSignalSpy reset(table->model(), &QAbstractItemModel::modelReset);
            QElapsedTimer timer;
            timer.start();
            QTest::keyClick(edit, Qt::Key_Return);
            QTRY_VERIFY(!reset.isEmpty());
            waits.push_back(timer.nsecsElapsed() / 1'000);
            QTRY_VERIFY(view.settled());
        }
        // Every step paints the whole table at another place, with what is here by then.
        QScrollBar* bar = table->verticalScrollBar();
        qint64 longest = 0, sum = 0;
        constexpr int kFrames = 120;
        for (int i = 0; i < kFrames; ++i) {
            QElapsedTimer timer;
            timer.start();
            bar->setValue(static_cast<int>(static_cast<qint64>(bar->maximum()) * ((i * 37) % kFrames) / kFrames));
            table->viewport()->repaint();
            QCoreApplication::processEvents();
            longest = std::max(longest, timer.nsecsElapsed() / 1'000);
            sum += timer.nsecsElapsed() / 1'000;
        }
        std::sort(waits.begin(), waits.end());
        qInfo(
            "first rows after Enter: median %.1f ms, longest %.1f ms; a frame of scrolling anywhere: mean %.1f ms, "
            "longest %.1f ms",
            double(waits[waits.size() / 2]) / 1e3, double(waits.back()) / 1e3, double(sum) / kFrames / 1e3,
            double(longest) / 1e3);
        QVERIFY(waits[waits.size() / 2] < 5'000'000);
        QVERIFY(sum / kFrames < 1'000'000);
        QTRY_VERIFY(view.settled());
    }

    void overTimeByOutcomeOrVersion() {
        LogFixture f(300);
        PredictionsView view(*f.session);
        show(view);
        auto* button = find<QPushButton>(view, "splitHistogram");
        QCOMPARE(button->text(), u"by outcome"_qs);
        const QImage before = find<TimeHistogram>(view, "timeHistogram")->grab().toImage();
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_VERIFY(view.settled());
        QCOMPARE(button->text(), u"by version"_qs);
        QVERIFY(find<TimeHistogram>(view, "timeHistogram")->grab().toImage() != before);
        QVERIFY2(status(view).startsWith(u"300 rows"_qs), qPrintable(status(view)));
    }

    void twoRowsAreCompared() {
        LogFixture f(300);
        PredictionsView view(*f.session);
        show(view);
        auto* table = find<RowsTable>(view, "rowsTable");
        auto* compared = view.details()->findChild<QTableView*>(u"comparisonTable"_qs);
        const QAbstractItemModelTester tester(compared->model(), QAbstractItemModelTester::FailureReportingMode::Fatal);
        const auto click = [&](int row, Qt::KeyboardModifiers modifiers) {
            QTest::mouseClick(table->viewport(), Qt::LeftButton, modifiers,
                              table->visualRect(table->model()->index(row, 0)).center());
        };
        click(0, {});
        click(2, Qt::ControlModifier);
        QTRY_VERIFY(view.settled());
        QVERIFY(!compared->isHidden() && compared->model()->rowCount() > 8);
        QCOMPARE(compared->model()->headerData(1, Qt::Horizontal).toString(), u"r299"_qs);
        QCOMPARE(compared->model()->headerData(2, Qt::Horizontal).toString(), u"r297"_qs);
        bool same = false;
        QStringList differing;
        for (int i = 0; i < compared->model()->rowCount(); ++i) {
            const bool differs = compared->model()->index(i, 0).data(items::PredictionComparison::DiffersRole).toBool();
            QVERIFY(!(differs && same));  // what differs stands first
            same |= !differs;
            if (differs) differing += compared->model()->index(i, 0).data().toString();
        }
        QVERIFY(differing.contains(u"carrier"_qs) && differing.contains(u"temp_f"_qs));
        QVERIFY(!differing.contains(u"origin"_qs) && !differing.contains(u"model"_qs));
        // By keys: one row again, then the one below it as well.
        table->setFocus();
        QTest::keyClick(table, Qt::Key_Home);
        QTest::keyClick(table, Qt::Key_Down, Qt::ShiftModifier);
        QTRY_VERIFY(view.settled());
        QCOMPARE(compared->model()->headerData(2, Qt::Horizontal).toString(), u"r298"_qs);
        QTest::keyClick(table, Qt::Key_Home);
        QTRY_VERIFY(view.settled());
        QVERIFY(qobject_cast<QStackedWidget*>(view.details())->currentIndex() == 0);
    }

    void failedExportLeavesNothing() {
        LogFixture f(100);
        PredictionsView view(*f.session);
        show(view);
        view.exportAll(f.folder.filePath(u"no/such/folder/rows.csv"_qs));
        QVERIFY2(status(view).contains(u"cannot be written"_qs), qPrintable(status(view)));
    }

    void quietWhileHidden() {
        LogFixture f(100);
        PredictionsView view(*f.session);
        f.session->lens().addFilter("wrong");
        QTest::qWait(30);
        QVERIFY(!view.settled());
        QCOMPARE(find<RowsTable>(view, "rowsTable")->model()->rowCount(), 0);
    }
};

QTEST_MAIN(TestPredictionsView)
#include "tst_predictions_view.moc"
