// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QProxyStyle>

namespace pilothouse::theme {

/// Fusion without its gradients, rounding and frames: flat fills, hairlines, a thin scroll bar.
class FlatStyle : public QProxyStyle {
    Q_OBJECT
public:
    FlatStyle();
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override;
    void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                            const QWidget* widget) const override;
    int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                  QStyleHintReturn* data) const override;
    QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents,
                           const QWidget* widget) const override;

private:
    static void drawScrollBar(const QStyleOptionSlider& option, const QRect& slider, QPainter& painter);
    void drawComboBox(const QStyleOptionComboBox& option, QPainter& painter, const QWidget* widget) const;
    void drawSpinBox(const QStyleOptionSpinBox& option, QPainter& painter, const QWidget* widget) const;
    void drawHeader(const QStyleOptionHeader& option, QPainter& painter, const QWidget* widget) const;
    static void drawTab(const QStyleOptionTab& option, QPainter& painter);
};

}  // namespace pilothouse::theme
