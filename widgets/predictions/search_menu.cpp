// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predictions/search_menu.h"

#include <QInputDialog>
#include <QMenu>
#include <utility>

#include "models/items/prediction_clauses.h"
#include "models/items/saved_search_lens.h"

namespace pilothouse::predictions_view {

SearchMenu::SearchMenu(items::Session& session, QWidget* parent)
    : QPushButton(u"Saved"_qs, parent), m_session(session), m_menu(new QMenu(this)) {
    setObjectName(u"savedSearches"_qs);
    setToolTip(u"Saved searches of this workspace"_qs);
    setFlat(true);
    m_menu->setObjectName(u"savedSearchesMenu"_qs);
    m_menu->setToolTipsVisible(true);
    setMenu(m_menu);
    fill();
    connect(m_menu, &QMenu::aboutToShow, this, &SearchMenu::refresh);
}

void SearchMenu::refresh() {
    m_list.start(
        this,
        [&](CancellationToken token) {
            return m_session.workspace().read(
                std::move(token), [](workspace::Database& database) { return predictions::listSearches(database); });
        },
        [this](Result<std::vector<predictions::SavedSearch>> searches) {
            if (!searches) return Q_EMIT failed(QString::fromStdString(searches.error().text()));
            const bool same = *searches == m_searches;
            m_searches = std::move(*searches);
            if (!same) fill();
            const std::string wanted = std::exchange(m_wanted, {});
            for (const predictions::SavedSearch& search : m_searches)
                if (search.name == wanted && !wanted.empty()) Q_EMIT chosen(search);
        });
}

void SearchMenu::lookUp(const std::string& name) {
    m_wanted = name;
    refresh();
}

void SearchMenu::fill() {
    m_menu->clear();
    QAction* save = m_menu->addAction(u"Save this search …"_qs, this, &SearchMenu::askName);
    save->setObjectName(u"saveSearch"_qs);
    save->setEnabled(!m_session.workspace().readOnly());
    if (m_searches.empty()) return;
    m_menu->addSeparator();
    for (const predictions::SavedSearch& search : m_searches) {
        QAction* action = m_menu->addAction(QString::fromStdString(search.name).replace(u'&', u"&&"_qs));
        action->setObjectName(u"search_"_qs + QString::fromStdString(search.name));
        action->setToolTip(items::joinClauses(search.filters));
        connect(action, &QAction::triggered, this, [this, search] {
            m_session.lens().set(items::lensOf(search, m_session.lens().state()));
            Q_EMIT chosen(search);
        });
    }
    m_menu->addSeparator();
    QMenu* removal = m_menu->addMenu(u"Remove"_qs);
    removal->setEnabled(!m_session.workspace().readOnly());
    for (const predictions::SavedSearch& search : m_searches) {
        QAction* action = removal->addAction(QString::fromStdString(search.name).replace(u'&', u"&&"_qs));
        action->setObjectName(u"remove_"_qs + QString::fromStdString(search.name));
        connect(action, &QAction::triggered, this, [this, name = search.name] { remove(name); });
    }
}

void SearchMenu::askName() {
    auto* dialog = new QInputDialog(this);
    dialog->setObjectName(u"searchName"_qs);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(u"Save this search"_qs);
    dialog->setLabelText(u"Name (a search of that name is replaced)"_qs);
    dialog->setTextValue(items::joinClauses(m_session.lens().state().filters).left(60));
    connect(dialog, &QInputDialog::textValueSelected, this, &SearchMenu::save);
    dialog->open();
}

void SearchMenu::save(const QString& name) {
    predictions::SavedSearch search = items::searchOf(name.trimmed().toStdString(), m_session.lens().state());
    if (m_complete) m_complete(search);
    m_write.start(
        this,
        [&](const CancellationToken&) {
            return m_session.workspace().write(
                [search](workspace::Database& database) { return predictions::saveSearch(database, search); });
        },
        [this](const Status& status) { written(status); });
}

void SearchMenu::remove(const std::string& name) {
    m_write.start(
        this,
        [&](const CancellationToken&) {
            return m_session.workspace().write(
                [name](workspace::Database& database) { return predictions::removeSearch(database, name); });
        },
        [this](const Status& status) { written(status); });
}

void SearchMenu::written(const Status& status) {
    if (!status) Q_EMIT failed(QString::fromStdString(status.error().text()));
    refresh();
}

}  // namespace pilothouse::predictions_view
