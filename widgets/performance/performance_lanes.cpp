// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "models/statistics/verdict.h"
#include "widgets/performance/performance_pictures.h"
#include "widgets/theme/format.h"

namespace pilothouse::performance {

using chart::Draw;
using chart::Lane;
using chart::Series;
using chart::SeriesBuffer;
using items::VersionPerformance;
using items::WindowPerformance;
using theme::Token;

namespace {

constexpr double kFewLabels = 0.5;  ///< below it a realised number stands for few of its rows

Duration lengthOf(items::WindowUnit unit) {
    using std::chrono::hours;
    switch (unit) {
        case items::WindowUnit::Hour:
            return hours(1);
        case items::WindowUnit::Day:
            return hours(24);
        case items::WindowUnit::Week:
            return hours(24 * 7);
        case items::WindowUnit::Month:
            break;
    }
    return hours(24 * 31);
}

Timestamp middle(const TimeRange& w) { return w.start + w.duration() / 2; }

struct Buffers {
    std::shared_ptr<SeriesBuffer> value = std::make_shared<SeriesBuffer>(), low = std::make_shared<SeriesBuffer>(),
                                  high = std::make_shared<SeriesBuffer>();
    void add(Timestamp t, double v, double l, double h) {
        value->append(t, v);
        low->append(t, l);
        high->append(t, h);
    }
    void put(Series& s) const {
        s.values = value;
        s.low = low;
        s.high = high;
    }
};

bool weak(const WindowPerformance& w) { return !w.mature || w.maturity() < kFewLabels; }

void addVersion(Lane& lane, const VersionPerformance& v, const std::string& metric, Duration gap) {
    Buffers realised, few, estimated;
    constexpr double none = statistics::kNaN;
    bool anyFew = false, anyEstimate = false;
    for (const WindowPerformance& w : v.windows) {
        const Timestamp t = middle(w.window);
        const auto* m = w.metric(metric);
        const statistics::Interval value = m ? m->value : statistics::Interval{none, none, none};
        if (weak(w)) {
            realised.add(t, none, none, none);
            few.add(t, value.value, value.low, value.high);
            anyFew = anyFew || !std::isnan(value.value);
        } else {
            realised.add(t, value.value, value.low, value.high);
        }
        if (const auto* e = w.estimate(metric)) {
            estimated.add(t, e->value, e->low, e->high);
            anyEstimate = true;
        } else {
            estimated.add(t, none, none, none);
        }
    }
    const QString name = QString::fromStdString(v.version);
    if (anyEstimate) {
        Series s;
        s.name = name + u" estimated"_qs;
        s.colorName = name;
        s.draw = Draw::Estimate;
        s.maxGap = gap;
        estimated.put(s);
        lane.series.push_back(std::move(s));
    }
    Series s;
    s.name = name;
    s.colorName = name;
    s.maxGap = gap;
    realised.put(s);
    lane.series.push_back(std::move(s));
    if (anyFew) {
        Series dots;
        dots.name = u"labels incomplete"_qs;
        dots.draw = Draw::Points;
        dots.token = Token::Unknown;
        few.put(dots);
        lane.series.push_back(std::move(dots));
    }
}

/// Rows and labels of all versions, by window.
struct Totals {
    std::map<std::int64_t, std::pair<std::uint64_t, std::uint64_t>> byTime;
    explicit Totals(const items::PerformanceReport& report) {
        for (const auto& v : report.versions)
            for (const auto& w : v.windows) {
                auto& [rows, labelled] = byTime[middle(w.window).ns];
                rows += w.rows;
                labelled += w.labelled;
            }
    }
};

Lane totalLane(const QString& id, const QString& title, chart::ValueKind kind, std::shared_ptr<SeriesBuffer> values,
               Duration gap) {
    Lane lane;
    lane.id = id;
    lane.title = title;
    lane.kind = kind;
    lane.fromZero = true;
    lane.stretch = 0.3;
    Series s;
    s.draw = Draw::Area;
    s.token = Token::Reference;
    s.values = std::move(values);
    s.maxGap = gap;
    lane.series.push_back(std::move(s));
    return lane;
}

}  // namespace

std::vector<Lane> lanesOf(const items::PerformanceReport& report, const std::string& metric) {
    const Duration gap = lengthOf(report.unit) * 5 / 2;
    Lane main;
    main.id = u"metric"_qs;
    main.title = QString::fromStdString(items::metricTitle(metric));
    main.note = u"by "_qs + QString::fromLatin1(items::toString(report.unit)) +
                (items::higherIsBetter(metric) ? u", 95 % intervals, higher is better"_qs
                                               : u", 95 % intervals, lower is better"_qs);
    main.kind = items::isShare(metric) ? chart::ValueKind::Share : chart::ValueKind::Number;
    // Of windows side by side the newest version is named first, and drawn last.
    for (auto v = report.versions.rbegin(); v != report.versions.rend(); ++v)
        addVersion(main, *v, metric, gap);
    const bool any =
        std::any_of(main.series.begin(), main.series.end(), [](const Series& s) { return s.values->extremes().any(); });
    if (!any) {
        main.state = Lane::State::Empty;
        main.stateText = report.labelled == 0
                             ? u"no outcome is known yet in this range"_qs
                             : u"not defined for these rows (a class is absent, or nothing was called)"_qs;
    }
    auto share = std::make_shared<SeriesBuffer>(), rows = std::make_shared<SeriesBuffer>();
    for (const auto& [t, counts] : Totals(report).byTime) {
        share->append({t}, static_cast<double>(counts.second) / static_cast<double>(counts.first));
        rows->append({t}, static_cast<double>(counts.first));
    }
    Lane labels = totalLane(u"labels"_qs, u"labels known"_qs, chart::ValueKind::Share, share, gap);
    labels.high = 1;
    labels.note = report.rows == 0
                      ? QString()
                      : theme::percent(static_cast<double>(report.labelled) / static_cast<double>(report.rows)) +
                            u" of "_qs + theme::count(report.rows) + u" rows"_qs;
    Lane traffic = totalLane(u"rows"_qs, u"rows"_qs, chart::ValueKind::Count, rows, gap);
    return {std::move(main), std::move(labels), std::move(traffic)};
}

}  // namespace pilothouse::performance
