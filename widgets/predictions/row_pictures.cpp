// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predictions/row_pictures.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <cmath>

#include "models/predictions/query_parser.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::predictions_view {
namespace {

using items::PredictionRow;
using theme::Token;

constexpr int kBar = 19, kReference = 32, kNeighbour = 21;
constexpr std::size_t kBars = 8;

QString signedText(double value) {
    return (value < 0 ? u"−"_qs : u"+"_qs) + QLocale::c().toString(std::abs(value), 'f', 2);
}

}  // namespace

QString valueText(const ports::Column& column, std::size_t row) {
    if (row >= column.size() || column.missing(row)) return u"no value"_qs;
    if (column.type == ports::ColumnType::Text) {
        const std::string_view text = column.text(row);
        return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
    }
    if (column.type == ports::ColumnType::Time) return QString::fromStdString(Timestamp{column.times[row]}.toIso());
    const double value = column.numbers[row];
    return value == std::floor(value) && std::abs(value) < 1e6 ? QString::number(value, 'f', 0)
                                                               : QString::number(value, 'g', 6);
}

// --- contributions ---------------------------------------------------------------------------------------------------

ContributionBars::ContributionBars(QWidget* parent) : QWidget(parent) { setObjectName(u"contributions"_qs); }

void ContributionBars::setRow(const PredictionRow& row) {
    m_bars.clear();
    double rest = 0;
    std::size_t others = 0;
    for (const items::Contribution& c : row.contributions) {
        if (m_bars.size() >= kBars) {
            rest += c.value;
            ++others;
            continue;
        }
        const ports::Column* column = row.row.find(c.feature);
        m_bars.push_back(
            {QString::fromStdString(c.feature), column ? valueText(*column, 0) : QString(), c.value, false});
    }
    if (others > 0) m_bars.push_back({u"%1 others"_qs.arg(others), {}, rest, true});
    QStringList words;
    for (const Bar& b : m_bars)
        words += b.name + u' ' + signedText(b.size);
    setAccessibleName(words.join(u", "_qs));
    setFixedHeight(static_cast<int>(m_bars.size()) * kBar);
    update();
}

void ContributionBars::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setFont(theme::font());
    const QFontMetrics metrics(painter.font());
    const int numbers = metrics.horizontalAdvance(u"+0.00"_qs) + 6, names = std::min(width() * 45 / 100, 190);
    double low = 0, high = 0;
    for (const Bar& b : m_bars) {
        low = std::min(low, b.size);
        high = std::max(high, b.size);
    }
    const double span = std::max(high - low, 1e-9);
    const QRectF field(names + 6, 0, width() - names - numbers - 12, height());
    const double zero = field.left() - low / span * field.width();
    for (std::size_t i = 0; i < m_bars.size(); ++i) {
        const Bar& b = m_bars[i];
        const int y = static_cast<int>(i) * kBar;
        painter.setPen(theme::color(b.rest ? Token::TextMuted : Token::Text));
        // The name may be cut, the value never.
        const int valueWidth = b.value.isEmpty() ? 0 : metrics.horizontalAdvance(u' ' + b.value);
        const QString name = metrics.elidedText(b.name, Qt::ElideMiddle, names - valueWidth);
        painter.drawText(QRect(0, y, names, kBar), Qt::AlignLeft | Qt::AlignVCenter, name);
        painter.setPen(theme::color(Token::TextMuted));
        painter.drawText(QRect(metrics.horizontalAdvance(name + u' '), y, names, kBar),
                         Qt::AlignLeft | Qt::AlignVCenter, b.value);
        const double end = zero + b.size / span * field.width();
        painter.fillRect(QRectF(QPointF(std::min(zero, end), y + 5),
                                QPointF(std::max(std::max(zero, end), std::min(zero, end) + 1), y + kBar - 5)),
                         theme::color(b.size >= 0 ? Token::Positive : Token::Negative));
        painter.drawText(QRect(width() - numbers, y, numbers, kBar), Qt::AlignRight | Qt::AlignVCenter,
                         signedText(b.size));
    }
    painter.fillRect(QRectF(std::round(zero), 0, 1, height()), theme::color(Token::Hairline));
}

// --- against the reference -------------------------------------------------------------------------------------------

ReferenceRows::ReferenceRows(QWidget* parent) : QWidget(parent) {
    setObjectName(u"referenceRows"_qs);
    setMouseTracking(true);
}

