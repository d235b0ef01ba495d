// SPDX-License-Identifier: GPL-3.0-or-later
// The drawing half of TimeSeriesChart.
#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "widgets/chart/shapes.h"
#include "widgets/chart/time_series_chart.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::chart {

using theme::Token;

namespace {

constexpr double kTickDistance = 88;  // logical pixels between time labels, at least
constexpr double kValueTickDistance = 24;
constexpr int kHatchAlpha = 54;
constexpr std::size_t kManyMarkers = 14;

QFont smallFont() { return theme::font(false, true); }

QString defaultStateText(Lane::State state) {
    switch (state) {
        case Lane::State::Loading:
            return QStringLiteral("loading…");
        case Lane::State::Empty:
            return QStringLiteral("no data in this range");
        case Lane::State::Error:
            return QStringLiteral("this lane could not be read");
        case Lane::State::Outdated:
            return QStringLiteral("outdated");
        case Lane::State::Ready:
            break;
    }
    return {};
}

QColor markerColor(Marker::Kind kind) {
    switch (kind) {
        case Marker::Kind::Alert:
            return theme::color(Token::Alarm);
        case Marker::Kind::Warning:
            return theme::color(Token::Warning);
        case Marker::Kind::Deployment:
            return theme::color(Token::Text);
        case Marker::Kind::Run:
            return theme::color(Token::TextMuted);
    }
    return {};
}

Shape markerShape(Marker::Kind kind) {
    switch (kind) {
        case Marker::Kind::Alert:
        case Marker::Kind::Warning:
            return Shape::Triangle;
        case Marker::Kind::Deployment:
            return Shape::Diamond;
        case Marker::Kind::Run:
            return Shape::Ring;
    }
    return Shape::Circle;
}

}  // namespace

void TimeSeriesChart::relayout() {
    LayoutOptions options;
    const QFontMetricsF metrics(smallFont());
    options.headerHeight = std::ceil(metrics.height()) + 6;
    options.axisHeight = std::ceil(metrics.height()) + 8;
    options.markerHeight = m_markers.empty() ? 0 : std::ceil(metrics.height()) + 6;
    options.gutter = std::ceil(metrics.horizontalAdvance(QStringLiteral("−0.000 MM")));
    double longest = 0;
    for (const Lane& lane : m_lanes)
        for (const Limit& limit : lane.limits)
            longest = std::max(longest, metrics.horizontalAdvance(limit.label));
    options.rightMargin = longest > 0 ? std::ceil(longest) + 14 : 14;
    std::vector<double> stretches;
    stretches.reserve(m_lanes.size());
    for (const Lane& lane : m_lanes)
        stretches.push_back(lane.stretch);
    m_layout = layoutChart(size(), stretches, options);
    dataChanged();
}

ValueAxis TimeSeriesChart::axisOf(const Lane& lane, double plotHeight) const {
    SeriesBuffer::Extremes all;
    for (const Series& s : lane.series) {
        for (const auto& buffer : {s.values, s.low, s.high}) {
            if (!buffer || buffer->empty()) continue;
            const std::size_t first = buffer->lowerBound(m_range.start), last = buffer->lowerBound(m_range.end);
            all.take(buffer->extremes(first, last));
            // The line enters and leaves the picture between a sample inside and one outside.
            if (all.any()) continue;
            all.take(buffer->extremes(first > 0 ? first - 1 : 0, std::min(buffer->size(), last + 1)));
        }
    }
    if (all.any())
        for (const Limit& limit : lane.limits)
            all.take(limit.value);
    ValueAxisOptions options;
    options.kind = lane.kind;
    options.fromZero = lane.fromZero;
    options.low = lane.low;
    options.high = lane.high;
    options.maxTicks = std::max(1, static_cast<int>(plotHeight / kValueTickDistance));
    return all.any() ? ValueAxis::make(all.low, all.high, options) : ValueAxis::make(0, 1, options);
}

