// SPDX-License-Identifier: GPL-3.0-or-later
// The prediction log against its goals, at --rows N; with --peers beside DuckDB, chdb and ripgrep on the same rows,
// their answers compared. Medians of nine, and the first run with nothing in memory and the file out of the page cache.
#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QTemporaryDir>
#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>

#include "models/predictions/block_cache.h"
#include "models/predictions/log_queries.h"
#include "models/predictions/prediction_store.h"
#include "models/predictions/query_parser.h"
#include "models/workspace/workspace.h"
#include "tests/bench/figure_table.h"
#include "tests/bench/measuring.h"
#include "tests/bench/prediction_ingest.h"
#include "tests/bench/prediction_peers.h"
#include "tests/bench/prediction_rows.h"

using namespace pilothouse;
using namespace pilothouse::predictions;
using bench::elapsed;
using bench::FigureTable;
using bench::median;
using bench::memoryMegabytes;
using bench::need;
using bench::PeerFigure;
using bench::PredictionRows;

namespace {

constexpr int kRuns = 9;
/// Of ingestion and of the open workspace, on the hostile rows; DuckDB gets as much.
constexpr std::size_t kCapMegabytes = 600;
constexpr double kLatency = 20;
constexpr const char* kSubstring = "rumlos";

void resetPeak() {
    malloc_trim(0);
    QFile clear(QStringLiteral("/proc/self/clear_refs"));
    if (clear.open(QIODevice::WriteOnly)) clear.write("5");
}

/// What an append cannot be faster than: milliseconds of a bare fdatasync on the disk of `path`.
double syncTime(const std::string& path) {
    const std::string name = path + ".sync";
    const int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return 0;
    const std::array<char, 4096> page{};
    std::vector<double> times;
    for (int i = 0; i < 100; ++i) {
        if (::pwrite(file, page.data(), page.size(), i * 4096L) < 0) break;
        times.push_back(elapsed([&] { (void)::fdatasync(file); }));
    }
    ::close(file);
    ::unlink(name.c_str());
    return times.empty() ? 0 : median(times);
}

void dropPages(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY);
    if (file < 0) return;
    (void)::fdatasync(file);
    (void)::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
}

class Bench {
public:
    /// `only`: the figures to measure, by name; all of them when empty.
    Bench(workspace::Workspace& workspace, const PredictionRows& rows, std::size_t count, FigureTable& table,
          bool hostile, QStringList only)
        : m_workspace(workspace),
          m_database(need(workspace.connect())),
          m_rows(rows),
          m_count(count),
          m_table(table),
          m_hostile(hostile),
          m_only(std::move(only)) {}

    void questions() {
        const double duck = m_table.peer("duckdb", "present"), newest = m_table.peer("duckdb", "newest");
        search("one request id, present", "present", "request_id:" + m_rows.requestId(m_count / 3), {}, 1, duck / 20);
        search("one request id, absent", "absent", "request_id:" + m_rows.requestId(7 * m_count), {}, 1, duck / 20);
        search("newest 100 by model, window and latency", "newest", "model:fraud latency_ms>20",
               {m_rows.at(0.4), m_rows.at(0.6)}, 15, newest / 2);
        search("frequent word in messages, newest 100", "frequent",
               std::string("message~") + PredictionRows::kFrequentWord, {}, 15, 0);
        search("rare word in messages, newest 100", "rare", std::string("message~") + PredictionRows::kRareWord, {}, 15,
               0);
        search("the same word in any text", "", PredictionRows::kRareWord, {}, 15, 0);
        count("substring over every message", "substring", std::string("message:*") + kSubstring + "*",
              m_table.peer("ripgrep", "substring"));
        count("count of two clauses", "count", "latency_ms>20 region:C135", m_table.peer("duckdb", "count"));
        histogram();
        percentiles();
        topValues();
        timeCounts();
    }

