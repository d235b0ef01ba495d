// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/quarantine_model.h"

#include <QJsonDocument>
#include <QSaveFile>

namespace pilothouse::items {
namespace {

using predictions::QuarantineEntry;

constexpr std::size_t kPage = 200;
constexpr qsizetype kShown = 400;

QString text(const std::string& s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

/// The beginning, fit for one line of a table.
QString oneLine(const std::string& raw) {
    QString out = text(raw.substr(0, 4 * kShown)).left(kShown);
    for (QChar& c : out)
        if (c.unicode() < 0x20 || (c.unicode() >= 0x7f && c.unicode() < 0xa0)) c = u'·';
    return out;
}

/// Page by page, so that no more than a page of rows is in memory.
Result<quint64> exportRows(workspace::Database& database, predictions::QuarantineQuery query, const QString& path,
                           const CancellationToken& token) {
    QSaveFile file(path);
    const auto failed = [&] {
        return fail(ErrorKind::Unavailable, "cannot be written", path.toStdString(), file.errorString().toStdString());
    };
    if (!file.open(QIODevice::WriteOnly)) return failed();
    query.before = std::numeric_limits<std::int64_t>::max();
    query.limit = kPage;
    for (quint64 rows = 0;;) {
        PH_ASSIGN(const auto entries, predictions::quarantineEntries(database, query, token));
        for (const QuarantineEntry& entry : entries) {
            const QByteArray line = QJsonDocument(quarantineObject(entry)).toJson(QJsonDocument::Compact) + '\n';
            if (file.write(line) != line.size()) return failed();
        }
        rows += entries.size();
        if (entries.size() == query.limit) {
            query.before = entries.back().id;
            continue;
        }
        if (!file.commit()) return failed();
        return rows;
    }
}

}  // namespace

QJsonObject quarantineObject(const QuarantineEntry& entry) {
    const auto& row = entry.row;
    return {{QStringLiteral("file"), text(entry.file)},
            {QStringLiteral("line"), static_cast<qint64>(row.place.line)},
            {QStringLiteral("byte"), static_cast<qint64>(row.place.offset)},
            {QStringLiteral("bytes"), static_cast<qint64>(row.bytes)},
            {QStringLiteral("reason"), text(row.reason)},
            {QStringLiteral("detail"), text(row.detail)},
            {QStringLiteral("seen"), text(entry.seen.toIso())},
            {QStringLiteral("raw"), text(row.raw)}};
}

QuarantineModel::QuarantineModel(std::shared_ptr<workspace::Workspace> workspace, QObject* parent)
    : QAbstractTableModel(parent), m_workspace(std::move(workspace)) {}

std::uint64_t QuarantineModel::total() const {
    std::uint64_t out = 0;
    for (const auto& [reason, count] : m_reasons)
        out += count;
    return out;
}

void QuarantineModel::search(const QString& text, const QString& reason) {
    m_query = {};
    m_query.text = text.toStdString();
    m_query.reason = reason.toStdString();
    m_query.limit = kPage;
    m_fresh = true;
    m_problem.clear();
    nextPage();
    count();
}

void QuarantineModel::nextPage() {
    m_page.start(
        this,
        [&](CancellationToken token) {
            return m_workspace->read(token, [query = m_query, token](workspace::Database& database) {
                return predictions::quarantineEntries(database, query, token);
            });
        },
        [this](Result<std::vector<QuarantineEntry>> entries) {
            if (m_fresh) {  // what was found before stays until the answer is there
                beginResetModel();
                m_entries.clear();
                endResetModel();
                m_fresh = false;
            }
            m_more = entries && entries->size() == m_query.limit;
            if (!entries) {
                m_problem = text(entries.error().text());
            } else if (!entries->empty()) {
                m_query.before = entries->back().id;
                beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(entries->size()) - 1);
                m_entries.insert(m_entries.end(), std::make_move_iterator(entries->begin()),
                                 std::make_move_iterator(entries->end()));
                endInsertRows();
            }
            Q_EMIT changed();
        });
}

void QuarantineModel::count() {
    m_counting.start(
        this,
        [&](CancellationToken token) {
            return m_workspace->read(std::move(token), [](workspace::Database& database) {
                return predictions::quarantineCounts(database);
            });
        },
        [this](Result<std::map<std::string, std::uint64_t>> counts) {
            if (counts)
                m_reasons = std::move(*counts);
            else
                m_problem = text(counts.error().text());
            Q_EMIT changed();
        });
}

void QuarantineModel::exportTo(const QString& path) {
    m_export.start(
        this,
        [&](CancellationToken token) {
            return m_workspace->read(token, [query = m_query, path, token](workspace::Database& database) {
                return exportRows(database, query, path, token);
            });
        },
        [this, path](Result<quint64> rows) {
            Q_EMIT exported(path, rows.value_or(0), rows ? QString() : text(rows.error().text()));
        });
}

bool QuarantineModel::canFetchMore(const QModelIndex& parent) const {
    return !parent.isValid() && m_more && !m_page.running();
}

void QuarantineModel::fetchMore(const QModelIndex& parent) {
    if (canFetchMore(parent)) nextPage();
}

int QuarantineModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

int QuarantineModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

QVariant QuarantineModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const QuarantineEntry& e = entry(index.row());
    if (role == RawRole) return text(e.row.raw);
    if (role == TimeRole) return static_cast<qint64>(e.seen.ns);
    if (role == Qt::TextAlignmentRole && index.column() == Line) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && index.column() == File) return text(e.file);
    if (role != Qt::DisplayRole) return {};
    switch (index.column()) {
        case Seen:
            return text(e.seen.toIso());
        case File:
            return text(e.file.substr(e.file.rfind('/') + 1));
        case Line:
            return static_cast<qulonglong>(e.row.place.line);
        case Reason:
            return text(e.row.reason);
        case Detail:
            return text(e.row.detail);
        default:
            return oneLine(e.row.raw);
    }
}

QVariant QuarantineModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    static const QStringList titles{QStringLiteral("Set aside"), QStringLiteral("File"),
                                    QStringLiteral("Line"),      QStringLiteral("Reason"),
                                    QStringLiteral("Detail"),    QStringLiteral("Row as it came")};
    return titles.value(section);
}

}  // namespace pilothouse::items
