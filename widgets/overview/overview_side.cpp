// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/overview/overview_side.h"

#include <QKeyEvent>
#include <QLabel>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/overview/run_strip.h"
#include "widgets/theme/format.h"
#include "widgets/theme/marks.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::overview {

using items::Event;
using items::EventListModel;
using theme::Token;

namespace {

constexpr int kPadding = 12;
constexpr std::size_t kRecent = 100;

class EventDelegate : public QStyledItemDelegate {
public:
    EventDelegate(const items::Session& session, bool timeFirst, QObject* parent)
        : QStyledItemDelegate(parent), m_session(session), m_timeFirst(timeFirst) {}

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        return {100, QFontMetrics(theme::font()).height() + 8};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        const bool selected = (option.state & QStyle::State_Selected) && (option.state & QStyle::State_HasFocus);
        painter->fillRect(option.rect, theme::color(selected                                 ? Token::Selection
                                                    : option.state & QStyle::State_MouseOver ? Token::Hover
                                                                                             : Token::Panel));
        painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1),
                          theme::color(Token::Hairline));
        painter->setFont(theme::font());
        QRectF box = QRectF(option.rect).adjusted(kPadding, 0, -kPadding, 0);
        const QFontMetricsF metrics(painter->font());
        const QString time =
            theme::time({index.data(EventListModel::TimeNsRole).toLongLong()}, m_session.displayZone());
        // The year is the window's business here.
        const QString shown = QString(time).remove(QRegularExpression(QStringLiteral(" \\d{4}(?= \\d\\d:)")));
        const double timeWidth = metrics.horizontalAdvance(QStringLiteral("30 Sep 00:00")) + 12;
        painter->setPen(theme::color(Token::TextMuted));
        if (m_timeFirst) {
            painter->drawText(box, Qt::AlignLeft | Qt::AlignVCenter, shown);
            box.setLeft(box.left() + timeWidth);
        } else {
            painter->drawText(box, Qt::AlignRight | Qt::AlignVCenter, shown);
            box.setRight(box.right() - timeWidth);
            drawKind(*painter, box, index);
            box.setLeft(box.left() + 18);
        }
        const QString text = index.data().toString();
        painter->setPen(theme::color(Token::Text));
        painter->drawText(box, Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(text, Qt::ElideRight, box.width()));
        box.setLeft(std::min(box.right(), box.left() + metrics.horizontalAdvance(text) + 8));
        const QString more = index.data(EventListModel::MoreRole).toString();
        if (box.width() > 40) {
            painter->setPen(theme::color(Token::TextMuted));
            painter->drawText(box, Qt::AlignLeft | Qt::AlignVCenter,
                              metrics.elidedText(more, Qt::ElideRight, box.width()));
        }
        painter->restore();
    }

private:
    static void drawKind(QPainter& painter, const QRectF& box, const QModelIndex& index) {
        const auto kind = static_cast<Event::Kind>(index.data(EventListModel::KindRole).toInt());
        const theme::Mark mark = kind == Event::Kind::Alarm     ? theme::Mark::Alarm
                                 : kind == Event::Kind::Warning ? theme::Mark::Warning
                                                                : theme::Mark::Info;
        theme::drawMark(painter, QRectF(box.left(), box.top(), 12, box.height()), mark);
    }
    const items::Session& m_session;
    bool m_timeFirst;
};

/// Enter and j, k work as in every list of the window.
class EventList : public QListView {
public:
    using QListView::QListView;

protected:
    void keyPressEvent(QKeyEvent* event) override {
        if (event->key() == Qt::Key_J || event->key() == Qt::Key_K) {
            const int row = currentIndex().row() + (event->key() == Qt::Key_J ? 1 : -1);
            if (row >= 0 && row < model()->rowCount()) setCurrentIndex(model()->index(row, 0));
        } else if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
            if (currentIndex().isValid()) Q_EMIT activated(currentIndex());
        } else {
            QListView::keyPressEvent(event);
        }
    }
};

QLabel* label(QWidget* parent, const char* name, int top = 12) {
    auto* l = new QLabel(parent);
    l->setObjectName(QLatin1String(name));
    l->setTextFormat(Qt::RichText);
    l->setContentsMargins(kPadding, top, kPadding, 6);
    l->setMinimumWidth(1);
    return l;
}

