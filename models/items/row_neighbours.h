// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <memory>
#include <string>
#include <vector>

#include "models/base/latest.h"
#include "models/ports/prediction_log.h"

namespace pilothouse::items {

/// A row beside another in time.
struct RowNeighbour {
    Timestamp time;
    std::string requestId;
    std::string title;  ///< "B6 718 JFK → BOS"
    double score = 0;
    double outcome = 0;  ///< NaN: not known
    bool self = false;
};

/// The rows of a model just before and after one, at whatever rate they come: a log is searched newest first, so the
/// span after the row is widened until it holds enough and narrowed while it holds too much. GUI thread; the log is
/// read off it.
class RowNeighbours : public QObject {
    Q_OBJECT
public:
    static constexpr std::size_t kEach = 3;  ///< on either side
    explicit RowNeighbours(std::shared_ptr<ports::PredictionLog> log, QObject* parent = nullptr);

    /// Cancels the question before it. `columns`: those that the log has; others must not be asked for.
    void ask(const std::string& model, const ports::RowPosition& at, RowNeighbour self,
             const std::vector<std::string>& columns);
    void cancel();
    [[nodiscard]] bool running() const { return m_question.running(); }

Q_SIGNALS:
    /// Newest first, the row itself among them.
    void found(const std::vector<RowNeighbour>& rows);

private:
    void askAfter();
    void gotAfter(const ports::SearchPage& page);
    void askBefore();
    [[nodiscard]] ports::SearchRequest request() const;
    void take(const ports::SearchPage& page, std::size_t from, std::size_t to);

    std::shared_ptr<ports::PredictionLog> m_log;
    ports::Query m_query;
    std::vector<std::string> m_columns;
    ports::RowPosition m_at;
    RowNeighbour m_self;
    Duration m_span{0}, m_tooShort{0}, m_tooLong{0};  ///< 0: not known
    int m_steps = 0;
    std::vector<RowNeighbour> m_rows;
    Latest m_question;
};

/// "B6 718 JFK → BOS" where a row has such fields, else its request id.
[[nodiscard]] std::string rowTitle(const ports::RowSet& rows, std::size_t row);
/// NaN: missing, or no number.
[[nodiscard]] double rowNumber(const ports::RowSet& rows, std::string_view field, std::size_t row);

}  // namespace pilothouse::items
