// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/tokens.h"

#include <QApplication>
#include <QFontDatabase>
#include <QPalette>
#include <array>

#include "widgets/theme/flat_style.h"
#include "widgets/theme/scheme_scope.h"

namespace pilothouse::theme {

namespace {

constexpr int kTokens = static_cast<int>(Token::Negative) + 1;
using Table = std::array<QRgb, kTokens>;

// In the order of Token. Every text colour holds 4.5 : 1 on Window, Panel, PanelRaised, Hover and Selection (tested).
constexpr Table kDark = {
    0xff14181b,  // Window
    0xff1a1e22,  // Panel
    0xff242a2f,  // PanelRaised
    0xff2b3137,  // Hairline
    0xff262c31,  // Grid
    0xffe4e7e9,  // Text
    0xffa3abb2,  // TextMuted
    0xff949ca3,  // TextDisabled
    0xff56b4e9,  // Accent
    0xff1d3646,  // AccentSoft
    0xff22323d,  // Selection
    0xff20262b,  // Hover
    0xff6fae90,  // Ok
    0xffe69f00,  // Warning
    0xfff27663,  // Alarm
    0xff9aa1a7,  // Unknown
    0xffb3b9be,  // Reference
    0xff56b4e9,  // Current
    0xffc9ced2,  // Cursor
    0xff3b82ab,  // Brush
    0xff565d63,  // History
    0xffe69f00,  // Positive
    0xff56b4e9,  // Negative
};
constexpr Table kLight = {
    0xfff7f7f5,  // Window
    0xffffffff,  // Panel
    0xffececea,  // PanelRaised
    0xffdadad7,  // Hairline
    0xffe6e6e3,  // Grid
    0xff1b1e20,  // Text
    0xff4f565c,  // TextMuted
    0xff5c646a,  // TextDisabled
    0xff005f9e,  // Accent
    0xffcfe4f2,  // AccentSoft
    0xffdfecf5,  // Selection
    0xfff0f0ee,  // Hover
    0xff2f6b4c,  // Ok
    0xff835600,  // Warning
    0xffb32917,  // Alarm
    0xff5b6268,  // Unknown
    0xff5d646a,  // Reference
    0xff2b8ac6,  // Current
    0xff3c4247,  // Cursor
    0xff2b8ac6,  // Brush
    0xffb4b8bb,  // History
    0xffb87300,  // Positive
    0xff2b8ac6,  // Negative
};

// Okabe and Ito (2008), set for lines on dark and on light ground: each 3 : 1 or better against the window.
constexpr std::array<QRgb, 7> kSeriesDark = {0xff56b4e9, 0xffe69f00, 0xff1fb58a, 0xffcc79a7,
                                             0xffe8703a, 0xff4b95d6, 0xfff0e442};
constexpr std::array<QRgb, 7> kSeriesLight = {0xff2b8ac6, 0xffb87300, 0xff00805b, 0xffb0578a,
                                              0xffc04f00, 0xff00568a, 0xff8f8000};

Scheme g_scheme = Scheme::Light;

const Table& table() { return g_scheme == Scheme::Dark ? kDark : kLight; }

QPalette palette() {
    QPalette p;
    const auto set = [&p](QPalette::ColorRole role, Token token) { p.setColor(role, color(token)); };
    set(QPalette::Window, Token::Window);
    set(QPalette::WindowText, Token::Text);
    set(QPalette::Base, Token::Window);
    set(QPalette::AlternateBase, Token::Panel);
    set(QPalette::Text, Token::Text);
    set(QPalette::PlaceholderText, Token::TextDisabled);
    set(QPalette::Button, Token::PanelRaised);
    set(QPalette::ButtonText, Token::Text);
    set(QPalette::BrightText, Token::Alarm);
    set(QPalette::Highlight, Token::Selection);
    set(QPalette::HighlightedText, Token::Text);
    set(QPalette::Link, Token::Accent);
    set(QPalette::LinkVisited, Token::Accent);
    set(QPalette::ToolTipBase, Token::PanelRaised);
    set(QPalette::ToolTipText, Token::Text);
    set(QPalette::Light, Token::PanelRaised);
    set(QPalette::Midlight, Token::Panel);
    set(QPalette::Mid, Token::Hairline);
    set(QPalette::Dark, Token::Hairline);
    set(QPalette::Shadow, Token::Hairline);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, color(Token::TextDisabled));
    return p;
}

QFont baseFont() {
    static const QFont desktop = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
    QFont f = desktop;
    // Their digits all have one width. Named in order of preference: nothing is enumerated, so a start stays quick.
    f.setFamilies({QStringLiteral("Noto Sans"), desktop.family(), QStringLiteral("DejaVu Sans")});
    f.setPointSizeF(std::max(desktop.pointSizeF(), 9.75));  // 13 px at 96 dpi where the desktop has no opinion
    return f;
}

}  // namespace

Scheme scheme() { return g_scheme; }

SchemeScope::SchemeScope(Scheme scheme) : m_before(g_scheme) { g_scheme = scheme; }
SchemeScope::~SchemeScope() { g_scheme = m_before; }

void apply(Scheme scheme) {
    g_scheme = scheme;
    static bool styled = false;
    if (!styled) {
        styled = true;
        QApplication::setStyle(new FlatStyle);
        QApplication::setFont(baseFont());
    }
    QApplication::setPalette(palette());
}

QColor color(Token token) { return QColor::fromRgb(table()[static_cast<std::size_t>(token)]); }

QColor seriesColor(const QString& name) {
    // FNV-1a over the name without its trailing number, plus that number: v1, v2, v3 are neighbours and never share
    // one.
    quint32 hash = 2166136261u;
    qsizetype letters = name.size();
    while (letters > 0 && name[letters - 1].isDigit())
        --letters;
    for (const char c : QStringView(name).left(letters).toUtf8())
        hash = (hash ^ static_cast<quint8>(c)) * 16777619u;
    const quint32 number = QStringView(name).mid(letters).left(9).toUInt();
    const auto& colors = g_scheme == Scheme::Dark ? kSeriesDark : kSeriesLight;
    constexpr quint32 kStart = 3;  // so that v1 gets the palette's first colour
    return QColor::fromRgb(colors[(hash % colors.size() + kStart + number) % colors.size()]);
}

QFont font(bool bold, bool small) {
    QFont f = QApplication::font();
    if (bold) f.setWeight(QFont::DemiBold);
    if (small) f.setPointSizeF(f.pointSizeF() * 0.86);
    return f;
}

}  // namespace pilothouse::theme
