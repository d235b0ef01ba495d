// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/monitor_editor.h"

#include <QCoreApplication>
#include <set>

#include "models/engine/engine.h"
#include "models/items/on_thread.h"
#include "models/monitoring/log_profile.h"
#include "models/monitoring/monitor_store.h"
#include "models/predictions/log_queries.h"
#include "models/predictions/query_parser.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::items {

namespace {

using monitoring::Backtest;
using monitoring::MonitorDefinition;
using monitoring::StoredProfile;
using workspace::Database;
using workspace::Transaction;
using workspace::Workspace;

/// A log has few models; beyond this many a person types the name.
constexpr std::size_t kMostModels = 200;

Result<std::vector<std::string>> modelsOf(Database& database, const CancellationToken& token) {
    std::set<std::string> names;
    PH_ASSIGN(const auto known, workspace::registry::models(database));
    for (const ports::ModelSummary& model : known)
        names.insert(model.name);
    ports::TopValuesRequest request;
    request.field = ports::field::model;
    request.limit = kMostModels;
    PH_ASSIGN(const auto logged, predictions::topValuesOfLog(database, request, token));
    for (const ports::ValueCount& value : logged.values)
        names.insert(value.value);
    return std::vector<std::string>(names.begin(), names.end());
}

Result<MonitorEditor::Choices> choicesOf(Workspace& workspace, const CancellationToken& token) {
    PH_ASSIGN(const auto database, workspace.connect(true));
    PH_ASSIGN(auto snapshot, Transaction::begin(*database, Transaction::Kind::Read));
    MonitorEditor::Choices out;
    out.demo = engine::isDemo(workspace);
    PH_ASSIGN(out.monitors, monitoring::monitorsOf(*database));
    PH_ASSIGN(out.profiles, monitoring::profilesOf(*database, {}));
    PH_ASSIGN(const auto fields, monitoring::profiledFields(*database));
    for (const ports::FieldInfo& field : fields)
        out.columns.push_back(field.name);
    PH_TRY(snapshot.commit());
    if (fields.empty()) return out;  // a log without rows has no field of the models' names
    PH_ASSIGN(out.models, modelsOf(*database, token));
    PH_ASSIGN(const auto extent, predictions::extentOfLog(*database));
    if (extent.rows > 0) out.log = extent.range;
    return out;
}

Result<std::string> declare(Workspace& workspace, const MonitorDefinition& monitor, const std::string& former) {
    PH_ASSIGN(const auto database, workspace.connect());
    PH_ASSIGN(auto transaction, Transaction::begin(*database));
    const Timestamp now = workspace.now();
    PH_ASSIGN([[maybe_unused]] const bool changed, monitoring::declareMonitor(*database, monitor, now, "user"));
    if (!former.empty() && former != monitor.name) PH_TRY(monitoring::removeMonitor(*database, former, now, "user"));
    PH_TRY(transaction.commit());
    return monitor.name;
}

Result<std::string> takeAway(Workspace& workspace, const std::string& name) {
    PH_ASSIGN(const auto database, workspace.connect());
    PH_ASSIGN(auto transaction, Transaction::begin(*database));
    PH_TRY(monitoring::removeMonitor(*database, name, workspace.now(), "user"));
    PH_TRY(transaction.commit());
    return name;
}

struct ProfileWanted {
    std::string model, version, query;
    TimeRange range;
};

Result<StoredProfile> profileOf(Workspace& workspace, const ProfileWanted& wanted, const CancellationToken& token) {
    monitoring::LogProfileRequest request;
    PH_ASSIGN(const auto asked, predictions::parseQuery(wanted.query));
    PH_ASSIGN(const auto ofModel,
              predictions::parseQuery(predictions::equalsClause(ports::field::model, wanted.model)));
    request.query = predictions::conjunction(asked, ofModel);
    if (!wanted.version.empty()) {
        PH_ASSIGN(const auto ofVersion,
                  predictions::parseQuery(predictions::equalsClause(ports::field::version, wanted.version)));
        request.query = predictions::conjunction(request.query, ofVersion);
    }
    request.query.now = workspace.now();
    request.range = wanted.range;
    PH_ASSIGN(const auto database, workspace.connect());
    PH_ASSIGN(request.columns, monitoring::profiledFields(*database));
    PH_ASSIGN(auto profile, monitoring::profileLog(*database, workspace.zone(), request, token));
    if (profile.rows == 0) return fail(Error::invalid("no row matches, so there is nothing to refer to"));
    profile.model = wanted.model;
    profile.version = wanted.version;
    PH_ASSIGN(auto transaction, Transaction::begin(*database));
    PH_ASSIGN(auto stored,
              monitoring::storeProfile(workspace, *database, profile,
                                       "query " + (wanted.query.empty() ? "*" : wanted.query), workspace.now()));
    PH_TRY(transaction.commit());
    return stored;
}

}  // namespace

