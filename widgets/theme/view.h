// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace pilothouse::theme {

/// What the shell knows of a view. A view gets its Session in its constructor, listens to the lens, and asks only while
/// it is visible (a change that comes while hidden is looked at when it is shown).
class View : public QWidget {
    Q_OBJECT
public:
    using QWidget::QWidget;
    [[nodiscard]] virtual QString viewId() const = 0;     ///< "drift"
    [[nodiscard]] virtual QString viewTitle() const = 0;  ///< "Drift"
    [[nodiscard]] virtual QString iconName() const = 0;
    /// No question is open and what is shown is up to date: the moment for a picture.
    [[nodiscard]] virtual bool settled() const = 0;
    /// What belongs into the shell's details pane for this view's selection; null: none. Owned by the view.
    [[nodiscard]] virtual QWidget* details() { return nullptr; }
    /// "/" of the keyboard: the view's query or filter field.
    virtual void focusQuery() {}
    /// "e": what is visible, as CSV text. Empty: nothing to export.
    [[nodiscard]] virtual QByteArray exportCsv() const { return {}; }
    /// Lines of "key – what it does" for "?".
    [[nodiscard]] virtual QStringList keys() const { return {}; }
};

}  // namespace pilothouse::theme
