// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/ports/model_registry.h"
#include "models/workspace/workspace.h"

namespace pilothouse::workspace {

/// Models, versions and aliases in the workspace's tables. Each function runs within the caller's transaction.
namespace registry {
[[nodiscard]] Result<std::int64_t> modelId(Database& database, const std::string& name, Timestamp now);  ///< made if absent
/// AlreadyExists when (model, version) is there.
[[nodiscard]] Status addVersion(Database& database, const ports::ModelVersion& version);
[[nodiscard]] Result<std::vector<ports::ModelVersion>> versions(Database& database, const std::string& model);  ///< newest first
[[nodiscard]] Result<std::optional<ports::ModelVersion>> version(Database& database, const std::string& model,
                                                                 const std::string& version);
[[nodiscard]] Result<std::string> nextVersion(Database& database, const std::string& model);  ///< "v1", "v2", …
/// Ends the open period of the alias at `at` and begins one; appends an audit record. NotFound for an unknown version.
[[nodiscard]] Status setAlias(Database& database, const std::string& model, const std::string& alias,
                              const std::string& version, Timestamp at, const std::string& actor, const std::string& reason);
[[nodiscard]] Result<std::optional<std::string>> aliasAt(Database& database, const std::string& model,
                                                         const std::string& alias, Timestamp at);
[[nodiscard]] Result<std::vector<ports::AliasPeriod>> aliasHistory(Database& database, const std::string& model);
[[nodiscard]] Result<std::vector<ports::ModelSummary>> models(Database& database);
}  // namespace registry

/// Content-addressed bytes beside the workspace. Written to a temporary name, synced, renamed: whole or absent.
namespace artifacts {
/// Returns "sha256:…". Known bytes are not written twice.
[[nodiscard]] Result<std::string> put(const Workspace& workspace, Database& database, std::span<const std::uint8_t> bytes,
                                      const std::string& mediaType, Timestamp now);
/// NotFound when absent, Corrupt when the bytes do not match the digest.
[[nodiscard]] Result<std::vector<std::uint8_t>> get(const Workspace& workspace, const std::string& digest);
}  // namespace artifacts

/// Appends one record to the hash chain.
[[nodiscard]] Status audit(Database& database, Timestamp at, const std::string& actor, const std::string& action,
                           const std::string& subject, const std::string& detail);

class EmbeddedModelRegistry final : public ports::ModelRegistry {
public:
    explicit EmbeddedModelRegistry(std::shared_ptr<Workspace> workspace) : m_workspace(std::move(workspace)) {}
    QFuture<Result<std::vector<ports::ModelSummary>>> models(CancellationToken token) override;
    QFuture<Result<std::vector<ports::ModelVersion>>> versions(std::string model, CancellationToken token) override;
    QFuture<Result<std::vector<ports::AliasPeriod>>> aliasHistory(std::string model, CancellationToken token) override;
    QFuture<Result<void>> setAlias(std::string model, std::string alias, std::string version, std::string actor,
                                   std::string reason) override;
    QFuture<Result<QByteArray>> artifact(std::string digest, CancellationToken token) override;

private:
    std::shared_ptr<Workspace> m_workspace;
};

}  // namespace pilothouse::workspace
