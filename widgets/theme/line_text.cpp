// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/line_text.h"

#include <QGlyphRun>
#include <QPainter>
#include <cmath>

namespace pilothouse::theme {
namespace {

constexpr char16_t kEllipsis = 0x2026;

/// Stands for itself whatever stands beside it, from left to right.
bool standsAlone(char16_t letter) {
    if (letter < 0x20 || (letter >= 0x7f && letter < 0xa0) || letter == 0xad) return false;
    return letter < 0x250 || (letter >= 0x2010 && letter <= 0x2027) || (letter >= 0x2190 && letter <= 0x22ff);
}

}  // namespace

LineText::LineText(const QFont& font) : m_font(font), m_metrics(font), m_raw(QRawFont::fromFont(font)) {
    for (char16_t letter = 0; letter < kLatin; ++letter)
        m_latin[letter] = find(letter);
}

LineText::Glyph LineText::find(char16_t letter) const {
    if (!standsAlone(letter) || !m_raw.isValid()) return {};
    const QList<quint32> index = m_raw.glyphIndexesForString(QString(QChar(letter)));
    if (index.size() != 1 || index.front() == 0) return {};
    const QList<QPointF> advance = m_raw.advancesForGlyphIndexes(index);
    return advance.size() == 1 ? Glyph{index.front(), advance.front().x()} : Glyph{};
}

LineText::Glyph LineText::glyph(char16_t letter) const {
    if (letter < kLatin) return m_latin[letter];
    if (!standsAlone(letter)) return {};
    const auto known = m_others.constFind(letter);
    return known != m_others.constEnd() ? *known : *m_others.insert(letter, find(letter));
}

bool LineText::simple(const QString& text, std::vector<Glyph>& glyphs, double& width) const {
    glyphs.clear();
    width = 0;
    for (const QChar letter : text) {
        const Glyph next = glyph(letter.unicode());
        if (next.index == 0) return false;
        glyphs.push_back(next);
        width += next.advance;
    }
    return true;
}

double LineText::width(const QString& text) const {
    double width = 0;
    return simple(text, m_line, width) ? width : m_metrics.horizontalAdvance(text);
}

void LineText::elide(std::vector<Glyph>& glyphs, double& width, double room) const {
    const Glyph ellipsis = glyph(kEllipsis);
    while (!glyphs.empty() && width + ellipsis.advance > room) {
        width -= glyphs.back().advance;
        glyphs.pop_back();
    }
    glyphs.push_back(ellipsis);
    width += ellipsis.advance;
}

void LineText::draw(QPainter& painter, const QRect& box, Qt::Alignment alignment, const QString& text) const {
    double width = 0;
    // A cell may hold a whole message; what cannot be seen of it is not looked at.
    const QString seen = text.size() > box.width() ? text.left(box.width() + 1) : text;
    bool plain = simple(seen, m_line, width);
    if (plain && (width > box.width() || seen.size() < text.size())) {
        plain = glyph(kEllipsis).index != 0;
        if (plain) elide(m_line, width, box.width());
    }
    if (!plain) {
        const QFont before = painter.font();
        painter.setFont(m_font);
        painter.drawText(box, static_cast<int>(alignment | Qt::AlignVCenter) | Qt::TextSingleLine,
                         m_metrics.elidedText(seen, Qt::ElideRight, box.width()));
        return painter.setFont(before);
    }
    m_indexes.clear();
    m_places.clear();
    double x = 0;
    for (const Glyph& glyph : m_line) {
        m_indexes.push_back(glyph.index);
        m_places.emplace_back(x, 0);
        x += glyph.advance;
    }
    QGlyphRun run;
    run.setRawFont(m_raw);
    run.setRawData(m_indexes.data(), m_places.data(), static_cast<int>(m_indexes.size()));
    const double left = alignment & Qt::AlignRight ? box.left() + std::floor(box.width() - width) : box.left();
    painter.drawGlyphRun({left, box.top() + (box.height() - m_metrics.height()) / 2.0 + m_metrics.ascent()}, run);
}

}  // namespace pilothouse::theme
