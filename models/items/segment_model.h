// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <memory>

#include "models/items/performance.h"

namespace pilothouse::items {

/// Performance by segment, in the report's order (worst first). Semantic roles only. GUI thread.
class SegmentModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Value, Metric, Interval, Labelled, Verdict, ColumnCount };
    enum Role {
        NumberRole = Qt::UserRole + 1,  ///< double: the metric
        LowRole,                        ///< double; NaN: no interval
        HighRole,
        OverallRole,  ///< double: the metric of all rows
        ScaleRole,    ///< QVariantList of two doubles: what an axis over all segments must hold
        VerdictRole,  ///< int of SegmentPerformance::Verdict
        ClauseRole,   ///< QString; empty: the segment cannot be chosen
    };
    explicit SegmentModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
    void setReport(std::shared_ptr<const SegmentReport> report);
    [[nodiscard]] const std::shared_ptr<const SegmentReport>& report() const { return m_report; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::shared_ptr<const SegmentReport> m_report;
    double m_low = 0, m_high = 1;
};

}  // namespace pilothouse::items
