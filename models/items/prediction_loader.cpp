// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/prediction_loader.h"

#include <algorithm>
#include <numeric>

#include "models/items/prediction_buckets.h"
#include "models/items/session.h"
#include "models/predictions/query_parser.h"

namespace pilothouse::items {
namespace {

constexpr int kBuckets = 400;
constexpr std::size_t kFacetValues = 12, kBaselineValues = 80;
/// While rows stream in, facets are counted again no more often.
constexpr int kFacetPauseMs = 2'000;

ports::Query clauseQuery(const std::string& clause) {
    auto query = predictions::parseQuery(clause);
    return query ? std::move(*query) : ports::Query{};
}

}  // namespace

PredictionLoader::PredictionLoader(Session& session, PredictionRowsModel& rows, PredictionFacetsModel& facets,
                                   QObject* parent)
    : QObject(parent), m_session(session), m_rows(rows), m_facets(facets) {}

bool PredictionLoader::busy() const {
    return m_question.running() || m_allQuestion.running() || m_facetQuestion.running() ||
           m_explainQuestion.running() || m_fieldsQuestion.running() || m_versionsQuestion.running() ||
           m_newerQuestion.running();
}

void PredictionLoader::refuse(const Error& error) { Q_EMIT failed(QString::fromStdString(error.text())); }

ports::Query PredictionLoader::baseQuery() const {
    const LensState& state = m_session.lens().state();
    ports::Query query;
    if (!state.model.empty()) query = clauseQuery(predictions::equalsClause(ports::field::model, state.model));
    if (!state.version.empty()) {
        const auto version = clauseQuery(predictions::equalsClause(ports::field::version, state.version));
        query = state.model.empty() ? version : predictions::conjunction(query, version);
    }
    return query;
}

void PredictionLoader::load() {
    m_pendingFollow = false;
    m_newerQuestion.cancel();
    m_explainQuestion.cancel();
    m_facetQuestion.cancel();
    m_facetQueue.clear();
    askVersions();
    askExtent(false);
}

void PredictionLoader::setSplit(const std::string& field) {
    if (field == m_split) return;
    m_split = field;
    if (!m_summary.edges.empty()) load();
}

void PredictionLoader::follow(bool atTop) {
    if (m_question.running() || m_newerQuestion.running()) {
        m_pendingFollow = true;
        m_pendingAtTop = atTop;
        return;
    }
    if (m_fields.empty() && !m_versionsQuestion.running() && !m_fieldsQuestion.running()) askFields();
    if (!atTop) return askNewer();
    askExtent(true);
}

void PredictionLoader::askFields() {
    m_fieldsQuestion.start(
        this, [&](CancellationToken token) { return m_session.ports().predictions->fields(std::move(token)); },
        [this](Result<std::vector<ports::FieldInfo>> fields) {
            if (!fields) return refuse(fields.error());
            // What else a log holds (flight and tail numbers) names a row, but no version learned from it.
            if (!m_versions.empty())
                for (ports::FieldInfo& f : *fields)
                    f.feature = std::any_of(m_versions.begin(), m_versions.end(), [&](const auto& v) {
                        return std::find(v.second.features.begin(), v.second.features.end(), f.name) !=
                               v.second.features.end();
                    });
            const bool same = std::equal(fields->begin(), fields->end(), m_fields.begin(), m_fields.end(),
                                         [](const auto& a, const auto& b) {
                                             return a.name == b.name && a.type == b.type && a.feature == b.feature;
                                         });
            if (same) return;
            m_fields = std::move(*fields);
            m_facets.setFields(facetFields(m_fields));
            Q_EMIT fieldsReady();
            if (!m_question.running()) {
                for (const std::string& f : m_facets.fields())
                    m_facetQueue.push_back(f);
                askNextFacet();
            }
        });
}

void PredictionLoader::askVersions() {
    const std::string model = m_session.lens().state().model;
    if (model.empty() || !m_session.ports().registry) return askFields();
    m_versionsQuestion.start(
        this, [&](CancellationToken token) { return m_session.ports().registry->versions(model, std::move(token)); },
        [this](Result<std::vector<ports::ModelVersion>> versions) {
            // A model without a registry: thresholds stay at their default.
            m_versions.clear();
            if (versions)
                for (ports::ModelVersion& v : *versions) {
                    const std::string name = v.version;
                    m_versions[name] = std::move(v);
                }
            Q_EMIT versionsReady();
            askFields();
        });
}

void PredictionLoader::askExtent(bool following) {
    m_question.start(
        this, [&](CancellationToken token) { return m_session.ports().predictions->extent(std::move(token)); },
        [this, following](Result<ports::PredictionLog::Extent> extent) {
            if (!extent) return refuse(extent.error());
            m_extent = *extent;
            askCounts(following);
        });
}

TimeRange PredictionLoader::boundedRange() const {
    TimeRange range = m_session.lens().range();
    if (m_extent.rows == 0) return range.start == kTimestampMin || range.end == kTimestampMax ? TimeRange{} : range;
    if (range.start == kTimestampMin) range.start = m_extent.range.start;
    if (range.end == kTimestampMax) range.end = m_extent.range.end + Duration(1);
    return range;
}

void PredictionLoader::askCounts(bool following) {
    const TimeRange range = boundedRange();
    ports::TimeCountsRequest request;
    request.query = m_session.lens().query();
    request.edges = bucketEdges(range, m_session.zone(), kBuckets);
    request.splitBy = m_split;
    if (request.edges.size() < 2) {
        m_summary = {};
        m_rows.ask({}, std::nullopt);
        m_facets.clearValues();
        Q_EMIT summaryChanged();
        return explainEmpty();
    }
    auto edges = request.edges;
    const ports::Query query = request.query;
    m_question.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().predictions->timeCounts(std::move(request), std::move(token));
        },
        [this, following, range, edges = std::move(edges), query](Result<ports::TimeCounts> counts) mutable {
            if (!counts) return refuse(counts.error());
            PredictionQuestion question;
            question.query = query;
            question.counts.assign(edges.size() - 1, 0);
            for (const auto& group : counts->counts)
                for (std::size_t i = 0; i < group.size() && i < question.counts.size(); ++i)
                    question.counts[i] += group[i];
            const auto all = following ? m_summary.all : std::nullopt;
            m_summary = {};
            m_summary.range = range;
            m_summary.all = all;
            m_summary.stats = counts->stats;
            m_summary.matching = std::accumulate(question.counts.begin(), question.counts.end(), std::uint64_t{0});
            m_summary.counts = std::move(*counts);
            m_summary.edges = edges;
            question.edges = std::move(edges);
            askFirstPage(std::move(question), following);
        });
}

