// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "models/items/import_job.h"
#include "models/items/session.h"

class QProgressBar;

namespace pilothouse::shell {

class BarButton;

/// Files that are being loaded, in the status area: how far, how fast, cancel. Nothing while nothing is.
class ImportStatus : public QWidget {
    Q_OBJECT
public:
    explicit ImportStatus(items::Session& session, QWidget* parent = nullptr);

Q_SIGNALS:
    void ended(const QString& words);

private:
    void refresh();
    void finish();

    items::Session& m_session;
    BarButton *m_words, *m_cancel;
    QProgressBar* m_progress;
};

}  // namespace pilothouse::shell