void ReferenceRows::setRow(const PredictionRow& row) {
    m_lines.clear();
    m_beyond.clear();
    const auto add = [&](const std::string& feature) {
        const ports::Column* column = row.row.find(feature);
        const statistics::ColumnProfile* profile = row.profile ? row.profile->find(feature) : nullptr;
        if (!column || !profile) return;
        Line line;
        line.name = QString::fromStdString(feature);
        line.value = valueText(*column, 0);
        line.place = items::placeOf(*profile, *column, 0);
        line.number = column->type == ports::ColumnType::Number ? column->numbers.front() : 0;
        line.keep = row.profile;
        line.profile = profile;
        const auto bound = [](double v) { return QString::number(v, 'g', 6); };
        if (line.place.missing) {
            line.words = u"missing in "_qs +
                         theme::percent(static_cast<double>(profile->missing) /
                                        static_cast<double>(std::max<std::uint64_t>(1, profile->n))) +
                         u" of the reference"_qs;
            line.clause = u"_missing_:"_qs + line.name;
        } else {
            if (line.place.above) line.words = u"above the largest of the reference, "_qs + bound(profile->max);
            if (line.place.below) line.words = u"below the smallest of the reference, "_qs + bound(profile->min);
            if (line.place.unseen) line.words = u"never in the reference"_qs;
            if (line.words.isEmpty() && profile->kind == statistics::ColumnKind::Categorical)
                line.words = theme::percent(line.place.share) + u" of the reference"_qs;
            if (line.words.isEmpty())
                line.words = u"reference "_qs + bound(profile->min) + u" – "_qs + bound(profile->max);
            line.clause = QString::fromStdString(predictions::equalsClause(feature, line.value.toStdString()));
        }
        if (line.place.beyond()) m_beyond += line.name;
        m_lines.push_back(std::move(line));
    };
    if (!row.contributions.empty()) {
        for (const items::Contribution& c : row.contributions)
            add(c.feature);
    } else if (row.version) {
        for (const std::string& f : row.version->features)
            add(f);
    }
    std::stable_sort(m_lines.begin(), m_lines.end(),
                     [](const Line& a, const Line& b) { return a.place.beyond() > b.place.beyond(); });
    setFixedHeight(static_cast<int>(m_lines.size()) * kReference);
    update();
}

void ReferenceRows::paintHistogram(QPainter& painter, const QRect& box, const Line& line) const {
    const statistics::ColumnProfile& p = *line.profile;
    const double low = std::min(p.min, line.place.missing ? p.min : line.number),
                 high = std::max(p.max, line.place.missing ? p.max : line.number);
    if (!(high > low) || p.counts.size() != p.edges.size() + 1) return;
    const auto x = [&](double v) { return box.left() + (v - low) / (high - low) * (box.width() - 1); };
    // Heights as share per unit; a bin without width (a value of its own) gets that of a pixel.
    std::vector<std::pair<QRectF, double>> steps;
    double top = 0;
    const double pixel = (high - low) / box.width();
    for (std::size_t i = 0; i < p.counts.size(); ++i) {
        const double from = i == 0 ? p.min : p.edges[i - 1], to = i == p.edges.size() ? p.max : p.edges[i];
        if (p.counts[i] == 0 || to < from) continue;
        const double density = static_cast<double>(p.counts[i]) / std::max(to - from, 3 * pixel);
        steps.push_back({QRectF(x(from), 0, std::max(2.0, x(to) - x(from)), 0), density});
        top = std::max(top, density);
    }
    QColor fill = theme::color(Token::Reference);
    fill.setAlphaF(0.28F);
    for (auto& [place, density] : steps) {
        // The square root keeps a tall value of its own from flattening the rest.
        const double h = std::max(1.0, std::sqrt(density / top) * (box.height() - 3));
        place.setTop(box.bottom() - h);
        place.setBottom(box.bottom());
        painter.fillRect(place, fill);
        painter.fillRect(QRectF(place.left(), place.top(), place.width(), 1), theme::color(Token::Reference));
    }
    painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), theme::color(Token::Hairline));
    if (!line.place.missing)
        painter.fillRect(QRectF(std::round(x(line.number)) - 1, box.top(), 2, box.height()),
                         theme::color(line.place.beyond() ? Token::Alarm : Token::Accent));
}

void ReferenceRows::paintShare(QPainter& painter, const QRect& box, const Line& line) const {
    const QRect track(box.left(), box.bottom() - 9, box.width(), 8);
    painter.fillRect(track, theme::color(Token::Grid));
    QColor fill = theme::color(Token::Reference);
    fill.setAlphaF(0.55F);
    if (line.place.share > 0)
        painter.fillRect(
            QRectF(track.left(), track.top(), std::max(2.0, line.place.share * track.width()), track.height()), fill);
}

const ReferenceRows::Line* ReferenceRows::lineAt(QPoint at) const {
    const int i = at.y() / kReference;
    return at.y() >= 0 && i < static_cast<int>(m_lines.size()) ? &m_lines[static_cast<std::size_t>(i)] : nullptr;
}

