// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/workspace_frame.h"

#include <QApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

#include "widgets/shell/details_pane.h"
#include "widgets/shell/lens_bar.h"
#include "widgets/shell/rail.h"
#include "widgets/shell/status_area.h"
#include "widgets/shell/timeline_strip.h"
#include "widgets/theme/layout_state.h"

namespace pilothouse::shell {

namespace {
constexpr int kDetailsWidth = 360;
}

WorkspaceFrame::WorkspaceFrame(items::Session& session, CommandRegistry& commands,
                               const std::vector<ViewFactory>& views, QWidget* parent)
    : QWidget(parent), m_session(session), m_factories(views), m_catalog(session) {
    setObjectName(QStringLiteral("workspaceFrame"));
    m_lensBar = new LensBar(session, m_catalog, commands, this);
    m_rail = new Rail(this);
    m_stack = new QStackedWidget(this);
    m_stack->setObjectName(QStringLiteral("views"));
    m_details = new DetailsPane(this);
    m_splitter = new QSplitter(Qt::Horizontal, this);
    m_splitter->setObjectName(QStringLiteral("detailsSplitter"));
    m_splitter->addWidget(m_stack);
    m_splitter->addWidget(m_details);
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 0);
    m_splitter->setCollapsible(0, false);
    m_splitter->setSizes({1000, kDetailsWidth});
    m_timeline = new TimelineStrip(session, m_catalog, this);
    m_status = new StatusArea(session, m_catalog, this);

    auto* middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(m_rail);
    middle->addWidget(m_splitter, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_lensBar);
    column->addLayout(middle, 1);
    column->addWidget(m_timeline);
    column->addWidget(m_status);

    for (const ViewFactory& f : m_factories)
        m_rail->add(f.id, f.title, f.icon);
    const QSettings settings;
    m_detailsWanted = settings.value(QStringLiteral("details/shown"), true).toBool();
    const QByteArray split = settings.value(QStringLiteral("details/splitter")).toByteArray();
    if (!split.isEmpty()) m_splitter->restoreState(split);

    connect(m_rail, &Rail::chosen, this, &WorkspaceFrame::showView);
    connect(m_timeline, &TimelineStrip::extentChanged, m_lensBar, &LensBar::setExtent);
    connect(&session, &items::Session::viewRequested, this, &WorkspaceFrame::showView);
    connect(&session, &items::Session::selectionChanged, this, [this] {
        showDetails();
        // A view may decide on its details only once it has heard of the selection itself.
        QTimer::singleShot(0, this, &WorkspaceFrame::showDetails);
    });
    connect(&m_catalog, &items::Catalog::changed, this, &WorkspaceFrame::chooseOnlyModel);
    m_details->hide();
}

WorkspaceFrame::~WorkspaceFrame() {
    saveState();
    // The details panes are shown elsewhere than in their views; both must go before what they look at.
    for (const auto& [id, view] : m_views)
        delete view;
}

void WorkspaceFrame::saveState() const {
    QSettings settings;
    settings.setValue(QStringLiteral("details/shown"), m_detailsWanted);
    if (m_details->isVisible()) settings.setValue(QStringLiteral("details/splitter"), m_splitter->saveState());
    if (m_current) settings.setValue(QStringLiteral("view/current"), m_current->viewId());
    for (const auto& [id, view] : m_views)
        theme::saveLayout(*view, QStringLiteral("view/%1").arg(id));
}

theme::View* WorkspaceFrame::viewFor(const ViewFactory& factory) {
    const auto found = m_views.find(factory.id);
    if (found != m_views.end()) return found->second;
    theme::View* view = factory.make(m_session, m_stack);
    m_stack->addWidget(view);
    if (view->focusPolicy() == Qt::NoFocus) view->setFocusPolicy(Qt::ClickFocus);  // a window keeps no other focus
    theme::restoreLayout(*view, QStringLiteral("view/%1").arg(factory.id));
    m_views.emplace(factory.id, view);
    return view;
}

void WorkspaceFrame::showView(const QString& id) {
    for (const ViewFactory& factory : m_factories) {
        if (factory.id != id) continue;
        theme::View* view = viewFor(factory);
        if (!m_painted && !m_current) view->installEventFilter(this);
        m_current = view;
        m_stack->setCurrentWidget(view);
        m_rail->setCurrent(id);
        showDetails();
        if (!view->hasFocus() && !view->isAncestorOf(focusWidget())) view->setFocus(Qt::OtherFocusReason);
        Q_EMIT viewChanged();
        return;
    }
}

void WorkspaceFrame::showDetails() {
    QWidget* content = m_current ? m_current->details() : nullptr;
    m_details->present(content);
    m_details->setVisible(content && m_detailsWanted);
}

void WorkspaceFrame::toggleDetails() {
    m_detailsWanted = !m_detailsWanted;
    showDetails();
}

void WorkspaceFrame::chooseOnlyModel() {
    // A lens that nobody touched looks at the one model that there is.
    auto& lens = m_session.lens();
    if (lens.touched() || m_catalog.models().size() != 1) return;
    items::LensState state = lens.state();
    state.model = m_catalog.models().front().name;
    lens.start(std::move(state));
}

bool WorkspaceFrame::settled() const {
    return m_catalog.settled() && m_timeline->settled() && m_current && m_current->settled();
}

bool WorkspaceFrame::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Paint && !m_painted) {
        m_painted = true;
        watched->removeEventFilter(this);
        QTimer::singleShot(0, this, &WorkspaceFrame::painted);  // after this paint
    }
    return QWidget::eventFilter(watched, event);
}

bool WorkspaceFrame::event(QEvent* event) {
    if (event->type() == QEvent::WindowActivate && !m_activated) {
        m_activated = true;
        // Qt gives the focus of a new window to its first button; it belongs to the view.
        QTimer::singleShot(0, this, [this] {
            if (m_current && !m_current->isAncestorOf(QApplication::focusWidget()))
                m_current->setFocus(Qt::OtherFocusReason);
        });
    }
    return QWidget::event(event);
}

void WorkspaceFrame::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    m_session.setVisible(true);
    m_catalog.setActive(true);
    if (!m_catalog.loaded()) QTimer::singleShot(0, &m_catalog, &items::Catalog::refresh);
}

void WorkspaceFrame::hideEvent(QHideEvent* event) {
    QWidget::hideEvent(event);
    m_session.setVisible(false);
    m_catalog.setActive(false);
}

}  // namespace pilothouse::shell
