// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <memory>

#include "models/base/latest.h"
#include "models/predictions/erasure.h"

namespace pilothouse::items {

/// A person's right to be forgotten, from the window: what an erasure would take, and the erasure. GUI thread; the file
/// is read and written off it.
class RequestEraser : public QObject {
    Q_OBJECT
public:
    explicit RequestEraser(std::shared_ptr<workspace::Workspace> workspace, QObject* parent = nullptr);
    [[nodiscard]] bool busy() const { return m_counting.running() || m_erasing; }

    void count(const std::string& requestId);
    /// All or nothing; goes on when this object goes. Nothing while one is under way.
    void erase(const std::string& requestId);

Q_SIGNALS:
    void counted(const QString& requestId, const predictions::Erasure& would);
    void erased(const QString& requestId, const predictions::Erasure& done);
    void failed(const QString& message);

private:
    std::shared_ptr<workspace::Workspace> m_workspace;
    bool m_erasing = false;
    Latest m_counting, m_answer;
};

/// "2 rows, 1 outcome and 1 quarantined row".
[[nodiscard]] QString erasureWords(const predictions::Erasure& erasure);

}  // namespace pilothouse::items
