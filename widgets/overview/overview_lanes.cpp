// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/overview/overview_lanes.h"

#include <cmath>
#include <map>

namespace pilothouse::overview {

using chart::Draw;
using chart::Lane;
using chart::Series;
using chart::SeriesBuffer;
using theme::Token;

namespace {

enum Asked { Requests, ScoreMean, ScoreLow, ScoreHigh, Positive };

std::shared_ptr<const SeriesBuffer> samples(const chart::Buckets& buckets, const ports::Aggregates& answer,
                                            std::size_t measure, Timestamp until, bool whole) {
    for (const auto& s : answer.series)
        if (s.measure == measure)
            return std::make_shared<SeriesBuffer>(chart::bucketSeries(buckets.edges, s.values, until, whole));
    return std::make_shared<SeriesBuffer>();
}

Series series(const QString& name, Draw draw, std::shared_ptr<const SeriesBuffer> values, Token token) {
    Series out;
    out.name = name;
    out.draw = draw;
    out.values = std::move(values);
    out.token = token;
    return out;
}

bool empty(const SeriesBuffer& b) { return !b.extremes().any(); }

}  // namespace

ports::AggregateRequest laneRequest(const ports::Query& query, const chart::Buckets& buckets) {
    using ports::Measure;
    const std::string score(ports::field::score);
    return {query,
            buckets.edges,
            {{Measure::Count, {}, 0},
             {Measure::Mean, score, 0},
             {Measure::Quantile, score, 0.1},
             {Measure::Quantile, score, 0.9},
             {Measure::PositiveShare, {}, 0}},
            {}};
}

chart::Lane aucLane(const std::vector<items::WindowMetric>& windows) {
    Lane lane;
    lane.id = QStringLiteral("auc");
    lane.title = QStringLiteral("AUC");
    lane.note = QStringLiteral("by week, 95 % interval");
    struct Buffers {
        std::shared_ptr<SeriesBuffer> value = std::make_shared<SeriesBuffer>(), low = std::make_shared<SeriesBuffer>(),
                                      high = std::make_shared<SeriesBuffer>();
    };
    std::map<std::string, Buffers> versions;
    auto limit = std::make_shared<SeriesBuffer>();
    for (const auto& w : windows) {
        const Timestamp middle = w.window.start + w.window.duration() / 2;
        Buffers& b = versions[w.version];
        if (!b.value->append(middle, w.value)) continue;
        b.low->append(middle, w.low);
        b.high->append(middle, w.high);
        limit->append(w.window.start, w.limit);
        limit->append(w.window.end, w.limit);
    }
    for (const auto& [version, b] : versions) {
        Series s;
        s.name = version.empty() ? QStringLiteral("AUC") : QString::fromStdString(version);
        s.draw = Draw::Points;
        s.values = b.value;
        s.low = b.low;
        s.high = b.high;
        lane.series.push_back(std::move(s));
    }
    if (!empty(*limit)) lane.series.push_back(series(QStringLiteral("limit"), Draw::Step, limit, Token::Alarm));
    if (versions.empty()) {
        lane.state = Lane::State::Empty;
        lane.stateText =
            QStringLiteral("no week in this range has been judged: labels mature 36 hours after a week's end");
    }
    return lane;
}

std::vector<Lane> makeLanes(const chart::Buckets& buckets, const ports::Aggregates& answer,
                            const std::vector<ports::Evaluation>& evaluations, const std::string& model,
                            Timestamp now) {
    std::vector<ports::Evaluation> own;
    for (const auto& e : evaluations)
        if (e.model == model) own.push_back(e);

    Lane traffic;
    traffic.id = QStringLiteral("traffic");
    traffic.title = QStringLiteral("requests");
    traffic.note = QStringLiteral("by ") + chart::bucketWord(buckets.unit);
    traffic.kind = chart::ValueKind::Count;
    traffic.fromZero = true;
    traffic.stretch = 0.8;
    traffic.series = {series(QString(), Draw::Area, samples(buckets, answer, Requests, now, true), Token::Reference)};
    if (empty(*traffic.series[0].values)) traffic.state = Lane::State::Empty;

    Lane score;
    score.id = QStringLiteral("score");
    score.title = QStringLiteral("score and outcome");
    score.note = QStringLiteral("by ") + chart::bucketWord(buckets.unit) + QStringLiteral(", matured labels");
    score.kind = chart::ValueKind::Share;
    score.fromZero = true;
    score.series = {series(QStringLiteral("score, 10 – 90 %"), Draw::Line,
                           samples(buckets, answer, ScoreMean, now, false), Token::Current),
                    series(QStringLiteral("positive outcomes"), Draw::Line,
                           samples(buckets, answer, Positive, now - items::labelMaturity(own), true), Token::Positive)};
    score.series[0].low = samples(buckets, answer, ScoreLow, now, false);
    score.series[0].high = samples(buckets, answer, ScoreHigh, now, false);
    if (empty(*score.series[0].values) && empty(*score.series[1].values)) {
        score.state = Lane::State::Empty;
        score.stateText = QStringLiteral("nothing was scored in this range, and no label has matured");
    }
    return {traffic, score, aucLane(items::metricOf(own))};
}

}  // namespace pilothouse::overview
