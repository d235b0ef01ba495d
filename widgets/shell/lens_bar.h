// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "models/items/catalog.h"
#include "models/items/session.h"

class QHBoxLayout;

namespace pilothouse::shell {

class BarButton;
class CommandRegistry;
class FilterEdit;
class RangeMenu;

/// The lens, as a line: model, version, comparison, filters; back and forward, time range, zone, live. It shows what
/// the lens is and changes nothing else.
class LensBar : public QWidget {
    Q_OBJECT
public:
    LensBar(items::Session& session, items::Catalog& catalog, CommandRegistry& commands, QWidget* parent = nullptr);

    void openMenu();
    void chooseModel();
    void chooseVersion();
    void chooseComparison();
    void chooseRange();
    void addFilter();
    void editFilter(std::size_t index);
    /// What the log holds, for "Everything".
    void setExtent(TimeRange extent);

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    BarButton* button(const QString& name, const QString& accessible, const QString& tip);
    BarButton* chip(const QString& name, const std::string& clause, const QString& tip);
    void build();
    void showLens();
    void showFilters();
    void beginEdit(int index, const QString& text);

    items::Session& m_session;
    items::Catalog& m_catalog;
    CommandRegistry& m_commands;
    QHBoxLayout* m_row = nullptr;
    QHBoxLayout* m_chips = nullptr;
    BarButton *m_menu, *m_model, *m_version, *m_compare, *m_addFilter, *m_back, *m_forward, *m_range, *m_zone, *m_live,
        *m_search;
    RangeMenu* m_rangeMenu;
    FilterEdit* m_edit = nullptr;
    std::vector<std::string> m_shownFilters;
    bool m_chipsStale = false;
    std::vector<std::string> m_shownAside;
};

}  // namespace pilothouse::shell
