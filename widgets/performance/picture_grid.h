// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "widgets/chart/plot_picture.h"

namespace pilothouse::performance {

/// Pictures side by side: in one row where there is room, else in two.
class PictureGrid : public QWidget {
    Q_OBJECT
public:
    explicit PictureGrid(QWidget* parent = nullptr);
    void setPictures(std::vector<chart::PlotPicture> pictures);
    [[nodiscard]] const std::vector<chart::PlotPicture>& pictures() const { return m_pictures; }
    [[nodiscard]] QRectF box(std::size_t index) const;
    [[nodiscard]] QSize sizeHint() const override { return {520, 320}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {200, 150}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    [[nodiscard]] int columns() const;
    std::vector<chart::PlotPicture> m_pictures;
};

}  // namespace pilothouse::performance
