// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "models/items/segment_model.h"

class QComboBox;
class QLabel;
class QTableView;

namespace pilothouse::performance {

/// Performance by the values of a column, worst first, each with its interval and n.
class SegmentPanel : public QWidget {
    Q_OBJECT
public:
    explicit SegmentPanel(QWidget* parent = nullptr);
    /// Keeps the chosen column where it is among them.
    void setColumns(const QStringList& columns);
    [[nodiscard]] QString column() const;
    void setReport(std::shared_ptr<const items::SegmentReport> report);
    void setProblem(const QString& text);
    [[nodiscard]] const items::SegmentModel& model() const { return m_model; }

Q_SIGNALS:
    void columnChosen();
    void segmentChosen(const QString& clause);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void dress();
    void fitColumns();
    items::SegmentModel m_model;
    QComboBox* m_column;
    QLabel *m_title, *m_problem;
    QTableView* m_table;
};

}  // namespace pilothouse::performance
