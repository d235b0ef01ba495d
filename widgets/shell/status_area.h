// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>
#include <map>

#include "models/base/latest.h"
#include "models/items/catalog.h"
#include "models/items/session.h"

class QLabel;
class QProgressBar;

namespace pilothouse::shell {

class BarButton;
class EngineControls;

/// The bottom edge: clock and engine, running work with cancel, connections, firing alerts, data health.
class StatusArea : public QWidget {
    Q_OBJECT
public:
    StatusArea(items::Session& session, items::Catalog& catalog, QWidget* parent = nullptr);
    [[nodiscard]] EngineControls& engineControls() const { return *m_engine; }
    /// A sentence that stays for some seconds: "copied", "saved to …".
    void say(const QString& text);
    void runPipeline(const std::string& name);
    /// Asks every connection whether it answers.
    void checkConnections();

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Health {
        bool known = false, good = false;
        QString text;
    };
    void showWork();
    void showCatalog();
    void showConnections();
    void checkNext(std::vector<std::string> names);
    void cancelRun();

    items::Session& m_session;
    items::Catalog& m_catalog;
    EngineControls* m_engine;
    BarButton *m_run, *m_cancel, *m_connections, *m_firing, *m_health;
    QProgressBar* m_progress;
    QLabel *m_rate, *m_message;
    QTimer m_messageEnd;
    Latest m_check, m_action;
    std::map<std::string, Health> m_states;
    std::string m_runId;
};

}  // namespace pilothouse::shell
