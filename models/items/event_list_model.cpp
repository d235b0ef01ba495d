// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/event_list_model.h"

#include <algorithm>

namespace pilothouse::items {

namespace {

QString text(const std::string& s) { return QString::fromStdString(s); }

Event::Kind kindOf(ports::Severity severity) {
    switch (severity) {
        case ports::Severity::Alarm:
            return Event::Kind::Alarm;
        case ports::Severity::Warning:
            return Event::Kind::Warning;
        case ports::Severity::Info:
            break;
    }
    return Event::Kind::Info;
}

QString summaryOf(const ports::Alert& a) {
    const auto found = a.annotations.find("summary");
    return found == a.annotations.end() ? QString() : text(found->second);
}

/// Drift alerts are looked at in Drift, the others in the dashboard.
QString viewOf(const ports::Alert& a) {
    return text(a.name + a.monitor).contains(QStringLiteral("drift")) ||
                   text(a.monitor).contains(QStringLiteral("features"))
               ? QStringLiteral("drift")
               : QStringLiteral("dashboard");
}

Event alertEvent(const ports::Alert& a, Timestamp at) {
    Event e;
    e.time = at;
    e.kind = kindOf(a.severity);
    e.label = text(a.name);
    e.text = text(a.model.empty() ? a.name : a.model + ": " + a.name);
    e.more = summaryOf(a);
    e.leadsTo = {"alert", std::to_string(a.id)};
    e.view = viewOf(a);
    e.window = a.window;
    e.model = a.model;
    return e;
}

Event aliasEvent(const ports::AliasPeriod& p) {
    Event e;
    e.time = p.from;
    e.kind = Event::Kind::Deployment;
    e.label = text(p.version);
    e.text = text(p.version + " " + p.alias);
    e.more = text(p.reason.empty() ? p.actor : p.reason);
    e.leadsTo = {"version", p.model + "/" + p.version};
    e.view = QStringLiteral("registry");
    e.model = p.model;
    return e;
}

Event runEvent(const ports::Run& r, Timestamp at) {
    Event e;
    e.time = at;
    e.kind = Event::Kind::Run;
    e.label = QStringLiteral("run ") + text(r.id);
    e.text = QStringLiteral("run ") + text(r.id) + u' ' + QLatin1String(ports::toString(r.state));
    e.more = text(r.result.empty() ? r.cause : r.result);
    e.over = r.finished.has_value();
    e.leadsTo = {"run", r.id};
    e.view = QStringLiteral("runs");
    e.model = r.model;
    return e;
}

template <class T>
QVariant line(const std::vector<T>& values) {
    QVariantList out;
    out.reserve(static_cast<qsizetype>(values.size()));
    for (const T v : values)
        out << v;
    return out;
}

}  // namespace

/// "silenced (3)", "inhibited by data quality": why nobody is called.
QString whySuppressed(const ports::Alert& alert, const std::vector<ports::Alert>& alerts) {
    QStringList reasons;
    if (alert.silenced) {
        QStringList ids;
        for (const std::string& id : alert.silencedBy)
            ids << text(id);
        reasons << (ids.isEmpty() ? QStringLiteral("silenced")
                                  : QStringLiteral("silenced (%1)").arg(ids.join(QStringLiteral(", "))));
    }
    for (const std::string& fingerprint : alert.inhibitedBy) {
        const auto by = std::ranges::find(alerts, fingerprint, &ports::Alert::fingerprint);
        reasons << QStringLiteral("inhibited by %1").arg(text(by == alerts.end() ? fingerprint : by->name));
    }
    return reasons.join(QStringLiteral(", "));
}

std::vector<Event> firingEvents(const std::vector<ports::Alert>& alerts) {
    std::vector<Event> out;
    for (const auto& a : alerts) {
        if (a.state != ports::AlertState::Firing) continue;
        Event e = alertEvent(a, a.firingSince.value_or(a.pendingSince));
        e.over = a.suppressed();
        if (e.over) e.more = whySuppressed(a, alerts) + (e.more.isEmpty() ? QString() : QStringLiteral(" · ") + e.more);
        out.push_back(std::move(e));
    }
    std::stable_sort(out.begin(), out.end(), [](const Event& a, const Event& b) {
        if (a.over != b.over) return b.over;
        return a.kind != b.kind ? a.kind < b.kind : a.time > b.time;
    });
    return out;
}

std::vector<Event> recentEvents(const OverviewSnapshot& snapshot, Timestamp now, std::size_t limit) {
    std::vector<Event> out;
    for (const auto& p : snapshot.aliases)
        out.push_back(aliasEvent(p));
    for (const auto& r : snapshot.runs)
        if (r.finished) out.push_back(runEvent(r, *r.finished));
    for (const auto& a : snapshot.alerts)
        if (a.state == ports::AlertState::Resolved && a.firingSince && a.resolvedAt) {
            Event e = alertEvent(a, *a.resolvedAt);
            e.text += QStringLiteral(" resolved");
            e.over = true;
            out.push_back(std::move(e));
        }
    std::erase_if(out, [now](const Event& e) { return e.time > now; });
    std::stable_sort(out.begin(), out.end(), [](const Event& a, const Event& b) { return a.time > b.time; });
    if (out.size() > limit) out.resize(limit);
    return out;
}

std::vector<Event> axisEvents(const std::vector<ports::Alert>& alerts, const std::vector<ports::AliasPeriod>& aliases,
                              const std::vector<ports::Run>& runs, const std::string& model, TimeRange range) {
    std::vector<Event> out;
    const auto wanted = [&](const std::string& of, Timestamp at) {
        return (model.empty() || of == model) && range.contains(at);
    };
    for (const auto& p : aliases)
        if (p.alias == ports::kChampion && wanted(p.model, p.from)) out.push_back(aliasEvent(p));
    for (const auto& a : alerts)
        if (a.firingSince && a.severity != ports::Severity::Info && wanted(a.model, *a.firingSince)) {
            Event e = alertEvent(a, *a.firingSince);
            e.over = a.state == ports::AlertState::Resolved;
            out.push_back(std::move(e));
        }
    for (const auto& r : runs)
        if (const Timestamp at = r.started.value_or(r.created); wanted(r.model, at)) out.push_back(runEvent(r, at));
    std::stable_sort(out.begin(), out.end(), [](const Event& a, const Event& b) { return a.time < b.time; });
    return out;
}

void follow(Session& session, const Event& event) {
    LensState lens = session.lens().state();
    if (!event.model.empty() && lens.model != event.model) {
        lens.model = event.model;
        lens.version.clear();
        lens.compareWith.clear();
    }
    if (!event.window.empty()) lens.range.fixed = event.window;
    session.lens().set(std::move(lens));
    session.select(event.leadsTo);
    if (!event.view.isEmpty()) session.showView(event.view);
}

void EventListModel::setEvents(std::vector<Event> events) {
    if (events == m_events) return;
    beginResetModel();
    m_events = std::move(events);
    endResetModel();
}

int EventListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_events.size());
}

