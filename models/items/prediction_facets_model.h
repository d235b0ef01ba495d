// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <QStringList>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/ports/prediction_log.h"

namespace pilothouse::items {

/// The most frequent values of some fields among the matching rows, each with its share there and how many times that
/// is its share among the rows it is compared with. A flat list: a header row a field, then its values. GUI thread.
class PredictionFacetsModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role {
        FieldRole = Qt::UserRole + 1,
        HeaderRole,    ///< bool
        ValueRole,     ///< QString; empty with MissingRole: the field has no value
        MissingRole,   ///< bool
        CountRole,     ///< qulonglong; of a header: all matching rows
        ShareRole,     ///< double, 0 to 1
        LiftRole,      ///< double; invalid: nothing to compare with
        ClauseRole,    ///< QString of the query language
        ActiveRole,    ///< bool: the clause is a filter of the lens
        ExcludedRole,  ///< bool: its negation is
    };
    explicit PredictionFacetsModel(QObject* parent = nullptr);

    void setFields(std::vector<std::string> fields);
    [[nodiscard]] const std::vector<std::string>& fields() const { return m_fields; }
    /// `baseline`: the same field among the rows to compare with.
    void setValues(const std::string& field, ports::TopValues values, std::optional<ports::TopValues> baseline);
    void setFilters(const std::vector<std::string>& filters);
    void clearValues();
    /// Values shown a field.
    void setLimit(int limit);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

    [[nodiscard]] static QString exclusion(const QString& clause) { return u'-' + clause; }

private:
    struct Line {
        std::string field;
        bool header = false, missing = false;
        std::string value;
        std::uint64_t count = 0;
        double share = 0;
        std::optional<double> lift;
        QString clause;
    };
    struct Answer {
        ports::TopValues values;
        std::optional<ports::TopValues> baseline;
    };
    void rebuild();
    [[nodiscard]] std::vector<Line> linesOf(const std::string& field, const Answer& answer) const;

    std::vector<std::string> m_fields;
    std::map<std::string, Answer> m_answers;
    std::vector<Line> m_lines;
    QStringList m_filters;
    int m_limit = 6;
};

}  // namespace pilothouse::items
