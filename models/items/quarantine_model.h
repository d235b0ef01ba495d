// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QJsonObject>
#include <map>
#include <memory>
#include <vector>

#include "models/base/latest.h"
#include "models/predictions/ingest_ledger.h"
#include "models/workspace/workspace.h"

namespace pilothouse::items {

/// Rows that could not be used, newest first, as far as they were scrolled to. Read off the GUI thread.
class QuarantineModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Seen, File, Line, Reason, Detail, Raw, kColumns };
    enum DataRole {
        TimeRole = Qt::UserRole + 1,  ///< of Seen: qint64, ns
        RawRole,                      ///< the row as it came (at most 64 KiB), text
    };
    explicit QuarantineModel(std::shared_ptr<workspace::Workspace> workspace, QObject* parent = nullptr);

    /// Starts over. `text` as in QuarantineQuery; an empty reason: any.
    void search(const QString& text, const QString& reason);
    [[nodiscard]] bool loading() const { return m_page.running() || m_counting.running(); }
    /// All that are in quarantine, by reason, whatever was searched for.
    [[nodiscard]] const std::map<std::string, std::uint64_t>& reasons() const { return m_reasons; }
    [[nodiscard]] std::uint64_t total() const;
    [[nodiscard]] const QString& problem() const { return m_problem; }
    [[nodiscard]] const predictions::QuarantineEntry& entry(int row) const {
        return m_entries[static_cast<std::size_t>(row)];
    }
    /// Writes all that match to a file as JSON lines, off the GUI thread; exported() tells the end.
    void exportTo(const QString& path);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;
    [[nodiscard]] bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;

Q_SIGNALS:
    void changed();  ///< rows, counts or the problem
    void exported(const QString& path, quint64 rows, const QString& problem);

private:
    void count();
    void nextPage();

    std::shared_ptr<workspace::Workspace> m_workspace;
    predictions::QuarantineQuery m_query;
    std::vector<predictions::QuarantineEntry> m_entries;
    std::map<std::string, std::uint64_t> m_reasons;
    bool m_more = false, m_fresh = false;
    QString m_problem;
    Latest m_page, m_counting, m_export;
};

/// One row in quarantine as the command line prints it: file, line, byte, bytes, reason, detail, seen, raw.
[[nodiscard]] QJsonObject quarantineObject(const predictions::QuarantineEntry& entry);

}  // namespace pilothouse::items