void TimeSeriesChart::renderLayer() {
    const double ratio = devicePixelRatioF();
    const QSize pixels = (QSizeF(size()) * ratio).toSize();
    if (m_layer.size() != pixels) m_layer = QImage(pixels, QImage::Format_RGB32);
    m_layer.setDevicePixelRatio(1);
    m_layer.fill(theme::color(Token::Window));
    m_layer.setDevicePixelRatio(ratio);
    m_painter.setDevicePixelRatio(ratio);
    m_dirty = false;
    if (m_range.empty() || m_layout.right - m_layout.left < 8) return;
    QPainter painter(&m_layer);
    painter.setFont(smallFont());
    const int maxTicks = std::max(1, static_cast<int>((m_layout.right - m_layout.left) / kTickDistance));
    const TimeTicks ticks = timeTicks(m_range, m_zone, maxTicks);
    renderTimeAxis(painter, ticks);
    painter.end();
    for (std::size_t i = 0; i < m_lanes.size(); ++i) {
        QPainter lanePainter(&m_layer);
        lanePainter.setFont(smallFont());
        renderLane(lanePainter, i);
    }
    painter.begin(&m_layer);
    painter.setFont(smallFont());
    renderMarkers(painter);
}

void TimeSeriesChart::renderTimeAxis(QPainter& painter, const TimeTicks& ticks) {
    const QFontMetricsF metrics(painter.font());
    const double baseline = m_layout.axis.top() + 4 + metrics.ascent();
    double freeFrom = 4;
    if (!ticks.context.isEmpty()) {
        painter.setPen(theme::color(Token::TextMuted));
        const double width = metrics.horizontalAdvance(ticks.context);
        const double x = std::max(4.0, m_layout.left - 10 - width);
        painter.drawText(QPointF(x, baseline), ticks.context);
        freeFrom = x + width + 8;
    }
    for (const TimeTick& tick : ticks.ticks) {
        const double x = xOf(tick.time);
        for (const auto& box : m_layout.lanes) {
            if (box.plot.height() <= 0) continue;
            painter.fillRect(QRectF(x, box.plot.top(), 1, box.plot.height()), theme::color(Token::Grid));
        }
        const double width = metrics.horizontalAdvance(tick.label);
        const double from = std::min(x - width / 2, this->width() - width - 2.0);
        if (from < freeFrom) continue;
        painter.setPen(theme::color(tick.major ? Token::Text : Token::TextMuted));
        painter.drawText(QPointF(from, baseline), tick.label);
        freeFrom = from + width + 8;
    }
}

void TimeSeriesChart::renderGaps(const Lane& lane, const PlotMapping& mapping) {
    const int left = static_cast<int>(std::floor(mapping.plot.left()));
    const int columns = static_cast<int>(std::ceil(mapping.plot.right())) - left;
    m_covered.assign(static_cast<std::size_t>(std::max(0, columns)), 0);
    std::optional<Timestamp> first, last;
    for (const Series& s : lane.series) {
        const auto& buffer = s.values ? s.values : s.low;
        if (!buffer || buffer->empty()) continue;
        m_painter.cover(mapping, s, m_covered);
        first = std::min(first.value_or(buffer->time(0)), buffer->time(0));
        last = std::max(last.value_or(buffer->time(buffer->size() - 1)), buffer->time(buffer->size() - 1));
    }
    if (!first) return;
    // Before the first sample and after the last one nothing was asked for: that is no gap.
    const int begin = std::clamp(static_cast<int>(std::ceil(mapping.x(*first))) - left, 0, columns);
    const int end = std::clamp(static_cast<int>(mapping.x(*last)) + 1 - left, 0, columns);
    QColor color = theme::color(Token::Unknown);
    color.setAlpha(kHatchAlpha);
    for (int c = begin; c < end;) {
        int stop = c;
        while (stop < end && !m_covered[static_cast<std::size_t>(stop)])
            ++stop;
        if (stop - c >= 2)
            hatch(m_layer,
                  QRect(left + c, static_cast<int>(mapping.plot.top()), stop - c,
                        static_cast<int>(mapping.plot.height())),
                  color, devicePixelRatioF());
        c = std::max(stop, c + 1);
    }
}

void TimeSeriesChart::renderState(QPainter& painter, const Lane& lane, const ChartLayout::LaneBox& box) {
    const QString text = lane.stateText.isEmpty() ? defaultStateText(lane.state) : lane.stateText;
    if (text.isEmpty()) return;
    painter.setPen(theme::color(lane.state == Lane::State::Error ? Token::Alarm : Token::TextMuted));
    painter.drawText(box.plot.adjusted(8, 0, -8, 0), Qt::AlignCenter | Qt::TextWordWrap, text);
}

