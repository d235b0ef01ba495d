// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>

#include "models/items/performance.h"

class QLabel;

namespace pilothouse::chart {
class FactsTable;
}

namespace pilothouse::performance {

/// All metrics of the shown version over the range, and how each number was made.
class PerformanceDetails : public QScrollArea {
    Q_OBJECT
public:
    explicit PerformanceDetails(QWidget* parent = nullptr);
    void setReport(const items::PerformanceReport& report, const Zone& zone);
    void clear();

protected:
    void changeEvent(QEvent* event) override;

private:
    void dress();
    QLabel *m_title, *m_context, *m_how, *m_howTitle;
    chart::FactsTable* m_facts;
};

}  // namespace pilothouse::performance
