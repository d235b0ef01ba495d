// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/workspace/registry_store.h"

namespace pilothouse::workspace {

// The jobs hold the plain pointer: a workspace waits for its jobs before it ends.

QFuture<Result<std::vector<ports::ModelSummary>>> EmbeddedModelRegistry::models(CancellationToken token) {
    return m_workspace->read(token, [workspace = m_workspace.get()](Database& database) {
        return registry::models(database, workspace->now());
    });
}

QFuture<Result<std::vector<ports::ModelVersion>>> EmbeddedModelRegistry::versions(std::string model,
                                                                                  CancellationToken token) {
    return m_workspace->read(
        token, [model = std::move(model)](Database& database) { return registry::versions(database, model); });
}

QFuture<Result<std::vector<ports::AliasPeriod>>> EmbeddedModelRegistry::aliasHistory(std::string model,
                                                                                     CancellationToken token) {
    return m_workspace->read(
        token, [model = std::move(model)](Database& database) { return registry::aliasHistory(database, model); });
}

QFuture<Result<void>> EmbeddedModelRegistry::setAlias(std::string model, std::string alias, std::string version,
                                                      std::string actor, std::string reason) {
    return m_workspace->write([workspace = m_workspace.get(), model = std::move(model), alias = std::move(alias),
                               version = std::move(version), actor = std::move(actor),
                               reason = std::move(reason)](Database& database) -> Status {
        // Another process may have moved the simulated clock; its periods must not seem to lie in the future.
        PH_TRY(workspace->refreshClock(database));
        return registry::setAlias(database, model, alias, version, workspace->now(), actor, reason);
    });
}

QFuture<Result<void>> EmbeddedModelRegistry::removeAlias(std::string model, std::string alias, std::string actor,
                                                         std::string reason) {
    return m_workspace->write([workspace = m_workspace.get(), model = std::move(model), alias = std::move(alias),
                               actor = std::move(actor), reason = std::move(reason)](Database& database) -> Status {
        PH_TRY(workspace->refreshClock(database));
        return registry::removeAlias(database, model, alias, workspace->now(), actor, reason);
    });
}

QFuture<Result<void>> EmbeddedModelRegistry::setTag(std::string model, std::string version, std::string key,
                                                    std::optional<std::string> value, std::string actor) {
    return m_workspace->write([workspace = m_workspace.get(), model = std::move(model), version = std::move(version),
                               key = std::move(key), value = std::move(value),
                               actor = std::move(actor)](Database& database) -> Status {
        PH_TRY(workspace->refreshClock(database));
        return registry::setTag(database, model, version, key, value, workspace->now(), actor);
    });
}

QFuture<Result<QByteArray>> EmbeddedModelRegistry::artifact(std::string digest, CancellationToken token) {
    return m_workspace->read(
        token, [workspace = m_workspace.get(), digest = std::move(digest)](Database&) -> Result<QByteArray> {
            PH_ASSIGN(const auto bytes, artifacts::get(*workspace, digest));
            return QByteArray(reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size()));
        });
}

}  // namespace pilothouse::workspace