void TimeSeriesChart::renderLane(QPainter& painter, std::size_t index) {
    const Lane& lane = m_lanes[index];
    const ChartLayout::LaneBox& box = m_layout.lanes[index];
    const double ratio = devicePixelRatioF();
    if (index > 0) painter.fillRect(QRectF(0, box.header.top(), width(), 1), theme::color(Token::Hairline));
    if (box.plot.height() <= 0) return;
    const bool picture =
        lane.state == Lane::State::Ready || lane.state == Lane::State::Loading || lane.state == Lane::State::Outdated;
    bool any = false;
    if (picture)
        for (const Series& s : lane.series)
            any = any || (s.values && !s.values->empty()) || (s.low && !s.low->empty());
    if (!any) {
        painter.fillRect(QRectF(box.plot.left(), box.plot.bottom(), box.plot.width(), 1), theme::color(Token::Grid));
        Lane shown = lane;
        if (lane.state == Lane::State::Ready) shown.state = Lane::State::Empty;
        renderState(painter, shown, box);
        return;
    }
    const QFontMetricsF metrics(painter.font());
    const ValueAxis axis = axisOf(lane, box.plot.height());
    PlotMapping mapping{m_range, QRectF(box.plot.topLeft() * ratio, box.plot.size() * ratio), axis.low, axis.high};
    const auto yOf = [&](double v) { return mapping.y(v) / ratio; };
    for (const ValueTick& tick : axis.ticks) {
        const double y = yOf(tick.value);
        painter.fillRect(QRectF(box.plot.left(), y, box.plot.width(), 1), theme::color(Token::Grid));
        painter.setPen(theme::color(Token::TextMuted));
        const double text = std::clamp(y - metrics.height() / 2, box.plot.top() - metrics.height() / 2,
                                       box.plot.bottom() - metrics.height() / 2);
        painter.drawText(QRectF(0, text, box.plot.left() - 8, metrics.height()), Qt::AlignRight | Qt::AlignVCenter,
                         tick.label);
    }
    std::vector<double> wanted;
    for (const Limit& limit : lane.limits) {
        const double y = yOf(limit.value);
        wanted.push_back(y);
        if (y < box.plot.top() || y > box.plot.bottom()) continue;
        QColor line = theme::color(limit.token);
        line.setAlpha(170);
        painter.fillRect(QRectF(box.plot.left(), y, box.plot.width(), 1), line);
    }
    const auto places =
        spreadLabels(wanted, metrics.height(), box.header.bottom() - metrics.height() / 2, box.plot.bottom() + 2);
    for (std::size_t i = 0; i < lane.limits.size(); ++i) {
        painter.setPen(theme::color(lane.limits[i].token));
        painter.drawText(QRectF(box.plot.right() + 6, places[i] - metrics.height() / 2, width() - box.plot.right() - 6,
                                metrics.height()),
                         Qt::AlignLeft | Qt::AlignVCenter, lane.limits[i].label);
    }
    painter.end();  // the series painter works on the image itself, in device pixels
    m_layer.setDevicePixelRatio(1);
    renderGaps(lane, mapping);
    for (const Series& s : lane.series)
        m_painter.paint(m_layer, mapping, s);
    m_layer.setDevicePixelRatio(ratio);
}

