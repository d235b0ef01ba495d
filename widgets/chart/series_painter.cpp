// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart/series_painter.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace pilothouse::chart {

namespace {

constexpr double kLineWidth = 1.4;  // logical pixels
constexpr double kDotRadius = 2.5;
constexpr int kBandAlpha = 46;
constexpr int kAreaAlpha = 40;
constexpr double kDenseFactor = 1.5;    // samples a device column, above which lines would only blur
constexpr double kFarOutside = 20'000;  // keeps coordinates of values far off the axis within what QPainter takes

QColor withAlpha(QColor color, int alpha) {
    color.setAlpha(alpha);
    return color;
}

inline void blendPixel(QRgb& pixel, QRgb color, unsigned alpha) {
    // The usual (x + 128 + (x >> 8)) >> 8 in place of a division by 255.
    const auto mix = [alpha](unsigned under, unsigned over) {
        const unsigned v = under * (255 - alpha) + over * alpha + 128;
        return (v + (v >> 8)) >> 8;
    };
    pixel = qRgba(static_cast<int>(mix(qRed(pixel), qRed(color))), static_cast<int>(mix(qGreen(pixel), qGreen(color))),
                  static_cast<int>(mix(qBlue(pixel), qBlue(color))), static_cast<int>(mix(qAlpha(pixel), 255)));
}

double clampFar(double y) { return std::clamp(y, -kFarOutside, kFarOutside); }

bool joined(const SeriesBuffer& values, std::size_t i, std::size_t j, Duration maxGap) {
    return maxGap.count() <= 0 || values.time(j) - values.time(i) <= maxGap;
}

QPen linePen(const QColor& color, double ratio) {
    QPen pen(color, kLineWidth * ratio);
    pen.setJoinStyle(Qt::RoundJoin);
    pen.setCapStyle(Qt::FlatCap);
    return pen;
}

}  // namespace

QColor Series::color() const {
    return token ? theme::color(*token) : theme::seriesColor(colorName.isEmpty() ? name : colorName);
}

void blendSpan(QImage& image, int x, double top, double bottom, QRgb color) {
    if (x < 0 || x >= image.width()) return;
    top = std::max(top, 0.0);
    bottom = std::min(bottom, static_cast<double>(image.height()));
    if (!(bottom > top)) return;
    const auto alpha = static_cast<unsigned>(qAlpha(color));
    const auto stride = image.bytesPerLine() / static_cast<qsizetype>(sizeof(QRgb));
    QRgb* pixels = reinterpret_cast<QRgb*>(image.bits()) + x;
    const int first = static_cast<int>(top), last = static_cast<int>(std::ceil(bottom)) - 1;
    const auto cover = [&](int y, double share) {
        blendPixel(pixels[y * stride], color, static_cast<unsigned>(std::lround(alpha * share)));
    };
    if (first == last) return cover(first, bottom - top);
    cover(first, first + 1 - top);
    const QRgb opaque = color | 0xff000000u;
    QRgb* pixel = pixels + (first + 1) * stride;
    for (int y = first + 1; y < last; ++y, pixel += stride) {
        if (alpha == 255)
            *pixel = opaque;
        else
            blendPixel(*pixel, color, alpha);
    }
    cover(last, bottom - last);
}

void hatch(QImage& image, const QRect& area, QColor color, double ratio) {
    const QRect box = area.intersected(image.rect());
    if (box.isEmpty()) return;
    const int distance = std::max(4, static_cast<int>(std::lround(7 * ratio)));
    const auto alpha = static_cast<unsigned>(color.alpha());
    const QRgb rgb = color.rgb();
    for (int y = box.top(); y <= box.bottom(); ++y) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
        // Bound to the image's own grid, so that neighbouring gaps hatch alike and nothing crawls while panning.
        for (int x = box.left() + ((distance - (box.left() + y) % distance) % distance); x <= box.right();
             x += distance)
            blendPixel(line[x], rgb, alpha);
    }
}

SeriesPainter::Visible SeriesPainter::visible(const PlotMapping& mapping, const SeriesBuffer& values) {
    const std::size_t first = values.lowerBound(mapping.range.start);
    const std::size_t last = values.lowerBound(mapping.range.end);
    return {first > 0 ? first - 1 : 0, std::min(values.size(), last + 1)};
}

bool SeriesPainter::dense(const PlotMapping& mapping, const SeriesBuffer& values) const {
    const Visible v = visible(mapping, values);
    return static_cast<double>(v.last - v.first) > kDenseFactor * std::max(1.0, mapping.plot.width());
}

