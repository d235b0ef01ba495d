// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPainter>
#include <cmath>

#include "widgets/predictions/rows_table.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::predictions_view {
namespace {

using Rows = items::PredictionRowsModel;
using theme::Token;

constexpr int kPad = 8;

/// "30 Sep 22:05", with the year when the rows span more than one.
QString rowTime(qint64 ns, const Zone& zone, bool withYear) {
    const Timestamp t{ns};
    const QDateTime at = QDateTime::fromMSecsSinceEpoch(t.ms(), zone.qt());
    return QLocale::c().toString(at, withYear ? u"d MMM yyyy HH:mm"_qs : u"d MMM HH:mm"_qs);
}

/// As many digits as the value has, at most six.
QString plainNumber(double value) {
    if (value == std::floor(value) && std::abs(value) < 1e15) return QLocale::c().toString(value, 'f', 0);
    return QString::number(value, 'g', 6);
}

}  // namespace

RowDelegate::RowDelegate(QObject* parent)
    : QStyledItemDelegate(parent), m_line(theme::font()), m_bold(theme::font(true)) {}

void RowDelegate::dress() {
    m_line = theme::LineText(theme::font());
    m_bold = theme::LineText(theme::font(true));
}

const ScoreReading& RowDelegate::reading(const QModelIndex& index) const {
    const auto it = readings.find(index.data(Rows::VersionRole).toString());
    return it == readings.end() ? common : it->second;
}

std::optional<bool> RowDelegate::wrong(const QModelIndex& index) const {
    const QVariant score = index.data(Rows::ScoreRole), outcome = index.data(Rows::OutcomeRole);
    if (!score.isValid() || !outcome.isValid()) return std::nullopt;
    return (score.toDouble() >= reading(index).threshold) != (outcome.toDouble() > 0.5);
}

QString RowDelegate::text(const QModelIndex& index) const {
    const QString id = index.data(Rows::ColumnIdRole).toString();
    const QVariant value = index.data(Rows::ValueRole);
    if (id == u"outcome") {
        if (!value.isValid()) return index.data(Rows::LoadingRole).toBool() ? QString() : u"not known"_qs;
        return value.toDouble() > 0.5 ? reading(index).positive : reading(index).negative;
    }
    if (!value.isValid()) return {};
    switch (static_cast<ports::ColumnType>(index.data(Rows::TypeRole).toInt())) {
        case ports::ColumnType::Time:
            return rowTime(value.toLongLong(), zone, withYear);
        case ports::ColumnType::Text:
            return value.toString();
        case ports::ColumnType::Number:
            break;
    }
    if (id == u"score") return QLocale::c().toString(value.toDouble(), 'f', 3);
    if (id == u"latency_ms") return theme::milliseconds(value.toDouble());
    return plainNumber(value.toDouble());
}

QSize RowDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const {
    const QString id = index.data(Rows::ColumnIdRole).toString();
    const int beside = id == u"score" ? 60 : id == u"outcome" && wrong(index).value_or(false) ? 44 : 0;
    return {std::max(60, static_cast<int>(std::ceil(m_line.width(text(index)))) + 2 * kPad + beside), 22};
}

void RowDelegate::paintScore(QPainter& painter, const QRect& box, const QModelIndex& index) const {
    const QVariant value = index.data(Rows::ScoreRole);
    if (!value.isValid()) {
        const QString status = index.data(Rows::StatusRole).toString();
        painter.setPen(theme::color(Token::TextMuted));
        return m_line.draw(painter, box, Qt::AlignLeft,
                           status.isEmpty() || status == u"ok" ? u"not scored"_qs : status);
    }
    const double score = std::clamp(value.toDouble(), 0.0, 1.0), threshold = reading(index).threshold;
    painter.setPen(theme::color(Token::Text));
    const int numbers = static_cast<int>(std::ceil(m_bold.width(u"0.000"_qs)));
    m_bold.draw(painter, QRect(box.left(), box.top(), numbers, box.height()), Qt::AlignRight, text(index));
    const QRect bar(box.left() + numbers + 10, box.center().y() - 4, box.width() - numbers - 12, 9);
    if (bar.width() < 12) return;
    painter.fillRect(bar, theme::color(Token::Grid));
    QRect filled = bar;
    filled.setWidth(std::max(1, static_cast<int>(std::lround(score * bar.width()))));
    painter.fillRect(filled, theme::color(score >= threshold ? Token::Positive : Token::Current));
    const int mark = bar.left() + static_cast<int>(std::lround(threshold * bar.width()));
    painter.fillRect(QRect(mark, bar.top() - 2, 1, bar.height() + 4), theme::color(Token::TextMuted));
}

void RowDelegate::paintOutcome(QPainter& painter, const QRect& box, const QModelIndex& index) const {
    const QString word = text(index);
    const bool known = index.data(Rows::OutcomeRole).isValid();
    painter.setPen(theme::color(known ? Token::Text : Token::TextMuted));
    m_line.draw(painter, box, Qt::AlignLeft, word);
    if (!wrong(index).value_or(false)) return;
    const int used = static_cast<int>(std::ceil(m_line.width(word + u' ')));
    painter.setPen(theme::color(Token::Alarm));
    m_line.draw(painter, box.adjusted(used, 0, 0, 0), Qt::AlignLeft, u"wrong"_qs);
}

void RowDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    if (option.state & QStyle::State_Selected) painter->fillRect(option.rect, theme::color(Token::Selection));
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1),
                      theme::color(Token::Hairline));
    const QRect box = option.rect.adjusted(kPad, 0, -kPad, -1);
    const QString id = index.data(Rows::ColumnIdRole).toString();
    if (index.data(Rows::LoadingRole).toBool()) {
        // A bar where the text will be: it is on its way.
        painter->fillRect(QRect(box.left(), box.center().y() - 1, std::min(box.width() / 2, 40), 3),
                          theme::color(Token::Grid));
    } else if (id == u"score") {
        paintScore(*painter, box, index);
    } else if (id == u"outcome") {
        paintOutcome(*painter, box, index);
    } else {
        const QVariant value = index.data(Rows::ValueRole);
        const auto type = static_cast<ports::ColumnType>(index.data(Rows::TypeRole).toInt());
        const bool right = type == ports::ColumnType::Number;
        const bool muted =
            type == ports::ColumnType::Time || !value.isValid() || id == u"latency_ms" || id == u"version";
        painter->setPen(theme::color(muted ? Token::TextMuted : Token::Text));
        const QString shown = value.isValid() ? text(index) : u"–"_qs;
        m_line.draw(*painter, box, right ? Qt::AlignRight : Qt::AlignLeft, shown);
    }
}

}  // namespace pilothouse::predictions_view
