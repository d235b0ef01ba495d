// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/drift_loader.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/items/session.h"
#include "models/predictions/query_parser.h"

namespace pilothouse::items {
namespace {

using monitoring::MonitorDefinition;

/// Pictures on even bins are taken from the log's rows. They stand for the reference only if these are the same rows.
constexpr double kSameRows = 0.02;

bool similar(double a, double b) { return std::abs(a - b) <= kSameRows * std::max(a, b); }

double total(const std::vector<std::uint64_t>& counts) {
    return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
}

const ports::FeatureCounts* find(const std::vector<ports::FeatureCounts>& counts, const std::string& field) {
    const auto it = std::find_if(counts.begin(), counts.end(), [&](const auto& c) { return c.field == field; });
    return it == counts.end() ? nullptr : &*it;
}

QString words(const Error& error) { return QString::fromStdString(error.text()); }

}  // namespace

const DriftHistogram* DriftWindow::histogram(const QString& feature) const {
    for (const DriftHistogram& h : histograms)
        if (h.feature == feature) return &h;
    return nullptr;
}

DriftLoader::DriftLoader(Session& session, QObject* parent) : QObject(parent), m_session(session) {}

bool DriftLoader::busy() const {
    return m_overview.running() || m_monitorQuestion.running() || m_windowQuestion.running() || m_refresh.running();
}

void DriftLoader::loadOverview(const std::string& model) {
    if (m_overview.running() && model == m_model) {
        m_again = true;
        return;
    }
    m_model = model;
    m_again = false;
    readMonitor(model);
    readEvaluations(model);
}

void DriftLoader::readMonitor(const std::string& model) {
    m_monitorQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.workspace().read(
                std::move(token), [model](workspace::Database& database) -> Result<std::optional<MonitorDefinition>> {
                    PH_ASSIGN(const auto text, database.text("SELECT definition FROM monitor WHERE removed IS NULL AND "
                                                             "kind = 'drift' AND (model = ?1 OR ?1 = '') "
                                                             "ORDER BY name LIMIT 1",
                                                             model));
                    if (!text) return std::optional<MonitorDefinition>{};
                    PH_ASSIGN(auto monitors, monitoring::parseMonitors(*text, "monitor"));
                    if (monitors.empty()) return std::optional<MonitorDefinition>{};
                    return std::optional(std::move(monitors.front()));
                });
        },
        [this](Result<std::optional<MonitorDefinition>> answer) {
            // Verdicts stand without their monitor's definition; only its words are missing then.
            m_monitor = answer ? std::move(*answer) : std::nullopt;
            if (!m_overview.running()) Q_EMIT overviewReady();
        });
}

void DriftLoader::readEvaluations(const std::string& model) {
    monitoring::EvaluationsRequest request;
    request.model = model;
    request.kinds = {"drift", "score", "quality", "traffic"};
    m_overview.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().monitors->evaluations(std::move(request), std::move(token));
        },
        [this](Result<std::vector<ports::Evaluation>> answer) {
            if (!answer) {
                Q_EMIT failed(words(answer.error()));
                return;
            }
            // A lens on all models: the one that was judged last.
            if (m_model.empty() && !answer->empty()) {
                const std::string last = answer->back().model;
                std::erase_if(*answer, [&](const ports::Evaluation& e) { return e.model != last; });
            }
            m_evaluations = std::make_shared<const std::vector<ports::Evaluation>>(std::move(*answer));
            for (const ports::Evaluation& e : *m_evaluations)
                m_newest = std::max(m_newest, e.id);
            if (!m_monitorQuestion.running()) Q_EMIT overviewReady();
            if (m_again) loadOverview(m_model);
        });
}

void DriftLoader::refresh() {
    if (m_refresh.running()) return;
    m_refresh.start(
        this,
        [&](CancellationToken token) {
            return m_session.workspace().read(std::move(token), [](workspace::Database& database) {
                return database.integer("SELECT max(id) FROM evaluation");
            });
        },
        [this](Result<std::optional<std::int64_t>> newest) {
            if (newest && newest->value_or(-1) > m_newest) {
                m_newest = **newest;
                loadOverview(m_model);
            }
        });
}

void DriftLoader::loadWindow(const ports::Evaluation& evaluation) {
    m_window = std::make_shared<DriftWindow>();
    m_window->evaluation = evaluation;
    monitoring::EvaluationsRequest request;
    request.model = evaluation.model;
    request.kinds = {"drift", "score"};
    request.range = evaluation.window;
    request.counts = true;
    m_windowQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().monitors->evaluations(std::move(request), std::move(token));
        },
        [this](Result<std::vector<ports::Evaluation>> answer) {
            if (answer) {
                gotWindow(std::move(*answer));
            } else {
                Q_EMIT failed(words(answer.error()));
            }
        });
}

