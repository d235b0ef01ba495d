// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QFontMetrics>
#include <QHash>
#include <QRawFont>
#include <array>
#include <vector>

class QPainter;

namespace pilothouse::theme {

/// Single lines of text in one font, painted glyph by glyph: a table of hundreds of cells a frame spends most of its
/// time in laying out lines that need no layout. Text that does need it (other scripts than Latin, marks that combine,
/// letters that the font itself does not have) is given to QPainter::drawText. Pairs are not kerned. GUI thread.
class LineText {
public:
    explicit LineText(const QFont& font);
    [[nodiscard]] const QFont& font() const { return m_font; }
    /// In pixels.
    [[nodiscard]] double width(const QString& text) const;
    /// Within `box`, vertically in its middle, elided at the right where it is longer. `alignment`: left or right. In
    /// the painter's pen; its font is left as it was.
    void draw(QPainter& painter, const QRect& box, Qt::Alignment alignment, const QString& text) const;

private:
    struct Glyph {
        quint32 index = 0;  ///< 0: not here, or not simple
        double advance = 0;
    };
    static constexpr char16_t kLatin = 0x250;
    [[nodiscard]] Glyph glyph(char16_t letter) const;
    [[nodiscard]] Glyph find(char16_t letter) const;
    /// False: it wants layout. `glyphs` is filled as far as it went.
    bool simple(const QString& text, std::vector<Glyph>& glyphs, double& width) const;
    void elide(std::vector<Glyph>& glyphs, double& width, double room) const;

    QFont m_font;
    QFontMetrics m_metrics;
    QRawFont m_raw;
    std::array<Glyph, kLatin> m_latin;
    mutable QHash<char16_t, Glyph> m_others;
    mutable std::vector<Glyph> m_line;
    mutable std::vector<quint32> m_indexes;
    mutable std::vector<QPointF> m_places;
};

}  // namespace pilothouse::theme
