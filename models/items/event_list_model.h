// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <vector>

#include "models/items/model_health.h"

namespace pilothouse::items {

/// Something that happened or goes on, and where it leads.
struct Event {
    enum class Kind { Deployment, Alarm, Warning, Info, Run };
    Timestamp time;
    Kind kind = Kind::Info;
    QString label;      ///< a word for a strip: "v3", "fall of the AUC"
    QString text;       ///< what: "v3 champion"
    QString more;       ///< the rest of the sentence, muted
    bool over = false;  ///< a resolved or suppressed alert, a run that ended
    Session::Selection leadsTo;
    QString view;      ///< to show with it
    TimeRange window;  ///< for the lens; empty: as it is
    std::string model;
    bool operator==(const Event&) const = default;
};
/// Firing alerts, the gravest first, then the newest; behind them, over, those that are silenced or inhibited, with
/// why.
[[nodiscard]] std::vector<Event> firingEvents(const std::vector<ports::Alert>& alerts);
/// Alias moves, runs with their result, resolved alerts: newest first, not later than `now`.
[[nodiscard]] std::vector<Event> recentEvents(const OverviewSnapshot& snapshot, Timestamp now, std::size_t limit);
/// What a time axis marks: champions, alerts that fired, runs that began; oldest first.
[[nodiscard]] std::vector<Event> axisEvents(const std::vector<ports::Alert>& alerts,
                                            const std::vector<ports::AliasPeriod>& aliases,
                                            const std::vector<ports::Run>& runs, const std::string& model,
                                            TimeRange range);
/// Selects it, turns the lens to it and shows its view.
void follow(Session& session, const Event& event);

/// Events as rows. Roles, no colours.
class EventListModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role { TimeNsRole = Qt::UserRole + 1, KindRole, MoreRole, OverRole };
    using QAbstractListModel::QAbstractListModel;
    void setEvents(std::vector<Event> events);  ///< the same events change nothing
    [[nodiscard]] const std::vector<Event>& events() const { return m_events; }
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;

private:
    std::vector<Event> m_events;
};

/// ModelHealth as a table, for the overview.
class ModelHealthModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Model, Version, State, Why, Traffic, Requests, Errors, P95, Score, Drift, Auc, InProgress, Columns };
    enum Role { LineRole = Qt::UserRole + 1, NumberRole, IntervalRole, StateRole };
    using QAbstractTableModel::QAbstractTableModel;
    /// Rows that stay are updated in place, so that a selection stays where it is.
    void setHealth(std::vector<ModelHealth> models);
    [[nodiscard]] const std::vector<ModelHealth>& health() const { return m_models; }
    [[nodiscard]] int rowOf(const std::string& model) const;  ///< -1: none
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<ModelHealth> m_models;
};

}  // namespace pilothouse::items
