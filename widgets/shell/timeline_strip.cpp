// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/timeline_strip.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>

#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::shell {

namespace {

constexpr double kLeft = 76, kRight = 12;
constexpr int kHeight = 92;
constexpr double kGrab = 4;  // pixels around an edge of the range that take hold of it
constexpr double kBucketPixels = 4;
constexpr auto kShortest = std::chrono::minutes(10);
constexpr std::size_t kHoverLines = 8;

QString text(const std::string& s) { return QString::fromStdString(s); }

}  // namespace

TimelineStrip::TimelineStrip(items::Session& session, items::Catalog& catalog, QWidget* parent)
    : QWidget(parent), m_session(session), m_catalog(catalog), m_volume(session) {
    setObjectName(QStringLiteral("timelineStrip"));
    setAccessibleName(QStringLiteral("Timeline"));
    setAccessibleDescription(QStringLiteral("Left and Right step the time range, plus and minus zoom, Home shows all"));
    setFixedHeight(kHeight);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    connect(&m_volume, &TimelineVolume::changed, this, qOverload<>(&QWidget::update));
    connect(&m_volume, &TimelineVolume::extentChanged, this, [this] {
        if (m_fitted || m_view.empty()) setView(m_volume.extent(), true);
        Q_EMIT extentChanged(m_volume.extent());
    });
    connect(&catalog, &items::Catalog::changed, this, &TimelineStrip::takeEvents);
    connect(&session.lens(), &items::Lens::changed, this, &TimelineStrip::takeEvents);
    connect(&session.lens(), &items::Lens::cursorChanged, this, qOverload<>(&QWidget::update));
    connect(&session, &items::Session::clockMoved, this, qOverload<>(&QWidget::update));
    connect(&session, &items::Session::displayZoneChanged, this, qOverload<>(&QWidget::update));
    takeEvents();
}

void TimelineStrip::takeEvents() {
    m_events.clear();
    const std::string& model = m_session.lens().state().model;
    const Zone& zone = m_session.displayZone();
    for (const auto& a : m_catalog.alerts()) {
        if (!a.firingSince || (!model.empty() && a.model != model)) continue;
        const auto summary = a.annotations.find("summary");
        const QString until = a.resolvedAt ? QStringLiteral(", resolved %1").arg(theme::time(*a.resolvedAt, zone))
                                           : QStringLiteral(", still firing");
        m_events.push_back({Kind::Alert,
                            *a.firingSince,
                            {},
                            QStringLiteral("▲ %1: %2%3")
                                .arg(theme::time(*a.firingSince, zone),
                                     text(summary == a.annotations.end() ? a.name : summary->second), until),
                            QString::number(a.id),
                            text(ports::toString(a.severity))});
    }
    for (const auto& p : m_catalog.aliases()) {
        if (!model.empty() && p.model != model) continue;
        m_events.push_back({Kind::Alias, p.from, text(p.version),
                            QStringLiteral("◆ %1: %2 became %3 (%4)")
                                .arg(theme::time(p.from, zone), text(p.version), text(p.alias), text(p.actor)),
                            text(p.model + "/" + p.version), text(p.alias)});
    }
    for (const auto& r : m_catalog.runs()) {
        if (!model.empty() && !r.model.empty() && r.model != model) continue;
        const QString result = r.result.empty() ? QString() : QStringLiteral(", ") + text(r.result);
        m_events.push_back({Kind::Run,
                            r.started.value_or(r.created),
                            {},
                            QStringLiteral("○ %1: run %2 of %3 %4%5")
                                .arg(theme::time(r.started.value_or(r.created), zone), text(r.id), text(r.pipeline),
                                     text(ports::toString(r.state)), result),
                            text(r.id),
                            text(ports::toString(r.state))});
    }
    std::ranges::sort(m_events, {}, &Event::at);
    update();
}

QRectF TimelineStrip::plot() const { return {kLeft, 38, std::max(1.0, width() - kLeft - kRight), kHeight - 38.0 - 19}; }

double TimelineStrip::rowCentre(Kind kind) const { return kind == Kind::Alert ? 13 : 28; }

double TimelineStrip::xAt(Timestamp t) const {
    const QRectF box = plot();
    if (m_view.empty()) return box.left();
    const double share =
        static_cast<double>((t - m_view.start).count()) / static_cast<double>(m_view.duration().count());
    return box.left() + share * box.width();
}

Timestamp TimelineStrip::timeAt(double x) const {
    const QRectF box = plot();
    const double share = (x - box.left()) / box.width();
    return m_view.start + Duration(static_cast<std::int64_t>(share * static_cast<double>(m_view.duration().count())));
}

void TimelineStrip::setView(TimeRange view, bool fitted) {
    m_fitted = fitted;
    m_view = view;
    ask();
    update();
}

void TimelineStrip::fit() { setView(m_volume.extent(), true); }

void TimelineStrip::ask() {
    if (!m_view.empty()) m_volume.show(m_view, std::max(20, static_cast<int>(plot().width() / kBucketPixels)));
}

