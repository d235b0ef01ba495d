// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/command_palette.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "models/items/prediction_clauses.h"
#include "models/items/saved_search_lens.h"
#include "models/predictions/query_parser.h"
#include "widgets/shell/command_registry.h"
#include "widgets/shell/status_area.h"
#include "widgets/shell/workspace_frame.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::shell {

using theme::Token;

namespace {

QString text(const std::string& s) { return QString::fromStdString(s); }

class Delegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override {
        return {option.rect.width(), 28};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const QRect box = option.rect;
        if (option.state & QStyle::State_Selected) painter->fillRect(box, theme::color(Token::Selection));
        painter->save();
        painter->setFont(theme::font(false, true));
        painter->setPen(theme::color(Token::TextMuted));
        const int kindWidth = 76;
        painter->drawText(box.adjusted(12, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                          index.data(PaletteModel::KindRole).toString());
        const QString hint = index.data(PaletteModel::HintRole).toString();
        const int hintWidth = std::min(painter->fontMetrics().horizontalAdvance(hint) + 12, box.width() / 2);
        painter->drawText(box.adjusted(0, 0, -12, 0), Qt::AlignVCenter | Qt::AlignRight,
                          painter->fontMetrics().elidedText(hint, Qt::ElideRight, hintWidth));
        const QString title = index.data().toString();
        const auto letters = index.data(PaletteModel::MatchRole).value<QList<int>>();
        const QFont plain = theme::font(), bold = theme::font(true);
        int x = box.left() + kindWidth + 12;
        const int end = box.right() - hintWidth - 12;
        for (int i = 0; i < title.size() && x < end; ++i) {
            const bool hit = letters.contains(i);
            painter->setFont(hit ? bold : plain);
            painter->setPen(theme::color(hit ? Token::Accent : Token::Text));
            painter->drawText(QRect(x, box.top(), end - x, box.height()), Qt::AlignVCenter | Qt::AlignLeft,
                              title.mid(i, 1));
            x += painter->fontMetrics().horizontalAdvance(title[i]);
        }
        painter->restore();
    }
};

std::vector<PaletteModel::Item> gather(const CommandRegistry& commands, WorkspaceFrame* frame) {
    std::vector<PaletteModel::Item> out;
    for (const Command& c : commands.commands()) {
        if (!c.listed || (c.enabled && !c.enabled())) continue;
        out.push_back({c.title, c.section == u"View" ? QStringLiteral("view") : QStringLiteral("command"),
                       commands.keyText(c.id), c.run});
    }
    if (!frame) return out;
    items::Session* session = &frame->session();
    const items::Catalog* catalog = &frame->catalog();
    auto& lens = session->lens();
    if (!session->workspace().readOnly())
        for (const auto& p : catalog->pipelines())
            out.push_back({QStringLiteral("Run %1 now").arg(text(p.name)), QStringLiteral("pipeline"),
                           text(p.description), [frame, name = p.name] { frame->status().runPipeline(name); }});
    for (const auto& m : catalog->models())
        out.push_back({text(m.name), QStringLiteral("model"), QStringLiteral("%1 versions").arg(m.versions),
                       [&lens, name = m.name] { lens.setModel(name); }});
    for (const auto& v : catalog->versions()) {
        QString hint = theme::date(v.created, session->displayZone());
        for (const auto& alias : catalog->aliasesOf(v.model, v.version))
            hint.prepend(text(alias) + QStringLiteral(" · "));
        out.push_back({text(v.model + " " + v.version), QStringLiteral("version"), hint, [session, v] {
                           items::LensState next = session->lens().state();
                           next.model = v.model;
                           next.version = v.version;
                           session->lens().set(std::move(next));
                           session->select({"version", v.model + "/" + v.version});
                       }});
    }
    for (const auto& r : catalog->runs())
        out.push_back({QStringLiteral("Run %1 of %2").arg(text(r.id), text(r.pipeline)), QStringLiteral("run"),
                       text(r.result.empty() ? ports::toString(r.state) : r.result), [session, id = r.id] {
                           session->select({"run", id});
                           session->showView(QStringLiteral("runs"));
                       }});
    for (const auto& a : catalog->alerts()) {
        const auto summary = a.annotations.find("summary");
        out.push_back({text(summary == a.annotations.end() ? a.name : summary->second), QStringLiteral("alert"),
                       text(ports::toString(a.state)), [session, id = a.id] {
                           session->select({"alert", std::to_string(id)});
                           session->showView(QStringLiteral("overview"));
                       }});
    }
    for (const auto& s : catalog->searches())
        out.push_back({text(s.name), QStringLiteral("search"), items::joinClauses(s.filters), [session, s] {
                           session->lens().set(items::lensOf(s, session->lens().state()));
                           session->showView(QStringLiteral("predictions"));
                           session->select({});  // the same search may be looked through again
                           session->select({"search", s.name});
                       }});
    for (const auto& f : catalog->fields()) {
        if (!f.feature) continue;
        out.push_back(
            {text(f.name), QStringLiteral("feature"), QStringLiteral("show in Drift"), [session, name = f.name] {
                 session->select({"feature", name});
                 session->showView(QStringLiteral("drift"));
             }});
    }
    return out;
}

}  // namespace

