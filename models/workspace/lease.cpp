// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/workspace/lease.h"

#include <signal.h>
#include <unistd.h>

#include <QSysInfo>
#include <QUuid>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace pilothouse::workspace {

namespace {

constexpr std::chrono::seconds kStale{30};

std::int64_t monotonicNow() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

/// Field 22 of /proc/PID/stat; empty when there is no such process. proc(5).
std::string startOfProcess(std::int64_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    if (!std::getline(file, text)) return {};
    const std::size_t afterName = text.rfind(')');  // the name may hold blanks and brackets
    if (afterName == std::string::npos) return {};
    std::istringstream fields(text.substr(afterName + 1));
    std::string field;
    for (int number = 3; number <= 22; ++number)
        fields >> field;
    return field;
}

std::string firstLine(const char* path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

bool alive(const LeaseHolder& holder, const LeaseHolder& self) {
    if (holder.bootId != self.bootId) return false;
    const std::int64_t age = self.heartbeat - holder.heartbeat;
    if (age > std::chrono::nanoseconds(kStale).count() || age < 0) return false;
    if (holder.pidNamespace != self.pidNamespace) return true;  // its pid means nothing here: the heartbeat decides
    if (::kill(static_cast<pid_t>(holder.pid), 0) != 0 && errno == ESRCH) return false;
    const std::string start = startOfProcess(holder.pid);
    return start.empty() || start == holder.processStart;  // empty: hidden from us (hidepid), but it is there
}

Result<std::optional<LeaseHolder>> stored(Database& database) {
    PH_ASSIGN(auto row,
              database.prepare("SELECT pid, process_start, pid_namespace, boot_id, host, heartbeat, token FROM lease"
                               " WHERE id = 1"));
    PH_ASSIGN(const bool found, row.step());
    if (!found) return std::nullopt;
    return LeaseHolder{row.integer(0), row.text(1), row.text(2), row.text(3), row.text(4), row.integer(5), row.text(6)};
}

Error lost(const Database& database) {
    return {ErrorKind::Conflict, "another process has taken over the engine", {}, database.path(), false};
}

}  // namespace

LeaseHolder LeaseHolder::self() {
    std::error_code ignored;  // without /proc the namespace is empty, and equal for all on this machine
    LeaseHolder self;
    self.pid = ::getpid();
    self.processStart = startOfProcess(self.pid);
    self.pidNamespace = std::filesystem::read_symlink("/proc/self/ns/pid", ignored).string();
    self.bootId = firstLine("/proc/sys/kernel/random/boot_id");
    self.host = QSysInfo::machineHostName().toStdString();
    self.heartbeat = monotonicNow();
    self.token = QUuid::createUuid().toString(QUuid::WithoutBraces).toStdString();
    return self;
}

Result<std::optional<LeaseHolder>> Lease::holder(Database& database) {
    PH_ASSIGN(auto holder, stored(database));
    if (holder && !alive(*holder, LeaseHolder::self())) holder.reset();
    return holder;
}

Result<std::unique_ptr<Lease>> Lease::take(const Workspace& workspace) {
    if (workspace.readOnly())
        return fail(ErrorKind::PermissionDenied, "the workspace is read-only, so no engine can run on it",
                    workspace.path());
    std::unique_ptr<Lease> lease(new Lease);
    PH_ASSIGN(lease->m_database, workspace.connect());
    PH_ASSIGN(auto transaction, Transaction::begin(*lease->m_database));
    PH_ASSIGN(const auto other, holder(*lease->m_database));
    if (other)
        return fail(ErrorKind::Conflict, "the engine of this workspace runs in process " + std::to_string(other->pid),
                    workspace.path(), "on " + other->host);
    const LeaseHolder self = LeaseHolder::self();
    PH_TRY(lease->m_database->run(
        "INSERT OR REPLACE INTO lease (id, token, pid, process_start, pid_namespace, boot_id, host,"
        " heartbeat) VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
        self.token, self.pid, self.processStart, self.pidNamespace, self.bootId, self.host, self.heartbeat));
    PH_TRY(transaction.commit());
    lease->m_token = self.token;
    return lease;
}

Lease::~Lease() {
    // Nothing to be done when this fails: the lease of a process that is gone is taken over.
    if (m_database && !m_token.empty()) (void)m_database->run("DELETE FROM lease WHERE token = ?", m_token);
}

Status Lease::beat() {
    PH_TRY(m_database->run("UPDATE lease SET heartbeat = ? WHERE token = ?", monotonicNow(), m_token));
    if (m_database->changes() != 1) return fail(lost(*m_database));
    return {};
}

Status Lease::check(Database& database) const {
    PH_ASSIGN(const auto held, database.integer("SELECT 1 FROM lease WHERE token = ?", m_token));
    if (!held) return fail(lost(database));
    return {};
}

}  // namespace pilothouse::workspace
