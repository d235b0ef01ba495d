// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>
#include <optional>
#include <vector>

#include "models/base/time_zone.h"
#include "widgets/drift/drift_chart.h"
#include "widgets/drift/drift_tiles.h"

class QButtonGroup;
class QLabel;
class QPushButton;

namespace pilothouse::chart {
class FactsTable;
}

namespace pilothouse::drift {

class EffectHistory;

/// What the details pane shows of a column.
struct ColumnDetails {
    ColumnPicture picture;
    TimeRange window;
    TimeRange reference;  ///< event time of the reference's rows
    QString version;      ///< whose profile the reference is
    QString against;      ///< what else the reference is: "Week of 1 Jul"; empty: a profile
    std::optional<ports::Finding> missing;
    double missingThen = statistics::kNaN;  ///< share in the reference
    std::optional<Timestamp> driftSince;
    struct Point {
        TimeRange window;
        statistics::Verdict verdict;
        ports::Severity severity = ports::Severity::Warning;
    };
    std::vector<Point> history;  ///< one a window, oldest first
    bool rowsCanBeShown = false;
};

/// One column: large histogram, its statistics, its effect over the windows.
class DriftDetails : public QScrollArea {
    Q_OBJECT
public:
    explicit DriftDetails(QWidget* parent = nullptr);
    void setZone(const Zone& zone);
    void setColumn(std::optional<ColumnDetails> column);
    [[nodiscard]] const std::optional<ColumnDetails>& column() const { return m_column; }
    void setMode(DriftChart::Mode mode);

Q_SIGNALS:
    void windowChosen(const pilothouse::TimeRange& window);
    /// Rows of the clicked bar, or of the whole window (no clause).
    void rowsWanted(const QStringList& clauses);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void refresh();
    void showBin(int bin);
    void showOthers();
    void fillFacts();
    void dress();

    Zone m_zone;
    std::optional<ColumnDetails> m_column;
    QLabel *m_title, *m_state, *m_context, *m_legend, *m_bin, *m_reason, *m_historyTitle, *m_empty, *m_others;
    QButtonGroup* m_modes;
    DriftChart* m_chart;
    QPushButton* m_rows;
    chart::FactsTable* m_facts;
    EffectHistory* m_history;
    QWidget* m_content;
};

}  // namespace pilothouse::drift
