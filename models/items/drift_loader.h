// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/latest.h"
#include "models/items/drift_histogram.h"
#include "models/items/drift_matrix_model.h"
#include "models/monitoring/monitor.h"

namespace pilothouse::items {

class Session;
struct DriftComparison;

/// What is known of one window: its evaluation with histograms, the reference's profile, and pictures of all columns.
struct DriftWindow {
    ports::Evaluation evaluation;
    statistics::Profile profile;             ///< no columns: the version has none
    std::vector<DriftHistogram> histograms;  ///< of the columns that have one
    std::optional<TimeRange> scoreWindow;    ///< the day within the window whose score stands among the findings
    std::string problem;                     ///< why there is no profile; empty: there is one
    std::vector<std::string> rowClauses;     ///< of a comparison: what all its rows match beside the model
    std::string rowVersion;                  ///< the version that scored all rows here; empty: any

    [[nodiscard]] const DriftHistogram* histogram(const QString& feature) const;
};

/// Asks a session's ports for what the drift view shows. A newer question cancels the older one. GUI thread.
class DriftLoader : public QObject {
    Q_OBJECT
public:
    explicit DriftLoader(Session& session, QObject* parent = nullptr);

    /// All windows of a model, into overviewReady(). Coalesces: while it runs, one more is remembered.
    void loadOverview(const std::string& model);
    /// Asks for the overview again if monitors have found something since.
    void refresh();
    /// One window, into windowReady(). Days of the score within it are left out.
    void loadWindow(const ports::Evaluation& evaluation);
    /// The rows of one side beside those of another, into windowReady().
    void compare(const DriftComparison& comparison);
    [[nodiscard]] bool busy() const;

    [[nodiscard]] const DriftMatrixModel::Evaluations& evaluations() const { return m_evaluations; }
    /// The monitor that judges the features' drift; nothing: none is defined.
    [[nodiscard]] const std::optional<monitoring::MonitorDefinition>& monitor() const { return m_monitor; }

Q_SIGNALS:
    void overviewReady();
    void windowReady(std::shared_ptr<const pilothouse::items::DriftWindow> window);
    void failed(const QString& message);
    void compareFailed(const QString& message);

private:
    struct Even {
        std::size_t column = 0;  ///< of the profile
        std::vector<double> edges;
        std::size_t histogram = 0;
    };
    void readMonitor(const std::string& model);
    void readEvaluations(const std::string& model);
    void gotWindow(std::vector<ports::Evaluation> evaluations);
    void gotProfile(statistics::Profile profile);
    void refine();
    void countCurrent();
    void countReference();
    void finish();
    [[nodiscard]] ports::Query rowsOfModel() const;

    Session& m_session;
    std::string m_model;
    DriftMatrixModel::Evaluations m_evaluations;
    std::optional<monitoring::MonitorDefinition> m_monitor;
    std::int64_t m_newest = -1;  ///< evaluation id at the last overview
    bool m_again = false;
    std::map<std::string, statistics::Profile> m_profiles;  ///< by version; they never change
    std::shared_ptr<DriftWindow> m_window;
    std::vector<Even> m_even;
    std::vector<ports::FeatureCounts> m_currentCounts;
    Latest m_overview, m_monitorQuestion, m_refresh, m_windowQuestion;
};

}  // namespace pilothouse::items
