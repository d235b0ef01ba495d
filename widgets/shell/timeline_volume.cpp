// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/timeline_volume.h"

#include "models/predictions/query_parser.h"
#include "widgets/chart/time_axis.h"

namespace pilothouse::shell {

namespace {
constexpr int kPaceMs = 1000;
}

TimelineVolume::TimelineVolume(items::Session& session, QObject* parent)
    : QObject(parent), m_session(session), m_model(session.lens().state().model) {
    m_pace.setSingleShot(true);
    m_pace.setInterval(kPaceMs);
    connect(&m_pace, &QTimer::timeout, this, [this] {
        if (m_wanted && m_active) load();
    });
    connect(&session, &items::Session::changed, this, &TimelineVolume::refresh);
    connect(&session.lens(), &items::Lens::changed, this, [this] {
        if (m_session.lens().state().model == m_model) return;
        m_model = m_session.lens().state().model;
        m_pace.stop();  // an answer to a hand is not held back
        refresh();
    });
}

ports::Query TimelineVolume::modelQuery() const {
    if (m_model.empty()) return {};
    return predictions::parseQuery(predictions::equalsClause("model", m_model)).value_or(ports::Query{});
}

void TimelineVolume::setActive(bool active) {
    m_active = active;
    if (active && m_wanted) refresh();
}

void TimelineVolume::show(TimeRange view, int maxBuckets) {
    if (view == m_view && maxBuckets == m_maxBuckets) return;
    m_view = view;
    m_maxBuckets = maxBuckets;
    if (!m_known || view.empty()) return;
    askCounts();
}

void TimelineVolume::refresh() {
    m_wanted = true;
    if (m_active && !m_pace.isActive()) load();
}

void TimelineVolume::load() {
    m_wanted = false;
    m_pace.start();
    m_question.start(
        this, [this](CancellationToken token) { return m_session.ports().predictions->extent(token); },
        [this](Result<ports::PredictionLog::Extent> answer) {
            m_known = true;
            m_error = answer ? QString() : QString::fromStdString(answer.error().text());
            if (!answer) return Q_EMIT changed();
            m_rows = answer->rows;
            TimeRange whole = answer->rows == 0 ? TimeRange{} : answer->range;
            if (const auto* engine = m_session.engine()) {
                const TimeRange span = engine->status().span;
                if (!span.empty())
                    whole = whole.empty() ? span
                                          : TimeRange{std::min(whole.start, span.start), std::max(whole.end, span.end)};
            }
            if (!whole.empty()) {
                const Zone& zone = m_session.zone();
                whole = {zone.startOfDay(whole.start), zone.nextMidnight(whole.end - Duration(1))};
            }
            if (whole != m_extent) {
                m_extent = whole;
                Q_EMIT extentChanged();  // the strip may answer with show()
            }
            if (m_question.running()) return;  // it did
            askCounts();
        });
}

void TimelineVolume::askCounts() {
    if (m_view.empty()) {
        m_buckets.clear();
        return Q_EMIT changed();
    }
    const auto edges = chart::buckets(m_view, m_session.zone(), m_maxBuckets).edges;
    ports::TimeCountsRequest request{modelQuery(), edges, "outcome"};
    m_question.start(
        this,
        [&](CancellationToken token) { return m_session.ports().predictions->timeCounts(std::move(request), token); },
        [this, edges](Result<ports::TimeCounts> answer) {
            m_error = answer ? QString() : QString::fromStdString(answer.error().text());
            if (!answer) return Q_EMIT changed();
            std::vector<Bucket> buckets(edges.size() < 2 ? 0 : edges.size() - 1);
            for (std::size_t i = 0; i < buckets.size(); ++i) {
                buckets[i].start = edges[i];
                buckets[i].end = edges[i + 1];
                for (std::size_t g = 0; g < answer->groups.size(); ++g) {
                    auto& place = answer->groups[g] == "1"   ? buckets[i].positive
                                  : answer->groups[g] == "0" ? buckets[i].negative
                                                             : buckets[i].unknown;
                    place += answer->counts[g][i];
                }
            }
            askVersions(std::move(buckets));
        });
}

void TimelineVolume::askVersions(std::vector<Bucket> buckets) {
    std::vector<Timestamp> edges;
    for (const Bucket& b : buckets)
        edges.push_back(b.start);
    if (!buckets.empty()) edges.push_back(buckets.back().end);
    ports::Query unscored = modelQuery();
    const auto missing = predictions::parseQuery("_missing_:version");
    if (missing) unscored = m_model.empty() ? *missing : predictions::conjunction(unscored, *missing);
    ports::TimeCountsRequest request{std::move(unscored), std::move(edges), ""};
    m_question.start(
        this,
        [&](CancellationToken token) { return m_session.ports().predictions->timeCounts(std::move(request), token); },
        [this, buckets = std::move(buckets)](Result<ports::TimeCounts> answer) mutable {
            if (answer && !answer->counts.empty())
                for (std::size_t i = 0; i < buckets.size() && i < answer->counts[0].size(); ++i)
                    buckets[i].unscored = answer->counts[0][i];
            m_buckets = std::move(buckets);
            Q_EMIT changed();
        });
}

}  // namespace pilothouse::shell
