// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/start_page.h"

#include <QFileInfo>
#include <QKeyEvent>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "widgets/shell/recent_files.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::shell {

using theme::Token;

namespace {

enum Role { ChangedRole = Qt::UserRole + 1, ExistsRole };

class RecentDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {200, 44}; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const QRect box = option.rect;
        if (option.state & QStyle::State_Selected) {
            painter->fillRect(box, theme::color(Token::Selection));
        } else if (option.state & QStyle::State_MouseOver) {
            painter->fillRect(box, theme::color(Token::Hover));
        }
        const QFileInfo file(index.data().toString());
        const bool exists = index.data(ExistsRole).toBool();
        painter->save();
        painter->setFont(theme::font(true));
        painter->setPen(theme::color(exists ? Token::Text : Token::TextDisabled));
        painter->drawText(box.adjusted(12, 4, -12, -22), Qt::AlignVCenter | Qt::AlignLeft, file.fileName());
        painter->setFont(theme::font(false, true));
        painter->setPen(theme::color(Token::TextMuted));
        const QString when = exists ? index.data(ChangedRole).toString() : QStringLiteral("no longer there");
        painter->drawText(box.adjusted(12, 4, -12, -22), Qt::AlignVCenter | Qt::AlignRight, when);
        painter->drawText(box.adjusted(12, 22, -12, -4), Qt::AlignVCenter | Qt::AlignLeft,
                          painter->fontMetrics().elidedText(file.absolutePath(), Qt::ElideMiddle, box.width() - 24));
        painter->restore();
    }
};

/// What a person can do about it.
QString adviceFor(const Error& error) {
    switch (error.kind) {
        case ErrorKind::NotFound:
            return QStringLiteral("Open another file, or make a new workspace.");
        case ErrorKind::PermissionDenied:
            return QStringLiteral("Change the file's permissions, or copy it elsewhere.");
        case ErrorKind::Unsupported:
            return QStringLiteral("Open it with a newer Pilothouse, or on a local disk.");
        case ErrorKind::Corrupt:
            return QStringLiteral("\"pilothouse verify FILE\" lists what is damaged; a backup may lie beside it.");
        case ErrorKind::Conflict:
        case ErrorKind::Unavailable:
            return QStringLiteral("Another program may be writing to it: try again in a moment.");
        case ErrorKind::ResourceExhausted:
            return QStringLiteral("Free some space on the disk, then open it again.");
        default:
            return QStringLiteral("Nothing was changed in the file.");
    }
}

QLabel* label(const QString& words, QWidget* parent, bool bold = false, bool small = false) {
    auto* out = new QLabel(words, parent);
    out->setFont(theme::font(bold, small));
    out->setWordWrap(true);
    out->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    return out;
}

}  // namespace

