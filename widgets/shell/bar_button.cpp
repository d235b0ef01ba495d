// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/bar_button.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

namespace pilothouse::shell {

using theme::Token;

namespace {
constexpr int kPad = 8;
constexpr int kGap = 5;
constexpr int kSwatch = 9;
constexpr int kTrail = 14;
}  // namespace

BarButton::BarButton(QWidget* parent) : QAbstractButton(parent) {
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    setAttribute(Qt::WA_Hover);
    setIconSize(QSize(16, 16));
}

void BarButton::setWords(const QString& strong, const QString& muted, bool mutedFirst) {
    if (strong == m_strong && muted == m_muted && mutedFirst == m_mutedFirst) return;
    m_strong = strong;
    m_muted = muted;
    m_mutedFirst = mutedFirst;
    setText(mutedFirst ? muted + QLatin1Char(' ') + strong : strong + QLatin1Char(' ') + muted);
    if (accessibleName().isEmpty()) setAccessibleName(text().trimmed());
    updateGeometry();
    update();
}

void BarButton::setSwatch(std::optional<QColor> color) {
    m_swatch = color;
    updateGeometry();
    update();
}
void BarButton::setArrow(bool arrow) {
    m_arrow = arrow;
    updateGeometry();
}
void BarButton::setCross(bool cross) {
    m_cross = cross;
    updateGeometry();
}
void BarButton::setFilled(bool filled) {
    m_filled = filled;
    update();
}
void BarButton::setOutlined(std::optional<Token> token) {
    m_outline = token;
    update();
}
void BarButton::setStrongToken(Token token) {
    m_strongToken = token;
    update();
}
void BarButton::setBold(bool bold) {
    m_bold = bold;
    updateGeometry();
}

void BarButton::setEssential(bool essential) {
    m_essential = essential;
    updateGeometry();
}

QFont BarButton::strongFont() const { return theme::font(m_bold && !m_muted.isEmpty()); }

int BarButton::pad() const { return m_strong.isEmpty() && m_muted.isEmpty() ? 4 : kPad; }

BarButton::Widths BarButton::widths() const {
    Widths w;
    if (!icon().isNull()) w.lead = iconSize().width() + (m_strong.isEmpty() ? 0 : kGap);
    if (m_swatch) w.lead = kSwatch + kGap;
    w.strong = QFontMetrics(strongFont()).horizontalAdvance(m_strong);
    if (!m_muted.isEmpty()) w.muted = QFontMetrics(theme::font()).horizontalAdvance(m_muted) + kGap;
    if (m_arrow || m_cross) w.trail = kTrail;
    return w;
}

QSize BarButton::sizeHint() const {
    const Widths w = widths();
    return {2 * pad() + w.lead + w.strong + w.muted + w.trail, std::max(24, fontMetrics().height() + 6)};
}

QSize BarButton::minimumSizeHint() const {
    const Widths w = widths();
    const int strong = m_essential ? w.strong : std::min(w.strong, 40);
    return {2 * pad() + w.lead + strong + w.trail, sizeHint().height()};
}

void BarButton::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const bool over = underMouse() && isEnabled();
    if (isDown() || isChecked()) {
        painter.fillRect(rect(), theme::color(Token::AccentSoft));
    } else if (over) {
        painter.fillRect(rect(), theme::color(m_filled ? Token::Selection : Token::Hover));
    } else if (m_filled) {
        painter.fillRect(rect(), theme::color(Token::PanelRaised));
    }
    const auto outline = hasFocus() ? std::optional(Token::Accent) : m_outline;
    if (outline) {
        painter.setPen(theme::color(*outline));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
    const Widths w = widths();
    int x = pad();
    if (m_swatch) {
        painter.fillRect(QRect(x, (height() - kSwatch) / 2, kSwatch, kSwatch), *m_swatch);
    } else if (!icon().isNull()) {
        const QRect box(x, (height() - iconSize().height()) / 2, iconSize().width(), iconSize().height());
        icon().paint(&painter, box, Qt::AlignCenter, isEnabled() ? QIcon::Normal : QIcon::Disabled,
                     over || isChecked() ? QIcon::On : QIcon::Off);
    }
    x += w.lead;
    const int room = width() - x - pad() - w.trail;
    const bool showMuted = !m_muted.isEmpty() && room >= w.strong + w.muted;
    const auto draw = [&](const QString& text, const QFont& f, Token token, int width) {
        painter.setFont(f);
        painter.setPen(theme::color(isEnabled() ? token : Token::TextDisabled));
        painter.drawText(QRect(x, 0, width, height()), Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine,
                         QFontMetrics(f).elidedText(text, Qt::ElideRight, width));
        x += width;
    };
    const int strongWidth = showMuted ? w.strong : room;
    if (showMuted && m_mutedFirst) {
        draw(m_muted, theme::font(), Token::TextMuted, w.muted - kGap + 1);
        x += kGap - 1;
    }
    QFont strong = strongFont();
    strong.setStrikeOut(m_struck);
    draw(m_strong, strong, m_strongToken, strongWidth + 1);
    if (showMuted && !m_mutedFirst) {
        x += kGap - 1;
        draw(m_muted, theme::font(), Token::TextMuted, w.muted - kGap + 1);
    }
    if (m_arrow || m_cross) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(theme::color(over ? Token::Text : Token::TextMuted), 1.2));
        const QPointF c(width() - kPad - 3.5, height() / 2.0);
        if (m_arrow) {
            painter.drawPolyline(QPolygonF{c + QPointF(-3.5, -1.5), c + QPointF(0, 2), c + QPointF(3.5, -1.5)});
        } else {
            painter.drawLine(c + QPointF(-3, -3), c + QPointF(3, 3));
            painter.drawLine(c + QPointF(-3, 3), c + QPointF(3, -3));
        }
    }
}

void BarButton::setStruck(bool struck) {
    m_struck = struck;
    update();
}

void BarButton::setToggles(bool toggles) { m_toggles = toggles; }

void BarButton::mousePressEvent(QMouseEvent* event) {
    if (m_toggles && event->button() == Qt::LeftButton && event->modifiers() & Qt::ControlModifier)
        return Q_EMIT aside();
    if (m_cross && event->button() == Qt::LeftButton && event->position().x() >= width() - kPad - kTrail) {
        Q_EMIT crossClicked();
        return;
    }
    if (m_cross && event->button() == Qt::MiddleButton) {
        Q_EMIT crossClicked();
        return;
    }
    QAbstractButton::mousePressEvent(event);
}

void BarButton::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Down:
            return click();
        case Qt::Key_Space:
            if (m_toggles) return Q_EMIT aside();
            break;
        case Qt::Key_Delete:
        case Qt::Key_Backspace:
            if (m_cross) {
                Q_EMIT crossClicked();
                return;
            }
            break;
        default:
            break;
    }
    QAbstractButton::keyPressEvent(event);
}

void BarButton::enterEvent(QEnterEvent* event) {
    QAbstractButton::enterEvent(event);
    update();
}
void BarButton::leaveEvent(QEvent* event) {
    QAbstractButton::leaveEvent(event);
    update();
}

}  // namespace pilothouse::shell