template <class Visit>
void SeriesPainter::forEachColumn(const PlotMapping& mapping, const SeriesBuffer& values, Visit visit) const {
    const int left = static_cast<int>(std::floor(mapping.plot.left()));
    const int right = static_cast<int>(std::ceil(mapping.plot.right()));
    std::size_t from = values.lowerBound(mapping.timeAt(left)), step = 0;
    for (int x = left; x < right; ++x) {
        const std::size_t to = values.lowerBound(mapping.timeAt(x + 1), from, from + step);
        visit(x, from, to);
        step = to - from;
        from = to;
    }
}

void SeriesPainter::denseLine(QImage& image, const PlotMapping& mapping, const Series& series, bool area) {
    const SeriesBuffer& values = *series.values;
    const QRgb line = series.color().rgba();
    const QRgb fill = withAlpha(series.color(), kAreaAlpha).rgba();
    const double half = kLineWidth * m_ratio / 2;
    const double base = std::clamp(mapping.y(0), mapping.plot.top(), mapping.plot.bottom());
    bool open = false;  // the column before ended in a value that this one may join
    double openY = 0;
    std::size_t openIndex = 0;
    forEachColumn(mapping, values, [&](int x, std::size_t from, std::size_t to) {
        if (from == to) return;
        const auto e = values.extremes(from, to);
        const bool startsFinite = values.finite(from);
        if (e.any()) {
            double top = mapping.y(e.high), bottom = mapping.y(e.low);
            if (open && startsFinite && joined(values, openIndex, from, series.maxGap)) {
                top = std::min(top, openY);
                bottom = std::max(bottom, openY);
            }
            if (area) blendSpan(image, x, std::min(top, base), base, fill);
            blendSpan(image, x, std::clamp(top - half, mapping.plot.top(), mapping.plot.bottom()),
                      std::clamp(bottom + half, mapping.plot.top(), mapping.plot.bottom()), line);
        }
        open = values.finite(to - 1);
        openIndex = to - 1;
        if (open) openY = mapping.y(values.value(to - 1));
    });
}

void SeriesPainter::denseBand(QImage& image, const PlotMapping& mapping, const Series& series, QColor color) {
    forEachColumn(mapping, *series.low, [&](int x, std::size_t from, std::size_t to) {
        auto e = series.low->extremes(from, to);
        e.take(series.high->extremes(from, to));
        if (e.any())
            blendSpan(image, x, std::max(mapping.y(e.high), mapping.plot.top()),
                      std::min(mapping.y(e.low), mapping.plot.bottom()), color.rgba());
    });
}

void SeriesPainter::sparseBand(QImage& image, const PlotMapping& mapping, const Series& series, QColor color) {
    const SeriesBuffer &low = *series.low, &high = *series.high;
    const Visible v = visible(mapping, low);
    QPainter painter(&image);
    painter.setClipRect(mapping.plot);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    for (std::size_t i = v.first; i < v.last;) {
        std::size_t end = i;
        while (end < v.last && low.finite(end) && high.finite(end) &&
               (end == i || joined(low, end - 1, end, series.maxGap)))
            ++end;
        if (end - i > 1) {
            m_points.clear();
            for (std::size_t k = i; k < end; ++k)
                m_points.emplace_back(mapping.x(high.time(k)), clampFar(mapping.y(high.value(k))));
            for (std::size_t k = end; k > i; --k)
                m_points.emplace_back(mapping.x(low.time(k - 1)), clampFar(mapping.y(low.value(k - 1))));
            painter.drawPolygon(m_points.data(), static_cast<int>(m_points.size()));
        }
        i = std::max(end, i + 1);
    }
}

void SeriesPainter::sparseLine(QImage& image, const PlotMapping& mapping, const Series& series) {
    const SeriesBuffer& values = *series.values;
    const Visible v = visible(mapping, values);
    const QColor color = series.color();
    QPainter painter(&image);
    painter.setClipRect(mapping.plot);
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen = linePen(color, m_ratio);
    if (series.draw == Draw::Estimate) pen.setDashPattern({4, 3});
    const double base = std::clamp(mapping.y(0), mapping.plot.top(), mapping.plot.bottom());
    for (std::size_t i = v.first; i < v.last;) {
        if (!values.finite(i)) {
            ++i;
            continue;
        }
        m_points.clear();
        std::size_t k = i;
        for (; k < v.last && values.finite(k) && (k == i || joined(values, k - 1, k, series.maxGap)); ++k) {
            const QPointF p(mapping.x(values.time(k)), clampFar(mapping.y(values.value(k))));
            if (series.draw == Draw::Step && !m_points.empty()) m_points.emplace_back(p.x(), m_points.back().y());
            m_points.push_back(p);
        }
        if (m_points.size() == 1) {  // alone between gaps: a line would not show it
            painter.setPen(Qt::NoPen);
            painter.setBrush(color);
            painter.drawEllipse(m_points[0], kDotRadius * 0.8 * m_ratio, kDotRadius * 0.8 * m_ratio);
        } else {
            if (series.draw == Draw::Area) {
                painter.setPen(Qt::NoPen);
                painter.setBrush(withAlpha(color, kAreaAlpha));
                m_points.emplace_back(m_points.back().x(), base);
                m_points.emplace_back(m_points.front().x(), base);
                painter.drawPolygon(m_points.data(), static_cast<int>(m_points.size()));
                m_points.resize(m_points.size() - 2);
            }
            painter.setPen(pen);
            painter.setBrush(Qt::NoBrush);
            painter.drawPolyline(m_points.data(), static_cast<int>(m_points.size()));
        }
        i = k;
    }
}

