// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QTimer>

#include "models/items/quarantine_model.h"
#include "models/items/session.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QTableView;

namespace pilothouse::ingest_view {

/// Rows that could not be used: searched, read as they came, copied, exported. The session must outlive it.
class QuarantineList : public QDialog {
    Q_OBJECT
public:
    explicit QuarantineList(items::Session& session, QWidget* parent = nullptr);
    ~QuarantineList() override;
    void setFilter(const QString& text);
    [[nodiscard]] bool settled() const { return !m_model.loading() && !m_typing.isActive(); }
    /// All that match, as JSON lines.
    void exportTo(const QString& path) { m_model.exportTo(path); }

protected:
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeWidgets();
    void search();
    void showReasons();
    void showModel();
    void showRow();
    void copy();
    void askForExport();

    items::Session& m_session;
    items::QuarantineModel m_model;
    QTimer m_typing;
    QLineEdit* m_filter;
    QComboBox* m_reason;
    QLabel *m_summary, *m_place;
    QTableView* m_table;
    QPlainTextEdit* m_raw;
    QPushButton *m_copy, *m_export, *m_close;
};

}  // namespace pilothouse::ingest_view
