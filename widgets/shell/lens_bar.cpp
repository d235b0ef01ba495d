// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/lens_bar.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QPainter>

#include "models/predictions/query_parser.h"
#include "widgets/shell/bar_button.h"
#include "widgets/shell/command_registry.h"
#include "widgets/shell/filter_edit.h"
#include "widgets/shell/range_menu.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::shell {

using theme::Token;

namespace {
QString text(const std::string& s) { return QString::fromStdString(s); }

/// "America/New_York" → "New York".
QString city(const Zone& zone) {
    QString name = text(zone.name());
    name = name.mid(name.lastIndexOf(QLatin1Char('/')) + 1);
    return name.replace(QLatin1Char('_'), QLatin1Char(' '));
}
}  // namespace

LensBar::LensBar(items::Session& session, items::Catalog& catalog, CommandRegistry& commands, QWidget* parent)
    : QWidget(parent), m_session(session), m_catalog(catalog), m_commands(commands) {
    setObjectName(QStringLiteral("lensBar"));
    setAccessibleName(QStringLiteral("Lens"));
    setFixedHeight(37);
    build();
    m_rangeMenu = new RangeMenu(session, this);
    connect(&session.lens(), &items::Lens::changed, this, &LensBar::showLens);
    connect(&session, &items::Session::displayZoneChanged, this, &LensBar::showLens);
    connect(&catalog, &items::Catalog::changed, this, &LensBar::showLens);
    showLens();
}

BarButton* LensBar::button(const QString& name, const QString& accessible, const QString& tip) {
    auto* b = new BarButton(this);
    b->setObjectName(name);
    b->setAccessibleName(accessible);
    b->setToolTip(tip);
    return b;
}

void LensBar::build() {
    m_row = new QHBoxLayout(this);
    m_row->setContentsMargins(4, 0, 8, 1);
    m_row->setSpacing(4);
    m_menu = button(QStringLiteral("menuButton"), QStringLiteral("Menu"), QStringLiteral("Menu (F10)"));
    m_menu->setIcon(theme::icon(QStringLiteral("pilothouse")));
    m_menu->setFilled(false);
    m_model = button(QStringLiteral("modelChip"), QStringLiteral("Model"), QStringLiteral("Model"));
    m_version = button(QStringLiteral("versionChip"), QStringLiteral("Version"), QStringLiteral("Version"));
    m_compare = button(QStringLiteral("compareChip"), QStringLiteral("Compare with"),
                       QStringLiteral("Compare with another version (c)"));
    for (auto* b : {m_model, m_version, m_compare})
        b->setArrow(true);
    m_chips = new QHBoxLayout;
    m_chips->setSpacing(4);
    m_addFilter = button(QStringLiteral("addFilter"), QStringLiteral("Add a filter"),
                         QStringLiteral("A clause that rows must match: carrier:UA, temp_f>80"));
    m_addFilter->setWords(QStringLiteral("+ filter"));
    m_addFilter->setStrongToken(Token::TextMuted);
    m_addFilter->setFilled(false);
    m_back = button(QStringLiteral("lensBack"), QStringLiteral("Back"), QStringLiteral("Back (Alt+←)"));
    m_back->setIcon(theme::icon(QStringLiteral("back")));
    m_forward = button(QStringLiteral("lensForward"), QStringLiteral("Forward"), QStringLiteral("Forward (Alt+→)"));
    m_forward->setIcon(theme::icon(QStringLiteral("forward")));
    m_range = button(QStringLiteral("rangeButton"), QStringLiteral("Time range"),
                     QStringLiteral("Time range; [ and ] step back and forth"));
    m_range->setArrow(true);
    m_zone = button(QStringLiteral("zoneButton"), QStringLiteral("Time zone"),
                    QStringLiteral("Times of the workspace's zone, or UTC"));
    m_live = button(QStringLiteral("liveButton"), QStringLiteral("Live"),
                    QStringLiteral("Let the range follow the clock (l)"));
    m_live->setCheckable(true);
    m_live->setIcon(theme::icon(QStringLiteral("live")));
    m_search = button(QStringLiteral("paletteButton"), QStringLiteral("Search or run"),
                      QStringLiteral("Commands, models, versions, runs, features"));
    m_search->setWords(m_commands.keyText(QStringLiteral("palette")), QStringLiteral("Search or run"), true);
    for (auto* b : {m_back, m_forward, m_search, m_zone, m_live})
        b->setFilled(false);
    for (auto* b : {m_addFilter, m_range, m_zone, m_live, m_search, m_model, m_version})
        b->setEssential(true);
    m_search->setBold(false);
    m_search->setStrongToken(Token::TextMuted);

    for (auto* b : {m_menu, m_model, m_version, m_compare})
        m_row->addWidget(b);
    m_row->addLayout(m_chips);
    m_row->addWidget(m_addFilter);
    m_row->addStretch(1);
    for (auto* b : {m_back, m_forward, m_range, m_zone, m_live, m_search})
        m_row->addWidget(b);

    connect(m_menu, &QAbstractButton::clicked, this, &LensBar::openMenu);
    connect(m_model, &QAbstractButton::clicked, this, &LensBar::chooseModel);
    connect(m_version, &QAbstractButton::clicked, this, &LensBar::chooseVersion);
    connect(m_compare, &QAbstractButton::clicked, this, &LensBar::chooseComparison);
    connect(m_addFilter, &QAbstractButton::clicked, this, &LensBar::addFilter);
    connect(m_back, &QAbstractButton::clicked, &m_session.lens(), &items::Lens::back);
    connect(m_forward, &QAbstractButton::clicked, &m_session.lens(), &items::Lens::forward);
    connect(m_range, &QAbstractButton::clicked, this, &LensBar::chooseRange);
    connect(m_zone, &QAbstractButton::clicked, this, [this] { m_session.setUtc(!m_session.utc()); });
    connect(m_live, &QAbstractButton::clicked, this, [this](bool on) { m_session.lens().setLive(on); });
    connect(m_search, &QAbstractButton::clicked, this, [this] { m_commands.trigger(QStringLiteral("palette")); });
}

