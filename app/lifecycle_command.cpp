// SPDX-License-Identifier: GPL-3.0-or-later
// What happens to prediction rows over time: retention, compaction, erasure.
#include "app/command_line.h"
#include "app/output.h"
#include "models/predictions/erasure.h"
#include "models/predictions/retention.h"
#include "models/workspace/lease.h"

namespace pilothouse::app {

namespace {

constexpr double kGigabyte = 1'000'000'000;

std::string megabytes(std::int64_t bytes) {
    return QString::number(static_cast<double>(bytes) / 1'000'000, 'f', 1).toStdString() + " MB";
}

std::string rule(const predictions::RetentionPolicy& policy) {
    if (!policy.days && !policy.bytes) return "rows stay: no retention is set (--keep-days N, --keep-gb N)";
    std::string out = "keeps ";
    if (policy.days) out += std::to_string(*policy.days) + " days";
    if (policy.bytes) out += (policy.days ? ", at most " : "at most ") + megabytes(*policy.bytes);
    return out;
}

QJsonValue optional(const std::optional<std::int64_t>& value) {
    return value ? QJsonValue(static_cast<qint64>(*value)) : QJsonValue();
}

/// What was said on the command line, over what the workspace has. 0: no limit.
predictions::RetentionPolicy changed(predictions::RetentionPolicy policy, const RetentionArguments& arguments) {
    if (arguments.keepDays) policy.days = *arguments.keepDays > 0 ? arguments.keepDays : std::nullopt;
    if (arguments.keepGigabytes) {
        policy.bytes.reset();
        if (*arguments.keepGigabytes > 0)
            policy.bytes = static_cast<std::int64_t>(std::max(1.0, *arguments.keepGigabytes * kGigabyte));
    }
    return policy;
}

void show(const CommandContext& context, const predictions::RetentionPolicy& policy, const predictions::Retention& gone,
          const predictions::Compaction& shaped, bool dryRun) {
    if (context.json) {
        QJsonObject json{{QStringLiteral("keep_days"), optional(policy.days)},
                         {QStringLiteral("keep_bytes"), optional(policy.bytes)},
                         {QStringLiteral("dry_run"), dryRun},
                         {QStringLiteral("before"), gone.before ? jsonTime(*gone.before) : QJsonValue()},
                         {QStringLiteral("rows"), static_cast<qint64>(gone.rows)},
                         {QStringLiteral("outcomes"), static_cast<qint64>(gone.truths)},
                         {QStringLiteral("quarantined"), static_cast<qint64>(gone.quarantined)},
                         {QStringLiteral("parts"), static_cast<qint64>(gone.parts)},
                         {QStringLiteral("log_bytes_before"), static_cast<qint64>(gone.bytesBefore)},
                         {QStringLiteral("log_bytes_after"), static_cast<qint64>(gone.bytesAfter)},
                         {QStringLiteral("sealed_rows"), static_cast<qint64>(shaped.sealedRows)},
                         {QStringLiteral("merged_segments"), static_cast<qint64>(shaped.merged)},
                         {QStringLiteral("bytes_given_back"), static_cast<qint64>(shaped.bytesGivenBack)}};
        printJson(json);
        return;
    }
    printLine(rule(policy));
    printLine(std::to_string(gone.rows) + (dryRun ? " rows would go" : " rows removed") + " from " +
              std::to_string(gone.parts) + " parts; the log: " + megabytes(gone.bytesBefore) + " → " +
              megabytes(gone.bytesAfter));
    if (!dryRun)
        printLine(std::to_string(shaped.sealedRows) + " rows sealed, " + std::to_string(shaped.merged) +
                  " segments merged, " + megabytes(shaped.bytesGivenBack) + " given back");
}

Status retention(const CommandContext& context, const RetentionArguments& arguments) {
    PH_ASSIGN(auto workspace, context.openWorkspace());
    PH_ASSIGN(auto database, workspace->connect(arguments.dryRun));
    PH_ASSIGN(const auto stored, predictions::retentionPolicy(*database));
    const auto policy = changed(stored, arguments);
    if (arguments.dryRun) {
        PH_ASSIGN(const auto gone, predictions::retain(*database, policy, workspace->now(), false, context.token));
        show(context, policy, gone, {}, true);
        return {};
    }
    PH_ASSIGN(const auto lease, workspace::Lease::take(*workspace));
    if (!(policy == stored)) {
        PH_ASSIGN(auto transaction, workspace::Transaction::begin(*database));
        PH_TRY(predictions::setRetentionPolicy(*database, policy));
        PH_TRY(transaction.commit());
    }
    PH_ASSIGN(const auto gone, predictions::retain(*database, policy, workspace->now(), true, context.token));
    PH_TRY(lease->beat());
    PH_ASSIGN(const auto shaped, predictions::compact(*database, context.token));
    show(context, policy, gone, shaped, false);
    return {};
}

void show(const CommandContext& context, const predictions::Erasure& erasure, bool erased) {
    if (context.json) {
        QJsonArray backups;
        for (const std::string& path : erasure.backups)
            backups.append(text(path));
        printJson({{QStringLiteral("erased"), erased},
                   {QStringLiteral("rows"), static_cast<qint64>(erasure.rows)},
                   {QStringLiteral("outcomes"), static_cast<qint64>(erasure.truths)},
                   {QStringLiteral("quarantined"), static_cast<qint64>(erasure.quarantined)},
                   {QStringLiteral("parts"), static_cast<qint64>(erasure.parts)},
                   {QStringLiteral("bytes_gone"), erasure.bytesGone},
                   {QStringLiteral("backups"), backups}});
        return;
    }
    printLine(std::to_string(erasure.rows) + " rows, " + std::to_string(erasure.truths) + " outcomes and " +
              std::to_string(erasure.quarantined) + " quarantined rows " + (erased ? "erased" : "would be erased"));
    if (!erased) printNote("nothing was changed; --yes erases");
    if (erased && !erasure.bytesGone)
        printNote(
            "another program still reads an older state, so their bytes are still in the write-ahead log; "
            "the same command removes them once it has closed the workspace");
    for (const std::string& path : erasure.backups)
        printNote(path + " was made before a migration and may still hold them; delete it when it is not needed");
}

Status erase(const CommandContext& context, const EraseArguments& arguments) {
    PH_ASSIGN(auto workspace, context.openWorkspace());
    PH_ASSIGN(auto database, workspace->connect(!arguments.yes));
    const bool request = !arguments.requestId.empty();
    const std::string& name = request ? arguments.requestId : arguments.model;
    if (!arguments.yes) {
        PH_ASSIGN(const auto would, request ? predictions::countRequest(*database, name)
                                            : predictions::countModel(*database, name, context.token));
        show(context, would, false);
        return {};
    }
    PH_ASSIGN(const auto done, request
                                   ? predictions::eraseRequest(*database, name, "user", workspace->now(), context.token)
                                   : predictions::eraseModel(*database, name, "user", workspace->now(), context.token));
    show(context, done, true);
    return {};
}

}  // namespace

int runRetention(const CommandContext& context, const RetentionArguments& arguments) {
    const Status done = retention(context, arguments);
    return done ? Done : report(done.error());
}

int runErase(const CommandContext& context, const EraseArguments& arguments) {
    const Status done = erase(context, arguments);
    return done ? Done : report(done.error());
}

}  // namespace pilothouse::app
