// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <functional>
#include <map>
#include <vector>

#include "models/items/catalog.h"
#include "models/items/session.h"
#include "widgets/theme/view.h"

class QSplitter;
class QStackedWidget;

namespace pilothouse::shell {

class CommandRegistry;
class DetailsPane;
class LensBar;
class Rail;
class StatusArea;
class TimelineStrip;

/// A view that can be made; it is, when it is shown for the first time.
struct ViewFactory {
    QString id, title, icon;
    std::function<theme::View*(items::Session&, QWidget* parent)> make;
};

/// The window while a workspace is open: lens bar, rail, views, details, timeline, status. Ends before its session
/// does.
class WorkspaceFrame : public QWidget {
    Q_OBJECT
public:
    WorkspaceFrame(items::Session& session, CommandRegistry& commands, const std::vector<ViewFactory>& views,
                   QWidget* parent = nullptr);
    ~WorkspaceFrame() override;

    [[nodiscard]] items::Session& session() const { return m_session; }
    [[nodiscard]] items::Catalog& catalog() { return m_catalog; }
    [[nodiscard]] LensBar& lensBar() const { return *m_lensBar; }
    [[nodiscard]] TimelineStrip& timeline() const { return *m_timeline; }
    [[nodiscard]] StatusArea& status() const { return *m_status; }
    [[nodiscard]] theme::View* currentView() const { return m_current; }
    void showView(const QString& id);
    /// Whether the view, the frame and what they name are up to date: the moment for a picture.
    [[nodiscard]] bool settled() const;
    void toggleDetails();

Q_SIGNALS:
    void viewChanged();
    void painted();  ///< the first view was painted for the first time

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    bool event(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    [[nodiscard]] theme::View* viewFor(const ViewFactory& factory);
    void showDetails();
    void chooseOnlyModel();
    void saveState() const;

    items::Session& m_session;
    std::vector<ViewFactory> m_factories;
    items::Catalog m_catalog;
    std::map<QString, theme::View*> m_views;
    LensBar* m_lensBar;
    Rail* m_rail;
    QStackedWidget* m_stack;
    DetailsPane* m_details;
    QSplitter* m_splitter;
    TimelineStrip* m_timeline;
    StatusArea* m_status;
    theme::View* m_current = nullptr;
    bool m_detailsWanted = true, m_painted = false, m_activated = false;
};

}  // namespace pilothouse::shell
