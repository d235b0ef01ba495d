// SPDX-License-Identifier: GPL-3.0-or-later
// What the test of kills starts and ends: a small program that appends, seals, compacts, retains and erases for ever
// and says on stdout what it begins and what was acknowledged.
//
//   store_tool FILE --run SEED FIRST     goes on with rows FIRST …; ends when it is killed
//   store_tool FILE --list               every row's number and how many rows have it, then "problems N"
#include <QCoreApplication>
#include <cstdio>
#include <map>
#include <random>

#include "models/predictions/erasure.h"
#include "models/predictions/retention.h"
#include "tests/predictions/lifecycle.h"

using namespace pilothouse;
using namespace pilothouse::test;

namespace {

constexpr std::size_t kMaxBatch = 3'000;

template <class... T>
void say(const char* format, T... values) {
    std::printf(format, values...);
    std::fflush(stdout);
}

int failed(const Error& error) {
    std::fprintf(stderr, "store_tool: %s\n", error.text().c_str());
    return 1;
}

/// One operation: "begin …" before it, "done …" once it is acknowledged.
class Runner {
public:
    Runner(workspace::Database& database, unsigned seed, std::size_t first)
        : m_database(database), m_random(seed), m_next(first) {}

    Status step() {
        const unsigned dice = m_random() % 100;
        if (dice < 55) return append(m_random() % 8 == 0);
        if (dice < 75) return erase();
        if (dice < 85) return compact();
        if (dice < 92) return retain();
        return truth();
    }

private:
    /// As a batch, or as a segment at once.
    Status append(bool segment) {
        const std::size_t from = m_next, to = from + 1 + m_random() % kMaxBatch;
        say("begin append %zu %zu\n", from, to);
        PH_TRY(segment ? appendSegment(m_database, "R", from, to) : appendRange(m_database, "R", from, to));
        m_next = to;
        say("done append %zu %zu\n", from, to);
        return {};
    }
    Status erase() {
        if (m_next == 0) return {};
        const std::size_t which = m_next - 1 - m_random() % std::min<std::size_t>(m_next, 40'000);
        say("begin erase %zu\n", which);
        PH_TRY(predictions::eraseRequest(m_database, "R" + std::to_string(which), "test", at(0), {}));
        say("done erase %zu\n", which);
        return {};
    }
    Status compact() {
        say("begin compact\n");
        PH_TRY(predictions::compact(m_database, {}));
        say("done compact\n");
        return {};
    }
    /// Row n is of second n: all but the newest hundred thousand or so are too old.
    Status retain() {
        const std::size_t before = m_next > 100'000 ? m_next - 100'000 : 0;
        say("begin retain %zu\n", before);
        PH_TRY(predictions::retain(m_database, {1, {}}, at(static_cast<std::int64_t>(before) + 86'400), true, {}));
        say("done retain %zu\n", before);
        return {};
    }
    Status truth() {
        const std::size_t which = m_next == 0 ? 0 : m_next - 1 - m_random() % m_next;
        return predictions::appendTruth(
            m_database, "delay",
            std::vector<predictions::Truth>{{"R" + std::to_string(which), static_cast<double>(m_random() % 2),
                                             at(static_cast<std::int64_t>(which))}});
    }

    workspace::Database& m_database;
    std::mt19937 m_random;
    std::size_t m_next;
};

int run(workspace::Workspace& workspace, unsigned seed, std::size_t first) {
    auto database = workspace.connect();
    if (!database) return failed(database.error());
    Runner runner(**database, seed, first);
    say("ready\n");
    for (;;)
        if (const Status status = runner.step(); !status) return failed(status.error());
}

int list(workspace::Workspace& workspace) {
    auto database = workspace.connect();
    if (!database) return failed(database.error());
    const auto rows =
        predictions::collect(**database, {{}, TimeRange::all(), {"request_id", "time"}, kTimestampMax}, {});
    if (!rows) return failed(rows.error());
    std::map<std::string, int> times;
    for (std::size_t i = 0; i < rows->rows; ++i) {
        const std::string id(rows->columns[0].text(i));
        // The row is the one that was written, not only its id.
        if (rows->columns[1].times[i] != at(std::stoll(id.substr(1))).ns) say("wrong %s\n", id.c_str());
        ++times[id];
    }
    for (const auto& [id, n] : times)
        std::printf("row %s %d\n", id.c_str() + 1, n);
    const auto problems = workspace.verify({predictions::verifyPredictions}, {});
    if (!problems) return failed(problems.error());
    for (const auto& p : *problems)
        say("problem %s: %s\n", p.where.c_str(), p.what.c_str());
    say("problems %zu\n", problems->size());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    const QStringList words = QCoreApplication::arguments();
    if (words.size() < 3) return 64;
    const std::string path = words[1].toStdString();
    auto workspace =
        exists(path) ? workspace::Workspace::open(path) : workspace::Workspace::create(path, ClockKind::Logical, "UTC");
    if (!workspace) return failed(workspace.error());
    if (words[2] == QStringLiteral("--list")) return list(**workspace);
    if (words[2] == QStringLiteral("--run") && words.size() == 5)
        return run(**workspace, words[3].toUInt(), words[4].toULongLong());
    return 64;
}
