// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QTimer>

#include "models/items/retention_plan.h"
#include "models/items/session.h"

class QCheckBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace pilothouse::ingest_view {

/// How long rows stay in the workspace, by age and by size, with what the rule would remove now.
class RetentionForm : public QDialog {
    Q_OBJECT
public:
    explicit RetentionForm(items::Session& session, QWidget* parent = nullptr);
    [[nodiscard]] bool settled() const { return !m_plan.busy() && !m_rest.isActive(); }

private:
    void makeWidgets();
    [[nodiscard]] predictions::RetentionPolicy policy() const;
    void fill(const predictions::RetentionPolicy& policy);
    void edited();
    void save(bool now);
    void showState();
    void showCount(const predictions::Retention& would);
    void say(const QString& words, bool problem);

    items::Session& m_session;
    items::RetentionPlan m_plan;
    predictions::RetentionPolicy m_stored;
    QTimer m_rest;
    bool m_filling = false, m_confirming = false, m_removes = false, m_known = false;
    QCheckBox *m_byAge, *m_bySize;
    QSpinBox* m_days;
    QDoubleSpinBox* m_gigabytes;
    QLabel *m_would, *m_message;
    QPushButton *m_save, *m_apply, *m_close;
};

}  // namespace pilothouse::ingest_view
