// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "models/ports/model_registry.h"

namespace pilothouse::items {

/// Versions of all models, by model and newest first. Semantic roles only.
class VersionListModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Model, Version, Aliases, Created, Auc, Baseline, AgainstChampion, Rows, TrainedOn, Run, ColumnCount };
    enum Role {
        KeyRole = Qt::UserRole + 1,  ///< "delay/v2"
        AliasesRole,                 ///< QStringList
        MetricRole,                  ///< QVariantList {value, low, high}; invalid where there is none
        CreatedNsRole,               ///< qint64
        RangeNsRole,                 ///< QVariantList {start, end} of the training rows
    };
    explicit VersionListModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    struct Entry {
        ports::ModelVersion version;
        QStringList aliases;
    };
    void setEntries(std::vector<Entry> entries);
    [[nodiscard]] const std::vector<Entry>& entries() const { return m_entries; }
    [[nodiscard]] int rowOf(const QString& key) const;  ///< -1: not there

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<Entry> m_entries;
};

/// Two versions side by side: every metric, parameter and fact of either.
struct ComparisonRow {
    QString section;  ///< "metrics", "data", "parameters", "features"
    QString name;
    QString left, right;
    double difference = 0;  ///< right minus left; NaN where it means nothing
    bool differs = false;
};
/// `right` may be null: then only `left` is described.
[[nodiscard]] std::vector<ComparisonRow> describeVersions(const ports::ModelVersion& left,
                                                          const ports::ModelVersion* right);

}  // namespace pilothouse::items