void TimeSeriesChart::renderMarkers(QPainter& painter) {
    if (m_markers.empty()) return;
    const QFontMetricsF metrics(painter.font());
    const QRectF strip = m_layout.markers;
    struct Placed {
        const Marker* marker;
        double x;
    };
    std::vector<Placed> placed;
    for (const Marker& m : m_markers)
        if (const double x = xOf(m.time); x >= strip.left() && x <= strip.right()) placed.push_back({&m, x});
    // Deployments first: their names are what the eye looks for.
    std::stable_sort(placed.begin(), placed.end(),
                     [](const Placed& a, const Placed& b) { return a.marker->kind < b.marker->kind; });
    std::vector<double> starts, widths, shapes;
    for (const Placed& p : placed) {
        shapes.push_back(p.x);
        starts.push_back(p.x + 8);
        widths.push_back(metrics.horizontalAdvance(p.marker->label));
        QColor line = markerColor(p.marker->kind);
        // Many lines would bury the data: the more there are, the fainter, and runs only mark the strip then.
        const bool many = placed.size() > kManyMarkers;
        if (many && p.marker->kind == Marker::Kind::Run) continue;
        line.setAlpha(p.marker->kind == Marker::Kind::Deployment ? 150
                      : many                                     ? 55
                      : p.marker->kind == Marker::Kind::Run      ? 70
                                                                 : 110);
        painter.setPen(QPen(line, 1,
                            p.marker->kind == Marker::Kind::Alert || p.marker->kind == Marker::Kind::Warning
                                ? Qt::SolidLine
                                : Qt::DotLine));
        for (const auto& box : m_layout.lanes)
            if (box.plot.height() > 0)
                painter.drawLine(QPointF(std::floor(p.x) + 0.5, box.plot.top()),
                                 QPointF(std::floor(p.x) + 0.5, box.plot.bottom()));
    }
    const auto fits = labelsThatFit(starts, widths, shapes, 5, width());
    painter.setRenderHint(QPainter::Antialiasing);
    for (std::size_t i = placed.size(); i-- > 0;) {
        const Placed& p = placed[i];
        drawShape(painter, markerShape(p.marker->kind), QPointF(p.x, strip.center().y()), 4.5,
                  markerColor(p.marker->kind));
        if (!fits[i]) continue;
        painter.setPen(theme::color(Token::Text));
        painter.drawText(QPointF(starts[i], strip.center().y() + metrics.ascent() / 2 - 1), p.marker->label);
    }
}

std::optional<double> TimeSeriesChart::valueAtCursor(const Series& series) const {
    const auto& buffer = series.values ? series.values : series.high;
    if (!m_cursor || !buffer || buffer->empty()) return std::nullopt;
    const auto i = buffer->nearest(*m_cursor);
    // Before its first sample and after its last one a series does not exist; between them a gap is named.
    const bool outside = *m_cursor < buffer->time(0) || *m_cursor > buffer->time(buffer->size() - 1);
    const Duration away{std::abs(buffer->time(*i).ns - m_cursor->ns)};
    const Duration reach = std::max(buffer->spacing(), Duration{m_range.duration().count() / 200});
    if (away > reach) return outside ? std::nullopt : std::optional(std::nan(""));
    return buffer->value(*i);
}

QString TimeSeriesChart::seriesText(const Lane& lane, const Series& series) const {
    const auto value = valueAtCursor(series);
    if (!value) return {};
    QString text = valueText(*value, lane.kind);
    if (series.low && series.high && std::isfinite(*value)) {
        const auto i = series.low->nearest(*m_cursor);
        if (i && series.low->finite(*i) && series.high->finite(*i))
            text += u" ("_qs + valueText(series.low->value(*i), lane.kind) + u" – "_qs +
                    valueText(series.high->value(*i), lane.kind) + u')';
    }
    return text;
}

QStringList TimeSeriesChart::readout() const {
    QStringList out;
    for (const Lane& lane : m_lanes)
        for (const Series& s : lane.series)
            if (const QString text = seriesText(lane, s); !text.isEmpty())
                out << lane.title + u": "_qs + s.name + u' ' + text;
    return out;
}

void TimeSeriesChart::paintLegend(QPainter& painter, const Lane& lane, const QRectF& header, double titleEnd) {
    const QFontMetricsF metrics(painter.font());
    double x = m_layout.right;
    const double y = header.center().y() + metrics.ascent() / 2 - 1;
    // From the right: what does not fit is left out, the first series last.
    for (auto s = lane.series.rbegin(); s != lane.series.rend(); ++s) {
        if (s->name.isEmpty() && !m_cursor) continue;
        const QString value = seriesText(lane, *s);
        const double nameWidth = metrics.horizontalAdvance(s->name);
        const double valueWidth = value.isEmpty() ? 0 : metrics.horizontalAdvance(value) + 6;
        if (x - nameWidth - valueWidth - 24 < titleEnd) break;
        if (!value.isEmpty()) {
            painter.setPen(theme::color(Token::Text));
            painter.drawText(QPointF(x - valueWidth + 6, y), value);
            x -= valueWidth;
        }
        painter.setPen(theme::color(Token::TextMuted));
        painter.drawText(QPointF(x - nameWidth, y), s->name);
        x -= nameWidth + 6;
        const double middle = header.center().y();
        if (s->draw == Draw::Points) {
            drawShape(painter, Shape::Circle, QPointF(x - 5, middle), 3, s->color());
        } else if (s->draw == Draw::Band) {
            QColor fill = s->color();
            fill.setAlpha(90);
            painter.fillRect(QRectF(x - 11, middle - 4, 11, 8), fill);
        } else {
            painter.setPen(QPen(s->color(), 2, s->draw == Draw::Estimate ? Qt::DotLine : Qt::SolidLine));
            painter.drawLine(QPointF(x - 11, std::floor(middle)), QPointF(x, std::floor(middle)));
        }
        x -= 26;
    }
}