void SeriesPainter::points(QImage& image, const PlotMapping& mapping, const Series& series) {
    const SeriesBuffer& values = *series.values;
    const Visible v = visible(mapping, values);
    const bool interval =
        series.low && series.high && series.low->size() == values.size() && series.high->size() == values.size();
    const QColor color = series.color();
    QPainter painter(&image);
    painter.setClipRect(mapping.plot.adjusted(-4 * m_ratio, 0, 4 * m_ratio, 0));
    painter.setRenderHint(QPainter::Antialiasing);
    const double radius = kDotRadius * m_ratio;
    for (std::size_t i = v.first; i < v.last; ++i) {
        if (!values.finite(i)) continue;
        const double x = mapping.x(values.time(i));
        if (x < mapping.plot.left() - radius || x > mapping.plot.right() + radius) continue;
        if (interval && series.low->finite(i) && series.high->finite(i)) {
            painter.setPen(QPen(color, 1.2 * m_ratio, Qt::SolidLine, Qt::FlatCap));
            painter.drawLine(QPointF(x, clampFar(mapping.y(series.low->value(i)))),
                             QPointF(x, clampFar(mapping.y(series.high->value(i)))));
        }
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawEllipse(QPointF(x, clampFar(mapping.y(values.value(i)))), radius, radius);
    }
}

void SeriesPainter::paint(QImage& image, const PlotMapping& mapping, const Series& series) {
    if (mapping.plot.height() < 1 || mapping.plot.width() < 1 || mapping.range.empty()) return;
    const bool band = series.low && series.high && series.low->size() == series.high->size();
    if (band && (series.draw == Draw::Estimate || series.draw == Draw::Band || series.draw == Draw::Line)) {
        const QColor color = withAlpha(series.color(), kBandAlpha);
        if (dense(mapping, *series.low))
            denseBand(image, mapping, series, color);
        else
            sparseBand(image, mapping, series, color);
    }
    if (!series.values || series.values->empty() || series.draw == Draw::Band) return;
    const bool many = dense(mapping, *series.values);
    if (many)
        denseLine(image, mapping, series, series.draw == Draw::Area);
    else if (series.draw == Draw::Points)
        points(image, mapping, series);
    else
        sparseLine(image, mapping, series);
}

void SeriesPainter::cover(const PlotMapping& mapping, const Series& series, std::vector<std::uint8_t>& covered) {
    const auto& buffer = series.draw == Draw::Band ? series.low : series.values;
    if (!buffer || buffer->empty() || mapping.range.empty()) return;
    const SeriesBuffer& values = *buffer;
    const int left = static_cast<int>(std::floor(mapping.plot.left()));
    const auto mark = [&](double from, double to) {
        const auto last = static_cast<double>(covered.size());
        for (auto c = static_cast<std::size_t>(std::clamp(std::floor(from) - left, 0.0, last)),
                  e = static_cast<std::size_t>(std::clamp(std::ceil(to) - left, 0.0, last));
             c < e; ++c)
            covered[c] = 1;
    };
    if (dense(mapping, values)) {
        bool open = false;
        int openX = 0;
        std::size_t openIndex = 0;
        forEachColumn(mapping, values, [&](int x, std::size_t from, std::size_t to) {
            if (from == to) return;
            if (values.extremes(from, to).any()) mark(x, x + 1);
            // Columns without any sample between two that join are part of the line.
            if (open && values.finite(from) && joined(values, openIndex, from, series.maxGap)) mark(openX, x);
            open = values.finite(to - 1);
            openX = x;
            openIndex = to - 1;
        });
        return;
    }
    const Visible v = visible(mapping, values);
    const double half = static_cast<double>(values.spacing().count()) / 2 / mapping.span() * mapping.plot.width();
    for (std::size_t i = v.first; i < v.last; ++i) {
        if (!values.finite(i)) continue;
        const double x = mapping.x(values.time(i));
        mark(x - half, x + half);
        if (i + 1 < v.last && values.finite(i + 1) && joined(values, i, i + 1, series.maxGap))
            mark(x, mapping.x(values.time(i + 1)));
    }
}

}  // namespace pilothouse::chart