void ReferenceRows::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const QFontMetrics metrics(theme::font());
    const int names = std::min(width() * 38 / 100, 150), values = std::max(70, width() * 20 / 100);
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        const Line& line = m_lines[i];
        const int y = static_cast<int>(i) * kReference;
        painter.setFont(theme::font());
        painter.setPen(theme::color(Token::Text));
        painter.drawText(QRect(0, y, names, kReference), Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(line.name, Qt::ElideMiddle, names));
        const QRect box(names + 8, y + 4, width() - names - values - 20, kReference - 8);
        if (line.profile->kind == statistics::ColumnKind::Numeric) {
            paintHistogram(painter, box, line);
        } else {
            paintShare(painter, box, line);
        }
        painter.setFont(theme::font(line.place.beyond()));
        painter.setPen(theme::color(line.place.beyond()  ? Token::Alarm
                                    : line.place.missing ? Token::TextMuted
                                                         : Token::Text));
        QString value = line.value;
        if (line.place.above) value = u"▲ "_qs + value;
        if (line.place.below) value = u"▼ "_qs + value;
        if (line.place.unseen) value = u"◆ "_qs + value;
        painter.drawText(QRect(width() - values - 8, y, values + 8, kReference), Qt::AlignRight | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(value, Qt::ElideRight, values + 8));
    }
}

void ReferenceRows::mouseReleaseEvent(QMouseEvent* event) {
    if (const Line* line = lineAt(event->pos()); line && event->button() == Qt::LeftButton)
        Q_EMIT clauseWanted(line->clause);
}

bool ReferenceRows::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (const Line* line = lineAt(help->pos()))
            QToolTip::showText(
                help->globalPos(),
                line->name + u' ' + line->value + u'\n' + line->words + u"\nclick: only rows like this"_qs, this);
        return true;
    }
    return QWidget::event(event);
}

// --- neighbours ------------------------------------------------------------------------------------------------------

NeighbourList::NeighbourList(QWidget* parent) : QWidget(parent) {
    setObjectName(u"neighbours"_qs);
    setMouseTracking(true);
    setCursor(Qt::PointingHandCursor);
}

void NeighbourList::setZone(const Zone& zone) {
    m_zone = zone;
    update();
}

void NeighbourList::setRow(const PredictionRow& row) {
    m_rows = row.neighbours;
    setFixedHeight(static_cast<int>(m_rows.size()) * kNeighbour);
    update();
}

void NeighbourList::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const auto& n = m_rows[i];
        const QRect line(0, static_cast<int>(i) * kNeighbour, width(), kNeighbour);
        if (n.self) {
            painter.fillRect(line.adjusted(-8, 0, 8, 0), theme::color(Token::Selection));
        } else if (static_cast<int>(i) == m_hover) {
            painter.fillRect(line.adjusted(-8, 0, 8, 0), theme::color(Token::Hover));
        }
        painter.setFont(theme::font(n.self));
        const QFontMetrics metrics(painter.font());
        const QString clock =
            QLocale::c().toString(QDateTime::fromMSecsSinceEpoch(n.time.ms(), m_zone.qt()), u"HH:mm"_qs);
        const int times = metrics.horizontalAdvance(u"00:00"_qs) + 10,
                  scores = metrics.horizontalAdvance(u"0.000"_qs) + 4;
        painter.setPen(theme::color(Token::TextMuted));
        painter.drawText(QRect(0, line.top(), times, kNeighbour), Qt::AlignLeft | Qt::AlignVCenter, clock);
        painter.setPen(theme::color(Token::Text));
        const int room = width() - times - scores - 8;
        painter.drawText(QRect(times, line.top(), room, kNeighbour), Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(QString::fromStdString(n.title), Qt::ElideRight, room));
        painter.setPen(theme::color(std::isnan(n.score) ? Token::TextMuted : Token::Text));
        painter.drawText(QRect(width() - scores, line.top(), scores, kNeighbour), Qt::AlignRight | Qt::AlignVCenter,
                         std::isnan(n.score) ? u"–"_qs : QLocale::c().toString(n.score, 'f', 3));
    }
}

void NeighbourList::mouseMoveEvent(QMouseEvent* event) {
    const int at = event->pos().y() / kNeighbour;
    if (at == m_hover) return;
    m_hover = at;
    update();
}

void NeighbourList::leaveEvent(QEvent*) {
    m_hover = -1;
    update();
}

void NeighbourList::mouseReleaseEvent(QMouseEvent* event) {
    const auto at = static_cast<std::size_t>(std::max(0, event->pos().y() / kNeighbour));
    if (event->button() == Qt::LeftButton && at < m_rows.size() && !m_rows[at].self)
        Q_EMIT chosen(QString::fromStdString(m_rows[at].requestId), m_rows[at].time);
}

}  // namespace pilothouse::predictions_view
