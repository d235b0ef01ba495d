// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/range_menu.h"

#include <QDateTimeEdit>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>

#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::shell {

namespace {

constexpr auto kDay = std::chrono::hours(24);

QString lastTitle(Duration last) {
    if (last == kDay) return QStringLiteral("Last 24 hours");
    return QStringLiteral("Last %1").arg(theme::duration(last));
}

/// What the zone's clock shows at t, held in a QDateTime without a zone.
QDateTime wallClock(Timestamp t, const Zone& zone) {
    const QDateTime local = QDateTime::fromMSecsSinceEpoch(t.ms(), zone.qt());
    return QDateTime(local.date(), local.time(), Qt::UTC);
}
Timestamp fromWallClock(const QDateTime& shown, const Zone& zone) {
    return Timestamp::fromMs(QDateTime(shown.date(), shown.time(), zone.qt()).toMSecsSinceEpoch());
}

}  // namespace

QString RangeMenu::title(items::Session& session) {
    const auto& range = session.lens().state().range;
    return range.fixed ? theme::range(*range.fixed, session.displayZone()) : lastTitle(range.last);
}

RangeMenu::RangeMenu(items::Session& session, QWidget* parent) : QFrame(parent, Qt::Popup), m_session(session) {
    setObjectName(QStringLiteral("rangeMenu"));
    setFrameShape(QFrame::StyledPanel);
    setAutoFillBackground(true);
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(9, 9, 9, 9);
    grid->setSpacing(6);
    m_list = new QListWidget(this);
    m_list->setObjectName(QStringLiteral("rangePresets"));
    m_list->setAccessibleName(QStringLiteral("Time ranges"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    grid->addWidget(m_list, 0, 0, 1, 2);
    const auto edit = [&](const QString& name, const QString& label, int row) {
        auto* field = new QDateTimeEdit(this);
        field->setObjectName(name);
        field->setAccessibleName(label);
        field->setDisplayFormat(QStringLiteral("yyyy-MM-dd HH:mm"));
        field->setTimeSpec(Qt::UTC);
        field->setButtonSymbols(QAbstractSpinBox::NoButtons);
        grid->addWidget(new QLabel(label, this), row, 0);
        grid->addWidget(field, row, 1);
        return field;
    };
    m_from = edit(QStringLiteral("rangeFrom"), QStringLiteral("From"), 1);
    m_to = edit(QStringLiteral("rangeTo"), QStringLiteral("Until"), 2);
    m_zone = new QLabel(this);
    m_zone->setFont(theme::font(false, true));
    m_problem = new QLabel(this);
    m_problem->setObjectName(QStringLiteral("rangeProblem"));
    m_problem->hide();
    auto* use = new QPushButton(QStringLiteral("Show this range"), this);
    use->setObjectName(QStringLiteral("rangeApply"));
    grid->addWidget(m_zone, 3, 1);
    grid->addWidget(m_problem, 4, 0, 1, 2);
    grid->addWidget(use, 5, 1);
    grid->setColumnStretch(1, 1);
    connect(use, &QPushButton::clicked, this, &RangeMenu::applyDates);
    connect(m_list, &QListWidget::itemClicked, this, [this] { chooseRow(m_list->currentRow()); });
    connect(m_list, &QListWidget::itemActivated, this, [this] { chooseRow(m_list->currentRow()); });
}

void RangeMenu::fill() {
    auto& lens = m_session.lens();
    const Zone& zone = m_session.zone();
    const Timestamp now = m_session.now();
    m_presets.clear();
    for (const int days : {1, 7, 28, 90})
        m_presets.push_back({lastTitle(kDay * days), [&lens, days] { lens.setLast(kDay * days); }});
    const auto fixed = [&](const QString& name, TimeRange range) {
        m_presets.push_back({QStringLiteral("%1\t%2").arg(name, theme::range(range, m_session.displayZone())),
                             [&lens, range] { lens.setRange(range); }});
    };
    const Timestamp day = zone.startOfDay(now), week = zone.startOfWeek(now);
    const CivilDate date = zone.date(now);
    const Timestamp month = zone.midnight({date.year, date.month, 1});
    fixed(QStringLiteral("Today"), {day, zone.nextMidnight(now)});
    fixed(QStringLiteral("This week"), {week, zone.addDays(week, 7)});
    fixed(QStringLiteral("Last week"), {zone.addDays(week, -7), week});
    fixed(QStringLiteral("This month"), {month, zone.addMonths(month, 1)});
    fixed(QStringLiteral("Last month"), {zone.addMonths(month, -1), month});
    if (!m_extent.empty()) fixed(QStringLiteral("Everything"), m_extent);
    m_list->clear();
    int width = 300;
    for (const Preset& preset : m_presets) {
        QString text = preset.title;
        text.replace(QLatin1Char('\t'), QStringLiteral("   "));
        m_list->addItem(text);
        width = std::max(width, m_list->fontMetrics().horizontalAdvance(text) + 30);
    }
    m_list->setFixedSize(width, m_list->sizeHintForRow(0) * m_list->count() + 4);
    const TimeRange shown = lens.range();
    m_from->setDateTime(wallClock(shown.start, m_session.displayZone()));
    m_to->setDateTime(wallClock(shown.end, m_session.displayZone()));
    m_zone->setText(QStringLiteral("Times in %1").arg(QString::fromStdString(m_session.displayZone().name())));
    m_problem->hide();
}

void RangeMenu::popupBelow(QWidget* anchor) {
    fill();
    adjustSize();
    const QPoint corner = anchor->mapToGlobal(QPoint(anchor->width() - width(), anchor->height() + 2));
    const QPoint left = anchor->window()->mapToGlobal(QPoint(0, 0));
    move(std::max(corner.x(), left.x()), corner.y());
    show();
    m_list->setFocus();
    m_list->setCurrentRow(0);
}

void RangeMenu::chooseRow(int row) {
    if (row < 0 || row >= static_cast<int>(m_presets.size())) return;
    const auto apply = m_presets[static_cast<std::size_t>(row)].apply;
    close();
    apply();
}

void RangeMenu::applyDates() {
    const TimeRange range{fromWallClock(m_from->dateTime(), m_session.displayZone()),
                          fromWallClock(m_to->dateTime(), m_session.displayZone())};
    if (range.empty()) {
        m_problem->setText(QStringLiteral("The range ends before it begins"));
        QPalette p = m_problem->palette();
        p.setColor(QPalette::WindowText, theme::color(theme::Token::Alarm));
        m_problem->setPalette(p);
        m_problem->show();
        return;
    }
    close();
    m_session.lens().setRange(range);
}

void RangeMenu::keyPressEvent(QKeyEvent* event) {
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && (m_from->hasFocus() || m_to->hasFocus()))
        return applyDates();
    QFrame::keyPressEvent(event);
}

}  // namespace pilothouse::shell