void LensBar::setExtent(TimeRange extent) { m_rangeMenu->setExtent(extent); }

void LensBar::showLens() {
    const auto& lens = m_session.lens();
    const auto& state = lens.state();
    m_model->setWords(state.model.empty() ? QStringLiteral("All models") : text(state.model),
                      state.model.empty() ? QString() : QStringLiteral("model"));

    const std::string champion = m_catalog.champion(state.model);
    if (state.version.empty()) {
        m_version->setWords(QStringLiteral("All versions"), {});
        m_version->setSwatch(std::nullopt);
    } else {
        const auto aliases = m_catalog.aliasesOf(state.model, state.version);
        m_version->setWords(text(state.version), aliases.empty() ? QString() : text(aliases.front()));
        m_version->setSwatch(theme::seriesColor(text(state.version)));
    }
    const std::string reference = state.version.empty() ? champion : state.version;
    const QString against = !state.compareWith.empty() ? text(state.compareWith)
                            : reference.empty()        ? QStringLiteral("profile")
                                                       : QStringLiteral("profile of %1").arg(text(reference));
    m_compare->setWords(against, QStringLiteral("against"), true);
    m_compare->setBold(false);
    if (state.compareWith.empty()) {
        m_compare->setSwatch(std::nullopt);
    } else {
        m_compare->setSwatch(theme::seriesColor(text(state.compareWith)));
    }
    showFilters();
    m_back->setEnabled(lens.canGoBack());
    m_forward->setEnabled(lens.canGoForward());
    m_range->setWords(RangeMenu::title(m_session), {});
    m_zone->setWords(city(m_session.displayZone()), {});
    m_live->setChecked(lens.live());
    m_live->setWords(lens.live() ? QStringLiteral("Live") : QStringLiteral("Live off"), {});
    m_live->setStrongToken(lens.live() ? Token::Text : Token::TextMuted);
}

BarButton* LensBar::chip(const QString& name, const std::string& clause, const QString& tip) {
    auto* chip = button(name, text(clause), tip);
    chip->setWords(text(clause));
    chip->setCross(true);
    chip->setToggles(true);
    const auto parsed = predictions::parseQuery(clause);
    if (!parsed) {
        chip->setOutlined(Token::Alarm);
        chip->setToolTip(text(parsed.error().message));
    }
    m_chips->addWidget(chip);
    chip->show();
    return chip;
}

/// Filters, and behind them, struck through, those that were put aside.
void LensBar::showFilters() {
    const auto& filters = m_session.lens().state().filters;
    const auto& aside = m_session.lens().state().aside;
    // What is being typed stays.
    if (m_edit || (filters == m_shownFilters && aside == m_shownAside && !m_chipsStale)) return;
    m_shownFilters = filters;
    m_shownAside = aside;
    m_chipsStale = false;
    const bool hadFocus = focusWidget() && focusWidget()->objectName().startsWith(u"filter");
    while (QLayoutItem* item = m_chips->takeAt(0)) {
        if (item->widget()) item->widget()->deleteLater();
        if (item->widget()) item->widget()->hide();
        delete item;
    }
    items::Lens& lens = m_session.lens();
    // Queued: a chip is deleted by what it asks for.
    for (std::size_t i = 0; i < filters.size(); ++i) {
        BarButton* filter = chip(QStringLiteral("filter.%1").arg(i), filters[i],
                                 QStringLiteral("Enter edits, Space puts aside, Delete removes"));
        connect(filter, &QAbstractButton::clicked, this, [this, i] { editFilter(i); });
        connect(
            filter, &BarButton::crossClicked, &lens, [&lens, i] { lens.removeFilter(i); }, Qt::QueuedConnection);
        connect(
            filter, &BarButton::aside, &lens, [&lens, i] { lens.putAside(i); }, Qt::QueuedConnection);
    }
    for (std::size_t i = 0; i < aside.size(); ++i) {
        BarButton* put = chip(QStringLiteral("filterAside.%1").arg(i), aside[i],
                              QStringLiteral("Put aside: it does not count. Space or a click takes it back, Delete "
                                             "removes it"));
        put->setAccessibleName(QStringLiteral("%1, put aside").arg(text(aside[i])));
        put->setStruck(true);
        put->setFilled(false);
        put->setStrongToken(Token::TextMuted);
        const auto back = [&lens, i] { lens.takeBack(i); };
        connect(put, &QAbstractButton::clicked, &lens, back, Qt::QueuedConnection);
        connect(put, &BarButton::aside, &lens, back, Qt::QueuedConnection);
        connect(
            put, &BarButton::crossClicked, &lens, [&lens, i] { lens.removeAside(i); }, Qt::QueuedConnection);
    }
    if (!hadFocus) return;
    QWidget* next = m_chips->isEmpty() ? m_addFilter : m_chips->itemAt(m_chips->count() - 1)->widget();
    next->setFocus(Qt::TabFocusReason);
}

