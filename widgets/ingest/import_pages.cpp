// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/ingest/import_pages.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include "widgets/ingest/form_parts.h"
#include "widgets/theme/format.h"
#include "widgets/theme/size_text.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::ingest_view {

namespace {

constexpr int kSteps = 1'000;

QLabel* label(QWidget* parent, const char* name, bool bold = false) {
    auto* l = formLabel(parent, name);
    l->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    l->setFont(theme::font(bold));
    return l;
}

QString rows(std::uint64_t count) {
    return count == 1 ? QStringLiteral("1 row") : QStringLiteral("%1 rows").arg(theme::count(count));
}

}  // namespace

ProgressPage::ProgressPage(items::ImportJob& job, QWidget* parent) : QWidget(parent), m_job(job) {
    setObjectName(QStringLiteral("progressPage"));
    m_file = label(this, "importFile", true);
    m_bar = new QProgressBar(this);
    m_bar->setObjectName(QStringLiteral("importProgress"));
    m_bar->setAccessibleName(QStringLiteral("Progress of the import"));
    m_bar->setTextVisible(false);
    m_facts = label(this, "importFacts");
    m_left = label(this, "importLeft");
    m_cancel = formButton(this, "cancelImport", QStringLiteral("Cancel"));
    m_hide = formButton(this, "hideImport", QStringLiteral("Go on in the background"));
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(m_cancel);
    buttons->addWidget(m_hide);
    auto* column = new QVBoxLayout(this);
    column->addStretch(1);
    column->addWidget(m_file);
    column->addWidget(m_bar);
    column->addWidget(m_facts);
    column->addWidget(m_left);
    column->addStretch(2);
    column->addLayout(buttons);
    connect(m_cancel, &QPushButton::clicked, &job, &items::ImportJob::cancel);
    connect(m_hide, &QPushButton::clicked, this, &ProgressPage::hideWanted);
    connect(&job, &items::ImportJob::started, this, [this] { show(m_job.progress()); });
    connect(&job, &items::ImportJob::progressed, this, [this] { show(m_job.progress()); });
    show(job.progress());
}

void ProgressPage::show(const items::ImportJob::Progress& p) {
    m_file->setText(p.file.isEmpty() ? QStringLiteral("Starting …") : QFileInfo(p.file).fileName());
    m_file->setToolTip(p.file);
    m_bar->setRange(0, p.share < 0 ? 0 : kSteps);  // 0 to 0: busy, the total is not known
    if (p.share >= 0) m_bar->setValue(static_cast<int>(p.share * kSteps));
    QStringList facts{rows(p.of.rows), theme::bytes(static_cast<double>(p.of.bytes)),
                      QStringLiteral("%1 rows/s").arg(theme::count(static_cast<std::uint64_t>(p.rowsPerSecond))),
                      theme::bytes(p.bytesPerSecond) + QStringLiteral("/s")};
    if (p.of.quarantined > 0) facts << QStringLiteral("%1 set aside").arg(theme::count(p.of.quarantined));
    m_facts->setText(facts.join(QStringLiteral(" · ")));
    if (m_job.cancelling())
        m_left->setText(QStringLiteral("Stopping: what is in hand is finished first; rows that are written stay"));
    else if (m_job.following())
        m_left->setText(QStringLiteral("Follows the file until it is stopped"));
    else if (p.secondsLeft >= 0)
        m_left->setText(QStringLiteral("%1 %, about %2 left")
                            .arg(static_cast<int>(p.share * 100))
                            .arg(theme::duration(std::chrono::seconds(static_cast<qint64>(p.secondsLeft + 0.5)))));
    else
        m_left->setText({});
    m_cancel->setText(m_job.following() ? QStringLiteral("Stop") : QStringLiteral("Cancel"));
    m_cancel->setEnabled(m_job.running() && !m_job.cancelling());
}