MonitorEditor::MonitorEditor(std::shared_ptr<Workspace> workspace, QObject* parent)
    : QObject(parent), m_workspace(std::move(workspace)) {}
MonitorEditor::~MonitorEditor() = default;

template <class T, class Ask, class Take>
void MonitorEditor::ask(Latest& latest, const char* thread, Ask ask, Take take) {
    latest.start(
        this,
        [&](CancellationToken token) {
            return onThread(thread, [workspace = m_workspace, ask = std::move(ask), token]() -> Result<T> {
                return ask(workspace, token);
            });
        },
        [this, take = std::move(take)](Result<T> answer) {
            if (answer)
                take(*answer);
            else
                Q_EMIT failed(QString::fromStdString(answer.error().text()));
        });
}

void MonitorEditor::load() {
    ask<Choices>(
        m_choices, "choices", [](const auto& workspace, const auto& token) { return choicesOf(*workspace, token); },
        [this](const Choices& choices) { Q_EMIT loaded(choices); });
}

void MonitorEditor::backtest(const MonitorDefinition& monitor) {
    using Shared = std::shared_ptr<const Backtest>;
    // Told on the GUI thread, and not at all once this is gone: the guard is looked at there.
    const auto progress = [guard = QPointer<MonitorEditor>(this)](std::size_t done, std::size_t of) {
        QMetaObject::invokeMethod(
            qApp,
            [guard, done, of] {
                if (guard && guard->backtesting())
                    Q_EMIT guard->backtestProgress(static_cast<int>(done), static_cast<int>(of));
            },
            Qt::QueuedConnection);
    };
    ask<Shared>(
        m_backtest, "backtest",
        [monitor, progress](const auto& workspace, const auto& token) -> Result<Shared> {
            PH_ASSIGN(const auto database, workspace->connect(true));
            PH_ASSIGN(auto done,
                      monitoring::backtest(*workspace, *database, monitor, TimeRange::all(), progress, token));
            return std::make_shared<const Backtest>(std::move(done));
        },
        [this](const Shared& done) { Q_EMIT backtested(done); });
}

void MonitorEditor::cancelBacktest() { m_backtest.cancel(); }

void MonitorEditor::save(const MonitorDefinition& monitor, const std::string& former) {
    ask<std::string>(
        m_write, "declare",
        [monitor, former](const auto& workspace, const auto&) { return declare(*workspace, monitor, former); },
        [this](const std::string& name) {
            Q_EMIT saved(QString::fromStdString(name));
            judge(name);
        });
}

void MonitorEditor::judge(const std::string& name) {
    using Runs = std::vector<monitoring::MonitorRun>;
    ask<Runs>(
        m_judge, "judge",
        [name](const auto& workspace, const auto& token) -> Result<Runs> {
            if (engine::isDemo(*workspace)) return Runs();
            auto runs = monitoring::judgeDue(workspace, {name}, token);
            // Another program's engine does it in its turn.
            if (!runs && runs.error().kind == ErrorKind::Conflict) return Runs();
            return runs;
        },
        [this](const Runs& runs) {
            int evaluations = 0;
            QString problem;
            for (const monitoring::MonitorRun& run : runs) {
                evaluations += static_cast<int>(run.evaluations.size());
                if (!run.problem.empty()) problem = QString::fromStdString(run.problem);
            }
            Q_EMIT judged(evaluations, problem);
        });
}

void MonitorEditor::remove(const std::string& name) {
    ask<std::string>(
        m_write, "remove", [name](const auto& workspace, const auto&) { return takeAway(*workspace, name); },
        [this](const std::string& gone) { Q_EMIT removed(QString::fromStdString(gone)); });
}

void MonitorEditor::makeProfile(const std::string& model, const std::string& version, const std::string& query,
                                TimeRange range) {
    const ProfileWanted wanted{model, version, query, range};
    ask<StoredProfile>(
        m_profile, "profile",
        [wanted](const auto& workspace, const auto& token) { return profileOf(*workspace, wanted, token); },
        [this](const StoredProfile& profile) { Q_EMIT profileMade(profile); });
}

void MonitorEditor::cancelProfile() { m_profile.cancel(); }

bool MonitorEditor::settled() const {
    return !m_choices.running() && !m_backtest.running() && !m_write.running() && !m_judge.running() &&
           !m_profile.running();
}

}  // namespace pilothouse::items
