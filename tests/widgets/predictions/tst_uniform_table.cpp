// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QAbstractTableModel>
#include <QAccessible>
#include <QHeaderView>
#include <QPainter>
#include <QScrollBar>
#include <QSignalSpy>
#include <QStyledItemDelegate>
#include <QTest>
#include <algorithm>
#include <map>
#include <set>

#include "widgets/predictions/uniform_table.h"

using pilothouse::predictions_view::UniformTable;

namespace {

constexpr int kRow = 22;

/// Any number of rows, none of them kept.
class Rows : public QAbstractTableModel {
public:
    explicit Rows(int count) : m_count(count) {}
    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : m_count; }
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : 4; }
    QVariant data(const QModelIndex& index, int role) const override {
        return role == Qt::DisplayRole ? QVariant(u"%1/%2"_qs.arg(index.row()).arg(index.column())) : QVariant();
    }
    void insert(int at, int count) {
        beginInsertRows({}, at, at + count - 1);
        m_count += count;
        endInsertRows();
    }
    void remove(int at, int count) {
        beginRemoveRows({}, at, at + count - 1);
        m_count -= count;
        endRemoveRows();
    }
    void become(int count) {
        beginResetModel();
        m_count = count;
        endResetModel();
    }

private:
    int m_count;
};

/// Notes what is painted, and where.
class Notes : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter*, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painted[{index.row(), index.column()}] = option.rect;
        if (option.state & QStyle::State_Selected) selected.insert(index.row());
    }
    mutable std::map<std::pair<int, int>, QRect> painted;
    mutable std::set<int> selected;
};

struct Fixture {
    Rows rows;
    UniformTable table{kRow};
    Notes* notes;

    explicit Fixture(int count) : rows(count), notes(new Notes(&table)) {
        table.setModel(&rows);
        table.setItemDelegate(notes);
        table.setSelectionBehavior(QAbstractItemView::SelectRows);
        table.setSelectionMode(QAbstractItemView::ExtendedSelection);
        table.setFrameShape(QFrame::NoFrame);
        table.resize(500, 400);
        table.show();
        if (!QTest::qWaitForWindowActive(&table)) qFatal("no window");
        table.setFocus();
        paint();
    }
    void paint() {
        notes->painted.clear();
        notes->selected.clear();
        table.viewport()->repaint();
    }
    [[nodiscard]] int page() const { return table.viewport()->height() / kRow; }
    [[nodiscard]] int top() const { return table.verticalScrollBar()->value(); }
    [[nodiscard]] std::vector<int> selected() const {
        std::vector<int> result;
        for (const QItemSelectionRange& r : table.selectionModel()->selection())
            for (int row = r.top(); row <= r.bottom() && result.size() < 100; ++row)
                result.push_back(row);
        std::ranges::sort(result);
        return result;
    }
    void click(int row, Qt::KeyboardModifiers modifiers = {}) {
        QTest::mouseClick(table.viewport(), Qt::LeftButton, modifiers, table.visualRect(rows.index(row, 1)).center());
    }
    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) { QTest::keyClick(&table, key, modifiers); }
};

}  // namespace

