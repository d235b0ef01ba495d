// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/flat_style.h"

#include <QAbstractItemView>
#include <QPainter>
#include <QStyleFactory>
#include <QStyleOption>

#include "widgets/theme/tokens.h"

namespace pilothouse::theme {

namespace {

void fill(QPainter& painter, const QRect& rect, Token token) { painter.fillRect(rect, color(token)); }

void outline(QPainter& painter, const QRect& rect, Token token) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(QPen(color(token), 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect.adjusted(0, 0, -1, -1));
    painter.restore();
}

bool has(const QStyleOption& option, QStyle::StateFlag flag) { return option.state.testFlag(flag); }

void drawButton(const QStyleOption& option, QPainter& painter, bool framed) {
    const bool enabled = has(option, QStyle::State_Enabled);
    const bool down = has(option, QStyle::State_Sunken) || has(option, QStyle::State_On);
    const bool over = enabled && has(option, QStyle::State_MouseOver);
    if (down) {
        fill(painter, option.rect, Token::AccentSoft);
    } else if (framed) {
        fill(painter, option.rect, over ? Token::Selection : Token::PanelRaised);
    } else if (over) {
        fill(painter, option.rect, Token::Hover);
    }
    if (has(option, QStyle::State_HasFocus) && has(option, QStyle::State_KeyboardFocusChange))
        outline(painter, option.rect, Token::Accent);
}

void drawCheck(const QStyleOption& option, QPainter& painter, bool round) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, round);
    const QRectF box = QRectF(option.rect).adjusted(1.5, 1.5, -1.5, -1.5);
    const bool on = has(option, QStyle::State_On);
    painter.setPen(QPen(color(on || has(option, QStyle::State_MouseOver) ? Token::Accent : Token::TextMuted), 1));
    painter.setBrush(color(Token::Window));
    if (round) {
        painter.drawEllipse(box);
    } else {
        painter.drawRect(box);
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(color(has(option, QStyle::State_Enabled) ? Token::Accent : Token::TextDisabled));
    const QRectF inner = box.adjusted(2.5, 2.5, -2.5, -2.5);
    if (on && round) {
        painter.drawEllipse(inner);
    } else if (on) {
        painter.drawRect(inner);
    } else if (has(option, QStyle::State_NoChange)) {
        painter.drawRect(QRectF(inner.left(), inner.center().y() - 1, inner.width(), 2));
    }
    painter.restore();
}

void drawArrow(QPainter& painter, const QRectF& rect, Qt::ArrowType type, Token token) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color(token), 1.2, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
    painter.translate(rect.center());
    constexpr double kTurn[] = {0, 180, 0, 90, -90};  // Qt::ArrowType: none, up, down, left, right
    painter.rotate(kTurn[type]);
    painter.drawPolyline(QPolygonF{{-3.5, -1.75}, {0, 1.75}, {3.5, -1.75}});
    painter.restore();
}

}  // namespace

FlatStyle::FlatStyle() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}

void FlatStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                              const QWidget* widget) const {
    switch (element) {
        case PE_PanelButtonCommand:
            return drawButton(*option, *painter, true);
        case PE_PanelButtonTool:
            return drawButton(*option, *painter, false);
        case PE_FrameFocusRect:
            if (has(*option, State_KeyboardFocusChange)) outline(*painter, option->rect, Token::Accent);
            return;
        case PE_PanelLineEdit:
            fill(*painter, option->rect, Token::Window);
            if (static_cast<const QStyleOptionFrame*>(option)->lineWidth > 0)
                outline(*painter, option->rect, has(*option, State_HasFocus) ? Token::Accent : Token::Hairline);
            return;
        case PE_FrameLineEdit:
            return outline(*painter, option->rect, has(*option, State_HasFocus) ? Token::Accent : Token::Hairline);
        case PE_Frame:
        case PE_FrameMenu:
        case PE_FrameGroupBox:
        case PE_FrameTabWidget:
            return outline(*painter, option->rect, Token::Hairline);
        case PE_PanelMenu:
            fill(*painter, option->rect, Token::Panel);
            return outline(*painter, option->rect, Token::Hairline);
        case PE_PanelTipLabel:
            fill(*painter, option->rect, Token::PanelRaised);
            return outline(*painter, option->rect, Token::Hairline);
        case PE_IndicatorCheckBox:
        case PE_IndicatorItemViewItemCheck:
            return drawCheck(*option, *painter, false);
        case PE_IndicatorRadioButton:
            return drawCheck(*option, *painter, true);
        case PE_IndicatorArrowDown:
            return drawArrow(*painter, option->rect, Qt::DownArrow, Token::TextMuted);
        case PE_IndicatorArrowUp:
            return drawArrow(*painter, option->rect, Qt::UpArrow, Token::TextMuted);
        case PE_IndicatorArrowLeft:
            return drawArrow(*painter, option->rect, Qt::LeftArrow, Token::TextMuted);
        case PE_IndicatorArrowRight:
            return drawArrow(*painter, option->rect, Qt::RightArrow, Token::TextMuted);
        case PE_IndicatorHeaderArrow: {
            const auto* header = static_cast<const QStyleOptionHeader*>(option);
            if (header->sortIndicator == QStyleOptionHeader::None) return;
            return drawArrow(*painter, option->rect,
                             header->sortIndicator == QStyleOptionHeader::SortUp ? Qt::UpArrow : Qt::DownArrow,
                             Token::TextMuted);
        }
        case PE_IndicatorBranch:
            if (has(*option, State_Children))
                drawArrow(*painter, option->rect, has(*option, State_Open) ? Qt::DownArrow : Qt::RightArrow,
                          Token::TextMuted);
            return;
        case PE_PanelItemViewItem:
        case PE_PanelItemViewRow: {
            const auto* item = static_cast<const QStyleOptionViewItem*>(option);
            if (element == PE_PanelItemViewItem && item->backgroundBrush.style() != Qt::NoBrush)
                painter->fillRect(option->rect, item->backgroundBrush);
            if (has(*option, State_Selected)) {
                fill(*painter, option->rect, Token::Selection);
            } else if (element == PE_PanelItemViewItem && has(*option, State_MouseOver)) {
                fill(*painter, option->rect, Token::Hover);
            }
            return;
        }
        default:
            QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

void FlatStyle::drawHeader(const QStyleOptionHeader& option, QPainter& painter, const QWidget* widget) const {
    fill(painter, option.rect, Token::Window);
    painter.save();
    painter.setPen(color(Token::Hairline));
    painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight());
    painter.restore();
    QStyleOptionHeader label = option;
    label.rect = subElementRect(SE_HeaderLabel, &option, widget);
    label.palette.setColor(QPalette::ButtonText, color(Token::TextMuted));
    label.state &= ~State_On;  // no bold for the column of the selection
    proxy()->drawControl(CE_HeaderLabel, &label, &painter, widget);
    if (option.sortIndicator != QStyleOptionHeader::None) {
        QStyleOptionHeader arrow = option;
        arrow.rect = subElementRect(SE_HeaderArrow, &option, widget);
        proxy()->drawPrimitive(PE_IndicatorHeaderArrow, &arrow, &painter, widget);
    }
}

void FlatStyle::drawTab(const QStyleOptionTab& option, QPainter& painter) {
    const bool chosen = has(option, State_Selected);
    if (!chosen && has(option, State_MouseOver)) fill(painter, option.rect, Token::Hover);
    QRect line = option.rect;
    line.setTop(line.bottom() - (chosen ? 1 : 0));
    fill(painter, line, chosen ? Token::Accent : Token::Hairline);
}

void FlatStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                            const QWidget* widget) const {
    switch (element) {
        case CE_PushButtonBevel: {
            const auto* button = static_cast<const QStyleOptionButton*>(option);
            drawButton(*option, *painter, !button->features.testFlag(QStyleOptionButton::Flat));
            if (button->features.testFlag(QStyleOptionButton::HasMenu))
                drawArrow(*painter, QRectF(option->rect.right() - 16, option->rect.top(), 12, option->rect.height()),
                          Qt::DownArrow, Token::TextMuted);
            return;
        }
        case CE_HeaderSection:
            return;
        case CE_Header:
            return drawHeader(*static_cast<const QStyleOptionHeader*>(option), *painter, widget);
        case CE_HeaderEmptyArea:
            return fill(*painter, option->rect, Token::Window);
        case CE_TabBarTabShape:
            return drawTab(*static_cast<const QStyleOptionTab*>(option), *painter);
        case CE_Splitter: {
            QRect line = option->rect;
            if (line.width() < line.height()) {
                line.setLeft(line.center().x());
                line.setWidth(1);
            } else {
                line.setTop(line.center().y());
                line.setHeight(1);
            }
            return fill(*painter, line, has(*option, State_MouseOver) ? Token::Accent : Token::Hairline);
        }
        case CE_ProgressBarGroove:
            return fill(*painter, option->rect, Token::PanelRaised);
        case CE_ProgressBarContents: {
            const auto* bar = static_cast<const QStyleOptionProgressBar*>(option);
            if (bar->maximum <= bar->minimum) return fill(*painter, option->rect, Token::AccentSoft);
            const double share = double(bar->progress - bar->minimum) / (bar->maximum - bar->minimum);
            QRect done = option->rect;
            done.setWidth(static_cast<int>(share * done.width()));
            return fill(*painter, done, Token::Accent);
        }
        default:
            QProxyStyle::drawControl(element, option, painter, widget);
    }
}