StartPage::StartPage(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("startPage"));
    setAccessibleName(QStringLiteral("Start"));
    auto* outer = new QHBoxLayout(this);
    auto* page = new QWidget(this);
    page->setFixedWidth(720);
    outer->addStretch();
    outer->addWidget(page);
    outer->addStretch();
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 72, 0, 24);
    column->setSpacing(8);
    auto* title = label(QStringLiteral("Pilothouse"), page, true);
    QFont big = theme::font(true);
    big.setPointSizeF(big.pointSizeF() * 1.8);
    title->setFont(big);
    column->addWidget(title);
    column->addWidget(label(QStringLiteral("Models in production: what they do, whether it changed, and why."), page));
    column->addSpacing(16);

    m_errorPanel = new QWidget(page);
    m_errorPanel->setObjectName(QStringLiteral("errorPanel"));
    auto* errors = new QVBoxLayout(m_errorPanel);
    errors->setContentsMargins(12, 10, 12, 10);
    m_errorTitle = label({}, m_errorPanel, true);
    m_errorText = label({}, m_errorPanel);
    m_errorText->setObjectName(QStringLiteral("errorText"));
    m_errorText->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_errorHint = label({}, m_errorPanel);
    for (auto* l : {m_errorTitle, m_errorText, m_errorHint})
        errors->addWidget(l);
    m_errorPanel->setAutoFillBackground(true);
    m_errorPanel->hide();
    column->addWidget(m_errorPanel);
    column->addSpacing(8);

    auto* actions = new QHBoxLayout;
    const auto action = [&](const QString& name, const QString& words, const QString& icon, auto signal) {
        auto* b = new QPushButton(theme::icon(icon), words, page);
        b->setObjectName(name);
        b->setMinimumHeight(32);
        connect(b, &QPushButton::clicked, this, signal);
        actions->addWidget(b);
    };
    action(QStringLiteral("startDemo"), QStringLiteral("Run the demo"), QStringLiteral("play"),
           &StartPage::demoRequested);
    action(QStringLiteral("startOpen"), QStringLiteral("Open a workspace …"), QStringLiteral("open"),
           &StartPage::openRequested);
    action(QStringLiteral("startNew"), QStringLiteral("New workspace …"), QStringLiteral("add"),
           &StartPage::newRequested);
    action(QStringLiteral("startImport"), QStringLiteral("Import …"), QStringLiteral("predictions"),
           &StartPage::importRequested);
    action(QStringLiteral("startConnect"), QStringLiteral("Connect …"), QStringLiteral("link"),
           &StartPage::connectRequested);
    actions->addStretch();
    column->addLayout(actions);
    auto* demo =
        label(QStringLiteral("The demo trains a model on three months of real flights and replays the rest of the "
                             "year as traffic: drift, alerts, retraining, all on this machine."),
              page, false, true);
    column->addWidget(demo);
    m_busy = label({}, page);
    m_busy->setObjectName(QStringLiteral("startBusy"));
    m_busy->hide();
    column->addWidget(m_busy);
    column->addSpacing(20);
    column->addWidget(label(QStringLiteral("Recent"), page, true));
    m_none = label(QStringLiteral("Workspaces that were open will be listed here."), page);
    column->addWidget(m_none);
    m_recent = new QListWidget(page);
    m_recent->setObjectName(QStringLiteral("recentList"));
    m_recent->setAccessibleName(QStringLiteral("Recent workspaces"));
    m_recent->setFrameShape(QFrame::NoFrame);
    m_recent->setItemDelegate(new RecentDelegate(m_recent));
    m_recent->setMouseTracking(true);
    column->addWidget(m_recent, 1000);
    column->addStretch(1);  // while there is no list
    connect(m_recent, &QListWidget::itemActivated, this,
            [this](QListWidgetItem* item) { Q_EMIT fileRequested(item->text()); });
    connect(m_recent, &QListWidget::itemClicked, this,
            [this](QListWidgetItem* item) { Q_EMIT fileRequested(item->text()); });
    refresh();
}

void StartPage::refresh() {
    m_recent->clear();
    for (const RecentFile& file : recentFiles()) {
        auto* item = new QListWidgetItem(file.path, m_recent);
        item->setData(ExistsRole, file.exists);
        item->setData(ChangedRole, file.changed.toString(QStringLiteral("d MMM yyyy HH:mm")));
        item->setToolTip(file.path);
    }
    m_none->setVisible(m_recent->count() == 0);
    m_recent->setVisible(m_recent->count() > 0);
}

void StartPage::showError(const QString& path, const Error& error) {
    m_busy->hide();
    m_errorTitle->setText(QStringLiteral("%1 could not be opened").arg(QFileInfo(path).fileName()));
    m_errorText->setText(QString::fromStdString(error.text()));
    m_errorHint->setText(adviceFor(error));
    QPalette p = palette();
    p.setColor(QPalette::Window, theme::color(Token::PanelRaised));
    m_errorPanel->setPalette(p);
    QPalette alarm = p;
    alarm.setColor(QPalette::WindowText, theme::color(Token::Alarm));
    m_errorTitle->setPalette(alarm);
    m_errorPanel->show();
}

void StartPage::clearError() { m_errorPanel->hide(); }

void StartPage::showBusy(const QString& words) {
    clearError();
    m_busy->setText(words);
    m_busy->setVisible(!words.isEmpty());
}

}  // namespace pilothouse::shell
