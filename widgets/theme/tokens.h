// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QString>

namespace pilothouse::theme {

enum class Scheme { Light, Dark };

/// Every colour that is not the palette's. Meaning first, both schemes designed, text at 4.5 : 1 or better.
enum class Token {
    Window,
    Panel,
    PanelRaised,
    Hairline,
    Grid,
    Text,
    TextMuted,
    TextDisabled,
    Accent,
    AccentSoft,
    Selection,
    Hover,
    Ok,
    Warning,
    Alarm,
    Unknown,
    Reference,
    Current,
    Cursor,
    Brush,
    History,
    Positive,
    Negative,
};

[[nodiscard]] Scheme scheme();
/// Sets palette, style and fonts of the application. GUI thread; widgets get a PaletteChange.
void apply(Scheme scheme);
[[nodiscard]] QColor color(Token token);
/// Okabe-Ito, stable by name: the same name has the same colour in every view and every run.
[[nodiscard]] QColor seriesColor(const QString& name);
/// The application's font with tabular digits; `small` is for axes and captions.
[[nodiscard]] QFont font(bool bold = false, bool small = false);
/// A single-colour SVG of resources/icons, tinted for the palette.
[[nodiscard]] QIcon icon(const QString& name);

}  // namespace pilothouse::theme