class TestUniformTable : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(u"^(?!This plugin does not support)"_qs)); }

    void nothingIsKeptARow() {
        Fixture f(40'000'000);
        QCOMPARE(f.table.verticalHeader()->count(), 0);
        QCOMPARE(f.table.verticalScrollBar()->maximum(), 40'000'000 - f.page());
        QCOMPARE(f.table.verticalScrollBar()->pageStep(), f.page());
        f.rows.insert(0, 9'000'000);
        QTRY_COMPARE(f.table.verticalScrollBar()->maximum(), 49'000'000 - f.page());
        f.rows.remove(100, 48'000'000);
        QTRY_COMPARE(f.table.verticalScrollBar()->maximum(), 1'000'000 - f.page());
        QCOMPARE(f.table.verticalHeader()->count(), 0);
    }

    void whatIsInSightIsPainted() {
        Fixture f(50'000'000);
        f.table.verticalScrollBar()->setValue(49'000'000);
        f.paint();
        std::set<int> rows;
        for (const auto& [cell, rect] : f.notes->painted) {
            rows.insert(cell.first);
            QCOMPARE(rect.top(), (cell.first - 49'000'000) * kRow);
            QCOMPARE(rect.height(), kRow);
            QCOMPARE(rect.left(), f.table.columnViewportPosition(cell.second));
        }
        QCOMPARE(*rows.begin(), 49'000'000);
        QVERIFY(static_cast<int>(rows.size()) >= f.page() && static_cast<int>(rows.size()) <= f.page() + 1);
        f.table.setColumnHidden(2, true);
        f.paint();
        QVERIFY(!f.notes->painted.contains({49'000'001, 2}) && f.notes->painted.contains({49'000'001, 3}));
    }

    void placesAndPointsAgree() {
        Fixture f(50'000'000);
        f.table.verticalScrollBar()->setValue(25'000'000);
        const QRect rect = f.table.visualRect(f.rows.index(25'000'003, 2));
        QCOMPARE(rect.top(), 3 * kRow);
        QCOMPARE(f.table.indexAt(rect.topLeft()), f.rows.index(25'000'003, 2));
        QCOMPARE(f.table.indexAt(rect.bottomRight()), f.rows.index(25'000'003, 2));
        QCOMPARE(f.table.rowAt(0), 25'000'000);
        QCOMPARE(f.table.rowAt(-1), 24'999'999);
        QCOMPARE(f.table.rowAt(-kRow), 24'999'999);
        QCOMPARE(f.table.rowAt(-kRow - 1), 24'999'998);
        f.rows.become(2);
        QCOMPARE(f.table.rowAt(2 * kRow - 1), 1);
        QCOMPARE(f.table.rowAt(2 * kRow), -1);
        QVERIFY(!f.table.indexAt({10, 2 * kRow}).isValid());
    }

    void keysWalk() {
        Fixture f(10'000'000);
        f.table.setCurrentIndex({});  // an item view makes its first one current when it gets the focus
        f.key(Qt::Key_Down);
        QCOMPARE(f.table.currentIndex().row(), 0);
        f.key(Qt::Key_Down);
        QCOMPARE(f.table.currentIndex().row(), 1);
        f.key(Qt::Key_Up);
        f.key(Qt::Key_Up);
        QCOMPARE(f.table.currentIndex().row(), 0);
        f.key(Qt::Key_PageDown);
        QCOMPARE(f.table.currentIndex().row(), f.page());
        QCOMPARE(f.top(), 1);
        f.key(Qt::Key_End, Qt::ControlModifier);
        QCOMPARE(f.table.currentIndex().row(), 9'999'999);
        QCOMPARE(f.top(), 10'000'000 - f.page());
        f.key(Qt::Key_PageDown);
        QCOMPARE(f.table.currentIndex().row(), 9'999'999);
        f.key(Qt::Key_PageUp);
        QCOMPARE(f.table.currentIndex().row(), 9'999'999 - f.page());
        f.key(Qt::Key_Home, Qt::ControlModifier);
        QCOMPARE(f.table.currentIndex().row(), 0);
        QCOMPARE(f.top(), 0);
        f.rows.become(0);
        f.key(Qt::Key_Down);
        f.key(Qt::Key_End);
        QVERIFY(!f.table.currentIndex().isValid());
    }

    void rangesAreSelected() {
        Fixture f(10'000'000);
        f.click(2);
        f.click(5, Qt::ShiftModifier);
        QCOMPARE(f.selected(), (std::vector<int>{2, 3, 4, 5}));
        f.click(8, Qt::ControlModifier);
        QCOMPARE(f.selected(), (std::vector<int>{2, 3, 4, 5, 8}));
        f.click(4);
        f.click(1, Qt::ShiftModifier);  // backwards
        QCOMPARE(f.selected(), (std::vector<int>{1, 2, 3, 4}));
        f.paint();
        QCOMPARE(f.notes->selected, (std::set<int>{1, 2, 3, 4}));
        f.key(Qt::Key_Down, Qt::ShiftModifier);
        QCOMPARE(f.selected(), (std::vector<int>{2, 3, 4}));
        // Over millions, to the last one and all of them.
        f.key(Qt::Key_End, Qt::ShiftModifier);
        QItemSelection selection = f.table.selectionModel()->selection();
        QCOMPARE(selection.size(), 1);
        QCOMPARE(selection.front().top(), 4);
        QCOMPARE(selection.front().bottom(), 9'999'999);
        f.table.selectAll();
        selection = f.table.selectionModel()->selection();
        QCOMPARE(selection.front().height(), 10'000'000);
        f.rows.insert(0, 10);  // what was selected stays so
        selection = f.table.selectionModel()->selection();
        QCOMPARE(selection.front().top(), 10);
    }

    void aDragSelects() {
        Fixture f(1'000);
        const auto at = [&](int row) { return f.table.visualRect(f.rows.index(row, 1)).center(); };
        QTest::mousePress(f.table.viewport(), Qt::LeftButton, {}, at(6));
        QTest::mouseMove(f.table.viewport(), at(4));
        QTest::mouseMove(f.table.viewport(), at(3));
        QTest::mouseRelease(f.table.viewport(), Qt::LeftButton, {}, at(3));
        QCOMPARE(f.selected(), (std::vector<int>{3, 4, 5, 6}));
        f.rows.become(2);
        QTest::mouseClick(f.table.viewport(), Qt::LeftButton, {}, {20, 5 * kRow});
        QVERIFY(f.selected().empty());
    }

    void theWheelAndTheBarScroll() {
        Fixture f(10'000'000);
        QWheelEvent wheel({20, 20}, f.table.viewport()->mapToGlobal(QPointF(20, 20)), {}, {0, -120}, {}, {},
                          Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(f.table.viewport(), &wheel);
        QVERIFY(f.top() > 0 && f.top() < 10);
        f.table.verticalScrollBar()->triggerAction(QAbstractSlider::SliderPageStepAdd);
        QVERIFY(f.top() > f.page());
        // Scrolled pictures are what a whole paint would give.
        f.table.setItemDelegate(new QStyledItemDelegate(&f.table));
        for (const int place : {500, 503, 501, 5'000'000, 4'999'999}) {
            f.table.verticalScrollBar()->setValue(place);
            const QImage scrolled = f.table.grab().toImage();
            f.table.viewport()->update();
            QCOMPARE(f.table.grab().toImage(), scrolled);
        }
    }

    void columnsScrollByPixel() {
        Fixture f(100);
        f.table.setColumnWidth(0, 900);
        QTRY_VERIFY(f.table.horizontalScrollBar()->maximum() > 0);
        f.table.horizontalScrollBar()->setValue(37);
        QCOMPARE(f.table.columnViewportPosition(0), -37);
        QCOMPARE(f.table.visualRect(f.rows.index(0, 1)).left(), 900 - 37);
        f.table.scrollTo(f.rows.index(0, 3));
        QVERIFY(f.table.viewport()->rect().contains(f.table.visualRect(f.rows.index(0, 3))));
        f.table.horizontalHeader()->moveSection(3, 0);
        f.table.scrollTo(f.rows.index(0, 3));
        QCOMPARE(f.table.visualRect(f.rows.index(0, 3)).left(), 0);
    }

    void otherRowsBeginAtTheTop() {
        Fixture f(1'000'000);
        f.table.verticalScrollBar()->setValue(500'000);
        QSignalSpy scrolled(f.table.verticalScrollBar(), &QScrollBar::valueChanged);
        f.rows.become(2'000'000);
        QCOMPARE(f.top(), 0);
        QTRY_COMPARE(f.table.verticalScrollBar()->maximum(), 2'000'000 - f.page());
        f.table.verticalScrollBar()->setValue(1'500'000);
        f.rows.insert(2'000'000, 10);
        f.table.scrollTo(f.rows.index(2'000'009, 0));  // before the table was laid out anew
        QCOMPARE(f.top(), 2'000'010 - f.page());
    }

    void aFewRowsNeedNoBar() {
        Fixture f(3);
        QVERIFY(!f.table.verticalScrollBar()->isVisible());
        QCOMPARE(f.table.verticalScrollBar()->maximum(), 0);
        QVERIFY(f.table.horizontalHeader()->isVisible());
        QCOMPARE(f.table.viewport()->geometry().top(), f.table.horizontalHeader()->height());
        QCOMPARE(f.table.childAt(3, 3), f.table.horizontalHeader()->viewport());  // nothing lies over it
    }

    void assistiveTechnologySeesATable() {
        Fixture f(10'000);
        QAccessibleInterface* table = QAccessible::queryAccessibleInterface(&f.table);
        QVERIFY(table && table->tableInterface());
        QCOMPARE(table->role(), QAccessible::Table);
        QCOMPARE(table->tableInterface()->rowCount(), 10'000);
        QCOMPARE(table->tableInterface()->columnCount(), 4);
        f.table.verticalScrollBar()->setValue(5'000);
        QAccessibleInterface* cell = table->tableInterface()->cellAt(5'002, 1);
        QVERIFY(cell);
        QCOMPARE(cell->text(QAccessible::Name), u"5002/1"_qs);
        QCOMPARE(cell->rect(),
                 QRect(f.table.viewport()->mapToGlobal(f.table.visualRect(f.rows.index(5'002, 1)).topLeft()),
                       f.table.visualRect(f.rows.index(5'002, 1)).size()));
        f.click(5'002);
        QCOMPARE(table->tableInterface()->selectedRows(), QList<int>{5'002});
    }
};

QTEST_MAIN(TestUniformTable)
#include "tst_uniform_table.moc"