void DriftLoader::gotWindow(std::vector<ports::Evaluation> evaluations) {
    ports::Evaluation& main = m_window->evaluation;
    for (ports::Evaluation& e : evaluations)
        if (e.kind == "drift" && e.window == main.window && e.monitor == main.monitor) main = e;
    // The score is judged by the day: its worst day in the window stands for it.
    const ports::Evaluation* day = nullptr;
    const ports::Finding* score = nullptr;
    for (const ports::Evaluation& e : evaluations) {
        if (e.kind != "score" || !main.window.contains(e.window.start) || e.version != main.version) continue;
        for (const ports::Finding& f : e.findings) {
            if (f.check != "drift" || f.feature.empty()) continue;
            const int a = attention(f.verdict.state), b = score ? attention(score->verdict.state) : -1;
            if (a > b || (a == b && f.verdict.effect > score->verdict.effect)) {
                day = &e;
                score = &f;
            }
        }
    }
    if (score) {
        m_window->scoreWindow = day->window;
        main.findings.push_back(*score);
    }

    const auto known = m_profiles.find(main.model + '/' + main.version);
    if (known != m_profiles.end()) return gotProfile(known->second);
    if (main.version.empty()) {
        m_window->problem = "no version was in production in this window";
        return finish();
    }
    m_windowQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().monitors->profile(main.model, main.version, std::move(token));
        },
        [this](Result<statistics::Profile> profile) {
            if (profile) {
                m_profiles[m_window->evaluation.model + '/' + m_window->evaluation.version] = *profile;
                gotProfile(std::move(*profile));
            } else {
                m_window->problem = profile.error().text();
                finish();
            }
        });
}

void DriftLoader::gotProfile(statistics::Profile profile) {
    m_window->profile = std::move(profile);
    for (const ports::Finding& f : m_window->evaluation.findings) {
        if (f.check != "drift" || f.counts.empty()) continue;
        if (const auto* column = m_window->profile.find(f.feature))
            if (auto histogram = frozenHistogram(*column, f.counts))
                m_window->histograms.push_back(std::move(*histogram));
    }
    refine();
}

ports::Query DriftLoader::rowsOfModel() const {
    const auto query = predictions::parseQuery(predictions::equalsClause("model", m_window->evaluation.model));
    return query ? *query : ports::Query{};
}

/// The frozen bins are what the verdict saw; the rows themselves, on even bins over both ranges, are the better picture
/// where there are rows. First: how far the window's values reach.
void DriftLoader::refine() {
    m_even.clear();
    ports::AggregateRequest request;
    request.query = rowsOfModel();
    request.edges = {m_window->evaluation.window.start, m_window->evaluation.window.end};
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < m_window->histograms.size(); ++i) {
        if (!m_window->histograms[i].scaled) continue;
        const std::string name = m_window->histograms[i].feature.toStdString();
        request.measures.push_back({ports::Measure::Min, name, 0});
        request.measures.push_back({ports::Measure::Max, name, 0});
        columns.push_back(i);
    }
    if (columns.empty() || !m_session.ports().predictions) return finish();
    m_windowQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().predictions->aggregate(std::move(request), std::move(token));
        },
        [this, columns](Result<ports::Aggregates> answer) {
            if (!answer) return finish();
            std::vector<double> values(2 * columns.size(), statistics::kNaN);
            for (const ports::AggregateSeries& s : answer->series)
                if (s.measure < values.size() && !s.values.empty()) values[s.measure] = s.values.front();
            const auto& all = m_window->profile.columns;
            for (std::size_t i = 0; i < columns.size(); ++i) {
                const std::string name = m_window->histograms[columns[i]].feature.toStdString();
                const auto it = std::find_if(all.begin(), all.end(), [&](const auto& c) { return c.name == name; });
                auto edges = evenEdges(*it, values[2 * i], values[2 * i + 1]);
                if (!edges.empty())
                    m_even.push_back({static_cast<std::size_t>(it - all.begin()), std::move(edges), columns[i]});
            }
            countCurrent();
        });
}

void DriftLoader::countCurrent() {
    if (m_even.empty()) return finish();
    ports::FeatureCountsRequest request;
    request.query = rowsOfModel();
    request.range = m_window->evaluation.window;
    for (const Even& e : m_even)
        request.features.push_back({m_window->profile.columns[e.column].name, e.edges, {}});
    m_windowQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().predictions->featureCounts(std::move(request), std::move(token));
        },
        [this](Result<std::vector<ports::FeatureCounts>> counts) {
            if (!counts) return finish();
            m_currentCounts = std::move(*counts);
            countReference();
        });
}

void DriftLoader::countReference() {
    ports::FeatureCountsRequest request;
    // Training takes rows whose outcome is known.
    const auto labelled = predictions::parseQuery("labelled");
    request.query = labelled ? predictions::conjunction(rowsOfModel(), *labelled) : rowsOfModel();
    request.range = {{m_window->profile.startNs}, {m_window->profile.endNs}};
    for (const Even& e : m_even)
        request.features.push_back({m_window->profile.columns[e.column].name, e.edges, {}});
    m_windowQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().predictions->featureCounts(std::move(request), std::move(token));
        },
        [this](Result<std::vector<ports::FeatureCounts>> counts) {
            if (!counts) return finish();
            for (const Even& e : m_even) {
                const statistics::ColumnProfile& column = m_window->profile.columns[e.column];
                DriftHistogram& frozen = m_window->histograms[e.histogram];
                const auto* current = find(m_currentCounts, column.name);
                const auto* reference = find(*counts, column.name);
                if (!current || !reference || !similar(total(current->counts), frozen.n) ||
                    !similar(total(reference->counts), total(column.counts)))
                    continue;
                if (auto even = evenHistogram(column.name, e.edges, reference->counts, current->counts))
                    frozen = std::move(*even);
            }
            finish();
        });
}

void DriftLoader::finish() {
    m_windowQuestion.cancel();
    Q_EMIT windowReady(m_window);
}

}  // namespace pilothouse::items
