// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <memory>
#include <optional>

#include "models/base/latest.h"
#include "models/predictions/retention.h"

namespace pilothouse::items {

/// How long rows stay: the workspace's rule, what another rule would remove now, and its use. GUI thread; the file is
/// read and written off it.
class RetentionPlan : public QObject {
    Q_OBJECT
public:
    explicit RetentionPlan(std::shared_ptr<workspace::Workspace> workspace, QObject* parent = nullptr);

    /// Reads the workspace's rule; policyRead() tells it.
    void load();
    /// What the rule would remove now; counted() tells it. A newer question replaces the older one.
    void count(const predictions::RetentionPolicy& policy);
    /// Stores the rule, for the engine's daily upkeep; `now` also applies it and gives space back. done() or
    /// notSaved().
    void save(const predictions::RetentionPolicy& policy, bool now);
    [[nodiscard]] bool busy() const { return m_reading.running() || m_counting.running() || m_saving; }
    [[nodiscard]] bool saving() const { return m_saving; }

Q_SIGNALS:
    void policyRead(const predictions::RetentionPolicy& policy);
    void counted(const predictions::Retention& would);
    void done(const predictions::Retention& removed, bool applied);
    void failed(const QString& message);    ///< nothing could be read
    void notSaved(const QString& message);  ///< the rule may have been stored before what failed

private:
    std::shared_ptr<workspace::Workspace> m_workspace;
    bool m_saving = false;
    Latest m_reading, m_counting, m_answer;
};

}  // namespace pilothouse::items
