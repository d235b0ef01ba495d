// SPDX-License-Identifier: GPL-3.0-or-later
// A log that is damaged, cannot be written or finds no room: named, survived, and read around.
#include <sys/resource.h>

#include <QRandomGenerator>
#include <QTest>
#include <csignal>

#include "models/predictions/embedded_prediction_log.h"
#include "models/predictions/log_queries.h"
#include "models/predictions/retention.h"
#include "tests/predictions/lifecycle.h"

using namespace pilothouse;
using namespace pilothouse::test;
using predictions::EmbeddedPredictionLog;

namespace {

/// What the views ask, in words that can be compared; errors and what was left out beside them.
struct Answers {
    std::vector<std::string> texts;
    std::vector<std::string> errors;
    std::vector<std::string> damaged;
};

template <class T, class Describe>
void ask(Answers& out, QFuture<Result<T>> future, const Describe& describe) {
    const Result<T> answer = future.result();
    if (answer)
        out.texts.push_back(describe(*answer));
    else
        out.errors.push_back(answer.error().text());
}

Answers answersOf(const std::shared_ptr<workspace::Workspace>& workspace) {
    EmbeddedPredictionLog log(workspace);
    Answers out;
    const auto parsed = [](const char* text) { return *predictions::parseQuery(text); };
    ask(out, log.search({parsed("x>=2 carrier:*"), TimeRange::all(), {}, 50, {}}, {}), [&](const auto& page) {
        std::string text = std::to_string(page.rows.rows) + ": ";
        const ports::Column* ids = page.rows.find("request_id");  // none when its name was hit
        for (std::size_t i = 0; ids && i < page.rows.rows; ++i)
            text += std::string(ids->text(i)) + " ";
        out.damaged.insert(out.damaged.end(), page.stats.damaged.begin(), page.stats.damaged.end());
        return text;
    });
    ask(out, log.search({parsed("request_id:S777"), TimeRange::all(), {}, 50, {}}, {}),
        [&](const auto& page) { return std::to_string(page.rows.rows); });
    for (const char* query : {"", "x<4", "labelled", "carrier:UA OR missing:x"})
        ask(out, log.count(parsed(query), TimeRange::all(), {}), [](std::uint64_t n) { return std::to_string(n); });
    ask(out, log.timeCounts({parsed("x>1"), {at(0), at(1'500), at(9'000)}, "outcome"}, {}), [&](const auto& counts) {
        std::string text;
        for (const auto& group : counts.counts)
            text += std::to_string(group[0]) + "/" + std::to_string(group[1]) + " ";
        out.damaged.insert(out.damaged.end(), counts.stats.damaged.begin(), counts.stats.damaged.end());
        return text;
    });
    ask(out, log.topValues({parsed(""), TimeRange::all(), "carrier", 5}, {}),
        [](const auto& top) { return std::to_string(top.total) + " " + std::to_string(top.missing); });
    ask(out, log.featureCounts({parsed(""), TimeRange::all(), {{"x", {3, 6, 9}, {}}}}, {}), [](const auto& counts) {
        return std::to_string(counts[0].counts[0]) + " " + std::to_string(counts[0].counts[3]);
    });
    ask(out, log.extent({}), [&](const auto& extent) {
        out.damaged.insert(out.damaged.end(), extent.damaged.begin(), extent.damaged.end());
        return std::to_string(extent.rows);
    });
    return out;
}

/// Three segments, a tail, outcomes.
Status fill(workspace::Database& database) {
    for (std::size_t i = 0; i < 3; ++i)
        PH_TRY(appendSegment(database, "S", i * 1'500, (i + 1) * 1'500));
    for (std::size_t i = 0; i < 4; ++i)
        PH_TRY(appendRange(database, "T", i * 100, (i + 1) * 100));
    std::vector<predictions::Truth> truths;
    for (int i = 0; i < 900; ++i)
        truths.push_back({"S" + std::to_string(i * 3), static_cast<double>(i % 2), at(i)});
    return predictions::appendTruth(database, "delay", truths);
}

void forgetBlocks() {
    predictions::BlockCache::instance().clear();
    predictions::BlockCache::filters().clear();
}

void flip(workspace::Database& database, const std::string& table, const std::string& column, const std::string& where,
          std::size_t place) {
    auto select = *database.prepare("SELECT id, " + column + " FROM " + table + " WHERE " + where);
    QVERIFY(*select.step());
    std::vector<std::uint8_t> bytes(select.blob(1).begin(), select.blob(1).end());
    const std::int64_t id = select.integer(0);
    select.reset();
    bytes[place % bytes.size()] ^= 0x10;
    auto update = *database.prepare("UPDATE " + table + " SET " + column + " = ?2 WHERE id = ?1");
    update.bindAll(id).bindBlob(2, bytes);
    PH_VERIFY(update.run());
}

/// A byte beyond the file's header, not within a run of zeros: most of those are the unused rest of a page.
int usedOffset(const QByteArray& bytes, QRandomGenerator& random) {
    constexpr int kHeader = 100, kRun = 16;
    for (;;) {
        const int offset = random.bounded(kHeader, static_cast<int>(bytes.size()) - kRun);
        if (bytes.mid(offset, kRun).count('\0') < kRun) return offset;
    }
}

}  // namespace

