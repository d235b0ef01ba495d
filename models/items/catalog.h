// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>
#include <vector>

#include "models/base/latest.h"
#include "models/items/session.h"
#include "models/predictions/saved_searches.h"

namespace pilothouse::items {

/// The small things that a window names everywhere: models, versions, aliases, runs, alerts, fields, connections. Asked
/// from the ports when data changes, one question in flight and at most one waiting, never more than twice a second.
/// GUI thread.
class Catalog : public QObject {
    Q_OBJECT
public:
    explicit Catalog(Session& session, QObject* parent = nullptr);

    [[nodiscard]] const std::vector<ports::ModelSummary>& models() const { return m_models; }
    /// Of all models, newest first.
    [[nodiscard]] const std::vector<ports::ModelVersion>& versions() const { return m_versions; }
    /// Of all models, oldest first.
    [[nodiscard]] const std::vector<ports::AliasPeriod>& aliases() const { return m_aliases; }
    [[nodiscard]] const std::vector<ports::Run>& runs() const { return m_runs; }        ///< newest first
    [[nodiscard]] const std::vector<ports::Alert>& alerts() const { return m_alerts; }  ///< newest first
    [[nodiscard]] const std::vector<ports::FieldInfo>& fields() const { return m_fields; }
    [[nodiscard]] const std::vector<ports::PipelineInfo>& pipelines() const { return m_pipelines; }
    [[nodiscard]] const std::vector<predictions::SavedSearch>& searches() const { return m_searches; }
    /// Rows that could not be used and are kept aside.
    [[nodiscard]] std::uint64_t quarantined() const { return m_quarantined; }
    [[nodiscard]] std::size_t firing() const;

    /// The version in production of a model; empty: none. A name that is empty stands for the only model, if there is
    /// one.
    [[nodiscard]] std::string champion(const std::string& model) const;
    [[nodiscard]] std::vector<ports::ModelVersion> versionsOf(const std::string& model) const;
    /// Aliases that a version holds now: "champion".
    [[nodiscard]] std::vector<std::string> aliasesOf(const std::string& model, const std::string& version) const;
    [[nodiscard]] bool loaded() const { return m_loaded; }
    [[nodiscard]] bool settled() const { return m_loaded && !m_loading && !m_wanted; }

    void refresh();
    /// While nobody looks nothing is asked.
    void setActive(bool active);

Q_SIGNALS:
    void changed();

private:
    void load();
    void askModels();
    void askPerModel(std::size_t index, std::vector<ports::ModelVersion> versions,
                     std::vector<ports::AliasPeriod> aliases);
    void askRuns();
    void askAlerts();
    void askRest();
    void askSearches();
    void finish();

    Session& m_session;
    QTimer m_pace;
    Latest m_question;
    bool m_loading = false, m_wanted = false, m_loaded = false, m_active = true;
    std::vector<ports::ModelSummary> m_models;
    std::vector<ports::ModelVersion> m_versions;
    std::vector<ports::AliasPeriod> m_aliases;
    std::vector<ports::Run> m_runs;
    std::vector<ports::Alert> m_alerts;
    std::vector<ports::FieldInfo> m_fields;
    std::vector<ports::PipelineInfo> m_pipelines;
    std::vector<predictions::SavedSearch> m_searches;
    std::uint64_t m_quarantined = 0;
};

}  // namespace pilothouse::items
