// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPushButton>
#include <functional>
#include <vector>

#include "models/base/latest.h"
#include "models/items/session.h"
#include "models/predictions/saved_searches.h"

class QMenu;

namespace pilothouse::predictions_view {

/// The saved searches of the workspace: look through one, save what is looked for, remove one.
class SearchMenu : public QPushButton {
    Q_OBJECT
public:
    explicit SearchMenu(items::Session& session, QWidget* parent = nullptr);
    [[nodiscard]] const std::vector<predictions::SavedSearch>& searches() const { return m_searches; }
    [[nodiscard]] bool busy() const { return m_list.running() || m_write.running(); }
    /// Reads the list anew.
    void refresh();
    /// Saves what the lens looks for under this name.
    void save(const QString& name);
    void askName();
    /// Adds to what is saved how the rows are shown.
    void setCompletion(std::function<void(predictions::SavedSearch&)> complete) { m_complete = std::move(complete); }
    /// chosen() for the one of this name, when the list has been read.
    void lookUp(const std::string& name);

Q_SIGNALS:
    /// The lens looks through it; how its rows are shown is the listener's.
    void chosen(const pilothouse::predictions::SavedSearch& search);
    void failed(const QString& message);

private:
    void fill();
    void remove(const std::string& name);
    void written(const Status& status);

    items::Session& m_session;
    QMenu* m_menu;
    std::vector<predictions::SavedSearch> m_searches;
    std::function<void(predictions::SavedSearch&)> m_complete;
    std::string m_wanted;
    Latest m_list, m_write;
};

}  // namespace pilothouse::predictions_view
