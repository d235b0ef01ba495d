// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "models/items/monitor_editor.h"
#include "models/items/session.h"

class QComboBox;
class QLabel;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;

namespace pilothouse::monitor_view {

class BacktestChart;
class MonitorFields;

/// Declares a monitor, changes one, takes one away; shows the lines that change, and what it would have done over the
/// history before it is saved.
class MonitorForm : public QDialog {
    Q_OBJECT
public:
    explicit MonitorForm(items::Session& session, QWidget* parent = nullptr);
    /// Starts from a monitor of the workspace, by name; unknown ones and an empty name are a new monitor.
    void edit(const QString& name);
    /// A new monitor of some columns: from where a person looks at them.
    void watch(const QString& model, const QString& columns);
    [[nodiscard]] bool settled() const { return m_editor.settled() && m_loaded; }
    [[nodiscard]] const std::string& text() const { return m_text; }

Q_SIGNALS:
    void referenceWanted();  ///< a profile is to be made first

private:
    void makeWidgets();
    void connectEditor();
    void take(const items::MonitorEditor::Choices& choices);
    void choose(const QString& name);
    void suggest();
    void edited();
    void runBacktest();
    void showOutcome();
    void takeThreshold();
    void save();
    void remove();
    void showState();
    void say(const QString& words, bool problem = false);
    [[nodiscard]] const monitoring::MonitorDefinition* stored(const QString& name) const;

    items::Session& m_session;
    items::MonitorEditor m_editor;
    items::MonitorEditor::Choices m_choices;
    std::string m_before;  ///< the text as it is stored; empty: of a new monitor
    std::string m_base;    ///< what the fields' values are written into: m_before, or that with a threshold taken over
    std::string m_text;    ///< as it would be saved
    std::string m_wrong;   ///< why it cannot be; empty: it can
    std::optional<monitoring::MonitorDefinition> m_monitor;  ///< what m_text says
    std::string m_tested;                                    ///< the text that the backtest is of
    QString m_wanted, m_wantedColumns;                       ///< what edit() or watch() asked for, before it was loaded
    std::optional<monitoring::MonitorDefinition> m_removed;  ///< to be brought back
    bool m_loaded = false;

    QComboBox* m_which;
    MonitorFields* m_fields;
    QPlainTextEdit* m_lines;
    BacktestChart* m_chart;
    QLabel *m_outcome, *m_message;
    QProgressBar* m_progress;
    QPushButton *m_reference, *m_test, *m_takeThreshold, *m_save, *m_remove, *m_close;
};

}  // namespace pilothouse::monitor_view