QVariant EventListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Event& e = m_events[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole:
            return e.text;
        case Qt::ToolTipRole:
            return e.more;
        case Qt::AccessibleTextRole:
            return QString(e.text + u' ' + e.more);
        case TimeNsRole:
            return static_cast<qlonglong>(e.time.ns);
        case KindRole:
            return static_cast<int>(e.kind);
        case MoreRole:
            return e.more;
        case OverRole:
            return e.over;
        default:
            return {};
    }
}

void ModelHealthModel::setHealth(std::vector<ModelHealth> models) {
    const bool sameRows = std::equal(models.begin(), models.end(), m_models.begin(), m_models.end(),
                                     [](const ModelHealth& a, const ModelHealth& b) { return a.model == b.model; });
    if (!sameRows) {
        beginResetModel();
        m_models = std::move(models);
        endResetModel();
        return;
    }
    for (std::size_t i = 0; i < models.size(); ++i) {
        if (models[i] == m_models[i]) continue;
        m_models[i] = std::move(models[i]);
        Q_EMIT dataChanged(index(static_cast<int>(i), 0), index(static_cast<int>(i), Columns - 1));
    }
}

int ModelHealthModel::rowOf(const std::string& model) const {
    for (std::size_t i = 0; i < m_models.size(); ++i)
        if (m_models[i].model == model) return static_cast<int>(i);
    return -1;
}

int ModelHealthModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_models.size());
}
int ModelHealthModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : Columns; }

QVariant ModelHealthModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const ModelHealth& m = m_models[static_cast<std::size_t>(index.row())];
    if (role == StateRole) return QString::fromLatin1(toString(m.state));
    switch (index.column()) {
        case Model:
            return role == Qt::DisplayRole ? QVariant(text(m.model)) : QVariant();
        case Version:
            return role == Qt::DisplayRole ? QVariant(m.version.empty() ? tr("none") : text(m.version)) : QVariant();
        case State:
            if (role != Qt::DisplayRole) return {};
            return m.state == HealthState::Unknown ? tr("not known") : QString::fromLatin1(toString(m.state));
        case Why:
            return role == Qt::DisplayRole || role == Qt::ToolTipRole ? QVariant(text(m.why)) : QVariant();
        case Traffic:
            return role == LineRole ? line(m.traffic) : QVariant();
        case Score:
            return role == LineRole ? line(m.score) : QVariant();
        case Drift:
            return role == LineRole ? line(m.drift) : QVariant();
        case Requests:
            return role == NumberRole ? QVariant(m.requests) : QVariant();
        case Errors:
            return role == NumberRole ? QVariant(m.errorShare) : QVariant();
        case P95:
            return role == NumberRole ? QVariant(m.p95Ms) : QVariant();
        case Auc:
            if (!m.auc) return {};
            if (role == NumberRole) return m.auc->value;
            if (role == IntervalRole) return line(std::vector<double>{m.auc->low, m.auc->high, m.auc->limit});
            return {};
        case InProgress:
            return role == Qt::DisplayRole ? QVariant(text(m.inProgress)) : QVariant();
        default:
            return {};
    }
}

QVariant ModelHealthModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole && (section == Requests || section == Errors || section == P95))
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole) return {};
    switch (section) {
        case Model:
            return tr("model");
        case Version:
            return tr("version");
        case State:
            return tr("state");
        case Why:
            return tr("why");
        case Traffic:
            return tr("traffic");
        case Requests:
            return tr("requests");
        case Errors:
            return tr("errors");
        case P95:
            return tr("p95");
        case Score:
            return tr("score");
        case Drift:
            return tr("drift");
        case Auc:
            return tr("AUC");
        case InProgress:
            return tr("in progress");
        default:
            return {};
    }
}

}  // namespace pilothouse::items
