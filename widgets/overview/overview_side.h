// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "models/items/event_list_model.h"

class QLabel;
class QListView;

namespace pilothouse::overview {

class RunStrip;

/// The column beside the overview: what fires, what runs, what happened. Every line leads somewhere.
class OverviewSide : public QWidget {
    Q_OBJECT
public:
    explicit OverviewSide(items::Session& session, QWidget* parent = nullptr);
    void setSnapshot(const items::OverviewSnapshot& snapshot, Timestamp now);

private:
    void showRun(const items::OverviewSnapshot& snapshot);
    void fitList(QListView* list, int mostRows);
    QListView* makeList(items::EventListModel& model, const char* name, const QString& title);

    items::Session& m_session;
    items::EventListModel m_firing, m_recent;
    QLabel *m_firingTitle, *m_nothing, *m_runTitle, *m_recentTitle, *m_noEvents;
    RunStrip* m_strip;
    QListView *m_firingList, *m_recentList;
};

}  // namespace pilothouse::overview