void FlatStyle::drawScrollBar(const QStyleOptionSlider& option, const QRect& slider, QPainter& painter) {
    const bool active = option.activeSubControls.testFlag(SC_ScrollBarSlider) && has(option, State_MouseOver);
    const bool lying = option.orientation == Qt::Horizontal;
    const QRect handle = lying ? slider.adjusted(1, 2, -1, -2) : slider.adjusted(2, 1, -2, -1);
    if (option.maximum > option.minimum) fill(painter, handle, active ? Token::TextDisabled : Token::History);
}

void FlatStyle::drawComboBox(const QStyleOptionComboBox& option, QPainter& painter, const QWidget* widget) const {
    if (option.editable) {
        fill(painter, option.rect, Token::Window);
        if (option.frame) outline(painter, option.rect, has(option, State_HasFocus) ? Token::Accent : Token::Hairline);
    } else {
        drawButton(option, painter, true);
    }
    const QRect arrow = proxy()->subControlRect(CC_ComboBox, &option, SC_ComboBoxArrow, widget);
    drawArrow(painter, arrow, Qt::DownArrow, Token::TextMuted);
}

void FlatStyle::drawSpinBox(const QStyleOptionSpinBox& option, QPainter& painter, const QWidget* widget) const {
    fill(painter, option.rect, Token::Window);
    if (option.frame) outline(painter, option.rect, has(option, State_HasFocus) ? Token::Accent : Token::Hairline);
    if (option.buttonSymbols == QAbstractSpinBox::NoButtons) return;
    const auto arrow = [&](SubControl part, Qt::ArrowType type, QAbstractSpinBox::StepEnabledFlag step) {
        const bool possible = option.stepEnabled.testFlag(step) && has(option, State_Enabled);
        drawArrow(painter, proxy()->subControlRect(CC_SpinBox, &option, part, widget), type,
                  possible ? Token::TextMuted : Token::Hairline);
    };
    arrow(SC_SpinBoxUp, Qt::UpArrow, QAbstractSpinBox::StepUpEnabled);
    arrow(SC_SpinBoxDown, Qt::DownArrow, QAbstractSpinBox::StepDownEnabled);
}

void FlatStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                                   const QWidget* widget) const {
    switch (control) {
        case CC_ScrollBar: {
            const QRect slider = proxy()->subControlRect(CC_ScrollBar, option, SC_ScrollBarSlider, widget);
            return drawScrollBar(*static_cast<const QStyleOptionSlider*>(option), slider, *painter);
        }
        case CC_SpinBox:
            return drawSpinBox(*static_cast<const QStyleOptionSpinBox*>(option), *painter, widget);
        case CC_ComboBox:
            return drawComboBox(*static_cast<const QStyleOptionComboBox*>(option), *painter, widget);
        default:
            QProxyStyle::drawComplexControl(control, option, painter, widget);
    }
}

int FlatStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
    switch (metric) {
        case PM_ScrollBarExtent:
            return 11;
        case PM_ScrollBarSliderMin:
            return 24;
        case PM_SplitterWidth:
            return 5;  // a hairline with room to grab it
        case PM_ButtonShiftHorizontal:
        case PM_ButtonShiftVertical:
            return 0;
        case PM_MenuPanelWidth:
            return 1;
        case PM_MenuVMargin:
            return 4;
        case PM_ToolTipLabelFrameWidth:
            return 4;
        case PM_TabBarTabHSpace:
            return 20;
        case PM_TabBarTabVSpace:
            return 8;
        case PM_HeaderMargin:
            return 6;
        case PM_SmallIconSize:
        case PM_ButtonIconSize:
            return 16;
        default:
            return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int FlatStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                         QStyleHintReturn* data) const {
    switch (hint) {
        case SH_Widget_Animation_Duration:
            return 0;
        case SH_EtchDisabledText:
        case SH_DitherDisabledText:
            return 0;
        case SH_ToolTip_WakeUpDelay:
            return 350;
        case SH_ComboBox_Popup:
            return 0;
        case SH_Header_ArrowAlignment:
            return Qt::AlignRight | Qt::AlignVCenter;
        case SH_ScrollBar_LeftClickAbsolutePosition:
            return 1;
        default:
            return QProxyStyle::styleHint(hint, option, widget, data);
    }
}

QSize FlatStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents,
                                  const QWidget* widget) const {
    QSize size = QProxyStyle::sizeFromContents(type, option, contents, widget);
    if (type == CT_MenuItem) size.setHeight(std::max(size.height(), 26));
    if (type == CT_PushButton) size = QSize(std::max(contents.width() + 20, 40), std::max(size.height(), 24));
    return size;
}

}  // namespace pilothouse::theme
