// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPainter>

#include "widgets/chart/chart_layout.h"
#include "widgets/chart/shapes.h"
#include "widgets/chart/time_axis.h"
#include "widgets/shell/timeline_strip.h"
#include "widgets/theme/marks.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::shell {

using theme::Token;

namespace {

QColor mix(const QColor& a, const QColor& b, double share) {
    return QColor::fromRgbF(static_cast<float>(a.redF() * share + b.redF() * (1 - share)),
                            static_cast<float>(a.greenF() * share + b.greenF() * (1 - share)),
                            static_cast<float>(a.blueF() * share + b.blueF() * (1 - share)));
}

void caption(QPainter& painter, double centre, const QString& text) {
    painter.setFont(theme::font(false, true));
    painter.setPen(theme::color(Token::TextMuted));
    painter.drawText(QRectF(10, centre - 10, 52, 20), Qt::AlignVCenter | Qt::AlignLeft, text);
}

}  // namespace

void TimelineStrip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme::color(Token::Panel));
    painter.fillRect(0, 0, width(), 1, theme::color(Token::Hairline));
    if (m_view.empty()) {
        painter.setPen(theme::color(Token::TextMuted));
        const QString why = !m_volume.error().isEmpty() ? m_volume.error()
                            : m_volume.settled()        ? QStringLiteral(
                                                       "No rows in the prediction log yet: traffic and "
                                                              "events will stand here over time")
                                                 : QStringLiteral("Reading the history …");
        painter.drawText(rect().adjusted(12, 0, -12, 0), Qt::AlignVCenter | Qt::AlignLeft, why);
        return;
    }
    caption(painter, rowCentre(Kind::Alert), QStringLiteral("alerts"));
    caption(painter, rowCentre(Kind::Run), QStringLiteral("changes"));
    caption(painter, plot().center().y(), QStringLiteral("traffic"));
    paintRange(painter);
    paintVolume(painter);
    paintAxis(painter);
    paintEvents(painter);
    const QRectF box = plot();
    if (const auto cursor = m_session.lens().cursor()) {
        const double x = std::round(xAt(*cursor)) + 0.5;
        painter.setPen(theme::color(Token::Cursor));
        if (x >= box.left() && x <= box.right()) painter.drawLine(QPointF(x, 4), QPointF(x, box.bottom()));
    }
    if (hasFocus()) {
        painter.setPen(theme::color(Token::Accent));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void TimelineStrip::paintRange(QPainter& painter) const {
    const QRectF box = plot();
    const TimeRange range = chosen().value_or(m_session.lens().range());
    const double left = std::clamp(xAt(range.start), box.left(), box.right());
    const double right = std::clamp(xAt(range.end), box.left(), box.right());
    if (range.end < m_view.start || range.start > m_view.end) return;
    const QRectF area(std::floor(left), 4, std::max(2.0, std::ceil(right) - std::floor(left)), box.bottom() - 4);
    painter.fillRect(area, theme::color(Token::AccentSoft));
    painter.fillRect(QRectF(area.left(), 4, 1, area.height()), theme::color(Token::Accent));
    painter.fillRect(QRectF(area.right() - 1, 4, 1, area.height()), theme::color(Token::Accent));
}

void TimelineStrip::paintVolume(QPainter& painter) const {
    const QRectF box = plot();
    const auto& buckets = m_volume.buckets();
    std::uint64_t most = 1;
    for (const auto& b : buckets)
        most = std::max(most, b.rows());
    const TimeRange range = chosen().value_or(m_session.lens().range());
    const QColor ground = theme::color(Token::Panel);
    const QColor rest = theme::color(Token::Negative), positive = theme::color(Token::Positive);
    for (const auto& b : buckets) {
        if (b.rows() == 0 || b.end <= m_view.start || b.start >= m_view.end) continue;
        const double x0 = std::round(std::max(box.left(), xAt(b.start)));
        const double x1 = std::round(std::min(box.right(), xAt(b.end)));
        const double gap = x1 - x0 >= 3 ? 1 : 0;
        const bool inside = b.start < range.end && range.start < b.end;
        const double strength = inside ? 1 : 0.55;
        const auto bar = [&](double from, std::uint64_t rows, const QColor& tint) {
            const double h =
                std::max(rows > 0 ? 1.0 : 0.0, static_cast<double>(rows) / static_cast<double>(most) * box.height());
            painter.fillRect(QRectF(x0, from - h, std::max(1.0, x1 - x0 - gap), h), tint);
            return from - h;
        };
        const QColor quiet = b.history() ? theme::color(Token::History) : mix(rest, ground, strength);
        const QColor warm =
            b.history() ? mix(positive, theme::color(Token::History), 0.35) : mix(positive, ground, inside ? 1 : 0.8);
        double y = bar(box.bottom(), b.positive, b.history() ? mix(warm, ground, inside ? 1 : 0.8) : warm);
        y = bar(y, b.negative, b.history() ? mix(quiet, ground, inside ? 1 : 0.75) : quiet);
        bar(y, b.unknown, mix(quiet, ground, 0.5));
    }
    painter.fillRect(QRectF(box.left(), box.bottom(), box.width(), 1), theme::color(Token::Hairline));
    // What has not happened yet.
    const double now = xAt(m_session.now());
    if (now > box.left() && now < box.right()) {
        painter.fillRect(QRectF(std::round(now), box.top() - 4, 1, box.height() + 4), theme::color(Token::TextMuted));
        painter.setFont(theme::font(false, true));
        painter.setPen(theme::color(Token::TextDisabled));
        if (box.right() - now > 40)
            painter.drawText(QRectF(now + 5, box.bottom() - 16, 40, 16), Qt::AlignLeft | Qt::AlignBottom,
                             QStringLiteral("now"));
    }
}

void TimelineStrip::paintAxis(QPainter& painter) const {
    const QRectF box = plot();
    const auto axis =
        chart::timeTicks(m_view, m_session.displayZone(), std::max(2, static_cast<int>(box.width() / 105)));
    painter.setFont(theme::font(false, true));
    const QFontMetricsF metrics(painter.font());
    double free = box.left();
    for (const auto& tick : axis.ticks) {
        const double x = std::round(xAt(tick.time));
        if (x < box.left() - 1 || x > box.right()) continue;
        painter.fillRect(QRectF(x, box.bottom(), 1, 4), theme::color(Token::TextDisabled));
        const double w = metrics.horizontalAdvance(tick.label);
        if (x < free || x + 3 + w > width()) continue;
        painter.setPen(theme::color(tick.major ? Token::Text : Token::TextMuted));
        painter.drawText(QPointF(x + 4, box.bottom() + 14), tick.label);
        free = x + w + 14;
    }
    caption(painter, box.bottom() + 10, axis.context);
}

void TimelineStrip::paintEvents(QPainter& painter) const {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    for (const Cluster& c : clusters(Kind::Alert)) {
        bool alarm = false;
        for (const std::size_t i : c.events)
            alarm = alarm || m_events[i].state == u"alarm";
        chart::drawShape(painter, chart::Shape::Triangle, {c.x, rowCentre(Kind::Alert)}, 4.5,
                         theme::color(alarm ? Token::Alarm : Token::Warning));
    }
    const auto runs = clusters(Kind::Run), moves = clusters(Kind::Alias);
    std::vector<double> obstacles;
    for (const Cluster& c : runs) {
        bool failed = false;
        for (const std::size_t i : c.events)
            failed = failed || m_events[i].state == u"failed";
        // A run that ended with a new version lies under that version's mark.
        const bool covered = std::ranges::any_of(moves, [&](const Cluster& m) { return std::abs(m.x - c.x) < 7; });
        if (covered && !failed) continue;
        chart::drawShape(painter, chart::Shape::Ring, {c.x, rowCentre(Kind::Run)}, 3.5,
                         theme::color(failed ? Token::Alarm : Token::TextMuted));
        obstacles.push_back(c.x);
    }
    painter.setFont(theme::font(false, true));
    const QFontMetricsF metrics(painter.font());
    std::vector<double> starts, widths;
    for (const Cluster& c : moves) {
        obstacles.push_back(c.x);
        starts.push_back(c.x + 8);
        widths.push_back(metrics.horizontalAdvance(m_events[c.events.back()].label));
    }
    const auto shown = chart::labelsThatFit(starts, widths, obstacles, 5, width());
    for (std::size_t i = 0; i < moves.size(); ++i) {
        const QString& version = m_events[moves[i].events.back()].label;
        chart::drawShape(painter, chart::Shape::Diamond, {moves[i].x, rowCentre(Kind::Alias)}, 5,
                         theme::seriesColor(version));
        painter.setPen(theme::color(Token::Text));
        if (shown[i]) painter.drawText(QPointF(starts[i], rowCentre(Kind::Alias) + metrics.ascent() / 2 - 1), version);
    }
    painter.restore();
}

}  // namespace pilothouse::shell