void LensBar::openMenu() {
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("mainMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    m_commands.fill(*menu);
    menu->popup(m_menu->mapToGlobal(QPoint(0, m_menu->height() + 2)));
}

void LensBar::chooseModel() {
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("modelMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto& state = m_session.lens().state();
    const auto add = [&](const QString& title, const std::string& model) {
        auto* action = menu->addAction(title);
        action->setCheckable(true);
        action->setChecked(model == state.model);
        connect(action, &QAction::triggered, this, [this, model] { m_session.lens().setModel(model); });
    };
    add(QStringLiteral("All models"), {});
    for (const auto& model : m_catalog.models())
        add(text(model.name), model.name);
    menu->popup(m_model->mapToGlobal(QPoint(0, m_model->height() + 2)));
}

void LensBar::chooseVersion() {
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("versionMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto& state = m_session.lens().state();
    const auto add = [&](const QString& title, const std::string& model, const std::string& version) {
        auto* action = menu->addAction(title);
        action->setCheckable(true);
        action->setChecked(version == state.version);
        connect(action, &QAction::triggered, this, [this, model, version] {
            items::LensState next = m_session.lens().state();
            if (!version.empty()) next.model = model;
            next.version = version;
            m_session.lens().set(std::move(next));
        });
    };
    add(QStringLiteral("All versions"), {}, {});
    for (const auto& v : m_catalog.versionsOf(state.model)) {
        QString title = state.model.empty() ? text(v.model) + QLatin1Char(' ') + text(v.version) : text(v.version);
        for (const auto& alias : m_catalog.aliasesOf(v.model, v.version))
            title += QStringLiteral("  ") + text(alias);
        add(title + QLatin1Char('\t') + theme::date(v.created, m_session.displayZone()), v.model, v.version);
    }
    menu->popup(m_version->mapToGlobal(QPoint(0, m_version->height() + 2)));
}

void LensBar::chooseComparison() {
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("compareMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto& state = m_session.lens().state();
    const auto add = [&](const QString& title, const std::string& version) {
        auto* action = menu->addAction(title);
        action->setCheckable(true);
        action->setChecked(version == state.compareWith);
        connect(action, &QAction::triggered, this, [this, version] { m_session.lens().setCompareWith(version); });
    };
    add(QStringLiteral("Profile of training"), {});
    for (const auto& v : m_catalog.versionsOf(state.model))
        add(text(v.version), v.version);
    menu->popup(m_compare->mapToGlobal(QPoint(0, m_compare->height() + 2)));
}

void LensBar::chooseRange() { m_rangeMenu->popupBelow(m_range); }

void LensBar::addFilter() { beginEdit(-1, {}); }

void LensBar::editFilter(std::size_t index) {
    const auto& filters = m_session.lens().state().filters;
    if (index < filters.size()) beginEdit(static_cast<int>(index), text(filters[index]));
}

void LensBar::beginEdit(int index, const QString& clause) {
    if (m_edit) return;
    auto* edit = new FilterEdit(clause, m_catalog.fields(), this);
    m_edit = edit;
    if (index >= 0) {
        auto* chip = m_chips->itemAt(index)->widget();
        chip->hide();
        m_chips->insertWidget(index, edit);
    } else {
        m_chips->insertWidget(static_cast<int>(m_shownFilters.size()), edit);
    }
    edit->show();
    edit->setFocus();
    edit->selectAll();
    const auto done = [this, index](const QString& typed, bool keep) {
        auto& lens = m_session.lens();
        m_edit = nullptr;  // deleted with the chips
        m_chipsStale = true;
        if (keep && index >= 0) lens.setFilter(static_cast<std::size_t>(index), typed.toStdString());
        if (keep && index < 0) lens.addFilter(typed.toStdString());
        showFilters();  // where nothing changed the chips come back
    };
    connect(
        edit, &FilterEdit::taken, this, [done](const QString& typed) { done(typed, true); }, Qt::QueuedConnection);
    connect(
        edit, &FilterEdit::left, this, [done] { done({}, false); }, Qt::QueuedConnection);
}

void LensBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme::color(Token::Panel));
    painter.fillRect(0, height() - 1, width(), 1, theme::color(Token::Hairline));
}

void LensBar::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        m_chipsStale = true;
        showLens();
    }
}

}  // namespace pilothouse::shell
