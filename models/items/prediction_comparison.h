// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QStringList>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "models/base/latest.h"
#include "models/base/time_zone.h"
#include "models/ports/prediction_log.h"

namespace pilothouse::items {

/// Two rows field by field: what differs first, in the log's order, then what is the same. GUI thread.
class PredictionComparison : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Role {
        DiffersRole = Qt::UserRole + 1,  ///< bool
        MissingRole,                     ///< bool: this row has no value there
    };
    struct Place {
        std::string requestId;
        Timestamp time;
    };
    explicit PredictionComparison(std::shared_ptr<ports::PredictionLog> log, QObject* parent = nullptr);

    /// Rows of one model ("": of any), by request id and time.
    void load(const std::string& model, std::array<Place, 2> rows);
    void clear();
    void setZone(const Zone& zone);
    [[nodiscard]] bool busy() const { return m_latest.running(); }
    [[nodiscard]] int differing() const { return m_differing; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : 3; }
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    void loaded();
    void failed(const QString& message);

private:
    struct Line {
        QString field;
        std::array<QString, 2> values;
        std::array<bool, 2> missing{};
        bool differs = false;
    };
    using Pair = std::array<ports::RowSet, 2>;
    void fill(const Pair& rows);

    std::shared_ptr<ports::PredictionLog> m_log;
    Zone m_zone;
    Pair m_rows;
    std::vector<Line> m_lines;
    int m_differing = 0;
    Latest m_latest;
};

}  // namespace pilothouse::items
