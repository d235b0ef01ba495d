// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/import_mapping_model.h"

#include <algorithm>
#include <array>

#include "models/predictions/log_reader.h"

namespace pilothouse::items {
namespace {

using predictions::Protection;
using predictions::RowFormat;
using predictions::SampledField;

struct Choice {
    const char16_t *id, *title;
};
constexpr std::array<Choice, 13> kRoles{{{u"feature", u"feature"},
                                         {u"time", u"time of the row"},
                                         {u"model", u"model"},
                                         {u"version", u"model version"},
                                         {u"request_id", u"request id"},
                                         {u"trace_id", u"trace id"},
                                         {u"score", u"score"},
                                         {u"outcome", u"outcome (ground truth)"},
                                         {u"outcome_time", u"time of the outcome"},
                                         {u"latency_ms", u"latency"},
                                         {u"status", u"status"},
                                         {u"message", u"message"},
                                         {u"-", u"left out"}}};
constexpr std::array<Choice, 3> kPrivacies{{{u"keep", u"as it is"}, {u"mask", u"masked"}, {u"hash", u"hashed"}}};
constexpr std::array<Choice, 2> kTypes{{{u"number", u"number"}, {u"text", u"text"}}};

template <std::size_t N>
QStringList idsOf(const std::array<Choice, N>& choices) {
    QStringList out;
    for (const Choice& c : choices)
        out << QString::fromUtf16(c.id);
    return out;
}

QString text(const std::string& s) { return QString::fromStdString(s); }

/// What comes out of a file may hold line breaks and worse.
QString oneLine(const std::string& value) {
    QString out = text(value);
    for (QChar& c : out)
        if (c.unicode() < 0x20 || (c.unicode() >= 0x7f && c.unicode() < 0xa0)) c = u'·';
    return out;
}

bool isTime(const QString& role) { return role == u"time" || role == u"outcome_time"; }

}  // namespace

ImportMappingModel::ImportMappingModel(QObject* parent) : QAbstractTableModel(parent) {}

QString ImportMappingModel::choiceTitle(const QString& id) {
    const auto in = [&](const auto& choices) -> QString {
        for (const Choice& c : choices)
            if (id == QStringView(c.id)) return QString::fromUtf16(c.title);
        return {};
    };
    for (const QString& title : {in(kRoles), in(kPrivacies), in(kTypes)})
        if (!title.isEmpty()) return title;
    return id;
}

void ImportMappingModel::setPreview(std::vector<SampledField> fields, predictions::RowMapping mapping) {
    beginResetModel();
    m_fields = std::move(fields);
    m_mapping = std::move(mapping);
    if (events()) {  // their fields are known beforehand; the inputs' names are not
        m_fields.clear();
        for (const auto& [column, field] : m_mapping.fields)
            m_fields.push_back({field, 0, 0, 0, {}});
    }
    endResetModel();
    Q_EMIT mappingChanged();
}

void ImportMappingModel::setMapping(predictions::RowMapping mapping) {
    if (mapping.format != m_mapping.format) return setPreview(m_fields, std::move(mapping));
    m_mapping = std::move(mapping);
    changed();
}

void ImportMappingModel::setConstant(const std::string& column, const std::string& value) {
    if (value.empty()) {
        if (m_mapping.constants.erase(column) == 0) return;
    } else {
        if (const auto there = m_mapping.constants.find(column);
            there != m_mapping.constants.end() && there->second == value)
            return;
        m_mapping.constants[column] = value;
    }
    changed();
}

void ImportMappingModel::setTimeUnit(predictions::TimeUnit unit) {
    if (unit == m_mapping.timeUnit) return;
    m_mapping.timeUnit = unit;
    changed();
}

void ImportMappingModel::setLatencyFactor(double factor) {
    if (factor == m_mapping.latencyFactor) return;
    m_mapping.latencyFactor = factor;
    changed();
}

void ImportMappingModel::setKeepOthers(bool keep) {
    if (keep == m_mapping.keepOthers) return;
    // The fields that are seen stay what they are.
    std::vector<std::pair<std::string, bool>> were;
    for (const SampledField& f : m_fields)
        if (const QString role = roleOf(f.name); role == kFeature || role == kLeftOut)
            were.emplace_back(f.name, role == kLeftOut);
    m_mapping.keepOthers = keep;
    for (const auto& [name, leftOut] : were)
        if (leftOut && keep) m_mapping.protections[name] = Protection::Drop;
    changed();
}

QString ImportMappingModel::roleOf(const std::string& field) const {
    const predictions::FieldTarget target = m_mapping.target(field);
    if (target.protection == Protection::Drop) return kLeftOut;
    return target.type ? text(target.column) : kFeature;
}

QString ImportMappingModel::typeOf(const SampledField& field) const {
    const predictions::FieldTarget target = m_mapping.target(field.name);
    if (target.type) {
        switch (*target.type) {
            case ports::ColumnType::Number:
                return QStringLiteral("number");
            case ports::ColumnType::Time:
                return QStringLiteral("time");
            case ports::ColumnType::Text:
                return QStringLiteral("text");
        }
    }
    if (m_mapping.format == RowFormat::Csv && m_mapping.textFields.contains(field.name)) return QStringLiteral("text");
    if (field.values == 0) return QStringLiteral("no value yet");
    if (field.numbers == field.values) return QStringLiteral("number");
    // JSON says for each value which it is; both are kept.
    return field.numbers == 0 || m_mapping.format == RowFormat::Csv ? QStringLiteral("text")
                                                                    : QStringLiteral("number and text");
}

QString ImportMappingModel::privacyOf(const std::string& field) const {
    switch (m_mapping.target(field).protection) {
        case Protection::Mask:
            return QStringLiteral("mask");
        case Protection::Hash:
            return QStringLiteral("hash");
        default:
            return QStringLiteral("keep");
    }
}

QString ImportMappingModel::problemOf(const SampledField& field, int column) const {
    if (column != Role || field.values == 0) return {};
    const QString role = roleOf(field.name);
    if (isTime(role) && m_mapping.timeUnit == predictions::TimeUnit::Guess && field.times * 2 < field.values)
        return QStringLiteral("%1 of its first %2 values are no time")
            .arg(field.values - field.times)
            .arg(field.values);
    const auto type = m_mapping.target(field.name).type;
    const bool classes = role == u"outcome" && !m_mapping.outcomeClasses.empty();
    if (type == ports::ColumnType::Number && !classes && field.numbers * 2 < field.values)
        return QStringLiteral("%1 of its first %2 values are no number")
            .arg(field.values - field.numbers)
            .arg(field.values);
    return {};
}

QStringList ImportMappingModel::problems() const {
    QStringList out;
    if (events()) return out;
    const auto lacks = [&](const char* column, const QString& none, const QString& absent) {
        const auto field = m_mapping.fields.find(column);
        const bool constant = m_mapping.constants.contains(column);
        if (field == m_mapping.fields.end()) {
            if (!constant) out << none;
        } else if (!constant &&
                   std::ranges::none_of(m_fields, [&](const auto& f) { return f.name == field->second; })) {
            out << absent.arg(text(field->second));
        }
    };
    lacks("time", QStringLiteral("No field is the time of a row: choose one"),
          QStringLiteral("The mapping takes the time from \"%1\", which the first rows do not have"));
    lacks("model", QStringLiteral("No field names the model: choose one, or write the model's name above"),
          QStringLiteral("The mapping takes the model from \"%1\", which the first rows do not have"));
    for (const SampledField& f : m_fields)
        if (const QString problem = problemOf(f, Role); !problem.isEmpty() && isTime(roleOf(f.name)))
            out << QStringLiteral("%1: %2").arg(text(f.name), problem);
    return out;
}

QStringList ImportMappingModel::hints() const {
    QStringList out;
    if (events()) {
        out << QStringLiteral(
            "Inference events: a request and its response make one row; inputs become features under their own names");
        return out;
    }
    if (!m_mapping.fields.contains("request_id"))
        out << QStringLiteral("No request id: rows get one from the file and their place in it");
    for (const auto& [column, field] : m_mapping.fields) {
        if (column == "time" || column == "model") continue;
        if (std::ranges::none_of(m_fields, [&](const auto& f) { return f.name == field; }))
            out << QStringLiteral("%1: the first rows have no field \"%2\"")
                       .arg(choiceTitle(text(column)), text(field));
    }
    if (const auto& classes = m_mapping.outcomeClasses; !classes.empty()) {
        QStringList numbered;
        for (std::size_t i = 0; i < classes.size(); ++i)
            numbered << QStringLiteral("%1 is %2").arg(text(classes[i])).arg(i);
        out << QStringLiteral("Outcomes are classes: %1; rows of other ones are set aside")
                   .arg(numbered.join(QStringLiteral(", ")));
    }
    for (const SampledField& f : m_fields)
        if (const QString problem = problemOf(f, Role); !problem.isEmpty() && !isTime(roleOf(f.name)))
            out << QStringLiteral("%1: %2; such rows are set aside").arg(text(f.name), problem);
    return out;
}

QStringList ImportMappingModel::choicesOf(const SampledField& field, int column) const {
    const QString role = roleOf(field.name);
    if (column == Role) return events() ? QStringList() : idsOf(kRoles);
    if (column == Privacy) return isTime(role) || role == kLeftOut ? QStringList() : idsOf(kPrivacies);
    const bool csvFeature = column == Type && role == kFeature && m_mapping.format == RowFormat::Csv;
    return csvFeature ? idsOf(kTypes) : QStringList();
}

void ImportMappingModel::setRole(const std::string& field, const QString& role) {
    const auto outcome = [this] {
        const auto place = m_mapping.fields.find(std::string(ports::field::outcome));
        return place == m_mapping.fields.end() ? std::string() : place->second;
    };
    const std::string before = outcome();
    assignRole(field, role);
    if (outcome() != before) predictions::guessClasses(m_mapping, m_fields);
}

void ImportMappingModel::assignRole(const std::string& field, const QString& role) {
    std::erase_if(m_mapping.fields, [&](const auto& entry) { return entry.second == field; });
    auto& protections = m_mapping.protections;
    if (role == kLeftOut) {
        protections[field] = Protection::Drop;
        return;
    }
    if (const auto rule = protections.find(field);
        rule != protections.end() && (rule->second == Protection::Drop || isTime(role)))
        protections.erase(rule);
    if (role != kFeature) {
        m_mapping.fields[role.toStdString()] = field;
        return;
    }
    const bool prefixed = !m_mapping.featurePrefix.empty() && field.starts_with(m_mapping.featurePrefix);
    if (m_mapping.keepOthers || prefixed) return;
    for (const SampledField& f : m_fields)
        if (f.name != field && roleOf(f.name) == kLeftOut) protections[f.name] = Protection::Drop;
    m_mapping.keepOthers = true;
}

void ImportMappingModel::setPrivacy(const std::string& field, const QString& privacy) {
    if (privacy == u"keep")
        m_mapping.protections.erase(field);
    else
        m_mapping.protections[field] = privacy == u"mask" ? Protection::Mask : Protection::Hash;
}

bool ImportMappingModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || (role != Qt::EditRole && role != ChoiceRole))
        return false;
    const SampledField& field = m_fields[static_cast<std::size_t>(index.row())];
    const QString id = value.toString();
    if (!choicesOf(field, index.column()).contains(id)) return false;
    if (data(index, ChoiceRole).toString() == id) return true;
    switch (index.column()) {
        case Role:
            setRole(field.name, id);
            break;
        case Type:
            if (id == u"text")
                m_mapping.textFields.insert(field.name);
            else
                m_mapping.textFields.erase(field.name);
            break;
        default:
            setPrivacy(field.name, id);
    }
    changed();
    return true;
}