void TimelineStrip::zoom(double factor, double x) {
    const TimeRange whole = m_volume.extent();
    if (whole.empty()) return;
    const double shortest = static_cast<double>(Duration(kShortest).count());
    const double now = static_cast<double>(m_view.duration().count());
    const double wanted = std::max(shortest, now * factor);
    if (wanted >= static_cast<double>(whole.duration().count())) return fit();
    const Timestamp pivot = timeAt(x);
    const double left = static_cast<double>((pivot - m_view.start).count()) / now;
    Timestamp start = pivot - Duration(static_cast<std::int64_t>(left * wanted));
    start = std::clamp(start, whole.start, whole.end - Duration(static_cast<std::int64_t>(wanted)));
    setView({start, start + Duration(static_cast<std::int64_t>(wanted))}, false);
}

Timestamp TimelineStrip::snapped(Timestamp t) const {
    const Zone& zone = m_session.displayZone();
    const double pixelsPerDay = plot().width() / (static_cast<double>(m_view.duration().count()) / 86.4e12);
    if (pixelsPerDay < 60) {
        const Timestamp before = zone.startOfDay(t), after = zone.nextMidnight(t);
        return t - before < after - t ? before : after;
    }
    const std::int64_t step = pixelsPerDay < 60 * 24 ? 3'600'000'000'000 : 60'000'000'000;
    return {(t.ns + step / 2) / step * step};
}

std::optional<TimeRange> TimelineStrip::chosen() const {
    if (m_drag != Drag::Choose || !m_moved) return std::nullopt;
    const Timestamp a = snapped(std::min(m_anchor, m_end)), b = snapped(std::max(m_anchor, m_end));
    if (a < b) return TimeRange{a, b};
    return std::nullopt;
}

std::vector<TimelineStrip::Cluster> TimelineStrip::clusters(Kind kind) const {
    std::vector<Cluster> out;
    const QRectF box = plot();
    for (std::size_t i = 0; i < m_events.size(); ++i) {
        if (m_events[i].kind != kind) continue;
        const double x = xAt(m_events[i].at);
        if (x < box.left() - 1 || x > box.right() + 1) continue;
        if (!out.empty() && x - out.back().x < 8) {
            out.back().events.push_back(i);
        } else {
            out.push_back({x, {i}});
        }
    }
    return out;
}

QString TimelineStrip::hoverText(QPointF at) const {
    if (m_view.empty()) return {};
    QStringList lines;
    if (at.y() < plot().top()) {
        std::size_t more = 0;
        for (const Kind kind : {Kind::Alert, Kind::Alias, Kind::Run}) {
            for (const Cluster& c : clusters(kind)) {
                if (std::abs(c.x - at.x()) > 7) continue;
                for (const std::size_t i : c.events) {
                    if (lines.size() < static_cast<qsizetype>(kHoverLines)) {
                        lines << m_events[i].hover;
                    } else {
                        ++more;
                    }
                }
            }
        }
        if (more > 0) lines << QStringLiteral("and %1 more: zoom in").arg(more);
        return lines.join(QLatin1Char('\n'));
    }
    const Timestamp t = timeAt(at.x());
    for (const auto& b : m_volume.buckets()) {
        if (t < b.start || t >= b.end) continue;
        lines << theme::range({b.start, b.end}, m_session.displayZone());
        if (b.rows() == 0) return lines.join(QLatin1Char('\n')) + QStringLiteral("\nno rows");
        QString positive = QStringLiteral("positive");
        for (const auto& v : m_catalog.versionsOf(m_session.lens().state().model))
            if (!v.positiveClass.empty()) positive = text(v.positiveClass);
        lines << QStringLiteral("%1 rows%2")
                     .arg(theme::count(b.rows()), b.history() ? QStringLiteral(", history: not scored") : QString());
        if (b.positive + b.negative > 0)
            lines << QStringLiteral("%1 of those with an outcome %2")
                         .arg(theme::percent(static_cast<double>(b.positive) /
                                             static_cast<double>(b.positive + b.negative)),
                              positive);
        if (b.unknown > 0) lines << QStringLiteral("%1 without an outcome").arg(theme::count(b.unknown));
        break;
    }
    return lines.join(QLatin1Char('\n'));
}

bool TimelineStrip::activateEvent(QPointF at) {
    if (at.y() >= plot().top()) return false;
    for (const Kind kind : {Kind::Alert, Kind::Alias, Kind::Run}) {
        if (std::abs(rowCentre(kind) - at.y()) > 8) continue;
        for (const Cluster& c : clusters(kind)) {
            if (std::abs(c.x - at.x()) > 7) continue;
            const Event& e = m_events[c.events.front()];
            switch (kind) {
                case Kind::Alert:
                    m_session.select({"alert", e.id.toStdString()});
                    m_session.showView(QStringLiteral("overview"));
                    break;
                case Kind::Alias:
                    m_session.select({"version", e.id.toStdString()});
                    m_session.showView(QStringLiteral("registry"));
                    break;
                case Kind::Run:
                    m_session.select({"run", e.id.toStdString()});
                    m_session.showView(QStringLiteral("runs"));
                    break;
            }
            return true;
        }
    }
    return false;
}

