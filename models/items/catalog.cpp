// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/catalog.h"

#include <QLoggingCategory>
#include <algorithm>

namespace pilothouse::items {

Q_LOGGING_CATEGORY(lcCatalog, "pilothouse.catalog")

namespace {
constexpr int kPaceMs = 500;
constexpr std::size_t kRuns = 500;

/// What is there stays when a question fails; the reason is logged, and the views that ask the same show it.
template <class T>
void take(T& place, Result<T> answer) {
    if (answer) {
        place = std::move(*answer);
    } else {
        qCDebug(lcCatalog) << QString::fromStdString(answer.error().text());
    }
}
}  // namespace

Catalog::Catalog(Session& session, QObject* parent) : QObject(parent), m_session(session) {
    m_pace.setSingleShot(true);
    m_pace.setInterval(kPaceMs);
    connect(&m_pace, &QTimer::timeout, this, [this] {
        if (m_wanted) load();
    });
    connect(&session, &Session::changed, this, &Catalog::refresh);
}

std::size_t Catalog::firing() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        m_alerts, [](const auto& a) { return a.state == ports::AlertState::Firing && !a.suppressed(); }));
}

std::string Catalog::champion(const std::string& model) const {
    for (const auto& m : m_models) {
        if (m.name != model && !(model.empty() && m_models.size() == 1)) continue;
        const auto found = m.aliases.find(ports::kChampion);
        return found == m.aliases.end() ? std::string() : found->second;
    }
    return {};
}

std::vector<ports::ModelVersion> Catalog::versionsOf(const std::string& model) const {
    std::vector<ports::ModelVersion> out;
    std::ranges::copy_if(m_versions, std::back_inserter(out),
                         [&](const auto& v) { return model.empty() || v.model == model; });
    return out;
}

std::vector<std::string> Catalog::aliasesOf(const std::string& model, const std::string& version) const {
    std::vector<std::string> out;
    for (const auto& m : m_models) {
        if (m.name != model) continue;
        for (const auto& [alias, held] : m.aliases)
            if (held == version) out.push_back(alias);
    }
    return out;
}

void Catalog::setActive(bool active) {
    m_active = active;
    if (active && m_wanted) refresh();
}

void Catalog::refresh() {
    m_wanted = true;
    if (m_active && !m_loading && !m_pace.isActive()) load();
}

void Catalog::load() {
    if (!m_active) return;
    m_wanted = false;
    m_loading = true;
    m_pace.start();
    askModels();
}

void Catalog::askModels() {
    m_question.start(
        this, [this](CancellationToken token) { return m_session.ports().registry->models(token); },
        [this](Result<std::vector<ports::ModelSummary>> answer) {
            take(m_models, std::move(answer));
            askPerModel(0, {}, {});
        });
}

void Catalog::askPerModel(std::size_t index, std::vector<ports::ModelVersion> versions,
                          std::vector<ports::AliasPeriod> aliases) {
    if (index >= m_models.size()) {
        m_versions = std::move(versions);
        m_aliases = std::move(aliases);
        std::ranges::stable_sort(m_versions, std::ranges::greater{}, &ports::ModelVersion::created);
        std::ranges::stable_sort(m_aliases, {}, &ports::AliasPeriod::from);
        return askRuns();
    }
    const std::string model = m_models[index].name;
    m_question.start(
        this, [&](CancellationToken token) { return m_session.ports().registry->versions(model, token); },
        [this, index, model, versions = std::move(versions),
         aliases = std::move(aliases)](Result<std::vector<ports::ModelVersion>> answer) mutable {
            if (answer) std::ranges::move(*answer, std::back_inserter(versions));
            m_question.start(
                this, [&](CancellationToken token) { return m_session.ports().registry->aliasHistory(model, token); },
                [this, index, versions = std::move(versions),
                 aliases = std::move(aliases)](Result<std::vector<ports::AliasPeriod>> history) mutable {
                    if (history) std::ranges::move(*history, std::back_inserter(aliases));
                    askPerModel(index + 1, std::move(versions), std::move(aliases));
                });
        });
}

void Catalog::askRuns() {
    m_question.start(
        this, [this](CancellationToken token) { return m_session.ports().orchestrator->runs(kRuns, token); },
        [this](Result<std::vector<ports::Run>> answer) {
            take(m_runs, std::move(answer));
            askAlerts();
        });
}

void Catalog::askAlerts() {
    m_question.start(
        this, [this](CancellationToken token) { return m_session.ports().alerts->alerts(false, token); },
        [this](Result<std::vector<ports::Alert>> answer) {
            take(m_alerts, std::move(answer));
            askRest();
        });
}

void Catalog::askRest() {
    m_question.start(
        this, [this](CancellationToken token) { return m_session.ports().predictions->fields(token); },
        [this](Result<std::vector<ports::FieldInfo>> answer) {
            take(m_fields, std::move(answer));
            m_question.start(
                this, [this](CancellationToken token) { return m_session.ports().orchestrator->pipelines(token); },
                [this](Result<std::vector<ports::PipelineInfo>> pipelines) {
                    take(m_pipelines, std::move(pipelines));
                    m_question.start(
                        this,
                        [this](CancellationToken token) {
                            return m_session.workspace().read(token, [](workspace::Database& database) {
                                return database.integer("SELECT count(*) FROM quarantine");
                            });
                        },
                        [this](Result<std::optional<std::int64_t>> rows) {
                            if (rows) m_quarantined = static_cast<std::uint64_t>(rows->value_or(0));
                            askSearches();
                        });
                });
        });
}

void Catalog::askSearches() {
    m_question.start(
        this,
        [this](CancellationToken token) {
            return m_session.workspace().read(
                std::move(token), [](workspace::Database& database) { return predictions::listSearches(database); });
        },
        [this](Result<std::vector<predictions::SavedSearch>> searches) {
            take(m_searches, std::move(searches));
            finish();
        });
}

void Catalog::finish() {
    m_loading = false;
    m_loaded = true;
    Q_EMIT changed();
    if (m_wanted && !m_pace.isActive()) load();
}

}  // namespace pilothouse::items
