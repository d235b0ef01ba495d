// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/retention_plan.h"

#include "models/items/on_thread.h"
#include "models/workspace/lease.h"

namespace pilothouse::items {

namespace {

using predictions::Retention;
using predictions::RetentionPolicy;

QString text(const Error& error) { return QString::fromStdString(error.text()); }

/// As the command line does it.
Result<Retention> store(workspace::Workspace& workspace, const RetentionPolicy& policy, bool now,
                        const CancellationToken& token) {
    PH_ASSIGN(const auto database, workspace.connect());
    {
        PH_ASSIGN(auto transaction, workspace::Transaction::begin(*database));
        PH_TRY(predictions::setRetentionPolicy(*database, policy));
        PH_TRY(transaction.commit());
    }
    if (!now) return Retention();
    PH_ASSIGN(const auto lease, workspace::Lease::take(workspace));
    PH_ASSIGN(const auto removed, predictions::retain(*database, policy, workspace.now(), true, token));
    PH_TRY(lease->beat());
    PH_TRY(predictions::compact(*database, token));
    return removed;
}

}  // namespace

RetentionPlan::RetentionPlan(std::shared_ptr<workspace::Workspace> workspace, QObject* parent)
    : QObject(parent), m_workspace(std::move(workspace)) {}

void RetentionPlan::load() {
    m_reading.start(
        this,
        [&](CancellationToken token) {
            return m_workspace->read(
                std::move(token), [](workspace::Database& database) { return predictions::retentionPolicy(database); });
        },
        [this](Result<RetentionPolicy> policy) {
            if (policy)
                Q_EMIT policyRead(*policy);
            else
                Q_EMIT failed(text(policy.error()));
        });
}

void RetentionPlan::count(const RetentionPolicy& policy) {
    m_counting.start(
        this,
        [&](CancellationToken token) {
            return onThread("retention", [workspace = m_workspace, policy, token]() -> Result<Retention> {
                PH_ASSIGN(const auto database, workspace->connect(true));
                return predictions::retain(*database, policy, workspace->now(), false, token);
            });
        },
        [this](Result<Retention> would) {
            if (would)
                Q_EMIT counted(*would);
            else
                Q_EMIT failed(text(would.error()));
        });
}

void RetentionPlan::save(const RetentionPolicy& policy, bool now) {
    if (m_saving) return;
    m_saving = true;
    m_answer.start(
        this,
        [&](const CancellationToken&) {
            return onThread("retention",
                            [workspace = m_workspace, policy, now] { return store(*workspace, policy, now, {}); });
        },
        [this, now](Result<Retention> removed) {
            m_saving = false;
            if (removed)
                Q_EMIT done(*removed, now);
            else
                Q_EMIT notSaved(text(removed.error()));
        });
}

}  // namespace pilothouse::items