void PredictionLoader::askFirstPage(PredictionQuestion question, bool following) {
    const auto arrived = [this, following](PredictionQuestion q, std::optional<ports::SearchPage> page) {
        m_rows.ask(std::move(q), std::move(page), following);
        Q_EMIT summaryChanged();
        askAll();
        if (!following || !m_facetsAsked.isValid() || m_facetsAsked.elapsed() > kFacetPauseMs) {
            m_facetsAsked.start();
            m_facetQueue.clear();
            for (const std::string& f : m_facets.fields())
                m_facetQueue.push_back(f);
            askNextFacet();
        }
        if (m_summary.matching == 0) explainEmpty();
        if (m_pendingFollow) {
            m_pendingFollow = false;
            follow(m_pendingAtTop);
        }
    };
    if (m_summary.matching == 0) return arrived(std::move(question), std::nullopt);
    auto request = m_rows.firstPage(question);
    m_question.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().predictions->search(std::move(request), std::move(token));
        },
        [arrived, question = std::move(question)](Result<ports::SearchPage> page) mutable {
            // Without it the table fetches its rows itself, and says what is wrong.
            arrived(std::move(question), page ? std::optional(std::move(*page)) : std::nullopt);
        });
}

void PredictionLoader::askAll() {
    if (m_session.lens().state().filters.empty()) {
        m_summary.all = m_summary.matching;
        Q_EMIT summaryChanged();
        return;
    }
    const TimeRange range = m_summary.range;
    m_allQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().predictions->count(baseQuery(), range, std::move(token));
        },
        [this](Result<std::uint64_t> all) {
            if (!all) return;  // the summary then says "matching rows" without a whole
            m_summary.all = *all;
            Q_EMIT summaryChanged();
        });
}

void PredictionLoader::askNewer() {
    if (m_summary.edges.empty()) return;
    const TimeRange since{m_summary.edges.back(), m_session.lens().range().end};
    if (since.empty()) return;
    m_newerQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().predictions->count(m_session.lens().query(), since, std::move(token));
        },
        [this](Result<std::uint64_t> newer) {
            if (newer && *newer != m_summary.newer) {
                m_summary.newer = *newer;
                Q_EMIT summaryChanged();
            }
            if (m_pendingFollow) {
                m_pendingFollow = false;
                follow(m_pendingAtTop);
            }
        });
}

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

void PredictionLoader::askValues(const QString& field) {
    ports::TopValuesRequest request{baseQuery(), m_summary.edges.empty() ? TimeRange::all() : m_summary.range,
                                    field.toStdString(), 200};
    m_valuesQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().predictions->topValues(std::move(request), std::move(token));
        },
        [this, field](Result<ports::TopValues> values) {
            if (values) Q_EMIT valuesReady(field, *values);
        });
}

}  // namespace pilothouse::items