class TestStoreFaults : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { failOnWarnings(); }

    /// The segment is named and left out; every other row is found, and new ones are taken.
    void aDamagedSegmentIsReadAround_data() {
        QTest::addColumn<QString>("table");
        QTest::addColumn<QString>("column");
        QTest::addColumn<QString>("where");
        QTest::addColumn<QString>("named");
        QTest::addColumn<bool>("copyToo");
        QTest::addColumn<int>("lost");
        const QString columns = QStringLiteral("prediction_column"),
                      where = QStringLiteral("segment = 2 AND name = 'x'"), segment = QStringLiteral("segment 2");
        QTest::newRow("data") << columns << "data" << where << "segment 2, column \"x\"" << false << 1'500;
        // What a column says of itself is there twice.
        QTest::newRow("header") << columns << "header" << where << segment << false << 0;
        QTest::newRow("directory") << "prediction_directory"
                                   << "directory"
                                   << "id = 2" << segment << false << 0;
        QTest::newRow("header and directory") << columns << "header" << where << segment << true << 1'500;
        // Who asks no id does not need the index; what is lost depends on the questions before.
        QTest::newRow("ids") << "prediction_segment"
                             << "ids"
                             << "id = 2" << segment << false << -1;
        QTest::newRow("batch") << "prediction_batch"
                               << "data"
                               << "id = 2"
                               << "batch 2" << false << 100;
    }
    void aDamagedSegmentIsReadAround() {
        QFETCH(QString, table);
        QFETCH(QString, column);
        QFETCH(QString, where);
        QFETCH(QString, named);
        QFETCH(bool, copyToo);
        QFETCH(int, lost);
        Store store;
        PH_VERIFY(fill(store.database()));
        flip(store.database(), table.toStdString(), column.toStdString(), where.toStdString(), 30);
        if (copyToo) flip(store.database(), "prediction_directory", "directory", "id = 2", 30);
        forgetBlocks();
        const Answers answers = answersOf(store.workspace());
        QVERIFY2(answers.errors.empty(), answers.errors.empty() ? "" : answers.errors.front().c_str());
        if (lost >= 0) QCOMPARE(answers.texts.back(), std::to_string(4'900 - lost));
        if (lost > 0) {
            QVERIFY(!answers.damaged.empty());
            QVERIFY2(answers.damaged.front().starts_with(named.toStdString()), answers.damaged.front().c_str());
        }
        PH_VERIFY(appendRange(store.database(), "N", 0, 10));
        PH_VERIFY(appendSegment(store.database(), "N", 20, 30));
        EmbeddedPredictionLog log(store.workspace());
        QCOMPARE(*log.count(*predictions::parseQuery("request_id:N*"), TimeRange::all(), {}).result(),
                 std::uint64_t{20});
        QVERIFY(problemsOf(store).find(named.toStdString()) != std::string::npos);
        // What learns and judges does not go on without the rows.
        if (lost > 0)
            PH_FAILS(
                predictions::collect(store.database(), {{}, TimeRange::all(), {"x", "carrier"}, kTimestampMax}, {}),
                ErrorKind::Corrupt, named.toStdString());
    }

    /// A flipped bit anywhere: an error, a named part, or nothing. Never a crash; and no answer that is different
    /// without verify finding why.
    void flippedBits() {
        const Folder folder;
        const std::string original = folder.file();
        Answers expected;
        {
            const auto workspace = *workspace::Workspace::create(original, ClockKind::Logical, "UTC");
            {
                auto database = *workspace->connect();
                PH_VERIFY(fill(*database));
            }
            expected = answersOf(workspace);
            QVERIFY(expected.errors.empty() && expected.damaged.empty());
        }
        const QByteArray sound = bytesOf(original);
        QVERIFY(!exists(original + "-wal"));
        QRandomGenerator random(4);
        int refused = 0, failed = 0, readAround = 0, silent = 0, harmless = 0;
        for (int round = 0; round < 400; ++round) {
            QByteArray bytes = sound;
            if (round % 20 == 19) {
                bytes.truncate(random.bounded(static_cast<int>(bytes.size())));
            } else {
                for (int flips = 1 + round % 3; flips > 0; --flips) {
                    const int offset = usedOffset(sound, random);
                    bytes[offset] = static_cast<char>(bytes[offset] ^ (1 << random.bounded(8)));
                }
            }
            const std::string path = folder.file(("f" + std::to_string(round)).c_str());
            QVERIFY(writeBytes(path, bytes));
            forgetBlocks();
            if (const auto workspace = workspace::Workspace::open(path); !workspace) {
                ++refused;
            } else {
                const Answers answers = answersOf(*workspace);
                const auto problems = (*workspace)->verify({predictions::verifyPredictions}, {});
                const bool found = !problems || !problems->empty();
                if (!answers.errors.empty())
                    ++failed;
                else if (!answers.damaged.empty())
                    ++readAround;
                else if (answers.texts != expected.texts)
                    ++silent;
                else
                    ++harmless;
                if (answers.errors.empty() && answers.texts != expected.texts)
                    QVERIFY2(
                        found,
                        qPrintable(QStringLiteral("round %1: a different answer, and verify is content").arg(round)));
            }
            for (const char* suffix : {"", "-wal", "-shm"})
                QFile::remove(QString::fromStdString(path + suffix));
        }
        qInfo(
            "400 damages: %d files refused, %d with errors, %d read around, %d noticed by verify alone, %d without "
            "effect",
            refused, failed, readAround, silent, harmless);
        QVERIFY(readAround > 50);
    }

    /// No room: the append fails and says so, what was acknowledged is there, and with room it goes on.
    void theDiskIsFull() {
        Store store;
        auto& db = store.database();
        PH_VERIFY(appendRange(db, "R", 0, 100));
        rlimit before{};
        QCOMPARE(getrlimit(RLIMIT_FSIZE, &before), 0);
        std::signal(SIGXFSZ, SIG_IGN);
        rlimit small = before;
        small.rlim_cur = 600'000;
        QCOMPARE(setrlimit(RLIMIT_FSIZE, &small), 0);
        std::size_t done = 100;
        std::string reason;
        for (; done < 100'000 && reason.empty(); done += reason.empty() ? 100 : 0)
            if (const Status status = appendRange(db, "R", done, done + 100); !status) reason = status.error().text();
        const auto compacted = predictions::compact(db, {});
        const auto erased = predictions::retain(db, {1, {}}, at(86'400 + 50), true, {});
        QCOMPARE(setrlimit(RLIMIT_FSIZE, &before), 0);
        QVERIFY2(!reason.empty(), "it found room");
        QVERIFY2(reason.find("writing the workspace failed") != std::string::npos ||
                     reason.find("full") != std::string::npos,
                 reason.c_str());
        const std::uint64_t gone = erased ? erased->rows : 0;
        QCOMPARE(*predictions::countInLog(db, {}, TimeRange::all(), {}), static_cast<std::uint64_t>(done) - gone);
        QCOMPARE(problemsOf(store), std::string());
        PH_VERIFY(appendRange(db, "R", done, done + 100));
        PH_VERIFY(predictions::compact(db, {}));
        QCOMPARE(*predictions::countInLog(db, {}, TimeRange::all(), {}), static_cast<std::uint64_t>(done) + 100 - gone);
        QCOMPARE(problemsOf(store), std::string());
    }

    void aReadOnlyLogIsRead() {
        Store store;
        PH_VERIFY(fill(store.database()));
        auto reader = *store.workspace()->connect(true);
        PH_FAILS(appendRange(*reader, "N", 0, 1), ErrorKind::PermissionDenied, "read-only");
        PH_FAILS(predictions::retain(*reader, {1, {}}, at(900'000), true, {}), ErrorKind::PermissionDenied,
                 "read-only");
        QCOMPARE(*predictions::countInLog(*reader, {}, TimeRange::all(), {}), std::uint64_t{4'900});
        QCOMPARE(predictions::retain(*reader, {1, {}}, at(900'000), false, {})->rows, std::uint64_t{4'900});
    }
};

QTEST_GUILESS_MAIN(TestStoreFaults)
#include "tst_store_faults.moc"
