// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "models/items/import_job.h"

class QLabel;
class QProgressBar;
class QPushButton;
class QTableWidget;

namespace pilothouse::ingest_view {

/// Rows, bytes, rate and the time that remains, while files are loaded.
class ProgressPage : public QWidget {
    Q_OBJECT
public:
    explicit ProgressPage(items::ImportJob& job, QWidget* parent = nullptr);

Q_SIGNALS:
    void hideWanted();

private:
    void show(const items::ImportJob::Progress& progress);

    items::ImportJob& m_job;
    QLabel *m_file, *m_facts, *m_left;
    QProgressBar* m_bar;
    QPushButton *m_cancel, *m_hide;
};

/// What became of the files: rows added, known already, set aside.
class ResultPage : public QWidget {
    Q_OBJECT
public:
    explicit ResultPage(QWidget* parent = nullptr);
    void setReport(const Result<predictions::IngestReport>& report);

Q_SIGNALS:
    void rowsWanted();
    void referenceWanted();
    void quarantineWanted();
    void moreWanted();
    void closeWanted();

private:
    void addFile(const predictions::IngestedFileReport& file);

    QLabel *m_title, *m_reasons;
    QTableWidget* m_files;
    QPushButton *m_rows, *m_reference, *m_quarantine, *m_more, *m_close;
};

}  // namespace pilothouse::ingest_view
