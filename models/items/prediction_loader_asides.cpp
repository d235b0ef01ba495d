// SPDX-License-Identifier: GPL-3.0-or-later
// What stands beside the rows: facets, and why there are none.
#include "models/items/prediction_loader.h"
#include "models/items/session.h"
#include "models/predictions/query_parser.h"

namespace pilothouse::items {
namespace {

constexpr std::size_t kFacetValues = 12, kBaselineValues = 80;

}  // namespace

void PredictionLoader::askNextFacet() {
    if (m_facetQueue.empty() || m_summary.edges.empty()) {
        if (!busy()) Q_EMIT idle();
        return;
    }
    const std::string field = m_facetQueue.front();
    m_facetQueue.pop_front();
    ports::TopValuesRequest request{m_session.lens().query(), m_summary.range, field, kFacetValues};
    m_facetQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().predictions->topValues(std::move(request), std::move(token));
        },
        [this, field](Result<ports::TopValues> values) {
            if (values) {
                askFacetBaseline(field, std::move(*values));
            } else {
                askNextFacet();
            }
        });
}

void PredictionLoader::askFacetBaseline(const std::string& field, ports::TopValues values) {
    const bool filtered = !m_session.lens().state().filters.empty();
    TimeRange range = m_summary.range;
    if (!filtered) range = {range.start - range.duration(), range.start};
    ports::TopValuesRequest request{baseQuery(), range, field, kBaselineValues};
    m_facetQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().predictions->topValues(std::move(request), std::move(token));
        },
        [this, field, values = std::move(values)](Result<ports::TopValues> baseline) mutable {
            m_facets.setValues(field, std::move(values),
                               baseline && baseline->total > 0 ? std::optional(std::move(*baseline)) : std::nullopt);
            askNextFacet();
        });
}

void PredictionLoader::explainEmpty() {
    m_reason = {};
    m_reason.extent = m_extent;
    const TimeRange range = boundedRange();
    if (range.empty()) return Q_EMIT explained(m_reason);
    m_explainQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().predictions->count(baseQuery(), range, std::move(token));
        },
        [this](Result<std::uint64_t> all) {
            m_reason.all = all.value_or(0);
            if (m_reason.all == 0) return Q_EMIT explained(m_reason);
            explainNext(0, baseQuery(), m_reason.all);
        });
}

/// One filter more each time: the first that leaves nothing removed the last rows.
void PredictionLoader::explainNext(std::size_t filter, ports::Query query, std::uint64_t before) {
    const auto& filters = m_session.lens().state().filters;
    if (filter >= filters.size()) return Q_EMIT explained(m_reason);
    const auto clause = predictions::parseQuery(filters[filter]);
    if (clause) query = predictions::conjunction(query, *clause);
    m_explainQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().predictions->count(query, boundedRange(), std::move(token));
        },
        [this, filter, query, before](Result<std::uint64_t> count) {
            if (count) m_reason.steps.emplace_back(m_session.lens().state().filters[filter], *count);
            if (count && *count > 0) return explainNext(filter + 1, query, *count);
            if (count) {
                m_reason.clause = m_session.lens().state().filters[filter];
                m_reason.removed = before;
            }
            Q_EMIT explained(m_reason);
        });
}

}  // namespace pilothouse::items
