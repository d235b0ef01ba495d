// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "models/base/latest.h"
#include "models/items/prediction_columns.h"
#include "models/ports/prediction_log.h"

namespace pilothouse::items {

/// What the table shows: the rows that match, newest first, and how many of them lie in each bucket of time. The counts
/// say where the n-th row lies, so that any place of the table is one short search away.
struct PredictionQuestion {
    ports::Query query;
    std::vector<Timestamp> edges;       ///< ascending, n + 1
    std::vector<std::uint64_t> counts;  ///< n
};

/// Matching rows of a prediction log, newest first; only what is visible is fetched. GUI thread.
class PredictionRowsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Role {
        TypeRole = Qt::UserRole + 1,  ///< int(ports::ColumnType); a composite is Text
        ValueRole,                    ///< double, QString, or qint64 ns; invalid: missing or not yet here
        LoadingRole,                  ///< bool: not yet here
        ColumnIdRole,                 ///< QString
        TimeRole,                     ///< qint64 ns of the row
        RequestIdRole,
        ScoreRole,    ///< double
        OutcomeRole,  ///< double; invalid: not known
        StatusRole,   ///< "ok" or the error's name
        VersionRole,
    };
    /// QTableView hangs with more.
    static constexpr std::uint64_t kMaxRows = 50'000'000;
    static constexpr std::size_t kBlockRows = 256;   ///< rows of a block, unless a bucket holds more
    static constexpr std::size_t kPageRows = 2'048;  ///< rows of one search

    explicit PredictionRowsModel(std::shared_ptr<ports::PredictionLog> log, QObject* parent = nullptr);

    void setColumns(std::vector<PredictionColumn> columns);
    [[nodiscard]] const std::vector<PredictionColumn>& columns() const { return m_columns; }
    /// Another question. `first` (the newest rows, when they are known already) spares a moment of empty rows. With
    /// `follow`, the same question over more rows: rows that are new are inserted above, selections stay.
    void ask(PredictionQuestion question, std::optional<ports::SearchPage> first, bool follow = false);
    [[nodiscard]] const PredictionQuestion& question() const { return m_question; }
    /// The search that gives `first`.
    [[nodiscard]] ports::SearchRequest firstPage(const PredictionQuestion& question) const;

    /// Fetches these rows and some around them; what was asked for and is far from them is cancelled.
    void setVisible(int first, int last);
    [[nodiscard]] bool loading() const { return m_latest.running(); }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

    [[nodiscard]] bool loaded(int row) const;
    /// -1: not among the rows that are here.
    [[nodiscard]] int rowOfRequest(const QString& requestId) const;

Q_SIGNALS:
    void loadingChanged();
    void failed(const QString& message);
    /// What the last search cost.
    void searched(const pilothouse::ports::ScanStats& stats);

private:
    /// Consecutive rows in one span of time.
    struct Block {
        std::uint64_t start = 0, count = 0;
        TimeRange range;
        std::vector<ports::SearchPage> pages;
        std::size_t have = 0;
        bool complete = false;
    };
    struct Place {
        const ports::RowSet* rows = nullptr;
        std::size_t row = 0;
    };
    static std::vector<Block> makeBlocks(const PredictionQuestion& question);
    void adopt(PredictionQuestion question, std::vector<Block> blocks, std::optional<ports::SearchPage> first);
    bool follow(PredictionQuestion& question, std::vector<Block>& blocks, std::optional<ports::SearchPage>& first);
    [[nodiscard]] std::vector<std::string> neededFields() const;
    [[nodiscard]] std::size_t blockOf(std::uint64_t row) const;
    [[nodiscard]] Place place(int row) const;
    [[nodiscard]] QVariant fieldValue(const Place& at, std::string_view field) const;
    [[nodiscard]] QVariant columnValue(const Place& at, const PredictionColumn& column) const;
    void fetchNext();
    void received(std::size_t block, ports::SearchPage page);
    void forgetFar();

    std::shared_ptr<ports::PredictionLog> m_log;
    std::vector<PredictionColumn> m_columns;
    PredictionQuestion m_question;
    std::vector<Block> m_blocks;
    std::uint64_t m_rows = 0;
    int m_first = 0, m_last = 60;
    std::size_t m_fetching = 0;
    Latest m_latest;
};

}  // namespace pilothouse::items