void TimeSeriesChart::paintHeaders(QPainter& painter) {
    for (std::size_t i = 0; i < m_lanes.size() && i < m_layout.lanes.size(); ++i) {
        const Lane& lane = m_lanes[i];
        const QRectF header = m_layout.lanes[i].header;
        const QFontMetricsF metrics(painter.font());
        const double y = header.center().y() + metrics.ascent() / 2 - 1;
        double x = m_layout.left;
        painter.setPen(theme::color(Token::Text));
        painter.drawText(QPointF(x, y), lane.title);
        x += metrics.horizontalAdvance(lane.title) + 8;
        QString note = lane.note;
        const bool waiting = lane.state == Lane::State::Loading || lane.state == Lane::State::Outdated;
        if (waiting && !lane.series.empty())
            note = lane.stateText.isEmpty() ? defaultStateText(lane.state) : lane.stateText;
        if (!note.isEmpty()) {
            note = metrics.elidedText(note, Qt::ElideRight, std::max(0.0, m_layout.right - x));
            painter.setPen(theme::color(Token::TextMuted));
            painter.drawText(QPointF(x, y), note);
            x += metrics.horizontalAdvance(note) + 12;
        }
        paintLegend(painter, lane, header, x);
    }
}

void TimeSeriesChart::paintCursor(QPainter& painter) {
    if (!m_cursor || m_range.empty()) return;
    const double x = std::floor(xOf(*m_cursor));
    if (x < m_layout.left || x > m_layout.right) return;
    for (const auto& box : m_layout.lanes)
        if (box.plot.height() > 0)
            painter.fillRect(QRectF(x, box.plot.top(), 1, box.plot.height()), theme::color(Token::Cursor));
    const QString text = theme::time(*m_cursor, m_zone);
    const QFontMetricsF metrics(painter.font());
    const double width = metrics.horizontalAdvance(text) + 12;
    const QRectF tag(std::clamp(x - width / 2, 0.0, std::max(0.0, this->width() - width)), m_layout.axis.top() + 1,
                     width, m_layout.axis.height() - 2);
    painter.fillRect(tag, theme::color(Token::PanelRaised));
    painter.setPen(theme::color(Token::Text));
    painter.drawText(tag, Qt::AlignCenter, text);
}

void TimeSeriesChart::paintEvent(QPaintEvent*) {
    if (m_dirty || m_layer.size() != (QSizeF(size()) * devicePixelRatioF()).toSize()) renderLayer();
    QPainter painter(this);
    painter.drawImage(QPointF(0, 0), m_layer);
    painter.setFont(smallFont());
    paintHeaders(painter);
    if (m_hand == Hand::Brush && std::abs(m_handTo - m_handFrom) >= 1) {
        const double from = std::clamp(std::min(m_handFrom, m_handTo), m_layout.left, m_layout.right);
        const double to = std::clamp(std::max(m_handFrom, m_handTo), m_layout.left, m_layout.right);
        QColor fill = theme::color(Token::Brush);
        fill.setAlpha(60);
        const QRectF box(from, m_layout.markers.bottom(), to - from, m_layout.axis.top() - m_layout.markers.bottom());
        painter.fillRect(box, fill);
        painter.fillRect(QRectF(from, box.top(), 1, box.height()), theme::color(Token::Accent));
        painter.fillRect(QRectF(to - 1, box.top(), 1, box.height()), theme::color(Token::Accent));
    }
    paintCursor(painter);
    if (hasFocus()) painter.fillRect(QRectF(0, height() - 1, width(), 1), theme::color(Token::Accent));
}

}  // namespace pilothouse::chart
