// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/ingest/quarantine_list.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSplitter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include "widgets/ingest/form_parts.h"
#include "widgets/theme/format.h"
#include "widgets/theme/layout_state.h"
#include "widgets/theme/size_text.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::ingest_view {

using items::QuarantineModel;
using theme::Token;

namespace {

constexpr int kTypingMs = 150;
const QString kLayout = QStringLiteral("view/quarantine");

/// Times as the window shows them.
class SeenDelegate final : public QStyledItemDelegate {
public:
    SeenDelegate(items::Session& session, QObject* parent) : QStyledItemDelegate(parent), m_session(session) {}

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        QStyledItemDelegate::initStyleOption(option, index);
        option->text =
            theme::time(Timestamp{index.data(QuarantineModel::TimeRole).toLongLong()}, m_session.displayZone());
    }

private:
    items::Session& m_session;
};

}  // namespace

QuarantineList::QuarantineList(items::Session& session, QWidget* parent)
    : QDialog(parent), m_session(session), m_model(session.sharedWorkspace()) {
    setObjectName(QStringLiteral("quarantineList"));
    setWindowTitle(QStringLiteral("Rows set aside"));
    setSizeGripEnabled(true);
    resize(980, 560);
    makeWidgets();
    m_typing.setSingleShot(true);
    m_typing.setInterval(kTypingMs);
    connect(&m_typing, &QTimer::timeout, this, &QuarantineList::search);
    connect(m_filter, &QLineEdit::textChanged, this, [this] { m_typing.start(); });
    connect(m_reason, &QComboBox::activated, this, &QuarantineList::search);
    connect(&m_model, &QuarantineModel::changed, this, &QuarantineList::showModel);
    connect(&m_model, &QuarantineModel::exported, this,
            [this](const QString& path, quint64 rows, const QString& problem) {
                m_export->setEnabled(true);
                m_summary->setText(problem.isEmpty() ? QStringLiteral("%1 rows in %2").arg(theme::count(rows), path)
                                                     : QStringLiteral("▲ ") + problem);
            });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentChanged, this, &QuarantineList::showRow);
    connect(m_copy, &QPushButton::clicked, this, &QuarantineList::copy);
    connect(m_export, &QPushButton::clicked, this, &QuarantineList::askForExport);
    connect(m_close, &QPushButton::clicked, this, &QDialog::close);
    connect(&session, &items::Session::changed, this, [this] {
        // More may have come; a list that somebody reads is not moved under the eyes.
        if (isVisible() && m_table->currentIndex().row() <= 0 && m_table->indexAt({2, 2}).row() <= 0) search();
    });
    theme::restoreLayout(*this, kLayout);
    search();
    m_filter->setFocus();
}

QuarantineList::~QuarantineList() { theme::saveLayout(*this, kLayout); }

void QuarantineList::makeWidgets() {
    m_filter = new QLineEdit(this);
    m_filter->setObjectName(QStringLiteral("quarantineFilter"));
    m_filter->setAccessibleName(QStringLiteral("Filter"));
    m_filter->setPlaceholderText(QStringLiteral("Text in file, reason or row"));
    m_filter->setClearButtonEnabled(true);
    m_reason = new QComboBox(this);
    m_reason->setObjectName(QStringLiteral("quarantineReason"));
    m_reason->setAccessibleName(QStringLiteral("Reason"));
    m_reason->setMinimumWidth(260);
    m_reason->addItem(QStringLiteral("any reason"), QString());
    m_summary = new QLabel(this);
    m_summary->setObjectName(QStringLiteral("quarantineSummary"));
    m_summary->setTextFormat(Qt::PlainText);
    m_table = new QTableView(this);
    m_table->setObjectName(QStringLiteral("quarantineTable"));
    m_table->setAccessibleName(QStringLiteral("Rows set aside"));
    m_table->setModel(&m_model);
    m_table->installEventFilter(this);
    m_table->setItemDelegateForColumn(QuarantineModel::Seen, new SeenDelegate(m_session, m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setTabKeyNavigation(false);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(24);
    auto* head = m_table->horizontalHeader();
    head->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    head->setHighlightSections(false);
    theme::rememberColumns(*m_table);
    head->setStretchLastSection(true);
    for (const auto& [column, width] : {std::pair{QuarantineModel::Seen, 130},
                                        {QuarantineModel::File, 140},
                                        {QuarantineModel::Line, 70},
                                        {QuarantineModel::Reason, 200},
                                        {QuarantineModel::Detail, 180}})
        m_table->setColumnWidth(column, width);
    auto* below = new QWidget(this);
    m_place = new QLabel(below);
    m_place->setObjectName(QStringLiteral("quarantinePlace"));
    m_place->setTextFormat(Qt::PlainText);
    m_place->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_place->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_raw = new QPlainTextEdit(below);
    m_raw->setObjectName(QStringLiteral("quarantineRaw"));
    m_raw->setAccessibleName(QStringLiteral("The row as it came"));
    m_raw->setReadOnly(true);
    m_raw->setTabChangesFocus(true);
    m_copy = formButton(this, "copyQuarantined", QStringLiteral("Copy"));
    m_export = formButton(this, "exportQuarantine", QStringLiteral("Export …"));
    m_close = formButton(this, "closeQuarantine", QStringLiteral("Close"));
    auto* top = new QHBoxLayout;
    top->addWidget(m_filter, 1);
    top->addWidget(m_reason);
    auto* details = new QVBoxLayout(below);
    details->setContentsMargins(0, 4, 0, 0);
    details->addWidget(m_place);
    details->addWidget(m_raw);
    auto* splitter = new QSplitter(Qt::Vertical, this);
    splitter->setObjectName(QStringLiteral("quarantineSplitter"));
    splitter->addWidget(m_table);
    splitter->addWidget(below);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 1);
    splitter->setChildrenCollapsible(false);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_summary, 1);
    buttons->addWidget(m_copy);
    buttons->addWidget(m_export);
    buttons->addWidget(m_close);
    auto* column = new QVBoxLayout(this);
    column->addLayout(top);
    column->addWidget(splitter, 1);
    column->addLayout(buttons);
}

