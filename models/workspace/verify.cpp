// SPDX-License-Identifier: GPL-3.0-or-later
#include <map>

#include "models/workspace/migrations.h"
#include "models/workspace/registry_store.h"
#include "models/workspace/workspace.h"

namespace pilothouse::workspace {

namespace {

constexpr const char* kFile = "the file";

Result<std::vector<Problem>> checkPages(Database& database) {
    std::vector<Problem> problems;
    PH_ASSIGN(auto pages, database.prepare("PRAGMA integrity_check(100)"));
    for (;;) {
        PH_ASSIGN(const bool more, pages.step());
        if (!more) break;
        if (pages.view(0) != "ok") problems.push_back({pages.text(0), kFile});
    }
    PH_ASSIGN(auto references, database.prepare("PRAGMA foreign_key_check"));
    for (;;) {
        PH_ASSIGN(const bool more, references.step());
        if (!more) return problems;
        problems.push_back({"refers to a row of " + references.text(2) + " that is not there",
                            "table " + references.text(0) + ", row " + references.text(1)});
    }
}

using Schema = std::map<std::string, std::string>;  ///< "table run" → its SQL

Result<Schema> schemaOf(Database& database) {
    Schema out;
    PH_ASSIGN(
        auto rows,
        database.prepare("SELECT type, name, ifnull(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'"));
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return out;
        out[rows.text(0) + " " + rows.text(1)] = rows.text(2);
    }
}

Result<std::vector<Problem>> checkSchema(Database& database) {
    PH_ASSIGN(const auto known, migrations::bundled());
    PH_ASSIGN(auto fresh, Database::open(":memory:", Database::Mode::Create));
    for (const migrations::Migration& migration : known)
        PH_TRY(fresh->execute(migration.sql));
    PH_ASSIGN(const Schema expected, schemaOf(*fresh));
    PH_ASSIGN(const Schema found, schemaOf(database));
    std::vector<Problem> problems;
    PH_ASSIGN(const auto version, database.integer("PRAGMA user_version"));
    if (version != known.back().number)
        problems.push_back({"is of version " + std::to_string(version.value_or(0)) + " instead of " +
                                std::to_string(known.back().number),
                            kFile});
    for (const auto& [name, sql] : expected) {
        const auto it = found.find(name);
        if (it == found.end())
            problems.push_back({"is missing", name});
        else if (it->second != sql)
            problems.push_back({"is not as version " + std::to_string(known.back().number) + " makes it", name});
    }
    for (const auto& [name, sql] : found)
        if (!expected.contains(name)) problems.push_back({"does not belong to a workspace", name});
    return problems;
}

/// Damage that stops a check is a finding, too; anything else that stops it is an error.
Status append(std::vector<Problem>& problems, const std::string& where, Result<std::vector<Problem>> found) {
    if (found) {
        problems.insert(problems.end(), found->begin(), found->end());
        return {};
    }
    if (found.error().kind != ErrorKind::Corrupt) return fail(std::move(found.error()));
    problems.push_back(
        {found.error().message + (found.error().detail.empty() ? "" : ": " + found.error().detail), where});
    return {};
}

}  // namespace

Result<std::vector<Problem>> Workspace::verify(
    const std::vector<std::function<Result<std::vector<Problem>>(Database&)>>& extraChecks, CancellationToken token) {
    PH_ASSIGN(auto database, connect(true));
    database->setCancellation(token);
    PH_ASSIGN(auto snapshot, Transaction::begin(*database, Transaction::Kind::Read));
    std::vector<Problem> problems;
    PH_TRY(append(problems, kFile, checkPages(*database)));
    PH_TRY(append(problems, "the schema", checkSchema(*database)));
    PH_TRY(append(problems, "the artifacts", checkArtifacts(*this, *database, token)));
    PH_TRY(append(problems, "the registry", checkRegistry(*database)));
    PH_TRY(append(problems, "the audit trail", checkAudit(*database, token)));
    for (const auto& check : extraChecks) {
        PH_TRY(token.check());
        PH_TRY(append(problems, kFile, check(*database)));
    }
    return problems;
}

}  // namespace pilothouse::workspace