CommandPalette::CommandPalette(QWidget* window) : Overlay(window, {640, 440}) {
    setObjectName(QStringLiteral("commandPalette"));
    setAccessibleName(QStringLiteral("Search or run"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(1, 1, 1, 1);
    column->setSpacing(0);
    m_edit = new QLineEdit(this);
    m_edit->setObjectName(QStringLiteral("paletteEdit"));
    m_edit->setAccessibleName(QStringLiteral("Search or run"));
    m_edit->setPlaceholderText(QStringLiteral("A command, model, version, run, alert, saved search or feature"));
    m_edit->setFrame(false);
    m_edit->setMinimumHeight(40);
    m_edit->setTextMargins(10, 0, 10, 0);
    m_edit->installEventFilter(this);
    m_list = new QListView(this);
    m_list->setObjectName(QStringLiteral("paletteList"));
    m_list->setAccessibleName(QStringLiteral("Matches"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setUniformItemSizes(true);
    m_list->setItemDelegate(new Delegate(m_list));
    m_model = new PaletteModel(this);
    m_list->setModel(m_model);
    column->addWidget(m_edit);
    column->addWidget(m_list);
    connect(m_edit, &QLineEdit::textChanged, this, [this](const QString& typed) {
        m_model->setPattern(typed);
        m_list->setCurrentIndex(m_model->index(0));
        m_list->scrollToTop();
    });
    connect(m_list, &QListView::clicked, this, &CommandPalette::run);
}

void CommandPalette::openWith(const CommandRegistry& commands, WorkspaceFrame* frame) {
    m_edit->clear();
    m_model->setItems(gather(commands, frame));
    open(m_edit);
    m_list->setCurrentIndex(m_model->index(0));
}

void CommandPalette::run() {
    const PaletteModel::Item* item = m_model->at(m_list->currentIndex().row());
    if (!item) return;
    const auto action = item->run;
    dismiss();
    action();
}

void CommandPalette::move(int rows) {
    const int count = m_model->rowCount();
    if (count == 0) return;
    const int row = std::clamp(m_list->currentIndex().row() + rows, 0, count - 1);
    m_list->setCurrentIndex(m_model->index(row));
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched != m_edit || event->type() != QEvent::KeyPress) return Overlay::eventFilter(watched, event);
    switch (static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Down:
            move(1);
            return true;
        case Qt::Key_Up:
            move(-1);
            return true;
        case Qt::Key_PageDown:
            move(12);
            return true;
        case Qt::Key_PageUp:
            move(-12);
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            run();
            return true;
        case Qt::Key_Tab:
            return true;
        default:
            return Overlay::eventFilter(watched, event);
    }
}

}  // namespace pilothouse::shell
