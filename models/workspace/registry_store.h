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

/// Models, versions and aliases in the workspace's tables. Each function runs within the caller's transaction; after an
/// error the caller rolls back.
namespace registry {
[[nodiscard]] Result<std::int64_t> modelId(Database& database, const std::string& name,
                                           Timestamp now);  ///< made if absent
/// AlreadyExists when (model, version) is there; InvalidInput for an empty name.
[[nodiscard]] Status addVersion(Database& database, const ports::ModelVersion& version);
/// Newest first; nothing for an unknown model.
[[nodiscard]] Result<std::vector<ports::ModelVersion>> versions(Database& database, const std::string& model);
[[nodiscard]] Result<std::optional<ports::ModelVersion>> version(Database& database, const std::string& model,
                                                                 const std::string& version);
[[nodiscard]] Result<std::string> nextVersion(Database& database, const std::string& model);  ///< "v1", "v2", …
/// Ends the alias's period at `at` and begins one; appends an audit record. `at` is now or a moment to come, never the
/// past: a period that would begin after `at` is replaced before it began. Setting what is set already changes nothing.
/// NotFound for an unknown version.
[[nodiscard]] Status setAlias(Database& database, const std::string& model, const std::string& alias,
                              const std::string& version, Timestamp at, const std::string& actor,
                              const std::string& reason);
/// Ends the alias's period at `at`, of which the same holds; appends an audit record. Nothing changes where the alias
/// is not set. NotFound for an unknown model.
[[nodiscard]] Status removeAlias(Database& database, const std::string& model, const std::string& alias, Timestamp at,
                                 const std::string& actor, const std::string& reason);
/// Of a version, or of the model where `version` is empty; no value takes the tag away. Appends an audit record where
/// that changes something. NotFound for an unknown model or version, InvalidInput for an empty key.
[[nodiscard]] Status setTag(Database& database, const std::string& model, const std::string& version,
                            const std::string& key, const std::optional<std::string>& value, Timestamp at,
                            const std::string& actor);
[[nodiscard]] Result<std::optional<std::string>> aliasAt(Database& database, const std::string& model,
                                                         const std::string& alias, Timestamp at);
/// Oldest first. Periods that were replaced before they began are left out (the audit trail has them).
[[nodiscard]] Result<std::vector<ports::AliasPeriod>> aliasHistory(Database& database, const std::string& model);
/// By name, with the aliases as of `asOf`.
[[nodiscard]] Result<std::vector<ports::ModelSummary>> models(Database& database, Timestamp asOf = kTimestampMax);
}  // namespace registry

/// Content-addressed bytes beside the workspace. Written to a temporary name, synced, renamed: whole or absent.
namespace artifacts {
/// Returns "sha256:…". Known bytes are not written twice; a damaged file is replaced. Within the caller's transaction;
/// when that is rolled back, bytes that nobody refers to stay behind, which does no harm.
[[nodiscard]] Result<std::string> put(const Workspace& workspace, Database& database,
                                      std::span<const std::uint8_t> bytes, const std::string& mediaType, Timestamp now);
/// NotFound when absent, Corrupt when the bytes do not match the digest, InvalidInput for text that is no digest.
[[nodiscard]] Result<std::vector<std::uint8_t>> get(const Workspace& workspace, const std::string& digest);
[[nodiscard]] std::string digestOf(std::span<const std::uint8_t> bytes);  ///< "sha256:" and 64 hex digits
}  // namespace artifacts

/// Appends one record to the hash chain: SHA-256 over the fields and the hash of the record before. Within the caller's
/// transaction.
[[nodiscard]] Status audit(Database& database, Timestamp at, const std::string& actor, const std::string& action,
                           const std::string& subject, const std::string& detail);
struct AuditRecord {
    std::int64_t id = 0;
    Timestamp at;
    std::string actor;    ///< "user", "pipeline run 3"
    std::string action;   ///< "alias.set"
    std::string subject;  ///< "model:delay"
    std::string detail;   ///< a JSON object
};
[[nodiscard]] Result<std::vector<AuditRecord>> auditTrail(Database& database, std::size_t limit);  ///< newest first

/// For Workspace::verify().
[[nodiscard]] Result<std::vector<Problem>> checkArtifacts(const Workspace& workspace, Database& database,
                                                          const CancellationToken& token);
[[nodiscard]] Result<std::vector<Problem>> checkRegistry(Database& database);
[[nodiscard]] Result<std::vector<Problem>> checkAudit(Database& database, const CancellationToken& token);

/// The workspace's own registry. An alias is set as of the workspace's clock.
class EmbeddedModelRegistry final : public ports::ModelRegistry {
public:
    explicit EmbeddedModelRegistry(std::shared_ptr<Workspace> workspace) : m_workspace(std::move(workspace)) {}
    QFuture<Result<std::vector<ports::ModelSummary>>> models(CancellationToken token) override;
    QFuture<Result<std::vector<ports::ModelVersion>>> versions(std::string model, CancellationToken token) override;
    QFuture<Result<std::vector<ports::AliasPeriod>>> aliasHistory(std::string model, CancellationToken token) override;
    QFuture<Result<void>> setAlias(std::string model, std::string alias, std::string version, std::string actor,
                                   std::string reason) override;
    QFuture<Result<void>> removeAlias(std::string model, std::string alias, std::string actor,
                                      std::string reason) override;
    QFuture<Result<void>> setTag(std::string model, std::string version, std::string key,
                                 std::optional<std::string> value, std::string actor) override;
    QFuture<Result<QByteArray>> artifact(std::string digest, CancellationToken token) override;

private:
    std::shared_ptr<Workspace> m_workspace;
};

}  // namespace pilothouse::workspace
