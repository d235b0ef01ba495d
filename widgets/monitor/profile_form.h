// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "models/items/monitor_editor.h"
#include "models/items/session.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace pilothouse::monitor_view {

/// Makes a reference profile of a model's rows, kept with a version: what later windows are compared with.
class ProfileForm : public QDialog {
    Q_OBJECT
public:
    explicit ProfileForm(items::Session& session, QWidget* parent = nullptr);
    [[nodiscard]] bool settled() const { return m_editor.settled(); }

Q_SIGNALS:
    void made();           ///< a profile was kept
    void monitorWanted();  ///< the next step

private:
    void makeWidgets();
    void take(const items::MonitorEditor::Choices& choices);
    void showVersions();
    [[nodiscard]] TimeRange range() const;
    void make();
    void showState();
    void say(const QString& words, bool problem = false);

    items::Session& m_session;
    items::MonitorEditor m_editor;
    items::MonitorEditor::Choices m_choices;
    QComboBox *m_model, *m_time;
    QLineEdit *m_version, *m_query;
    QLabel *m_known, *m_message;
    QPushButton *m_make, *m_monitor, *m_close;
};

}  // namespace pilothouse::monitor_view
