// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>
#include <map>
#include <string>

#include "models/base/time_zone.h"
#include "models/items/prediction_rows_model.h"
#include "models/ports/model_registry.h"
#include "widgets/predictions/uniform_table.h"
#include "widgets/theme/line_text.h"

namespace pilothouse::predictions_view {

/// How a version's score is read.
struct ScoreReading {
    double threshold = 0.5;
    QString positive = QStringLiteral("positive"), negative = QStringLiteral("negative");
};

class RowDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    explicit RowDelegate(QObject* parent = nullptr);
    /// The theme's fonts may be others.
    void dress();
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    /// The cell's text without its picture; also what a copy takes.
    [[nodiscard]] QString text(const QModelIndex& index) const;
    /// Nothing: no score or no outcome.
    [[nodiscard]] std::optional<bool> wrong(const QModelIndex& index) const;
    [[nodiscard]] const ScoreReading& reading(const QModelIndex& index) const;

    Zone zone;
    bool withYear = false;
    std::map<QString, ScoreReading> readings;  ///< by version
    ScoreReading common;

private:
    void paintScore(QPainter& painter, const QRect& box, const QModelIndex& index) const;
    void paintOutcome(QPainter& painter, const QRect& box, const QModelIndex& index) const;
    theme::LineText m_line, m_bold;
};

/// The rows, newest first. Columns are chosen in the head's menu, moved and resized there, and remembered by their ids.
class RowsTable : public UniformTable {
    Q_OBJECT
public:
    RowsTable(items::PredictionRowsModel& model, QWidget* parent = nullptr);

    void setZone(const Zone& zone);
    void setVersions(const std::map<std::string, ports::ModelVersion>& versions);
    void setRange(const TimeRange& range);
    /// Lays out the columns as they were last time.
    void restoreColumns();
    /// The newest rows are in sight.
    [[nodiscard]] bool atNewest() const;
    void scrollToNewest();
    /// How the rows are ordered; the head shows it, and it is remembered.
    void setOrder(const ports::RowOrder& order);
    [[nodiscard]] const ports::RowOrder& order() const { return m_order; }
    /// As it was chosen last; by time where the columns do not have that field.
    [[nodiscard]] ports::RowOrder rememberedOrder() const;
    [[nodiscard]] RowDelegate& rowDelegate() const { return *m_delegate; }
    /// Ids of the visible columns, in the order of the table.
    [[nodiscard]] QStringList shownColumns() const;
    void setColumnShown(const QString& id, bool shown);
    /// Shows these columns and no other, in this order, and remembers it. False, and nothing: none of them is here.
    bool arrangeColumns(const QStringList& ids);
    /// Orders the rows, remembers it and says so with orderChosen(); by time where they do not have that field.
    void chooseOrder(const ports::RowOrder& order);
    [[nodiscard]] QString currentRequest() const;

Q_SIGNALS:
    void rowChosen(int row);                          ///< the current row
    void rowActivated(int row);                       ///< Enter, double click
    void rowsSelected(const std::vector<int>& rows);  ///< ascending
    void orderChosen(const pilothouse::ports::RowOrder& order);
    void left();  ///< Esc
    void scrolled();

protected:
    void changeEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

private:
    void tellVisible();
    void saveColumns();
    void headMenu(const QPoint& at);
    void orderMenu();
    void headClicked(int column);
    void showOrder();
    void choose(const ports::RowOrder& order);
    [[nodiscard]] bool has(const ports::RowOrder& order) const;
    [[nodiscard]] static bool sortable(const items::PredictionColumn& column);
    [[nodiscard]] int defaultWidth(const items::PredictionColumn& column) const;

    items::PredictionRowsModel& m_model;
    RowDelegate* m_delegate;
    ports::RowOrder m_order;
    bool m_restoring = false, m_goAlong = false;
};

}  // namespace pilothouse::predictions_view