void TimelineStrip::mousePressEvent(QMouseEvent* event) {
    if (m_view.empty()) return;
    m_pressed = event->position();
    m_moved = false;
    if (event->button() == Qt::MiddleButton) {
        m_drag = Drag::Pan;
        m_viewAtPress = m_view;
        setCursor(Qt::ClosedHandCursor);
        return;
    }
    if (event->button() != Qt::LeftButton) return;
    m_drag = Drag::Choose;
    m_anchor = m_end = timeAt(m_pressed.x());
    const TimeRange range = m_session.lens().range();
    const double left = xAt(range.start), right = xAt(range.end);
    const bool extend = event->modifiers().testFlag(Qt::ShiftModifier);
    const bool nearLeft = std::abs(m_pressed.x() - left) <= kGrab, nearRight = std::abs(m_pressed.x() - right) <= kGrab;
    if (extend) {
        const bool towardsStart = std::abs(m_pressed.x() - left) < std::abs(m_pressed.x() - right);
        m_anchor = towardsStart ? range.end : range.start;
        m_moved = true;
        update();
    } else if (m_pressed.y() >= plot().top() && (nearLeft || nearRight)) {
        m_anchor = nearLeft && !nearRight ? range.end : range.start;
    }
}

void TimelineStrip::mouseMoveEvent(QMouseEvent* event) {
    if (m_view.empty()) return;
    const double x = event->position().x();
    if (m_drag == Drag::Pan) {
        const TimeRange whole = m_volume.extent();
        const double perPixel = static_cast<double>(m_viewAtPress.duration().count()) / plot().width();
        Timestamp start = m_viewAtPress.start - Duration(static_cast<std::int64_t>((x - m_pressed.x()) * perPixel));
        start = std::clamp(start, whole.start, std::max(whole.start, whole.end - m_viewAtPress.duration()));
        setView({start, start + m_viewAtPress.duration()}, m_fitted);
        return;
    }
    if (m_drag == Drag::Choose) {
        if (std::abs(x - m_pressed.x()) >= 3) m_moved = true;
        m_end = timeAt(std::clamp(x, plot().left(), plot().right()));
        update();
    }
    const bool inside = x >= plot().left() && x <= plot().right();
    m_session.lens().setCursor(inside ? std::optional(timeAt(x)) : std::nullopt);
    const TimeRange range = m_session.lens().range();
    const bool edge = event->position().y() >= plot().top() &&
                      (std::abs(x - xAt(range.start)) <= kGrab || std::abs(x - xAt(range.end)) <= kGrab);
    setCursor(edge ? Qt::SplitHCursor : Qt::ArrowCursor);
}

void TimelineStrip::mouseReleaseEvent(QMouseEvent* event) {
    const auto range = chosen();
    const Drag drag = m_drag;
    m_drag = Drag::None;
    setCursor(Qt::ArrowCursor);
    if (drag == Drag::Choose && range) {
        m_session.lens().setRange(*range);
    } else if (drag == Drag::Choose && !m_moved) {
        activateEvent(event->position());
    }
    update();
}

void TimelineStrip::mouseDoubleClickEvent(QMouseEvent*) { fit(); }

void TimelineStrip::wheelEvent(QWheelEvent* event) {
    const QPoint turn = event->angleDelta();
    if (turn.y() != 0) zoom(std::pow(0.8, turn.y() / 120.0), event->position().x());
    event->accept();
}

void TimelineStrip::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_Left:
            return m_session.lens().step(-1);
        case Qt::Key_Right:
            return m_session.lens().step(1);
        case Qt::Key_Plus:
        case Qt::Key_Equal:
            return zoom(0.6, plot().center().x());
        case Qt::Key_Minus:
            return zoom(1 / 0.6, plot().center().x());
        case Qt::Key_Home:
            return fit();
        case Qt::Key_Escape:
            if (m_drag != Drag::None) {
                m_drag = Drag::None;
                return update();
            }
            break;
        default:
            break;
    }
    QWidget::keyPressEvent(event);
}

void TimelineStrip::leaveEvent(QEvent* event) {
    m_session.lens().setCursor(std::nullopt);
    QWidget::leaveEvent(event);
}

void TimelineStrip::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    ask();
}

void TimelineStrip::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    m_volume.setActive(true);
}

void TimelineStrip::hideEvent(QHideEvent* event) {
    QWidget::hideEvent(event);
    m_volume.setActive(false);
}

bool TimelineStrip::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QString hover = hoverText(help->pos());
        if (hover.isEmpty()) {
            QToolTip::hideText();
        } else {
            QToolTip::showText(help->globalPos(), hover, this);
        }
        return true;
    }
    return QWidget::event(event);
}

}  // namespace pilothouse::shell