void ImportMappingModel::changed() {
    if (!m_fields.empty()) Q_EMIT dataChanged(index(0, Role), index(rowCount() - 1, columnCount() - 1));
    Q_EMIT mappingChanged();
}

int ImportMappingModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_fields.size());
}

int ImportMappingModel::columnCount(const QModelIndex& parent) const {
    if (parent.isValid()) return 0;
    std::size_t rows = 0;
    for (const SampledField& f : m_fields)
        rows = std::max(rows, f.first.size());
    return FirstRow + static_cast<int>(rows);
}

QVariant ImportMappingModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const SampledField& field = m_fields[static_cast<std::size_t>(index.row())];
    const int column = index.column();
    const QString id = column == Role      ? roleOf(field.name)
                       : column == Type    ? typeOf(field)
                       : column == Privacy ? privacyOf(field.name)
                                           : QString();
    if (role == ChoiceRole || role == Qt::EditRole) return id;
    if (role == ChoicesRole) return choicesOf(field, column);
    if (role == LeftOutRole) return roleOf(field.name) == kLeftOut;
    if (role == ProblemRole || role == Qt::ToolTipRole) {
        if (const QString problem = problemOf(field, column); !problem.isEmpty()) return problem;
    }
    if (role == ProblemRole) return {};
    const bool asked = role == Qt::DisplayRole || role == Qt::ToolTipRole;
    if (!asked) return {};
    const bool leftOut = roleOf(field.name) == kLeftOut;
    switch (column) {
        case Field:
            return text(field.name);
        case Role: {
            const std::string name = m_mapping.target(field.name).column;
            return id == kFeature && name != field.name ? QStringLiteral("feature %1").arg(text(name))
                                                        : choiceTitle(id);
        }
        case Type:
            return leftOut ? QString() : id;
        case Privacy:
            return leftOut ? QString() : choiceTitle(id);
        default: {
            const auto row = static_cast<std::size_t>(column - FirstRow);
            return row < field.first.size() ? oneLine(field.first[row]) : QString();
        }
    }
}

Qt::ItemFlags ImportMappingModel::flags(const QModelIndex& index) const {
    Qt::ItemFlags out = QAbstractTableModel::flags(index);
    if (!index.isValid()) return out;
    const SampledField& field = m_fields[static_cast<std::size_t>(index.row())];
    if (!choicesOf(field, index.column()).isEmpty()) out |= Qt::ItemIsEditable;
    return out;
}

QVariant ImportMappingModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    switch (section) {
        case Field:
            return QStringLiteral("Field");
        case Role:
            return QStringLiteral("Becomes");
        case Type:
            return QStringLiteral("Type");
        case Privacy:
            return QStringLiteral("Kept");
        default:
            return QStringLiteral("Row %1").arg(section - FirstRow + 1);
    }
}

}  // namespace pilothouse::items
