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
/// While rows stream in, facets are counted again no more often.
constexpr int kFacetPauseMs = 2'000;
/// Counting every row waits so long for the newest ones, which are mostly there sooner, and want both cores for it.
constexpr int kPatienceMs = 30;

ports::Query clauseQuery(const std::string& clause) {
    auto query = predictions::parseQuery(clause);
    return query ? std::move(*query) : ports::Query{};
}

}  // namespace

PredictionLoader::PredictionLoader(Session& session, PredictionRowsModel& rows, PredictionFacetsModel& facets,
                                   QObject* parent)
    : QObject(parent), m_session(session), m_rows(rows), m_facets(facets) {
    m_patience.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, &PredictionLoader::askCounts);
}

bool PredictionLoader::busy() const {
    return m_question.running() || m_pageQuestion.running() || m_patience.isActive() || m_allQuestion.running() ||
           m_facetQuestion.running() || m_explainQuestion.running() || m_fieldsQuestion.running() ||
           m_versionsQuestion.running() || m_newerQuestion.running();
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
    m_draft.reset();
    m_pageQuestion.cancel();
    m_patience.stop();
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

void PredictionLoader::setOrder(const ports::RowOrder& order) {
    if (order == m_order) return;
    m_order = order;
    if (!m_summary.edges.empty() || m_pageQuestion.running() || m_question.running()) load();
}

void PredictionLoader::preview(const std::vector<std::string>& filters) {
    const bool asked = m_draft ? filters == *m_draft : filters == m_session.lens().state().filters;
    if (asked) return;
    if (filters == m_session.lens().state().filters) return load();
    m_pendingFollow = false;
    m_newerQuestion.cancel();
    m_explainQuestion.cancel();
    m_facetQuestion.cancel();
    m_facetQueue.clear();
    m_draft = filters;
    askRows(false);
}

ports::Query PredictionLoader::query() const {
    ports::Query query = m_session.lens().query();
    if (!m_draft) return query;
    const auto now = query.now;
    query = baseQuery();
    for (const std::string& filter : *m_draft)
        if (const auto clause = predictions::parseQuery(filter)) query = predictions::conjunction(query, *clause);
    query.now = now;
    return query;
}

void PredictionLoader::follow(bool atTop) {
    if (m_draft) return;  // what is being typed stands still
    if (m_question.running() || m_pageQuestion.running() || m_patience.isActive() || m_newerQuestion.running()) {
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
            askRows(following);
        });
}

TimeRange PredictionLoader::boundedRange() const {
    TimeRange range = m_session.lens().range();
    if (m_extent.rows == 0) return range.start == kTimestampMin || range.end == kTimestampMax ? TimeRange{} : range;
    if (range.start == kTimestampMin) range.start = m_extent.range.start;
    if (range.end == kTimestampMax) range.end = m_extent.range.end + Duration(1);
    return range;
}

/// The newest rows and the counts of all of them are two questions: the first rows are shown before the second is
/// answered.
void PredictionLoader::askRows(bool following) {
    const TimeRange range = boundedRange();
    m_asked = {query(), range, m_order, bucketEdges(range, m_session.zone(), kBuckets), following, false, {}, {}};
    m_question.cancel();
    if (m_asked.edges.size() < 2) {
        m_pageQuestion.cancel();
        m_patience.stop();
        m_summary = {};
        m_rows.ask({}, std::nullopt);
        m_facets.clearValues();
        Q_EMIT summaryChanged();
        return explainEmpty();
    }
    auto request = m_rows.firstPage(m_asked.query, range, m_asked.order);
    m_asked.columns = request.columns;
    m_patience.start(kPatienceMs);
    m_pageQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().predictions->search(std::move(request), std::move(token));
        },
        [this](Result<ports::SearchPage> page) { pageArrived(std::move(page)); });
}

/// The log's fields may become known after the page was asked for, and with them the table's columns.
bool PredictionLoader::pageFits() const {
    return m_asked.columns == m_rows.firstPage(m_asked.query, m_asked.range, m_asked.order).columns;
}

void PredictionLoader::pageArrived(Result<ports::SearchPage> page) {
    if (page && !pageFits()) return askRows(m_asked.following);
    // When the rows are painted: counting takes all cores.
    if (m_patience.isActive()) m_patience.start(0);
    if (page) {
        // What is being typed may be a half of what is meant: rows stay until there are others.
        const bool first = !m_asked.following && page->rows.rows > 0 && !m_asked.counts;
        m_asked.shown = first && m_rows.preview(m_asked.query, m_asked.range, m_asked.order, *page);
        if (m_asked.shown) Q_EMIT rowsReady();
        m_asked.page = std::move(*page);
    } else if (m_rows.ranked(m_asked.order)) {
        m_question.cancel();
        m_patience.stop();
        return refuse(page.error());
    }
    if (m_asked.counts) answered();
}

void PredictionLoader::askCounts() {
    ports::TimeCountsRequest request;
    request.query = m_asked.query;
    request.edges = m_asked.edges;
    request.splitBy = m_split;
    m_question.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().predictions->timeCounts(std::move(request), std::move(token));
        },
        [this](Result<ports::TimeCounts> counts) {
            if (!counts) {
                m_pageQuestion.cancel();
                return refuse(counts.error());
            }
            const bool none = std::ranges::all_of(counts->counts, [](const auto& group) {
                return std::ranges::all_of(group, [](std::uint64_t n) { return n == 0; });
            });
            if (none) m_pageQuestion.cancel();
            m_asked.counts = std::move(*counts);
            if (!m_pageQuestion.running()) answered();
        });
}

/// Without a page the table fetches its rows itself, and says what is wrong.
void PredictionLoader::answered() {
    if (m_asked.page && !pageFits()) {
        if (m_rows.ranked(m_asked.order)) return askRows(m_asked.following);
        m_asked.page.reset();
    }
    PredictionQuestion question;
    question.query = m_asked.query;
    question.order = m_asked.order;
    question.counts.assign(m_asked.edges.size() - 1, 0);
    for (const auto& group : m_asked.counts->counts)
        for (std::size_t i = 0; i < group.size() && i < question.counts.size(); ++i)
            question.counts[i] += group[i];
    const bool following = m_asked.following;
    const auto all = following || m_draft ? m_summary.all : std::nullopt;
    m_summary = {};
    m_summary.range = m_asked.range;
    m_summary.all = all;
    m_summary.stats = m_asked.counts->stats;
    m_summary.matching = std::accumulate(question.counts.begin(), question.counts.end(), std::uint64_t{0});
    m_summary.counts = std::move(*m_asked.counts);
    m_asked.counts.reset();
    m_summary.edges = m_asked.edges;
    question.edges = m_asked.edges;
    // Rows that are shown already stay where they are, with those below them.
    if (m_summary.matching > 0 || !m_draft)
        m_rows.ask(std::move(question), std::exchange(m_asked.page, std::nullopt), following || m_asked.shown);
    Q_EMIT summaryChanged();
    if (m_draft) return;
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
