// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPromise>
#include <deque>
#include <functional>
#include <memory>

#include "models/ports/prediction_log.h"

namespace pilothouse::test {

/// Row i of a made-up log stands i seconds before `newest`; its score is i. Answers wait until release(), so that a
/// test sees what happens meanwhile.
class FakePredictionLog final : public ports::PredictionLog {
public:
    explicit FakePredictionLog(std::size_t rows) : m_rows(rows) {}

    static constexpr Timestamp kNewest{1'373'241'600'000'000'000};
    [[nodiscard]] static Timestamp timeOf(std::size_t row, std::size_t fresh = 0) {
        return kNewest + std::chrono::seconds(fresh) - std::chrono::seconds(row);
    }
    /// So many rows more, newer than all before.
    void grow(std::size_t rows) {
        m_rows += rows;
        m_fresh += rows;
    }
    void hold() { m_holding = true; }
    void release() {
        m_holding = false;
        while (!m_waiting.empty()) {
            auto answer = std::move(m_waiting.front());
            m_waiting.pop_front();
            answer();
        }
    }

    /// The one that was asked for last, before those that wait longer.
    void releaseLast() {
        if (m_waiting.empty()) return;
        auto answer = std::move(m_waiting.back());
        m_waiting.pop_back();
        answer();
    }

    QFuture<Result<ports::SearchPage>> search(ports::SearchRequest request, CancellationToken token) override {
        ++searches;
        columns = request.columns;
        return later<ports::SearchPage>(token, [this, request] {
            ports::SearchPage page;
            ports::Column time{"time", ports::ColumnType::Time, {}, {}, {}, {}};
            ports::Column id{"request_id", ports::ColumnType::Text, {}, {}, {}, {}};
            ports::Column score{"score", ports::ColumnType::Number, {}, {}, {}, {}};
            ports::Column outcome{"outcome", ports::ColumnType::Number, {}, {}, {}, {}};
            for (std::size_t i = 0; i < m_rows; ++i) {
                const Timestamp t = timeOf(i, m_fresh);
                const auto ordinal = static_cast<std::int64_t>(m_rows - i);
                if (!request.range.contains(t)) continue;
                if (request.before &&
                    (t > request.before->time || (t == request.before->time && ordinal >= request.before->ordinal)))
                    continue;
                if (page.rows.rows == request.limit) {
                    page.more = true;
                    break;
                }
                ++page.rows.rows;
                time.times.push_back(t.ns);
                id.codes.push_back(static_cast<std::uint32_t>(id.dictionary.size()));
                id.dictionary.push_back("r" + std::to_string(m_rows - i));
                score.numbers.push_back(static_cast<double>(m_rows - i));
                outcome.numbers.push_back(i % 3 == 0 ? std::nan("") : static_cast<double>(i % 2));
                page.positions.push_back({t, ordinal});
            }
            rowsAnswered += page.rows.rows;
            page.rows.columns = {time, id, score, outcome};
            for (const ports::FieldInfo& field : known)
                if (std::find(request.columns.begin(), request.columns.end(), field.name) != request.columns.end() &&
                    !page.rows.find(field.name))
                    page.rows.columns.push_back({field.name, ports::ColumnType::Number, score.numbers, {}, {}, {}});
            return page;
        });
    }
    QFuture<Result<std::vector<ports::FieldInfo>>> fields(CancellationToken token) override {
        return later<std::vector<ports::FieldInfo>>(token, [this] { return known; });
    }
    QFuture<Result<std::uint64_t>> count(ports::Query, TimeRange, CancellationToken token) override {
        return later<std::uint64_t>(token, [this] { return std::uint64_t{m_rows}; });
    }
    QFuture<Result<ports::TimeCounts>> timeCounts(ports::TimeCountsRequest request, CancellationToken token) override {
        ++countings;
        return later<ports::TimeCounts>(token, [this, request] {
            return ports::TimeCounts{{""}, {counts(request.edges)}, {}};
        });
    }
    QFuture<Result<ports::Aggregates>> aggregate(ports::AggregateRequest, CancellationToken token) override {
        return later<ports::Aggregates>(token, [] { return ports::Aggregates{}; });
    }
    QFuture<Result<ports::TopValues>> topValues(ports::TopValuesRequest, CancellationToken token) override {
        return later<ports::TopValues>(token, [] { return ports::TopValues{}; });
    }
    QFuture<Result<std::vector<ports::FeatureCounts>>> featureCounts(ports::FeatureCountsRequest,
                                                                     CancellationToken token) override {
        return later<std::vector<ports::FeatureCounts>>(token, [] { return std::vector<ports::FeatureCounts>{}; });
    }
    QFuture<Result<Extent>> extent(CancellationToken token) override {
        return later<Extent>(token, [this] {
            return Extent{{timeOf(m_rows, m_fresh), kNewest + std::chrono::seconds(m_fresh + 1)}, m_rows, {}};
        });
    }

    /// The counts that timeCounts() of a real log would give for these edges.
    [[nodiscard]] std::vector<std::uint64_t> counts(const std::vector<Timestamp>& edges) const {
        std::vector<std::uint64_t> result(edges.size() - 1, 0);
        for (std::size_t i = 0; i < m_rows; ++i)
            for (std::size_t b = 0; b + 1 < edges.size(); ++b)
                if (TimeRange{edges[b], edges[b + 1]}.contains(timeOf(i, m_fresh))) ++result[b];
        return result;
    }

    std::vector<ports::FieldInfo> known;  ///< what fields() answers
    std::vector<std::string> columns;     ///< of the last search
    int searches = 0, countings = 0, cancelled = 0;
    std::size_t rowsAnswered = 0;

private:
    template <class T>
    QFuture<Result<T>> later(CancellationToken token, std::function<T()> make) {
        auto promise = std::make_shared<QPromise<Result<T>>>();
        promise->start();
        auto answer = [this, promise, token, make = std::move(make)] {
            if (token.cancelled()) {
                ++cancelled;
                promise->addResult(Result<T>(fail(Error::cancelled())));
            } else {
                promise->addResult(Result<T>(make()));
            }
            promise->finish();
        };
        auto future = promise->future();
        if (m_holding) {
            m_waiting.push_back(std::move(answer));
        } else {
            answer();
        }
        return future;
    }

    std::size_t m_rows, m_fresh = 0;
    bool m_holding = false;
    std::deque<std::function<void()>> m_waiting;
};

}  // namespace pilothouse::test
