// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "models/items/row_neighbours.h"
#include "models/predictions/embedded_prediction_log.h"
#include "models/predictions/prediction_store.h"

using namespace pilothouse;
using items::RowNeighbour;
using items::RowNeighbours;

namespace {

const Timestamp kStart = *Timestamp::parseIso("2024-03-01T00:00:00Z");

/// A log with a row at each of these moments, called by their place.
struct Log {
    QTemporaryDir folder;
    std::shared_ptr<workspace::Workspace> workspace;
    std::shared_ptr<predictions::EmbeddedPredictionLog> log;

    explicit Log(const std::vector<Duration>& moments) {
        workspace = *workspace::Workspace::create(folder.filePath(QStringLiteral("w.pilothouse")).toStdString(),
                                                  ClockKind::Real, "UTC");
        ports::RowSet set;
        set.rows = moments.size();
        ports::Column time{"time", ports::ColumnType::Time, {}, {}, {}, {}},
            model{"model", ports::ColumnType::Text, {}, {}, {}, {}},
            id{"request_id", ports::ColumnType::Text, {}, {}, {}, {}};
        model.dictionary = {"m"};
        for (std::size_t i = 0; i < moments.size(); ++i) {
            time.times.push_back((kStart + moments[i]).ns);
            model.codes.push_back(0);
            id.codes.push_back(static_cast<std::uint32_t>(i));
            id.dictionary.push_back("r" + std::to_string(i));
        }
        set.columns = {time, model, id};
        auto written = workspace->write([&](workspace::Database& database) -> Status {
            PH_TRY(predictions::append(database, set));
            return {};
        });
        if (!written.result()) qFatal("%s", written.result().error().text().c_str());
        log = std::make_shared<predictions::EmbeddedPredictionLog>(workspace);
    }
    /// Ids around this one, newest first.
    [[nodiscard]] QString around(const char* requestId) const {
        ports::SearchRequest request;
        auto page = log->search(request, {}).result();
        while (page) {
            const ports::Column* ids = page->rows.find(ports::field::requestId);
            for (std::size_t i = 0; i < page->rows.rows; ++i)
                if (ids->text(i) == requestId) return around(page->positions[i], requestId);
            if (!page->more) break;
            request.before = page->positions.back();
            page = log->search(request, {}).result();
        }
        return QStringLiteral("no such row");
    }

private:
    [[nodiscard]] QString around(const ports::RowPosition& at, const char* id) const {
        RowNeighbours neighbours(log);
        QStringList out;
        bool done = false;
        QObject::connect(&neighbours, &RowNeighbours::found, &neighbours, [&](const std::vector<RowNeighbour>& rows) {
            for (const RowNeighbour& r : rows)
                out << QString::fromStdString(r.requestId) + (r.self ? QStringLiteral("*") : QString());
            done = true;
        });
        neighbours.ask("m", at, {at.time, id, id, 0, 0, true}, {"time", "request_id"});
        return QTest::qWaitFor([&] { return done; }) ? out.join(u' ') : QStringLiteral("no answer");
    }
};

}  // namespace

class TestRowNeighbours : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void atAMinuteARow() {
        std::vector<Duration> moments;
        for (int i = 0; i < 20; ++i)
            moments.push_back(std::chrono::minutes(i));
        const Log log(moments);
        QCOMPARE(log.around("r10"), QStringLiteral("r13 r12 r11 r10* r9 r8 r7"));
        QCOMPARE(log.around("r0"), QStringLiteral("r3 r2 r1 r0*"));
        QCOMPARE(log.around("r18"), QStringLiteral("r19 r18* r17 r16 r15"));
    }
    void hoursApart() {
        std::vector<Duration> moments;
        for (int i = 0; i < 8; ++i)
            moments.push_back(std::chrono::hours(5 * i));
        const Log log(moments);
        QCOMPARE(log.around("r3"), QStringLiteral("r6 r5 r4 r3* r2 r1 r0"));
    }
    void thousandsWithinAMillisecond() {
        std::vector<Duration> moments;
        for (int i = 0; i < 5'000; ++i)
            moments.push_back(std::chrono::nanoseconds(200 * i));
        const Log log(moments);
        QCOMPARE(log.around("r2500"), QStringLiteral("r2503 r2502 r2501 r2500* r2499 r2498 r2497"));
    }
    /// Quiet after the row, and then a burst: a span that is long enough holds too much.
    void aBurstAfterQuiet() {
        std::vector<Duration> moments{std::chrono::seconds(0), std::chrono::seconds(1)};
        for (int i = 0; i < 3'000; ++i)
            moments.push_back(std::chrono::seconds(30) + std::chrono::microseconds(i));
        const Log log(moments);
        QCOMPARE(log.around("r1"), QStringLiteral("r4 r3 r2 r1* r0"));
    }
    void manyAtOneInstant() {
        const Log log(std::vector<Duration>(1'000, Duration(0)));
        // Their order is that of arrival; who comes before is known, who comes after would take a page of all.
        QVERIFY2(log.around("r500").endsWith(QStringLiteral("r500* r499 r498 r497")), qPrintable(log.around("r500")));
    }
};

QTEST_GUILESS_MAIN(TestRowNeighbours)
#include "tst_row_neighbours.moc"
