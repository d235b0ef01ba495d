// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/rail.h"

#include <QAbstractButton>
#include <QPainter>
#include <QVBoxLayout>

#include "widgets/theme/tokens.h"

namespace pilothouse::shell {

using theme::Token;

class Rail::Item final : public QAbstractButton {
public:
    Item(QString id, const QString& title, const QString& icon, int number, QWidget* parent)
        : QAbstractButton(parent), m_id(std::move(id)), m_number(number) {
        setText(title);
        setIcon(theme::icon(icon));
        setCheckable(true);
        setAutoExclusive(true);
        setFocusPolicy(Qt::TabFocus);
        setAttribute(Qt::WA_Hover);
        setObjectName(QStringLiteral("rail.") + m_id);
        setAccessibleName(title);
        setToolTip(QStringLiteral("%1  (%2)").arg(title).arg(number));
    }
    [[nodiscard]] const QString& id() const { return m_id; }
    [[nodiscard]] QSize sizeHint() const override { return {kWidth - 1, 56}; }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        if (isChecked()) {
            painter.fillRect(rect(), theme::color(Token::Selection));
            painter.fillRect(0, 0, 2, height(), theme::color(Token::Accent));
        } else if (underMouse()) {
            painter.fillRect(rect(), theme::color(Token::Hover));
        }
        if (hasFocus()) {
            painter.setPen(theme::color(Token::Accent));
            painter.drawRect(rect().adjusted(0, 0, -1, -1));
        }
        icon().paint(&painter, QRect((width() - 18) / 2, 10, 18, 18), Qt::AlignCenter, QIcon::Normal,
                     isChecked() || underMouse() ? QIcon::On : QIcon::Off);
        painter.setFont(theme::font(false, true));
        painter.setPen(theme::color(isChecked() ? Token::Text : Token::TextMuted));
        painter.drawText(QRect(0, 32, width(), 18), Qt::AlignCenter,
                         painter.fontMetrics().elidedText(text(), Qt::ElideRight, width() - 2));
        QFont tiny = theme::font(false, true);
        tiny.setPointSizeF(tiny.pointSizeF() * 0.85);
        painter.setFont(tiny);
        painter.setPen(theme::color(Token::TextDisabled));
        painter.drawText(QRect(0, 4, width() - 6, 14), Qt::AlignRight | Qt::AlignTop, QString::number(m_number));
    }

private:
    QString m_id;
    int m_number;
};

Rail::Rail(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("rail"));
    setAccessibleName(QStringLiteral("Views"));
    setFixedWidth(kWidth);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 4, 1, 0);
    column->setSpacing(0);
    column->addStretch();
}

void Rail::add(const QString& id, const QString& title, const QString& icon) {
    auto* item = new Item(id, title, icon, static_cast<int>(m_items.size()) + 1, this);
    auto* column = static_cast<QVBoxLayout*>(layout());
    column->insertWidget(static_cast<int>(m_items.size()), item);
    m_items.push_back(item);
    connect(item, &QAbstractButton::clicked, this, [this, id] { Q_EMIT chosen(id); });
}

void Rail::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme::color(Token::Panel));
    painter.fillRect(width() - 1, 0, 1, height(), theme::color(Token::Hairline));
}

void Rail::setCurrent(const QString& id) {
    for (Item* item : m_items)
        if (item->id() == id) item->setChecked(true);
}

}  // namespace pilothouse::shell
