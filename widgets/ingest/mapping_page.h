// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <QWidget>

#include "models/items/import_files_model.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QListView;
class QPushButton;

namespace pilothouse::ingest_view {

class MappingTable;

/// Which files, and which field of them is what: confirmed before anything is loaded.
class MappingPage : public QWidget {
    Q_OBJECT
public:
    MappingPage(items::ImportFilesModel& files, QWidget* parent = nullptr);
    [[nodiscard]] bool follow() const;
    /// Why nothing can be started although the files are fine; empty: nothing is in the way.
    void setObstacle(const QString& words);
    /// Reads and writes the YAML that the command line takes with --map.
    void loadMapping(const QString& path);
    void saveMapping(const QString& path);

Q_SIGNALS:
    void importWanted();
    void closeWanted();

protected:
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void makeWidgets();
    void connectAll();
    void askForFiles();
    void askForMapping(bool save);
    void filesChanged();
    void showFile();
    void showMapping();
    void showState();
    [[nodiscard]] items::ImportMappingModel* mapping() const;

    items::ImportFilesModel& m_files;
    QPointer<items::ImportMappingModel> m_shown;
    QString m_obstacle, m_said;
    bool m_saidProblem = false, m_filling = false;
    QListView* m_list;
    QLabel *m_about, *m_message;
    QLineEdit *m_model, *m_version;
    QComboBox *m_time, *m_latency;
    MappingTable* m_table;
    QCheckBox *m_keepOthers, *m_follow;
    QPushButton *m_add, *m_remove, *m_load, *m_save, *m_close, *m_import;
};

}  // namespace pilothouse::ingest_view