ResultPage::ResultPage(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("resultPage"));
    m_title = label(this, "importResult", true);
    m_files = new QTableWidget(this);
    m_files->setObjectName(QStringLiteral("importedFiles"));
    m_files->setAccessibleName(QStringLiteral("Files"));
    m_files->setColumnCount(6);
    m_files->setHorizontalHeaderLabels({QStringLiteral("File"), QStringLiteral("Rows added"),
                                        QStringLiteral("There already"), QStringLiteral("Outcomes"),
                                        QStringLiteral("Set aside"), QStringLiteral("Note")});
    m_files->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_files->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_files->setTabKeyNavigation(false);
    m_files->setShowGrid(false);
    m_files->verticalHeader()->hide();
    m_files->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_files->horizontalHeader()->setStretchLastSection(true);
    m_reasons = label(this, "importReasons");
    m_rows = formButton(this, "showRows", QStringLiteral("Show the rows"));
    m_reference = formButton(this, "importReference", QStringLiteral("Make a reference of them …"));
    m_quarantine = formButton(this, "showQuarantine", QStringLiteral("Show what was set aside"));
    m_more = formButton(this, "importMore", QStringLiteral("Import more …"));
    m_close = formButton(this, "closeResult", QStringLiteral("Close"));
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_quarantine);
    buttons->addWidget(m_rows);
    buttons->addWidget(m_reference);
    buttons->addStretch(1);
    buttons->addWidget(m_more);
    buttons->addWidget(m_close);
    auto* column = new QVBoxLayout(this);
    column->addWidget(m_title);
    column->addWidget(m_files, 1);
    column->addWidget(m_reasons);
    column->addLayout(buttons);
    connect(m_rows, &QPushButton::clicked, this, &ResultPage::rowsWanted);
    connect(m_reference, &QPushButton::clicked, this, &ResultPage::referenceWanted);
    connect(m_quarantine, &QPushButton::clicked, this, &ResultPage::quarantineWanted);
    connect(m_more, &QPushButton::clicked, this, &ResultPage::moreWanted);
    connect(m_close, &QPushButton::clicked, this, &ResultPage::closeWanted);
}

void ResultPage::addFile(const predictions::IngestedFileReport& file) {
    const int row = m_files->rowCount();
    m_files->insertRow(row);
    const auto set = [&](int column, const QString& words, bool number) {
        auto* item = new QTableWidgetItem(words);
        item->setTextAlignment((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        item->setToolTip(words);
        m_files->setItem(row, column, item);
        return item;
    };
    const QString path = QString::fromStdString(file.path);
    set(0, QFileInfo(path).fileName(), false)->setToolTip(path);
    set(1, theme::count(file.rows), true);
    set(2, theme::count(file.repeated + file.knownRows), true);
    set(3, theme::count(file.truths), true);
    set(4, theme::count(file.quarantined), true);
    QString note = QString::fromStdString(file.note);
    if (file.cutRows > 0)
        note += (note.isEmpty() ? QString() : QStringLiteral("; ")) +
                QStringLiteral("%1 without the fields beyond the limit").arg(rows(file.cutRows));
    auto* last = set(5, file.error ? QString::fromStdString(file.error->message) : note, false);
    if (!file.error) return;
    last->setForeground(theme::color(theme::Token::Alarm));
    last->setToolTip(QString::fromStdString(file.error->text()));
}

void ResultPage::setReport(const Result<predictions::IngestReport>& report) {
    m_files->setRowCount(0);
    m_reasons->clear();
    m_files->setVisible(report.has_value());
    std::uint64_t added = 0, aside = 0;
    if (!report) {
        m_title->setText(QStringLiteral("The import stopped: %1").arg(QString::fromStdString(report.error().text())));
    } else {
        std::map<std::string, std::uint64_t> reasons;
        for (const auto& file : report->files) {
            addFile(file);
            added += file.rows + file.repeated + file.knownRows;
            aside += file.quarantined;
            for (const auto& [reason, count] : file.reasons)
                reasons[reason] += count;
        }
        QString title = items::importSummary(*report);
        if (report->cancelled) title = QStringLiteral("Stopped: ") + title + QStringLiteral("; what was written stays");
        m_title->setText(title);
        QStringList words;
        for (const auto& [reason, count] : reasons)
            words << QStringLiteral("%1 × %2").arg(theme::count(count), QString::fromStdString(reason));
        if (report->waitingEvents > 0)
            words << QStringLiteral("%1 events wait for their other half").arg(theme::count(report->waitingEvents));
        m_reasons->setText(words.join(QLatin1Char('\n')));
    }
    m_files->resizeColumnsToContents();
    m_rows->setVisible(added > 0);
    m_reference->setVisible(added > 0);
    m_quarantine->setVisible(aside > 0);
    m_close->setDefault(true);
    m_close->setFocus();
}

}  // namespace pilothouse::ingest_view