QString heading(const QString& title, const QString& note) {
    return QStringLiteral("<b>%1</b>&nbsp;&nbsp;<span style=\"color:%2\">%3</span>")
        .arg(title.toHtmlEscaped(), theme::color(Token::TextMuted).name(), note.toHtmlEscaped());
}

}  // namespace

OverviewSide::OverviewSide(items::Session& session, QWidget* parent) : QWidget(parent), m_session(session) {
    setObjectName(QStringLiteral("overviewSide"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_firingTitle = label(this, "firingTitle", 8);
    m_firingList = makeList(m_firing, "firingList", tr("Firing alerts"));
    m_nothing = label(this, "nothingFires", 0);
    m_runTitle = label(this, "runTitle");
    m_strip = new RunStrip(this);
    m_recentTitle = label(this, "recentTitle");
    m_recentList = makeList(m_recent, "recentList", tr("Recent events"));
    m_noEvents = label(this, "noEvents", 0);
    for (QWidget* w : std::initializer_list<QWidget*>{m_firingTitle, m_firingList, m_nothing, m_runTitle, m_strip,
                                                      m_recentTitle, m_noEvents})
        layout->addWidget(w);
    layout->addWidget(m_recentList, 1);
    layout->addStretch(0);
    connect(m_strip, &RunStrip::taskActivated, this, [this](const QString& task) {
        m_session.select({"task", task.toStdString()});
        m_session.showView(QStringLiteral("runs"));
    });
    setSnapshot({}, {});
}

QListView* OverviewSide::makeList(EventListModel& model, const char* name, const QString& title) {
    auto* list = new EventList(this);
    list->setObjectName(QLatin1String(name));
    list->setAccessibleName(title);
    list->setModel(&model);
    list->setItemDelegate(new EventDelegate(m_session, &model == &m_recent, list));
    list->setFrameShape(QFrame::NoFrame);
    list->setMouseTracking(true);
    list->setUniformItemSizes(true);
    list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    const auto lead = [this, &model](const QModelIndex& index) {
        if (index.isValid()) items::follow(m_session, model.events()[static_cast<std::size_t>(index.row())]);
    };
    connect(list, &QListView::clicked, this, lead);
    connect(list, &QListView::activated, this, lead);
    return list;
}

void OverviewSide::fitList(QListView* list, int mostRows) {
    const int rows = list->model()->rowCount();
    list->setVisible(rows > 0);
    list->setFixedHeight(std::min(rows, mostRows) * (QFontMetrics(theme::font()).height() + 8));
}

void OverviewSide::showRun(const items::OverviewSnapshot& snapshot) {
    if (!snapshot.shownRun) {
        m_runTitle->setText(heading(tr("Runs"), tr("none yet")));
        m_strip->setRun(std::nullopt);
        return;
    }
    const ports::Run& run = *snapshot.shownRun;
    const QString name = tr("%1, run %2").arg(QString::fromStdString(run.pipeline), QString::fromStdString(run.id));
    QString note = QString::fromStdString(run.state == ports::RunState::Running ? run.cause : run.result);
    note = QLatin1String(ports::toString(run.state)) + (note.isEmpty() ? QString() : QStringLiteral(" · ") + note);
    m_runTitle->setText(heading(name, note));
    m_runTitle->setToolTip(note);
    m_strip->setRun(run);
}

void OverviewSide::setSnapshot(const items::OverviewSnapshot& snapshot, Timestamp now) {
    const std::vector<items::Event> firing = items::firingEvents(snapshot.alerts);
    const auto calling = std::ranges::count(firing, false, &items::Event::over);
    m_firing.setEvents(firing);
    m_recent.setEvents(items::recentEvents(snapshot, now, kRecent));
    m_firingTitle->setText(heading(tr("Firing"), QString::number(calling)));
    m_nothing->setText(QStringLiteral("<span style=\"color:%1\">%2</span>")
                           .arg(theme::color(Token::TextMuted).name(), tr("No alert is firing.")));
    m_nothing->setVisible(m_firing.rowCount() == 0);
    fitList(m_firingList, 8);
    showRun(snapshot);
    m_recentTitle->setText(heading(tr("Recent"), {}));
    m_recentList->setVisible(m_recent.rowCount() > 0);
    m_noEvents->setText(
        QStringLiteral("<span style=\"color:%1\">%2</span>")
            .arg(theme::color(Token::TextMuted).name(), tr("No deployment, run or resolved alert yet.")));
    m_noEvents->setVisible(m_recent.rowCount() == 0);
}

}  // namespace pilothouse::overview
