// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "models/items/import_files_model.h"
#include "models/items/import_job.h"

class QStackedWidget;

namespace pilothouse::ingest_view {

class MappingPage;
class ProgressPage;
class ResultPage;

/// "Import predictions": what the files hold and what becomes of it, then the progress, then the result. The job goes
/// on when the form is closed; opened again, it shows where the job is. The job must outlive the form.
class ImportForm : public QDialog {
    Q_OBJECT
public:
    explicit ImportForm(items::ImportJob& job, QWidget* parent = nullptr);
    /// Lists them, to be confirmed. While a job runs, they wait behind it.
    void addFiles(const QStringList& paths);
    [[nodiscard]] items::ImportFilesModel& files() { return m_files; }

Q_SIGNALS:
    void rowsWanted();
    void referenceWanted();  ///< a profile of the rows, to compare later ones with
    void quarantineWanted();

private:
    void start();
    void showJob();

    items::ImportJob& m_job;
    items::ImportFilesModel m_files;
    QStackedWidget* m_pages;
    MappingPage* m_mapping;
    ProgressPage* m_progress;
    ResultPage* m_result;
};

}  // namespace pilothouse::ingest_view
