// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/ingest/import_form.h"

#include <QStackedWidget>
#include <QVBoxLayout>
#include <cstdlib>

#include "widgets/ingest/import_pages.h"
#include "widgets/ingest/mapping_page.h"

namespace pilothouse::ingest_view {

ImportForm::ImportForm(items::ImportJob& job, QWidget* parent) : QDialog(parent), m_job(job) {
    setObjectName(QStringLiteral("importForm"));
    setWindowTitle(QStringLiteral("Import predictions"));
    setSizeGripEnabled(true);
    m_pages = new QStackedWidget(this);
    m_mapping = new MappingPage(m_files, m_pages);
    m_progress = new ProgressPage(job, m_pages);
    m_result = new ResultPage(m_pages);
    for (QWidget* page : std::initializer_list<QWidget*>{m_mapping, m_progress, m_result})
        m_pages->addWidget(page);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(4, 4, 4, 4);
    column->addWidget(m_pages);
    resize(980, 560);
    connect(m_mapping, &MappingPage::importWanted, this, &ImportForm::start);
    connect(m_mapping, &MappingPage::closeWanted, this, &QDialog::close);
    connect(m_progress, &ProgressPage::hideWanted, this, &QDialog::close);
    connect(m_result, &ResultPage::closeWanted, this, &QDialog::close);
    connect(m_result, &ResultPage::moreWanted, this, [this] { m_pages->setCurrentWidget(m_mapping); });
    connect(m_result, &ResultPage::rowsWanted, this, &ImportForm::rowsWanted);
    connect(m_result, &ResultPage::referenceWanted, this, &ImportForm::referenceWanted);
    connect(m_result, &ResultPage::quarantineWanted, this, &ImportForm::quarantineWanted);
    connect(&job, &items::ImportJob::started, this, &ImportForm::showJob);
    connect(&job, &items::ImportJob::finished, this, &ImportForm::showJob);
    showJob();
}

void ImportForm::addFiles(const QStringList& paths) {
    m_files.add(paths);
    if (!m_job.running()) m_pages->setCurrentWidget(m_mapping);
}

void ImportForm::start() {
    if (!m_files.obstacle().isEmpty() || m_job.running()) return;
    predictions::IngestOptions options = m_files.options();
    options.follow = m_mapping->follow();
    if (const char* key = std::getenv("PILOTHOUSE_HASH_KEY")) options.hashKey = key;
    if (m_job.start(std::move(options))) m_files.clear();  // those that come now are for the next one
}

void ImportForm::showJob() {
    if (m_job.running()) {
        m_pages->setCurrentWidget(m_progress);
    } else if (m_job.report()) {
        m_result->setReport(*m_job.report());
        m_pages->setCurrentWidget(m_result);
    } else {
        m_pages->setCurrentWidget(m_mapping);
    }
}

}  // namespace pilothouse::ingest_view
