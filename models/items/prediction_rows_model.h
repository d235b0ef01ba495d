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
#include "models/ports/row_order.h"

namespace pilothouse::items {

/// What the table shows: the rows that match, and how many of them lie in each bucket of time. The counts say where the
/// n-th row lies, so that any place of the table is a short search or two away.
struct PredictionQuestion {
    ports::Query query;
    std::vector<Timestamp> edges;       ///< ascending, n + 1
    std::vector<std::uint64_t> counts;  ///< n
    /// Without a field: all rows, newest first, or oldest first where it ascends. With one: the first kRanked of them.
    ports::RowOrder order;
};

/// Matching rows of a prediction log; only what is visible is fetched. GUI thread.
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
    /// Places of rows in a table are ints of pixels.
    static constexpr std::uint64_t kMaxRows = 50'000'000;
    static constexpr std::size_t kBlockRows = 256;  ///< rows of a block, unless a bucket holds more
    static constexpr std::size_t kPageRows = 512;   ///< rows of one search
    static constexpr std::size_t kFirstRows = 128;  ///< of the first one: a screen of them, at once
    /// A block of more is cut by counting within it, so that a row in its middle is not paged to.
    static constexpr std::size_t kCutRows = 1'024;
    static constexpr std::size_t kRanked = 500;  ///< rows in the order of a field

    explicit PredictionRowsModel(std::shared_ptr<ports::PredictionLog> log, QObject* parent = nullptr);

    void setColumns(std::vector<PredictionColumn> columns);
    [[nodiscard]] const std::vector<PredictionColumn>& columns() const { return m_columns; }
    /// Another question. `first` (the newest rows, when they are known already) spares a moment of empty rows; in the
    /// order of a field it is all of them. With `follow`, the same question over more rows: rows that are new are
    /// inserted, selections stay.
    void ask(PredictionQuestion question, std::optional<ports::SearchPage> first, bool follow = false);
    /// The newest rows while nobody has counted the others; ask() with `follow` says how many there are. False
    /// where the oldest come first: they are not here yet.
    bool preview(const ports::Query& query, const TimeRange& range, const ports::RowOrder& order,
                 ports::SearchPage first);
    [[nodiscard]] const PredictionQuestion& question() const { return m_question; }
    /// The search that gives `first`.
    [[nodiscard]] ports::SearchRequest firstPage(const ports::Query& query, const TimeRange& range,
                                                 const ports::RowOrder& order = {}) const;
    /// The rows are in the order of a field, and not all of them are listed.
    [[nodiscard]] static bool ranked(const ports::RowOrder& order) { return !order.field.empty(); }

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
    /// Rows of a page, consecutive ones.
    struct Piece {
        std::shared_ptr<const ports::SearchPage> page;
        std::size_t from = 0, rows = 0;
    };
    /// Consecutive rows in one span of time.
    struct Block {
        std::uint64_t start = 0, count = 0;
        TimeRange range;
        std::vector<Piece> pieces;
        std::size_t have = 0;  ///< rows of the pieces
        bool complete = false;
        bool whole = false;  ///< cutting it brought nothing
    };
    struct Place {
        const ports::RowSet* rows = nullptr;
        std::size_t row = 0;
    };
    static void deal(std::vector<Block>& blocks, const std::vector<Piece>& pieces);
    static std::vector<Block> makeBlocks(const std::vector<Timestamp>& edges, const std::vector<std::uint64_t>& counts,
                                         std::uint64_t start = 0);
    void adopt(PredictionQuestion question, std::vector<Block> blocks, std::optional<ports::SearchPage> first);
    bool follow(PredictionQuestion& question, std::vector<Block>& blocks, std::optional<ports::SearchPage>& first);
    [[nodiscard]] std::vector<std::string> neededFields() const;
    [[nodiscard]] std::size_t blockOf(std::uint64_t row) const;
    [[nodiscard]] Place place(int row) const;
    [[nodiscard]] bool oldestFirst() const { return m_question.order.field.empty() && m_question.order.ascending; }
    /// Rows lie newest first within; where the oldest are shown first, the table is read from its end.
    [[nodiscard]] int turned(int row) const { return oldestFirst() ? static_cast<int>(m_rows) - 1 - row : row; }
    void addOlder(std::int64_t older);
    [[nodiscard]] QVariant fieldValue(const Place& at, std::string_view field) const;
    [[nodiscard]] QVariant columnValue(const Place& at, const PredictionColumn& column) const;
    [[nodiscard]] std::size_t lacking(int from, int to) const;
    void fetchNext();
    void cut(std::size_t block);
    void wasCut(std::size_t block, const std::vector<Timestamp>& edges, const ports::TimeCounts& counts);
    void received(std::size_t block, ports::SearchPage page);
    void forgetFar();

    std::shared_ptr<ports::PredictionLog> m_log;
    std::vector<PredictionColumn> m_columns;
    PredictionQuestion m_question;
    std::vector<Block> m_blocks;
    std::uint64_t m_rows = 0;
    std::optional<ports::RowPosition> m_newest;
    int m_first = 0, m_last = 60;  ///< visible, newest first
    std::size_t m_fetching = 0;
    Latest m_latest;
};

}  // namespace pilothouse::items
