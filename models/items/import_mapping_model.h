// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QStringList>

#include "models/predictions/ingest.h"

namespace pilothouse::items {

/// Which field of a file is what, a row a field, beside its first values: what a person confirms before a file is
/// loaded. The mapping is the one that the command line reads and writes. GUI thread.
class ImportMappingModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Field, Role, Type, Privacy, FirstRow };
    enum DataRole {
        ChoiceRole = Qt::UserRole + 1,  ///< of Role, Type and Privacy: the id chosen; also what setData() takes
        ChoicesRole,                    ///< QStringList: ids that may be chosen, in order; empty: fixed
        ProblemRole,                    ///< QString: what is wrong with this cell
        LeftOutRole,                    ///< the field is not kept
    };
    /// Ids of Role beside the reserved columns ("time", "model", …).
    static inline const QString kFeature = QStringLiteral("feature");
    static inline const QString kLeftOut = QStringLiteral("-");

    explicit ImportMappingModel(QObject* parent = nullptr);

    void setPreview(std::vector<predictions::SampledField> fields, predictions::RowMapping mapping);
    [[nodiscard]] const predictions::RowMapping& mapping() const { return m_mapping; }
    /// Keeps the fields. What the mapping names and the file lacks is a problem where a row cannot do without it.
    void setMapping(predictions::RowMapping mapping);
    [[nodiscard]] const std::vector<predictions::SampledField>& fields() const { return m_fields; }

    /// The value of "model" or "version" for rows that name none; empty: none.
    void setConstant(const std::string& column, const std::string& value);
    void setTimeUnit(predictions::TimeUnit unit);
    void setLatencyFactor(double factor);
    /// Whether fields that come after the first rows become features.
    void setKeepOthers(bool keep);

    /// Why these rows could not be loaded, in words, the gravest first; empty: they can.
    [[nodiscard]] QStringList problems() const;
    /// What is worth a look and stops nothing.
    [[nodiscard]] QStringList hints() const;

    /// "time of the row" for "time".
    [[nodiscard]] static QString choiceTitle(const QString& id);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    void mappingChanged();

private:
    [[nodiscard]] QString roleOf(const std::string& field) const;
    [[nodiscard]] QString typeOf(const predictions::SampledField& field) const;
    [[nodiscard]] QString privacyOf(const std::string& field) const;
    [[nodiscard]] QString problemOf(const predictions::SampledField& field, int column) const;
    [[nodiscard]] QStringList choicesOf(const predictions::SampledField& field, int column) const;
    void setRole(const std::string& field, const QString& role);
    void assignRole(const std::string& field, const QString& role);
    void setPrivacy(const std::string& field, const QString& privacy);
    void changed();
    [[nodiscard]] bool events() const { return m_mapping.format == predictions::RowFormat::CloudEvents; }

    std::vector<predictions::SampledField> m_fields;
    predictions::RowMapping m_mapping;
};

}  // namespace pilothouse::items
