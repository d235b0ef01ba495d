// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/embedded_alert_source.h"

#include "models/monitoring/alert_rules.h"
#include "models/monitoring/suppression.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::monitoring {

using workspace::Database;

QFuture<Result<std::vector<ports::Alert>>> EmbeddedAlertSource::alerts(bool open, CancellationToken token) {
    return m_workspace->read(std::move(token), [open, workspace = m_workspace](Database& database) {
        return readAlerts(database, open, workspace->now());
    });
}

QFuture<Result<std::vector<ports::Silence>>> EmbeddedAlertSource::silences(CancellationToken token) {
    return m_workspace->read(std::move(token), [](Database& database) { return readSilences(database); });
}

namespace {

Status check(const ports::Silence& silence, Timestamp now) {
    if (silence.matchers.empty()) return fail(Error::invalid("a silence needs at least one label to match"));
    PH_ASSIGN(const auto matchers, LabelMatchers::compile(silence.matchers));
    if (matchers.matchesEverything())
        return fail(Error::invalid("these matchers hold of every alert; one must ask for a value"));
    if (silence.range.empty()) return fail(Error::invalid("a silence must end after it begins"));
    if (silence.range.end <= now) return fail(Error::invalid("a silence cannot end in the past"));
    return {};
}

Result<std::string> insert(Database& database, const ports::Silence& silence) {
    PH_ASSIGN(const auto count, database.integer("SELECT count(*) FROM silence"));
    const std::string id = "silence-" + std::to_string(count.value_or(0) + 1);
    PH_TRY(database.run("INSERT INTO silence (id, matchers, starts, ends, author, comment) VALUES (?, ?, ?, ?, ?, ?)",
                        id, matchersJson(silence.matchers), silence.range.start, silence.range.end, silence.author,
                        silence.comment));
    return id;
}

/// Ends it; one that has not begun is over before it begins.
Status end(Database& database, const std::string& id, Timestamp now) {
    return database.run("UPDATE silence SET ends = ?1, starts = min(starts, ?1) WHERE id = ?2 AND ends > ?1", now, id);
}

Result<std::optional<ports::Silence>> find(Database& database, const std::string& id) {
    PH_ASSIGN(auto all, readSilences(database));
    for (ports::Silence& s : all)
        if (s.id == id) return std::optional(std::move(s));
    return std::optional<ports::Silence>();
}

/// What was in force stays as it was: only what is to come of a silence is changed in place.
Result<std::string> change(Database& database, ports::Silence silence, Timestamp now) {
    PH_ASSIGN(const auto old, find(database, silence.id));
    if (!old) return fail(ErrorKind::NotFound, "there is no silence \"" + silence.id + "\"");
    const bool begun = old->range.start <= now;
    if (begun && old->range.end > now && silence.matchers == old->matchers && silence.range.start <= now) {
        silence.range.start = old->range.start;
    } else if (begun) {
        PH_TRY(end(database, silence.id, now));
        silence.range.start = std::max(silence.range.start, now);
        return insert(database, silence);
    } else {
        silence.range.start = std::max(silence.range.start, now);
    }
    PH_TRY(database.run("UPDATE silence SET matchers = ?, starts = ?, ends = ?, author = ?, comment = ? WHERE id = ?",
                        matchersJson(silence.matchers), silence.range.start, silence.range.end, silence.author,
                        silence.comment, silence.id));
    return silence.id;
}

}  // namespace

QFuture<Result<std::string>> EmbeddedAlertSource::silence(ports::Silence silence) {
    return m_workspace->write(
        [silence = std::move(silence), workspace = m_workspace](Database& database) mutable -> Result<std::string> {
            const Timestamp now = workspace->now();
            PH_TRY(check(silence, now));
            std::string text;
            for (const ports::Matcher& m : silence.matchers)
                text += (text.empty() ? "" : ", ") + ports::toString(m);
            const bool changes = !silence.id.empty();
            const std::string until = "until " + silence.range.end.toIso() + ": " + silence.comment;
            const std::string author = silence.author;
            if (!changes) silence.range.start = std::max(silence.range.start, now);  // none hides what was seen
            PH_ASSIGN(std::string id, changes ? change(database, std::move(silence), now) : insert(database, silence));
            PH_TRY(workspace::audit(database, now, author, changes ? "change silence" : "silence",
                                    changes ? id + ": " + text : text, until));
            return id;
        });
}

QFuture<Result<void>> EmbeddedAlertSource::expireSilence(std::string id) {
    return m_workspace->write([id = std::move(id), workspace = m_workspace](Database& database) -> Result<void> {
        const Timestamp now = workspace->now();
        PH_ASSIGN(const auto ends, database.integer("SELECT ends FROM silence WHERE id = ?", id));
        if (!ends) return fail(ErrorKind::NotFound, "there is no silence \"" + id + "\"");
        if (*ends <= now.ns) return {};
        PH_TRY(end(database, id, now));
        return workspace::audit(database, now, "user", "expire silence", id, "");
    });
}

}  // namespace pilothouse::monitoring
