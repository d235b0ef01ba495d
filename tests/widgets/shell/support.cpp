// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/widgets/shell/support.h"

#include <QListWidget>
#include <QSettings>
#include <QVBoxLayout>
#include <cmath>

namespace pilothouse::test {

namespace {

Timestamp at(const char* iso) { return *Timestamp::parseIso(iso); }

template <class T>
QFuture<Result<T>> answer(T value) {
    QPromise<Result<T>> promise;
    promise.start();
    promise.addResult(Result<T>(std::move(value)));
    promise.finish();
    return promise.future();
}
QFuture<Result<void>> done() {
    QPromise<Result<void>> promise;
    promise.start();
    promise.addResult(Result<void>());
    promise.finish();
    return promise.future();
}

class Log final : public ports::PredictionLog {
public:
    explicit Log(std::shared_ptr<World> world) : m_world(std::move(world)) {}
    QFuture<Result<std::vector<ports::FieldInfo>>> fields(CancellationToken) override {
        ++m_world->questions;
        return answer(std::vector<ports::FieldInfo>{{"carrier", ports::ColumnType::Text, true},
                                                    {"temp_f", ports::ColumnType::Number, true},
                                                    {"score", ports::ColumnType::Number, false}});
    }
    QFuture<Result<ports::SearchPage>> search(ports::SearchRequest, CancellationToken) override {
        return answer(ports::SearchPage{});
    }
    QFuture<Result<std::uint64_t>> count(ports::Query, TimeRange, CancellationToken) override {
        return answer(std::uint64_t{0});
    }
    QFuture<Result<ports::TimeCounts>> timeCounts(ports::TimeCountsRequest request, CancellationToken) override {
        ++m_world->questions;
        const std::size_t n = request.edges.size() - 1;
        ports::TimeCounts out;
        const bool outcome = request.splitBy == "outcome";
        out.groups = outcome ? std::vector<std::string>{"1", "0", ""} : std::vector<std::string>{""};
        out.counts.assign(out.groups.size(), std::vector<std::uint64_t>(n, 0));
        for (std::size_t i = 0; i < n; ++i) {
            const double hours = rowsWithin(request.edges[i], request.edges[i + 1]);
            if (!outcome) {  // the unscored ones
                out.counts[0][i] = static_cast<std::uint64_t>(
                    rowsWithin(request.edges[i], std::min(request.edges[i + 1], m_world->scoredFrom)));
                continue;
            }
            const double share = 0.23 + 0.15 * std::sin(static_cast<double>(i) * 0.7);
            out.counts[0][i] = static_cast<std::uint64_t>(hours * share);
            out.counts[2][i] = static_cast<std::uint64_t>(hours * 0.03);
            out.counts[1][i] = static_cast<std::uint64_t>(hours) - out.counts[0][i] - out.counts[2][i];
        }
        return answer(std::move(out));
    }
    QFuture<Result<ports::Aggregates>> aggregate(ports::AggregateRequest, CancellationToken) override {
        return answer(ports::Aggregates{});
    }
    QFuture<Result<ports::TopValues>> topValues(ports::TopValuesRequest, CancellationToken) override {
        return answer(ports::TopValues{});
    }
    QFuture<Result<std::vector<ports::FeatureCounts>>> featureCounts(ports::FeatureCountsRequest,
                                                                     CancellationToken) override {
        return answer(std::vector<ports::FeatureCounts>{});
    }
    QFuture<Result<Extent>> extent(CancellationToken) override {
        ++m_world->questions;
        return answer(
            Extent{m_world->rows, static_cast<std::uint64_t>(rowsWithin(m_world->rows.start, m_world->rows.end)), {}});
    }

private:
    /// 38 rows an hour, a third fewer on Saturdays.
    [[nodiscard]] double rowsWithin(Timestamp from, Timestamp to) const {
        from = std::max(from, m_world->rows.start);
        to = std::min(to, m_world->rows.end);
        if (to <= from) return 0;
        const bool saturday = Zone().weekday(from) == 6;
        return static_cast<double>((to - from).count()) / 3.6e12 * (saturday ? 26 : 38);
    }
    std::shared_ptr<World> m_world;
};

class Registry final : public ports::ModelRegistry {
public:
    explicit Registry(std::shared_ptr<World> world) : m_world(std::move(world)) {}
    QFuture<Result<std::vector<ports::ModelSummary>>> models(CancellationToken) override {
        ++m_world->questions;
        return answer(m_world->models);
    }
    QFuture<Result<std::vector<ports::ModelVersion>>> versions(std::string, CancellationToken) override {
        return answer(m_world->versions);
    }
    QFuture<Result<std::vector<ports::AliasPeriod>>> aliasHistory(std::string, CancellationToken) override {
        return answer(m_world->aliases);
    }
    QFuture<Result<void>> setAlias(std::string, std::string, std::string, std::string, std::string) override {
        return done();
    }
    QFuture<Result<void>> removeAlias(std::string, std::string, std::string, std::string) override { return done(); }
    QFuture<Result<void>> setTag(std::string, std::string, std::string, std::optional<std::string>,
                                 std::string) override {
        return done();
    }
    QFuture<Result<QByteArray>> artifact(std::string, CancellationToken) override { return answer(QByteArray()); }

private:
    std::shared_ptr<World> m_world;
};

class Alerts final : public ports::AlertSource {
public:
    explicit Alerts(std::shared_ptr<World> world) : m_world(std::move(world)) {}
    QFuture<Result<std::vector<ports::Alert>>> alerts(bool, CancellationToken) override {
        return answer(m_world->alerts);
    }
    QFuture<Result<std::vector<ports::Silence>>> silences(CancellationToken) override {
        return answer(std::vector<ports::Silence>{});
    }
    QFuture<Result<std::string>> silence(ports::Silence) override { return answer(std::string("1")); }
    QFuture<Result<void>> expireSilence(std::string) override { return done(); }

private:
    std::shared_ptr<World> m_world;
};

class Runs final : public ports::Orchestrator {
public:
    explicit Runs(std::shared_ptr<World> world) : m_world(std::move(world)) {}
    QFuture<Result<std::vector<ports::PipelineInfo>>> pipelines(CancellationToken) override {
        return answer(std::vector<ports::PipelineInfo>{{"train-delay", "Trains the delay model", ""}});
    }
    QFuture<Result<std::vector<ports::Run>>> runs(std::size_t, CancellationToken) override {
        return answer(m_world->runs);
    }
    QFuture<Result<ports::Run>> run(std::string, CancellationToken) override { return answer(ports::Run{}); }
    QFuture<Result<std::vector<ports::LogLine>>> log(std::string, std::string, std::int64_t,
                                                     CancellationToken) override {
        return answer(std::vector<ports::LogLine>{});
    }
    QFuture<Result<std::string>> trigger(std::string, std::map<std::string, std::string>, std::string) override {
        return answer(std::string("9"));
    }
    QFuture<Result<void>> cancel(std::string id) override {
        m_world->cancelled.push_back(id);
        return done();
    }

private:
    std::shared_ptr<World> m_world;
};

ports::Alert alert(std::int64_t id, const char* name, const char* since, const char* until, ports::Severity severity) {
    ports::Alert a;
    a.id = id;
    a.name = name;
    a.model = "delay";
    a.severity = severity;
    a.state = until ? ports::AlertState::Resolved : ports::AlertState::Firing;
    a.annotations["summary"] = name;
    a.pendingSince = at(since);
    a.firingSince = at(since);
    if (until) a.resolvedAt = at(until);
    return a;
}

ports::Run run(const char* id, const char* started, ports::RunState state, const char* result) {
    ports::Run r;
    r.id = id;
    r.pipeline = "train-delay";
    r.model = "delay";
    r.state = state;
    r.created = at(started);
    r.started = at(started);
    r.result = result;
    return r;
}

}  // namespace

std::shared_ptr<World> yearOfFlights() {
    auto world = std::make_shared<World>();
    world->rows = {at("2013-01-01T10:15:00Z"), at("2013-07-14T16:00:00Z")};
    world->scoredFrom = at("2013-04-01T04:00:00Z");
    world->models = {{"delay", 3, {{ports::kChampion, "v3"}}, at("2013-06-13T06:00:00Z")}};
    const auto version = [&](const char* name, const char* created, const char* until) {
        ports::ModelVersion v;
        v.model = "delay";
        v.version = name;
        v.created = at(created);
        v.positiveClass = "late";
        world->versions.insert(world->versions.begin(), v);
        ports::AliasPeriod p{"delay", ports::kChampion, name, at(created), std::nullopt, "pipeline run", "gate passed"};
        if (until) p.to = at(until);
        world->aliases.push_back(p);
    };
    version("v1", "2013-04-01T04:00:00Z", "2013-05-01T04:30:00Z");
    version("v2", "2013-05-01T04:30:00Z", "2013-06-13T06:30:00Z");
    version("v3", "2013-06-13T06:30:00Z", nullptr);
    world->alerts = {
        alert(5, "AUC 0.672 below 0.690", "2013-07-09T10:00:00Z", nullptr, ports::Severity::Alarm),
        alert(4, "7 of 18 columns drift", "2013-07-08T04:00:00Z", nullptr, ports::Severity::Warning),
        alert(3, "score shifted", "2013-06-24T04:00:00Z", "2013-07-01T04:00:00Z", ports::Severity::Warning),
        alert(2, "6 of 18 columns drift", "2013-06-11T04:00:00Z", "2013-06-17T04:00:00Z", ports::Severity::Alarm),
        alert(1, "855 flights without an outcome", "2013-02-09T05:00:00Z", "2013-02-11T05:00:00Z",
              ports::Severity::Warning)};
    world->runs = {run("5", "2013-07-09T10:00:00Z", ports::RunState::Running, ""),
                   run("4", "2013-06-25T06:00:00Z", ports::RunState::Refused, "gate refused: AUC difference 0.002"),
                   run("3", "2013-06-13T06:00:00Z", ports::RunState::Succeeded, "v3 deployed"),
                   run("2", "2013-05-01T04:00:00Z", ports::RunState::Succeeded, "v2 deployed"),
                   run("1", "2013-04-01T04:00:00Z", ports::RunState::Succeeded, "v1 deployed")};
    return world;
}

std::unique_ptr<items::Session> makeSession(const QString& folder, std::shared_ptr<World> world) {
    auto workspace = workspace::Workspace::create((folder + QStringLiteral("/demo.pilothouse")).toStdString(),
                                                  ClockKind::Simulated, "America/New_York");
    if (!workspace) qFatal("%s", workspace.error().text().c_str());
    (*workspace)->setSimulatedNow(world->rows.end);
    items::Session::Ports ports;
    ports.predictions = std::make_shared<Log>(world);
    ports.registry = std::make_shared<Registry>(world);
    ports.alerts = std::make_shared<Alerts>(world);
    ports.orchestrator = std::make_shared<Runs>(world);
    return std::make_unique<items::Session>(*workspace, std::move(ports));
}

PlainView::PlainView(QString id, items::Session& session, QWidget* parent)
    : View(parent),
      m_id(std::move(id)),
      m_session(session),
      m_details(new QLabel(QStringLiteral("details of ") + m_id, this)) {
    setObjectName(m_id + QStringLiteral("View"));
    m_details->hide();
    auto* column = new QVBoxLayout(this);
    auto* list = new QListWidget(this);
    list->setObjectName(m_id + QStringLiteral("List"));
    list->addItems({QStringLiteral("one"), QStringLiteral("two"), QStringLiteral("three")});
    list->setCurrentRow(0);
    column->addWidget(list);
}

void isolate(const QTemporaryDir& folder) {
    QCoreApplication::setOrganizationName(QStringLiteral("pilothouse-test"));
    QCoreApplication::setApplicationName(QStringLiteral("shell"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, folder.path());
    QSettings().clear();
}

std::unique_ptr<shell::MainWindow> makeWindow(shell::ColorScheme& scheme) {
    auto window = std::make_unique<shell::MainWindow>(scheme);
    for (const char* id : {"overview", "dashboard", "drift", "runs", "predictions", "registry"}) {
        const QString name = QString::fromLatin1(id);
        window->addView(name, name.left(1).toUpper() + name.mid(1), name,
                        [name](items::Session& s, QWidget* parent) { return new PlainView(name, s, parent); });
    }
    shell::addWindowCommands(*window);
    return window;
}

}  // namespace pilothouse::test