    /// Onto a copy, so that the rows stay those that the peers have.
    void liveAppend(const std::string& folder) {
        if (!wanted("append")) return;
        const QString copy = QString::fromStdString(folder + "/live.pilothouse");
        need(m_database->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
        QFile::remove(copy);
        if (!QFile::copy(QString::fromStdString(m_database->path()), copy)) qFatal("no copy can be made");
        dropPages(copy.toStdString());  // else the disk would still write the copy while rows are appended
        appendTo(*need(workspace::Workspace::open(copy.toStdString())));
        QFile::remove(copy);
    }

private:
    void appendTo(workspace::Workspace& workspace) {
        m_database = need(workspace.connect());
        constexpr std::size_t kGroup = 100, kGroups = 1'400, kSingles = 300;
        std::vector<double> groups, singles;
        double all = 0;
        std::size_t next = m_count;
        for (std::size_t g = 0; g < kGroups; ++g, next += kGroup) {
            const ports::RowSet set = m_rows.rows(next, kGroup);
            groups.push_back(elapsed([&] { need(append(*m_database, set)); }));
            all += groups.back();
            all += elapsed([&] { (void)need(seal(*m_database)); });
        }
        for (std::size_t s = 0; s < kSingles; ++s, ++next) {
            const ports::RowSet set = m_rows.rows(next, 1);
            singles.push_back(elapsed([&] { need(append(*m_database, set)); }));
        }
        const double rate = kGroup * kGroups / all, unsealed = kGroup / median(groups);
        m_table.print({"append in groups of 100, thousand rows/s", "", unsealed, 0, "k", "50", unsealed >= 50});
        m_table.print({"  the same with the seals it causes", "", rate, 0, "k"});
        m_table.print({"append of one row", "", median(singles), 0, "ms", "1 ms", median(singles) < 1});
        m_table.print({"  a bare fdatasync of 4 KiB on that disk", "", syncTime(workspace.path()), 0, "ms"});
        m_database.reset();
    }

    [[nodiscard]] bool wanted(const char* figure) const {
        return m_only.isEmpty() || m_only.contains(QLatin1String(figure));
    }
    struct Times {
        double warm, cold;
    };
    Times ask(const std::function<void()>& question) {
        BlockCache::instance().clear();
        m_database = need(m_workspace.connect());
        dropPages(m_database->path());
        const double cold = elapsed(question);
        std::vector<double> warm;
        for (int i = 0; i < kRuns; ++i)
            warm.push_back(elapsed(question));
        return {median(warm), cold};
    }
    void line(const std::string& what, const char* figure, Times times, double absolute, double relative,
              const std::string& answer) {
        if (m_hostile) return hostileLine(what, figure, times, answer);
        std::string goal;
        char text[64];
        if (absolute > 0) {
            std::snprintf(text, sizeof text, "%g ms", absolute);
            goal = text;
        }
        if (relative > 0) {
            std::snprintf(text, sizeof text, "%s%.2f ms (peer)", goal.empty() ? "" : ", ", relative);
            goal += text;
        }
        const bool met = (absolute <= 0 || times.warm < absolute) && (relative <= 0 || times.warm <= relative);
        m_table.print({what, figure, times.warm, times.cold, "ms", goal, met, answer});
    }
    void hostileLine(const std::string& what, const char* figure, Times times, const std::string& answer) {
        const double warm = m_table.peer("duckdb", figure), cold = m_table.coldPeer("duckdb", figure);
        m_table.print({what, figure, times.warm, times.cold, "ms", warm > 0 ? "not behind DuckDB" : "",
                       times.warm <= warm && times.cold <= cold, answer});
    }
    void search(const std::string& what, const char* figure, const std::string& query, TimeRange range, double absolute,
                double relative) {
        if (!wanted(figure)) return;
        ports::SearchRequest request;
        request.query = need(parseQuery(query));
        if (range.start < range.end) request.range = range;
        request.limit = 100;
        ports::SearchPage page;
        const Times times = ask([&] { page = need(searchLog(*m_database, request, {})); });
        std::string answer;
        const ports::Column* ids = page.rows.find(ports::field::requestId);
        for (std::size_t i = 0; ids && i < page.rows.rows; ++i)
            answer += (i == 0 ? "" : ",") + std::string(ids->text(i));
        line(what, figure, times, absolute, relative, answer);
    }
    void count(const std::string& what, const char* figure, const std::string& query, double relative) {
        if (!wanted(figure)) return;
        const ports::Query parsed = need(parseQuery(query));
        std::uint64_t rows = 0;
        const Times times = ask([&] { rows = need(countInLog(*m_database, parsed, TimeRange::all(), {})); });
        line(what, figure, times, 0, relative, std::to_string(rows));
    }
    void histogram() {
        if (!wanted("histogram")) return;
        ports::FeatureCountsRequest request;
        request.features = {{"feature_00", {}, {}}};
        for (int i = 0; i <= 20; ++i)
            request.features[0].edges.push_back(i * 5);
        std::vector<ports::FeatureCounts> counts;
        const Times times = ask([&] { counts = need(featureCountsOfLog(*m_database, request, {})); });
        std::string answer;
        for (std::size_t b = 0; b < counts[0].counts.size(); ++b)
            if (counts[0].counts[b] > 0)
                answer += (answer.empty() ? "" : ",") + std::to_string(static_cast<int>(b) - 1) + ":" +
                          std::to_string(counts[0].counts[b]);
        const double duck = m_table.peer("duckdb", "histogram"), chdb = m_table.peer("chdb", "histogram");
        line("histogram of one feature, all rows", "histogram", times, 60,
             duck > 0 && chdb > 0 ? std::min(duck, chdb) / 2 : duck / 2, answer);
    }
    void percentiles() {
        if (!wanted("percentiles")) return;
        using ports::Measure;
        ports::AggregateRequest request;
        request.edges = {m_rows.at(-1), m_rows.at(3)};
        for (const double q : {0.5, 0.95, 0.99})
            request.measures.push_back({Measure::Quantile, "latency_ms", q});
        request.splitBy = "model";
        ports::Aggregates result;
        const Times times = ask([&] { result = need(aggregateLog(*m_database, request, {})); });
        std::map<std::string, std::string> models;
        for (const auto& series : result.series) {
            char text[40];
            std::snprintf(text, sizeof text, " %.6g", series.values[0]);
            models[series.group] += text;
        }
        std::string answer;
        for (const auto& [model, values] : models)
            answer += (answer.empty() ? "" : ";") + model + values;
        line("percentiles of latency by model", "percentiles", times, 0, m_table.peer("duckdb", "percentiles"), answer);
    }
    void topValues() {
        if (!wanted("top")) return;
        ports::TopValuesRequest request;
        request.field = "merchant";
        ports::TopValues top;
        const Times times = ask([&] { top = need(topValuesOfLog(*m_database, request, {})); });
        std::string answer;
        for (const auto& value : top.values)
            answer += (answer.empty() ? "" : ",") + value.value + ":" + std::to_string(value.count);
        line("top ten values of 3,800", "top", times, 0, m_table.peer("duckdb", "top"), answer);
    }
    void timeCounts() {
        if (!wanted("times")) return;
        ports::TimeCountsRequest request;
        for (int i = 0; i <= 200; ++i)
            request.edges.push_back(m_rows.at(i / 200.0));
        request.splitBy = "version";
        const Times times = ask([&] { (void)need(timeCountsOfLog(*m_database, request, {})); });
        line("counts over time by version, 200 buckets", "", times, 0, 0, {});
    }

    workspace::Workspace& m_workspace;
    std::unique_ptr<workspace::Database> m_database;
    const PredictionRows& m_rows;
    std::size_t m_count;
    FigureTable& m_table;
    bool m_hostile;  ///< where nothing may be slower than DuckDB
    QStringList m_only;
};

bench::PeerQuestions peerQuestions(const PredictionRows& rows, std::size_t count, const QString& folder, bool hostile) {
    bench::PeerQuestions questions;
    questions.folder = folder;
    questions.rows = count;
    questions.runs = kRuns;
    questions.present = rows.requestId(count / 3);
    questions.absent = rows.requestId(7 * count);
    questions.from = rows.at(0.4).toIso();
    questions.to = rows.at(0.6).toIso();
    questions.latency = kLatency;
    questions.substring = kSubstring;
    questions.hostile = hostile;
    for (const ports::Column& column : rows.rows(0, 1).columns)
        (column.type == ports::ColumnType::Number ? questions.numeric : questions.text).push_back(column.name);
    std::erase(questions.text, "time");
    return questions;
}

void ingest(const QString& lines, const QString& path, std::size_t count, bool hostile, FigureTable& table) {
    const bench::IngestFigures figures = bench::measureIngest(lines, path, count, hostile ? kCapMegabytes : 0);
    const auto thousands = static_cast<double>(count) * 1e-3;
    const double rate = thousands / figures.seconds, duck = table.peer("duckdb", "load");
    const double peer = duck > 0 ? thousands / (duck * 1e-3) : 0;
    char goal[64];
    if (peer > 0)
        std::snprintf(goal, sizeof goal, hostile ? "DuckDB's %.0f k" : "300 k, 2.5 x DuckDB's %.0f k", peer);
    else  // what was not measured is neither met nor missed
        std::snprintf(goal, sizeof goal, "%s", hostile ? "" : "300 k");
    const bool met = hostile ? rate >= peer : rate >= 300 && rate >= 2.5 * peer;
    table.print({"ingest of JSON lines to durable, thousand rows/s", "", rate, 0, "k", goal, met});
    if (const double ratio = figures.lastMillion / figures.firstMillion; figures.firstMillion > 0)
        table.print({"  time of the last million, of the first", "", ratio, 0, "x", "1.1", ratio <= 1.1});
    table.print({"  memory at most", "", figures.peakMegabytes, 0, "MB", "600 MB", figures.peakMegabytes < 600});
}

void printSize(double bytes, double jsonBytes, std::size_t count, bool hostile, FigureTable& table) {
    const auto rows = static_cast<double>(count);
    const double duck = table.peer("duckdb", "size");
    const bool small = duck == 0 || bytes <= duck;
    const std::string goal = hostile    ? (duck > 0 ? "DuckDB's" : "")
                             : duck > 0 ? "a quarter of JSON, DuckDB's"
                                        : "a quarter of JSON";
    table.print({"size, bytes a row (JSON: " + std::to_string(static_cast<int>(jsonBytes / rows)) + ")",
                 "size",
                 bytes / rows,
                 0,
                 "B",
                 goal,
                 small && (hostile || bytes < jsonBytes / 4),
                 {},
                 1 / rows});
}

int run(const QString& folder, std::size_t count, bench::Shape shape, bool peers, const QStringList& only) {
    const bool hostile = shape == bench::Shape::Hostile;
    const PredictionRows rows(shape, count);
    const QString lines = folder + QStringLiteral("/rows.jsonl");
    std::printf("\n%zu rows%s\n", count, hostile ? ", hostile" : "");
    if (!QFileInfo::exists(lines)) (void)bench::writeJsonLines(rows, count, lines.toStdString());
    const auto jsonBytes = static_cast<double>(QFileInfo(lines).size());
    std::vector<PeerFigure> figures;
    if (peers) figures = bench::askPeers(peerQuestions(rows, count, folder, hostile));

    FigureTable table(figures);
    const QString path = folder + QStringLiteral("/bench.pilothouse");
    if (!QFileInfo::exists(path)) ingest(lines, path, count, hostile, table);
    if (hostile) bench::capMemory(kCapMegabytes);
    const auto workspace = need(workspace::Workspace::open(path.toStdString()));
    printSize(static_cast<double>(QFileInfo(path).size()), jsonBytes, count, hostile, table);
    resetPeak();
    const double before = memoryMegabytes("VmRSS");
    Bench bench(*workspace, rows, count, table, hostile, only);
    bench.questions();
    const double after = memoryMegabytes("VmRSS") - before;
    table.print({"memory of the open workspace, after all that", "", after, 0, "MB", "300 MB", after < 300});
    table.print({"  at most meanwhile", "", memoryMegabytes("VmHWM") - before, 0, "MB"});
    bench.liveAppend(folder.toStdString());
    if (hostile) bench::capMemory(0);
    if (table.differences() > 0) std::printf("%d answers differ\n", table.differences());
    return table.differences() > 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    QCoreApplication app(argc, argv);
    if (const QStringList given = app.arguments(); given.size() == 5 && given[1] == QLatin1String(bench::kIngestChild))
        return bench::runIngestChild(given[2], given[3], given[4].toULongLong());
    QCommandLineParser parser;
    const QCommandLineOption rows(QStringLiteral("rows"), QStringLiteral("Rows to log."), QStringLiteral("n"),
                                  QStringLiteral("1000000"));
    const QCommandLineOption peers(QStringLiteral("peers"), QStringLiteral("Ask DuckDB, chdb and ripgrep as well."));
    const QCommandLineOption hostile(QStringLiteral("hostile"), QStringLiteral("The hostile rows as well."));
    const QCommandLineOption keep(QStringLiteral("keep"), QStringLiteral("Keep rows and answers in this folder."),
                                  QStringLiteral("folder"));
    const QCommandLineOption only(QStringLiteral("only"), QStringLiteral("These figures alone, such as count,top."),
                                  QStringLiteral("figures"));
    const QCommandLineOption noUsual(QStringLiteral("no-usual"), QStringLiteral("Without the usual rows."));
    parser.addOptions({rows, peers, hostile, keep, only, noUsual});
    parser.addHelpOption();
    parser.process(app);
    const auto count = static_cast<std::size_t>(parser.value(rows).toULongLong());
    if (count < 200'000) qFatal("--rows wants 200000 or more");
    int failed = 0;
    for (const bench::Shape shape : {bench::Shape::Usual, bench::Shape::Hostile}) {
        if (shape == bench::Shape::Hostile ? !parser.isSet(hostile) : parser.isSet(noUsual)) continue;
        QTemporaryDir temporary(QDir::currentPath() + QStringLiteral("/build/bench-XXXXXX"));
        QString folder = temporary.path();
        if (parser.isSet(keep)) {
            folder = parser.value(keep) +
                     (shape == bench::Shape::Usual ? QStringLiteral("/usual") : QStringLiteral("/hostile"));
            QDir().mkpath(folder);
        }
        failed += run(folder, count, shape, parser.isSet(peers),
                      parser.value(only).split(QLatin1Char(','), Qt::SkipEmptyParts));
    }
    return failed > 0 ? 1 : 0;
}
