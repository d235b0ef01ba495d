// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "models/base/time_zone.h"
#include "models/items/prediction_row_loader.h"

class QLabel;
class QListWidget;
class QPlainTextEdit;
class QPushButton;

namespace pilothouse::predictions_view {

/// What belongs to a request beside its row: its trace, what else was logged for it, how its outcome changed, the row
/// as JSON, and its erasure.
class RowContext : public QWidget {
    Q_OBJECT
public:
    explicit RowContext(QWidget* parent = nullptr);
    void setZone(const Zone& zone);
    void setRow(const items::PredictionRow& row);
    /// Whether a request can be erased here.
    void setErasable(bool erasable);
    /// What the erasure that was asked for would take; it is confirmed or not.
    void confirmErasure(const QString& requestId, const QString& what);
    /// What became of it.
    void showErasure(const QString& words, bool problem);

Q_SIGNALS:
    void clauseWanted(const QString& clause);
    void rowWanted(const QString& model, const QString& version, pilothouse::Timestamp time);
    void erasureAsked();
    void erasureConfirmed(const QString& requestId);

protected:
    void changeEvent(QEvent* event) override;

private:
    void makeErasure();
    void refresh();
    void showTrace();
    void showSiblings();
    void showOutcomes();
    void showJson();
    void dress();

    Zone m_zone;
    items::PredictionRow m_row;
    QString m_requestId, m_trace, m_toErase;
    bool m_erasable = false;
    QWidget *m_traceLine, *m_erasure;
    QLabel *m_traceText, *m_siblingsTitle, *m_outcomesTitle, *m_outcomes, *m_erasureText;
    QPushButton *m_copyTrace, *m_findTrace, *m_jsonToggle, *m_erase, *m_confirm, *m_keep;
    QListWidget* m_siblings;
    QPlainTextEdit* m_json;
};

}  // namespace pilothouse::predictions_view
