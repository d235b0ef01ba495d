// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <QTemporaryDir>
#include <cmath>

#include "models/items/session.h"
#include "models/monitoring/monitor_reader.h"
#include "models/predictions/embedded_prediction_log.h"

/// A year of made-up verdicts on a known pattern: temp_f drifts from May on, gust lacks data, the rest is ok.
namespace pilothouse::test {

inline const std::vector<std::string>& features() {
    static const std::vector<std::string> names{
        "carrier",   "origin",      "dest",          "distance_mi",  "hour",           "weekday",
        "temp_f",    "dewpoint_f",  "humidity_pct",  "wind_dir_deg", "wind_speed_mph", "wind_gust_mph",
        "precip_in", "pressure_mb", "visibility_mi", "plane_year",   "plane_seats",    "plane_engine"};
    return names;
}

inline bool isText(const std::string& name) {
    return name == "carrier" || name == "origin" || name == "dest" || name == "plane_engine";
}

inline statistics::ColumnProfile column(const std::string& name) {
    statistics::ColumnProfile c;
    c.name = name;
    c.n = 80'000;
    c.missing = 400;
    if (isText(name)) {
        c.kind = statistics::ColumnKind::Categorical;
        c.categories = {"UA", "EV", "B6", "DL", "AA", "MQ", "US", "WN"};
        c.counts = {14'000, 13'500, 13'000, 11'000, 9'000, 8'000, 6'000, 4'500, 600};
        c.other = 600;
        c.rest = {"HA", "YV"};
        return c;
    }
    c.min = 10;
    c.max = 80;
    c.mean = 38;
    c.variance = 120;
    for (int i = 0; i < 19; ++i)
        c.edges.push_back(22 + 2.0 * i);
    for (int i = 0; i < 20; ++i)
        c.counts.push_back(static_cast<std::uint64_t>(10'000 * std::exp(-std::pow((i - 9) / 4.5, 2))));
    for (int i = 0; i < 20; ++i)
        c.binMeans.push_back(21 + 2.0 * i);
    return c;
}

inline statistics::Profile profileOf(const std::string& model, const std::string& version) {
    statistics::Profile p;
    p.model = model;
    p.version = version;
    p.startNs = Timestamp::parseIso("2013-01-01T05:00:00Z")->ns;
    p.endNs = Timestamp::parseIso("2013-04-01T04:00:00Z")->ns;
    p.rows = 80'000;
    for (const std::string& f : features())
        p.columns.push_back(column(f));
    p.columns.push_back(column("score"));
    return p;
}

inline ports::Finding finding(const std::string& feature, int week) {
    ports::Finding f;
    f.feature = feature;
    f.check = "drift";
    statistics::Verdict& v = f.verdict;
    const bool text = isText(feature);
    v.method = text ? "total_variation" : "wasserstein_sigma";
    v.nReference = 79'600;
    v.nCurrent = 6'391;
    v.nEffective = 412;
    v.minimumEffect = 0.1;
    v.threshold = 0.07;
    v.effect = text ? 0.02 : 0.05 + 0.01 * static_cast<double>(feature.size() % 7);
    if (feature == "temp_f") v.effect = 0.05 + 4.8 * std::pow(std::sin((week + 2) * 3.14159 / 44), 2);
    if (feature == "dewpoint_f") v.effect = 0.05 + 3.8 * std::pow(std::sin((week + 1) * 3.14159 / 44), 2);
    if (feature == "pressure_mb") v.effect = 0.12 + 0.2 * (week % 3);
    v.effectLow = v.effect * 0.9;
    v.effectHigh = v.effect * 1.1 + 0.01;
    v.pValue = v.effect > 0.1 ? 0.00001 : 0.3;
    v.qValue = v.pValue * 2;
    v.state = v.effect > 0.1 ? statistics::State::Drift : statistics::State::Ok;
    f.severity = v.effect > 1 ? ports::Severity::Alarm : ports::Severity::Warning;
    if (feature == "wind_gust_mph") {
        v = {};
        v.state = statistics::State::Insufficient;
        v.reason = "78 % are missing: power 0.31 at twice the minimum effect";
        v.method = "wasserstein_sigma";
        v.nReference = 17'000;
        v.nCurrent = 320;
    }
    const auto c = column(feature);
    for (std::size_t i = 0; i < c.counts.size(); ++i) {
        const double shifted = !text && v.effect > 1
                                   ? 6'000 * std::exp(-std::pow((static_cast<double>(i) - 17) / 1.7, 2))
                                   : static_cast<double>(c.counts[i]) * 0.08;
        f.counts.push_back(std::round(shifted));
    }
    f.missingShare = 0.005;
    return f;
}

inline ports::Evaluation weekly(int week, const Zone& zone) {
    ports::Evaluation e;
    e.id = 1'000 + week;
    e.monitor = "feature-drift";
    e.kind = "drift";
    e.model = "delay";
    e.version = week < 18 ? "v1" : "v2";
    const Timestamp first = zone.midnight({2013, 4, 1});
    e.window = {zone.addDays(first, 7 * week), zone.addDays(first, 7 * week + 7)};
    e.evaluatedAt = e.window.end;
    e.rows = 6'391;
    e.state = statistics::State::Drift;
    for (const std::string& f : features()) {
        e.findings.push_back(finding(f, week));
        ports::Finding missing;
        missing.feature = f;
        missing.check = "missing";
        missing.verdict.state = f == "plane_year" && week % 5 == 0 ? statistics::State::Drift : statistics::State::Ok;
        missing.verdict.method = "missing_share";
        missing.missingShare = f == "plane_year" ? 0.21 : 0.005;
        e.findings.push_back(missing);
    }
    return e;
}

inline ports::Evaluation daily(int day, const std::string& kind, const Zone& zone) {
    ports::Evaluation e;
    e.id = 10'000 + 2 * day + (kind == "score" ? 1 : 0);
    e.monitor = kind;
    e.kind = kind;
    e.model = "delay";
    e.version = day < 18 * 7 ? "v1" : "v2";
    const Timestamp first = zone.midnight({2013, 4, 1});
    e.window = {zone.addDays(first, day), zone.addDays(first, day + 1)};
    e.rows = 910;
    ports::Finding f = finding("score", 0);
    f.verdict.effect = 0.05 + 0.3 * (day % 9 == 0 ? 1 : 0);
    f.verdict.state = f.verdict.effect > 0.1 ? statistics::State::Drift : statistics::State::Ok;
    if (kind == "quality") {
        f.feature = "temp_f";
        f.check = "missing";
        f.counts.clear();
        f.verdict.method = "missing_share";
        f.verdict.effect = 0.001;
        f.verdict.state = day % 40 == 7 ? statistics::State::Drift : statistics::State::Ok;
    }
    e.findings = {f};
    return e;
}

/// Answers from memory, as the workspace's reader would.
class FakeMonitors final : public monitoring::MonitorReader {
public:
    explicit FakeMonitors(std::shared_ptr<workspace::Workspace> workspace)
        : MonitorReader(workspace), m_workspace(workspace) {}

    void setWeeks(int weeks) {
        m_evaluations.clear();
        const Zone& zone = m_workspace->zone();
        for (int w = 0; w < weeks; ++w) {
            for (int d = 0; d < 7; ++d)
                for (const char* kind : {"quality", "score"})
                    m_evaluations.push_back(daily(7 * w + d, kind, zone));
            m_evaluations.push_back(weekly(w, zone));
        }
        std::stable_sort(m_evaluations.begin(), m_evaluations.end(),
                         [](const auto& a, const auto& b) { return a.window.start < b.window.start; });
    }
    [[nodiscard]] QFuture<Result<std::vector<ports::Evaluation>>> evaluations(monitoring::EvaluationsRequest request,
                                                                              CancellationToken) const override {
        ++questions;
        std::vector<ports::Evaluation> result;
        for (const ports::Evaluation& e : m_evaluations) {
            if (!request.model.empty() && e.model != request.model) continue;
            if (!request.kinds.empty() &&
                std::find(request.kinds.begin(), request.kinds.end(), e.kind) == request.kinds.end())
                continue;
            if (!e.window.overlaps(request.range)) continue;
            result.push_back(e);
            for (ports::Finding& f : result.back().findings)
                if (!request.counts) f.counts.clear();
        }
        return QtFuture::makeReadyFuture(Result<std::vector<ports::Evaluation>>(std::move(result)));
    }
    [[nodiscard]] QFuture<Result<statistics::Profile>> profile(std::string model, std::string version,
                                                               CancellationToken) const override {
        return QtFuture::makeReadyFuture(Result<statistics::Profile>(test::profileOf(model, version)));
    }
    mutable int questions = 0;

private:
    std::shared_ptr<workspace::Workspace> m_workspace;
    std::vector<ports::Evaluation> m_evaluations;
};

/// A workspace in a folder of its own with a session over made-up monitors.
struct Fixture {
    QTemporaryDir folder;
    std::shared_ptr<workspace::Workspace> workspace;
    std::shared_ptr<FakeMonitors> monitors;
    std::unique_ptr<items::Session> session;

    explicit Fixture(int weeks, const char* now = "2013-12-30T12:00:00Z") {
        auto made = workspace::Workspace::create(folder.filePath(QStringLiteral("t.pilothouse")).toStdString(),
                                                 ClockKind::Simulated, "America/New_York");
        if (!made) qFatal("%s", made.error().text().c_str());
        workspace = *made;
        workspace->setSimulatedNow(*Timestamp::parseIso(now));
        monitors = std::make_shared<FakeMonitors>(workspace);
        monitors->setWeeks(weeks);
        items::Session::Ports ports;
        ports.monitors = monitors;
        ports.predictions = std::make_shared<predictions::EmbeddedPredictionLog>(workspace);
        session = std::make_unique<items::Session>(workspace, ports);
        items::LensState state = session->lens().state();
        state.model = "delay";
        session->lens().set(state);
    }
};

}  // namespace pilothouse::test
