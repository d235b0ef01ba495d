// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/version_list_model.h"

#include <cmath>
#include <set>

namespace pilothouse::items {

namespace {

QString keyOf(const ports::ModelVersion& v) { return QString::fromStdString(v.model + "/" + v.version); }

const char* metricOf(int column) {
    switch (column) {
        case VersionListModel::Auc:
            return "auc";
        case VersionListModel::Baseline:
            return "auc_baseline";
        case VersionListModel::AgainstChampion:
            return "auc_difference_champion";
        default:
            return nullptr;
    }
}

bool sameVersions(const std::vector<VersionListModel::Entry>& a, const std::vector<VersionListModel::Entry>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& x, const auto& y) { return keyOf(x.version) == keyOf(y.version); });
}

QString metricText(const ports::Metric* m) {
    if (!m) return QStringLiteral("–");
    QString out = QString::number(m->value, 'f', 4);
    if (std::isfinite(m->low)) out += QStringLiteral(" (%1 – %2)").arg(m->low, 0, 'f', 3).arg(m->high, 0, 'f', 3);
    return out.replace(QLatin1Char('-'), QChar(0x2212));  // a minus sign
}

QString dateText(Timestamp t) { return QString::fromStdString(t.toIso().substr(0, 10)); }

}  // namespace

void VersionListModel::setEntries(std::vector<Entry> entries) {
    if (!sameVersions(m_entries, entries)) {
        beginResetModel();
        m_entries = std::move(entries);
        endResetModel();
        return;
    }
    // A version never changes; what it is called may.
    for (std::size_t row = 0; row < entries.size(); ++row) {
        if (m_entries[row].aliases == entries[row].aliases) continue;
        m_entries[row].aliases = entries[row].aliases;
        Q_EMIT dataChanged(index(static_cast<int>(row), 0), index(static_cast<int>(row), ColumnCount - 1));
    }
}

int VersionListModel::rowOf(const QString& key) const {
    for (std::size_t row = 0; row < m_entries.size(); ++row)
        if (keyOf(m_entries[row].version) == key) return static_cast<int>(row);
    return -1;
}

int VersionListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}
int VersionListModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant VersionListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Entry& entry = m_entries[static_cast<std::size_t>(index.row())];
    const ports::ModelVersion& v = entry.version;
    switch (role) {
        case KeyRole:
            return keyOf(v);
        case AliasesRole:
            return entry.aliases;
        case CreatedNsRole:
            return static_cast<qint64>(v.created.ns);
        case RangeNsRole:
            return QVariantList{static_cast<qint64>(v.trainedOn.start.ns), static_cast<qint64>(v.trainedOn.end.ns)};
        case MetricRole: {
            const char* name = metricOf(index.column());
            const ports::Metric* m = name ? v.metric(name) : nullptr;
            return m ? QVariant(QVariantList{m->value, m->low, m->high}) : QVariant();
        }
        case Qt::DisplayRole:
            break;
        default:
            return {};
    }
    switch (index.column()) {
        case Model:
            return QString::fromStdString(v.model);
        case Version:
            return QString::fromStdString(v.version);
        case Aliases:
            return entry.aliases.join(QStringLiteral(", "));
        case Rows:
            return static_cast<qulonglong>(v.trainingRows);
        case Run:
            return QString::fromStdString(v.runId);
        default:
            return {};  // metrics and times are formatted by the view
    }
}

QVariant VersionListModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    switch (section) {
        case Model:
            return QStringLiteral("model");
        case Version:
            return QStringLiteral("version");
        case Aliases:
            return QStringLiteral("aliases");
        case Created:
            return QStringLiteral("created");
        case Auc:
            return QStringLiteral("AUC, held out");
        case Baseline:
            return QStringLiteral("baseline");
        case AgainstChampion:
            return QStringLiteral("against champion");
        case Rows:
            return QStringLiteral("training rows");
        case TrainedOn:
            return QStringLiteral("trained on");
        case Run:
            return QStringLiteral("run");
        default:
            return {};
    }
}

std::vector<ComparisonRow> describeVersions(const ports::ModelVersion& left, const ports::ModelVersion* right) {
    std::vector<ComparisonRow> rows;
    const auto add = [&](const char* section, const QString& name, const QString& l, const QString& r,
                         double difference) {
        rows.push_back({QString::fromLatin1(section), name, l, r, difference, right && l != r});
    };
    std::vector<std::string> metrics;
    for (const ports::ModelVersion* v : {&left, right}) {
        if (!v) continue;
        for (const ports::Metric& m : v->metrics)
            if (std::find(metrics.begin(), metrics.end(), m.name) == metrics.end()) metrics.push_back(m.name);
    }
    for (const std::string& name : metrics) {
        const ports::Metric *l = left.metric(name), *r = right ? right->metric(name) : nullptr;
        add("metrics", QString::fromStdString(name), metricText(l), right ? metricText(r) : QString(),
            l && r ? r->value - l->value : std::nan(""));
    }
    const auto fact = [&](const char* name, auto&& text) {
        add("data", QString::fromLatin1(name), text(left), right ? text(*right) : QString(), std::nan(""));
    };
    using Version = const ports::ModelVersion&;
    fact("trained on",
         [](Version v) { return dateText(v.trainedOn.start) + QStringLiteral(" – ") + dateText(v.trainedOn.end); });
    fact("evaluated on",
         [](Version v) { return dateText(v.evaluatedOn.start) + QStringLiteral(" – ") + dateText(v.evaluatedOn.end); });
    fact("training rows", [](Version v) { return QLocale::c().toString(static_cast<qulonglong>(v.trainingRows)); });
    fact("threshold", [](Version v) { return QString::number(v.threshold, 'g', 4); });
    fact("artifact", [](Version v) { return QString::fromStdString(v.artifactDigest).left(19); });
    fact("profile", [](Version v) { return QString::fromStdString(v.profileDigest).left(19); });
    std::set<std::string> parameters;
    for (const ports::ModelVersion* v : {&left, right})
        if (v)
            for (const auto& [name, value] : v->parameters)
                parameters.insert(name);
    const auto parameter = [](const ports::ModelVersion& v, const std::string& name) {
        const auto found = v.parameters.find(name);
        return found == v.parameters.end() ? QStringLiteral("–") : QString::fromStdString(found->second);
    };
    for (const std::string& name : parameters)
        add("parameters", QString::fromStdString(name), parameter(left, name),
            right ? parameter(*right, name) : QString(), std::nan(""));
    const auto has = [](const ports::ModelVersion& v, const std::string& name) {
        return std::find(v.features.begin(), v.features.end(), name) != v.features.end() ? QStringLiteral("yes")
                                                                                         : QStringLiteral("no");
    };
    std::vector<std::string> features = left.features;
    if (right)
        for (const std::string& f : right->features)
            if (std::find(features.begin(), features.end(), f) == features.end()) features.push_back(f);
    for (const std::string& f : features)
        add("features", QString::fromStdString(f), has(left, f), right ? has(*right, f) : QString(), std::nan(""));
    return rows;
}

}  // namespace pilothouse::items