void QuarantineList::setFilter(const QString& text) {
    m_filter->setText(text);
    m_typing.stop();
    search();
}

void QuarantineList::search() { m_model.search(m_filter->text().trimmed(), m_reason->currentData().toString()); }

void QuarantineList::showReasons() {
    QStringList titles{QStringLiteral("any reason")}, ids{QString()};
    for (const auto& [reason, count] : m_model.reasons()) {
        ids << QString::fromStdString(reason);
        titles << QStringLiteral("%1 (%2)").arg(ids.back(), theme::count(count));
    }
    bool same = titles.size() == m_reason->count();
    for (int i = 0; same && i < m_reason->count(); ++i)
        same = m_reason->itemText(i) == titles[i];
    if (same) return;  // an open list stays open
    const QString chosen = m_reason->currentData().toString();
    m_reason->clear();
    for (int i = 0; i < titles.size(); ++i)
        m_reason->addItem(titles[i], ids[i]);
    m_reason->setCurrentIndex(std::max(0, m_reason->findData(chosen)));
}

void QuarantineList::showModel() {
    showReasons();
    const QString chosen = m_reason->currentData().toString();
    const auto total = m_model.total();
    const int found = m_model.rowCount();
    const bool filtered = !m_filter->text().trimmed().isEmpty() || !chosen.isEmpty();
    const bool more = m_model.canFetchMore({});
    QString words;
    if (!m_model.problem().isEmpty())
        words = QStringLiteral("▲ ") + m_model.problem();
    else if (total == 0)
        words = QStringLiteral("Every row that came could be used");
    else if (!filtered)
        words = total == 1 ? QStringLiteral("1 row") : QStringLiteral("%1 rows").arg(theme::count(total));
    else
        words = QStringLiteral("%1%2 of %3 rows match")
                    .arg(more ? QStringLiteral("more than ") : QString(), theme::count(static_cast<quint64>(found)),
                         theme::count(total));
    m_summary->setText(words);
    m_export->setEnabled(found > 0);
    if (!m_table->currentIndex().isValid() && found > 0) m_table->setCurrentIndex(m_model.index(0, 0));
    showRow();
}

void QuarantineList::showRow() {
    const QModelIndex at = m_table->currentIndex();
    m_copy->setEnabled(at.isValid());
    if (!at.isValid()) {
        m_place->clear();
        return m_raw->clear();
    }
    const auto& entry = m_model.entry(at.row());
    QString place = QStringLiteral("%1:%2").arg(QString::fromStdString(entry.file)).arg(entry.row.place.line);
    place += QStringLiteral(" · byte %1 · %2")
                 .arg(theme::count(entry.row.place.offset), theme::bytes(static_cast<double>(entry.row.bytes)));
    if (entry.row.raw.empty() && entry.row.bytes > 0)
        place += QStringLiteral(", not kept: the mapping protects fields");
    else if (entry.row.raw.size() < entry.row.bytes)
        place += QStringLiteral(", of which the first %1 were kept")
                     .arg(theme::bytes(static_cast<double>(entry.row.raw.size())));
    m_place->setText(place);
    const QString raw = at.data(QuarantineModel::RawRole).toString();
    if (m_raw->toPlainText() != raw) m_raw->setPlainText(raw);
}

void QuarantineList::copy() {
    QStringList rows;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows())
        rows << index.data(QuarantineModel::RawRole).toString();
    if (!rows.isEmpty()) QApplication::clipboard()->setText(rows.join(QLatin1Char('\n')));
}

void QuarantineList::askForExport() {
    auto* dialog = new QFileDialog(this, QStringLiteral("Export the rows that match"), {},
                                   QStringLiteral("JSON lines (*.jsonl);;All files (*)"));
    dialog->setObjectName(QStringLiteral("exportQuarantineDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("jsonl"));
    dialog->selectFile(QStringLiteral("set-aside.jsonl"));
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
        m_export->setEnabled(false);
        exportTo(path);
    });
    dialog->open();
}

bool QuarantineList::eventFilter(QObject* watched, QEvent* event) {
    // The table would copy the cell that is shown, shortened.
    if (watched == m_table && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->matches(QKeySequence::Copy)) {
        copy();
        return true;
    }
    return QDialog::eventFilter(watched, event);
}

void QuarantineList::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Down && m_filter->hasFocus()) return m_table->setFocus();
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        if (m_filter->hasFocus()) {
            m_typing.stop();
            search();
        }
        return;
    }
    QDialog::keyPressEvent(event);
}

}  // namespace pilothouse::ingest_view
