// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/row_neighbours.h"

#include <algorithm>
#include <cmath>

#include "models/predictions/query_parser.h"

namespace pilothouse::items {
namespace {

constexpr std::size_t kPage = 200;
constexpr Duration kFirstSpan = std::chrono::seconds(4), kWidest = std::chrono::hours(24);
constexpr int kFactor = 16, kMaxSteps = 32;

}  // namespace

std::string rowTitle(const ports::RowSet& rows, std::size_t row) {
    std::string title;
    const auto add = [&](const char* field, const char* before) {
        const ports::Column* c = rows.find(field);
        if (!c || c->type != ports::ColumnType::Text || c->missing(row)) return;
        if (!title.empty()) title += before;
        title += c->text(row);
    };
    add("carrier", " ");
    add("flight", " ");
    add("origin", "  ");
    add("dest", " → ");
    if (!title.empty()) return title;
    const ports::Column* id = rows.find(ports::field::requestId);
    return id ? std::string(id->text(row)) : std::string();
}

double rowNumber(const ports::RowSet& rows, std::string_view field, std::size_t row) {
    const ports::Column* c = rows.find(field);
    return c && c->type == ports::ColumnType::Number && row < c->numbers.size() ? c->numbers[row] : std::nan("");
}

RowNeighbours::RowNeighbours(std::shared_ptr<ports::PredictionLog> log, QObject* parent)
    : QObject(parent), m_log(std::move(log)) {}

void RowNeighbours::ask(const std::string& model, const ports::RowPosition& at, RowNeighbour self,
                        const std::vector<std::string>& columns) {
    m_columns = columns;
    m_query = {};
    if (!model.empty())
        if (auto query = predictions::parseQuery(predictions::equalsClause(ports::field::model, model)))
            m_query = std::move(*query);
    m_at = at;
    m_self = std::move(self);
    m_self.self = true;
    m_span = kFirstSpan;
    m_tooShort = m_tooLong = Duration(0);
    m_steps = 0;
    m_rows.clear();
    askAfter();
}

void RowNeighbours::cancel() { m_question.cancel(); }

ports::SearchRequest RowNeighbours::request() const {
    ports::SearchRequest request;
    request.query = m_query;
    for (const std::string_view f :
         {std::string_view("carrier"), std::string_view("flight"), std::string_view("origin"), std::string_view("dest"),
          ports::field::time, ports::field::requestId, ports::field::score, ports::field::outcome})
        if (std::ranges::find(m_columns, f) != m_columns.end()) request.columns.emplace_back(f);
    return request;
}

void RowNeighbours::askAfter() {
    m_question.start(
        this,
        [&](CancellationToken token) {
            ports::SearchRequest after = request();
            const bool room = m_at.time.ns < kTimestampMax.ns - m_span.count();
            after.range = {m_at.time, room ? m_at.time + m_span : kTimestampMax};
            after.limit = kPage;
            return m_log->search(std::move(after), std::move(token));
        },
        [this](Result<ports::SearchPage> page) {
            if (page) return gotAfter(*page);
            askBefore();
        });
}

void RowNeighbours::gotAfter(const ports::SearchPage& page) {
    const auto& at = page.positions;
    const auto newer = static_cast<std::size_t>(
        std::ranges::find_if(at,
                             [&](const ports::RowPosition& p) {
                                 return p.time < m_at.time || (p.time == m_at.time && p.ordinal <= m_at.ordinal);
                             }) -
        at.begin());
    if (!page.more) {  // all of the span: those that follow the row are the last ones
        m_rows.clear();
        take(page, newer - std::min(newer, kEach), newer);
        if (newer >= kEach || m_span >= kWidest) return askBefore();
    }
    (page.more ? m_tooLong : m_tooShort) = m_span;
    const auto last = m_span;
    if (m_tooLong.count() == 0)
        m_span = std::min(m_span * kFactor, kWidest);
    else if (m_tooShort.count() == 0)
        m_span /= kFactor;
    else
        m_span = Duration(static_cast<Duration::rep>(
            std::sqrt(static_cast<double>(m_tooShort.count()) * static_cast<double>(m_tooLong.count()))));
    if (m_span.count() == 0 || m_span == last || ++m_steps > kMaxSteps) return askBefore();
    askAfter();
}

void RowNeighbours::askBefore() {
    m_question.start(
        this,
        [&](CancellationToken token) {
            ports::SearchRequest before = request();
            before.range.end = m_at.time + Duration(1);
            before.before = m_at;
            before.limit = kEach;
            return m_log->search(std::move(before), std::move(token));
        },
        [this](Result<ports::SearchPage> page) {
            m_rows.push_back(m_self);
            if (page) take(*page, 0, page->rows.rows);
            Q_EMIT found(m_rows);
        });
}

void RowNeighbours::take(const ports::SearchPage& page, std::size_t from, std::size_t to) {
    const ports::Column *ids = page.rows.find(ports::field::requestId), *times = page.rows.find(ports::field::time);
    if (!ids || !times) return;
    for (std::size_t i = from; i < to; ++i)
        m_rows.push_back({{times->times[i]},
                          std::string(ids->text(i)),
                          rowTitle(page.rows, i),
                          rowNumber(page.rows, ports::field::score, i),
                          rowNumber(page.rows, ports::field::outcome, i),
                          false});
}

}  // namespace pilothouse::items
