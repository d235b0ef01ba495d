// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <random>
#include <set>

#include "models/monitoring/alert_rules.h"
#include "models/monitoring/backtest.h"
#include "models/monitoring/log_profile.h"
#include "models/monitoring/monitor_reader.h"
#include "models/monitoring/monitor_runner.h"
#include "models/monitoring/monitor_store.h"
#include "models/monitoring/profile_store.h"
#include "models/monitoring/reference_choice.h"
#include "models/predictions/query_parser.h"
#include "tests/predictions/support.h"

using namespace pilothouse;
using namespace pilothouse::monitoring;
using namespace std::chrono_literals;
using workspace::Transaction;

namespace {

constexpr std::int64_t kStart = 1'704'067'200;  // 1 January 2024, a Monday
constexpr std::int64_t kDaySeconds = 86'400;
constexpr int kDays = 36;

constexpr const char* kMonitors = R"(
monitors:
  - {name: traffic, model: m, kind: traffic, reference_windows: 7}
  - {name: quality, model: m, kind: quality, reference_windows: 7, reference: newest, checks: [missing, range, unseen],
     columns: [amount, city], ranges: {amount: [-3, 3]}}
  - {name: labels, model: m, kind: quality, reference_windows: 7, checks: [completeness]}
  - {name: score, model: m, kind: score, window: day, reference: newest, cluster: [hour]}
  - {name: sliding, model: m, kind: drift, window: week, step: day, reference: newest, cluster: [date], columns: [amount, city], minimum_effect: 0.5, minimum_missing_effect: 0.1}
  - {name: hours, model: m, kind: drift, window: 12h, step: 6h, reference: newest, query: "city:a", columns: [amount]}
  - {name: previous, model: m, kind: drift, window: week, reference: previous, columns: [amount, city], minimum_effect: 0.5, minimum_missing_effect: 0.1}
  - {name: auc, model: m, kind: performance, window: week, maturity: 36h, limit: 0.7, reference: newest}
  - {name: accuracy, model: m, kind: performance, metric: accuracy, window: week, step: day, maturity: 36h, limit: 0.7, reference: newest, cluster: [date]}
  - {name: loss, model: m, kind: performance, metric: mae, window: week, maturity: 36h, limit: 0.4, reference: newest}
  - {name: classes, model: m, kind: performance, metric: macro_f1, window: week, maturity: 36h, limit: 0.1, reference: newest, classes: [a, b, c, d], predicted: city}
  - {name: estimated, model: m, kind: label_free, window: week, reference: newest}
  - {name: slow, model: m, kind: latency, reference_windows: 7, quantile: 0.95}
  - {name: slower, model: m, kind: latency, limit: 15, window: 6h}
  - {name: feed, model: m, kind: quality, reference_windows: 7, reference: newest, checks: [missing, type, constant, freshness, cardinality, duplicates],
     columns: [amount, city], freshness: 2h}
  - {name: profit, model: m, kind: business, window: week, maturity: 36h, at_least: 1, cluster: [date],
     formula: 'mean(if(score >= 0.5, outcome * 12 - 4, 0)) + count(city = "a") / count()'}
  - {name: together, model: m, kind: multivariate, window: week, reference: newest, columns: [amount, city, hour], minimum_effect: 0.05}
  - {name: together before, model: m, kind: multivariate, window: week, reference: previous, columns: [amount, city, hour], checks: [reconstruction]}
  - {name: losses, model: m, kind: label_free, metric: mae, window: week, reference: newest, columns: [amount, hour]}
  - {name: rows, model: m, kind: drift, window: 2000 rows, step: 1000 rows, reference: newest, columns: [amount]}
  - {name: row labels, model: m, kind: performance, window: 1000 rows, limit: 0.7, reference: newest}
)";

class Log {
public:
    explicit Log(unsigned seed) : m_random(seed) {}

    test::Row row(std::int64_t second) {
        const double amount = m_normal(m_random);
        test::Row out =
            test::row("r" + std::to_string(m_next++), test::at(second), {{"model", "m"}, {"version", "v1"}});
        if (m_random() % 20 != 0) out["amount"] = std::round(1e6 * amount) / 1e6 + (second > kStart + 22 * kDaySeconds);
        out["city"] = std::string(1, static_cast<char>('a' + m_random() % 4));
        out["hour"] = static_cast<double>(second / 3'600 % 24);
        out["latency_ms"] = 10 + static_cast<double>(m_next * 7'919 % 100) / 10;
        out["score"] = 1 / (1 + std::exp(-amount));
        return out;
    }
    std::int64_t anySecond(int fromDay, int toDay) {
        return kStart + fromDay * kDaySeconds +
               static_cast<std::int64_t>(m_random() % ((toDay - fromDay) * kDaySeconds));
    }
    std::size_t below(std::size_t n) { return m_random() % n; }
    std::size_t rows() const { return m_next; }

private:
    std::mt19937 m_random;
    std::normal_distribution<double> m_normal;
    std::size_t m_next = 0;
};

}  // namespace

/// Monitors of a workspace that is no demo: windows by time and by rows, late rows and labels, what is read for them,
/// and making evaluations again.
class TestRunner : public QObject {
    Q_OBJECT

    std::unique_ptr<test::Store> m_store;
    std::unique_ptr<Log> m_log;
    std::unique_ptr<MonitorRunner> m_runner;

    workspace::Database& database() { return m_store->database(); }
    void append(const std::vector<test::Row>& rows) {
        QVERIFY(predictions::append(database(), test::rowSet(rows)).has_value());
    }
    void label(const std::vector<std::size_t>& rows, Timestamp known) {
        std::vector<predictions::Truth> truths;
        for (const std::size_t row : rows)
            truths.push_back({"r" + std::to_string(row), static_cast<double>(row % 3 == 0), known});
        QVERIFY(predictions::appendTruth(database(), "m", truths).has_value());
    }
    /// 200 rows a day in order of time, by batches of 500.
    void fill(int fromDay, int toDay) {
        std::vector<test::Row> rows;
        for (std::int64_t t = kStart + fromDay * kDaySeconds; t < kStart + toDay * kDaySeconds; t += 432) {
            rows.push_back(m_log->row(t));
            if (rows.size() < 500) continue;
            append(rows);
            rows.clear();
        }
        if (!rows.empty()) append(rows);
    }
    void profileOfTheFirstWeek() {
        LogProfileRequest request;
        request.query = *predictions::parseQuery("model:m");
        request.range = {test::at(kStart), test::at(kStart + 7 * kDaySeconds)};
        const auto fields = profiledFields(database());
        QVERIFY(fields.has_value());
        request.columns = *fields;
        auto profile = profileLog(database(), m_store->workspace()->zone(), request, {});
        QVERIFY(profile.has_value());
        profile->model = "m";
        profile->version = "v1";
        QVERIFY(
            storeProfile(*m_store->workspace(), database(), *profile, "query model:m", test::at(kStart)).has_value());
    }
    std::vector<MonitorRun> run(int day) {
        auto done = m_runner->runDue(test::at(kStart + day * kDaySeconds), {}, {});
        if (!done) {
            QTest::qFail(done.error().message.c_str(), __FILE__, __LINE__);
            return {};
        }
        for (const MonitorRun& r : *done)
            if (!r.problem.empty()) QTest::qFail((r.monitor + ": " + r.problem).c_str(), __FILE__, __LINE__);
        return *done;
    }
    std::vector<ports::Evaluation> stored(const std::string& monitor = {}) {
        EvaluationsRequest request;
        request.monitor = monitor;
        request.counts = true;
        return *MonitorReader::read(database(), request);
    }
    /// Every window's newest evaluation is what its rows, all of them, come to.
    void everythingIsAsCountedAnew(int day) {
        const auto monitors = monitorsOf(database());
        QVERIFY(monitors.has_value());
        ReferenceChoice references(*m_store->workspace(), database());
        for (const ports::Evaluation& e : stored()) {
            const auto monitor = std::ranges::find(*monitors, e.monitor, &MonitorDefinition::name);
            const auto inputs =
                inputsFrom(*database().text("SELECT inputs FROM evaluation WHERE id = ?", e.id).value());
            const bool byRows = countsRows(*monitor);
            const predictions::Arrivals arrivals =
                byRows ? predictions::Arrivals{.from = inputs.fromOrdinal, .before = inputs.mark.ordinal}
                       : predictions::Arrivals{};
            const TimeRange window = byRows ? TimeRange{e.window.end, e.window.end} : e.window;
            const auto reference = references.of(*monitor, window, arrivals, {});
            QVERIFY(reference.has_value());
            const EvaluationContext context{.database = database(),
                                            .zone = m_store->workspace()->zone(),
                                            .now = test::at(kStart + day * kDaySeconds),
                                            .champion = reference->champion.get(),
                                            .noReference = reference->problem,
                                            .seed = inputs.seed,
                                            .arrivals = arrivals};
            const auto anew = evaluate(context, *monitor, byRows ? TimeRange::all() : e.window);
            QVERIFY(anew.has_value());
            QVERIFY2(resultDigest(anew->evaluation) == resultDigest(e),
                     (e.monitor + " " + e.window.start.toIso() + ": " + e.summary + " | " + anew->evaluation.summary)
                         .c_str());
        }
    }

private Q_SLOTS:
    void init() {
        m_store = std::make_unique<test::Store>();
        m_log = std::make_unique<Log>(7);
        auto runner = MonitorRunner::open(m_store->workspace());
        QVERIFY(runner.has_value());
        m_runner = std::move(*runner);
        fill(0, 8);
        profileOfTheFirstWeek();
        const auto monitors = parseMonitors(kMonitors, "m.yaml");
        QVERIFY2(monitors.has_value(), monitors ? "" : monitors.error().message.c_str());
        auto transaction = Transaction::begin(database());
        for (const auto& monitor : *monitors)
            QVERIFY(declareMonitor(database(), monitor, test::at(kStart), "test").value());
        QVERIFY(transaction->commit().has_value());
    }

    void judgesWhatIsDue() {
        run(8);
        QCOMPARE(stored("traffic").size(), 8u);
        QCOMPARE(stored("sliding").size(), 2u);
        QCOMPARE(stored("previous").size(), 1u);
        QCOMPARE(stored("auc").size(), 0u);     // its labels are not mature yet
        QCOMPARE(stored("hours").size(), 30u);  // the first row of that city came after midnight
        QVERIFY(stored("previous").front().state == statistics::State::Unavailable);
        // Nothing new: nothing is judged and nothing read.
        for (const MonitorRun& r : run(8)) {
            QVERIFY(r.evaluations.empty());
            QCOMPARE(r.partsRead, 0u);
        }
        fill(8, 15);
        run(15);
        QCOMPARE(stored("auc").size(), 1u);
        QVERIFY(stored("previous").back().state == statistics::State::Ok);
        everythingIsAsCountedAnew(15);
    }

    void findsTheChange() {
        fill(8, kDays);
        run(kDays);
        const auto windows = stored("sliding");
        QVERIFY2(windows.front().state == statistics::State::Ok, windows.front().summary.c_str());
        QVERIFY(windows.back().state == statistics::State::Drift);
        QVERIFY(windows.back().summary.find("amount") != std::string::npos);
        const auto alerts = readAlerts(database(), true, test::at(kStart + kDays * kDaySeconds));
        QVERIFY(std::ranges::any_of(*alerts, [](const ports::Alert& a) {
            return a.monitor == "sliding" && a.state == ports::AlertState::Firing;
        }));
    }

    /// Silence is told for a while, and history that ended long ago is not judged up to today.
    void rowsThatStop() {
        run(10);
        QCOMPARE(stored("traffic").size(), 10u);
        QVERIFY(stored("traffic").back().rows == 0);
        QCOMPARE(stored("sliding").back().window.start.ns, test::at(kStart + 3 * kDaySeconds).ns);
        run(4'000);
        QCOMPARE(stored("traffic").size(), 10u);
        QVERIFY(stored("score").size() < 10);
    }

    void windowsOfRows() {
        fill(8, 20);  // 4,000 rows in all
        run(20);
        const auto windows = stored("rows");
        QCOMPARE(windows.size(), 3u);
        for (const ports::Evaluation& e : windows)
            QCOMPARE(e.rows, 2'000u);
        append({m_log->row(kStart + 5)});  // late, and yet the newest that arrived
        run(20);
        QCOMPARE(stored("rows").size(), 3u);
        fill(20, 25);
        run(25);
        QCOMPARE(stored("rows").size(), 4u);
    }

    /// Labels come after the rows, and open the windows that hold those.
    void labelsOfWindowsOfRows() {
        fill(8, 20);
        run(20);
        QCOMPARE(stored("row labels").size(), 4u);
        for (const ports::Evaluation& e : stored("row labels"))
            QCOMPARE(e.labelled, 0u);
        std::vector<std::size_t> rows(500);
        std::iota(rows.begin(), rows.end(), 1'200u);
        label(rows, test::at(kStart + 20 * kDaySeconds - 60));
        for (const MonitorRun& r : run(20))
            if (r.monitor == "row labels") QCOMPARE(r.revised, 1u);
        const auto windows = stored("row labels");
        QCOMPARE(windows.size(), 4u);
        QCOMPARE(windows[1].labelled, 500u);
        QCOMPARE(windows[1].revision, windows[0].revision + 1);
        everythingIsAsCountedAnew(20);
    }

    /// History that is loaded after a monitor began.
    void olderRowsAreJudged() {
        run(8);
        fill(-9, 0);
        run(8);
        QCOMPARE(stored("traffic").size(), 17u);
        QCOMPARE(stored("traffic").front().window.start.ns, test::at(kStart - 9 * kDaySeconds).ns);
        QVERIFY(stored("previous").back().state != statistics::State::Unavailable);
        everythingIsAsCountedAnew(8);
    }

    /// A clock that was not set makes no window of every day since.
    void aRowOf1970() {
        const auto monitors = monitorsOf(database());
        for (const MonitorDefinition& monitor : *monitors)
            if (monitor.name != "traffic") {
                auto transaction = Transaction::begin(database());
                QVERIFY(removeMonitor(database(), monitor.name, test::at(kStart), "test").has_value());
                QVERIFY(transaction->commit().has_value());
            }
        append({m_log->row(0)});
        run(8);
        QCOMPARE(stored("traffic").size(), 2'000u);
        for (const std::int64_t second : {std::int64_t{86'400}, INT64_MIN / 1'000'000'000 + 1})
            append({m_log->row(second)});
        run(8);
        QCOMPARE(stored("traffic").size(), 2'000u);
        // And one of the far future leaves the windows of today what they are.
        for (const std::int64_t second : {kStart + 80'000 * kDaySeconds, INT64_MAX / 1'000'000'000})
            append({m_log->row(second)});
        fill(8, 9);
        run(9);
        QCOMPARE(stored("traffic").size(), 2'001u);
    }

    /// A thousand late rows and labels, in any order: what is stored is what a complete count gives, to the bit.
    void incrementalEqualsComplete() {
        fill(8, kDays);
        std::vector<std::size_t> all(m_log->rows());
        std::iota(all.begin(), all.end(), 0u);
        std::vector<std::size_t> early;
        for (const std::size_t row : all)
            if (m_log->below(10) > 0) early.push_back(row);
        label(early, test::at(kStart + kDays * kDaySeconds));
        run(kDays + 2);
        std::size_t revised = 0;
        for (int step = 0; step < 10; ++step) {
            std::vector<test::Row> rows;
            std::vector<std::size_t> labelled;
            for (int i = 0; i < 50; ++i) {
                rows.push_back(m_log->row(m_log->anySecond(0, kDays)));
                labelled.push_back(m_log->below(m_log->rows()));
            }
            append(rows);
            label(labelled, test::at(kStart + (kDays + 2) * kDaySeconds - 3'600));
            if (step % 4 == 3) {
                auto transaction = Transaction::begin(database());
                QVERIFY(predictions::seal(database()).has_value());
                QVERIFY(transaction->commit().has_value());
            }
            for (const MonitorRun& r : run(kDays + 2))
                revised += r.revised;
        }
        QVERIFY(revised > 500);
        everythingIsAsCountedAnew(kDays + 2);
        // And each that was ever stored can be made again.
        const auto count = database().integer("SELECT count(*) FROM evaluation");
        for (std::int64_t id = 1; id <= **count; id += 7) {
            const auto made = remake(*m_store->workspace(), database(), id, {});
            QVERIFY2(made.has_value(), made ? "" : made.error().message.c_str());
            QVERIFY2(made->same,
                     (made->stored.monitor + " " + made->stored.summary + " | " + made->made.summary).c_str());
        }
    }

    /// One late row: the windows that hold it are judged again, and only what it came in is read.
    void touchesOnlyWhatItMust() {
        fill(8, kDays);
        run(kDays);
        append({m_log->row(kStart + 20 * kDaySeconds + 60)});
        const std::set<std::string> readsItsWindows{
            "auc",     "labels",    "rows",   "row labels", "previous",        "accuracy", "loss",
            "classes", "estimated", "profit", "together",   "together before", "losses"};
        for (const MonitorRun& r : run(kDays)) {
            if (readsItsWindows.contains(r.monitor)) continue;
            const std::size_t panes = r.monitor == "sliding" || r.monitor == "hours" ? 1 : r.revised;
            QVERIFY2(r.partsRead <= panes, (r.monitor + " " + std::to_string(r.partsRead)).c_str());
            if (r.monitor == "sliding") QCOMPARE(r.revised, 7u);
            if (r.monitor == "score") QCOMPARE(r.revised, 1u);
            for (const ports::Evaluation& e : r.evaluations)
                QCOMPARE(e.window.overlaps({test::at(kStart + 20 * kDaySeconds), test::at(kStart + 28 * kDaySeconds)}),
                         true);
        }
        everythingIsAsCountedAnew(kDays);
    }

    /// An alert that was sent stays as it was; that its window was judged again stands in its history.
    void alertsAreAnnotated() {
        fill(8, kDays);
        run(kDays);
        const auto before = readAlertEvents(database());
        std::vector<test::Row> rows;
        for (int i = 0; i < 50; ++i)
            rows.push_back(m_log->row(m_log->anySecond(20, kDays)));
        append(rows);
        run(kDays);
        const auto after = readAlertEvents(database());
        QVERIFY(after->size() > before->size());
        for (std::size_t i = 0; i < before->size(); ++i)
            QCOMPARE((*after)[i].text, (*before)[i].text);
        QVERIFY(std::ranges::any_of(
            *after, [](const AlertEvent& e) { return e.text.find("judged again") != std::string::npos; }));
    }

    /// A process that may not write any more stores nothing more; the next goes on where it was.
    void goesOnAfterAnEnd() {
        fill(8, kDays);
        int left = 20;
        m_runner->setFence([&](workspace::Database&) -> Status {
            if (left-- > 0) return {};
            return fail(ErrorKind::Conflict, "another process has the engine");
        });
        QVERIFY(!m_runner->runDue(test::at(kStart + kDays * kDaySeconds), {}, {}).has_value());
        QCOMPARE(*database().integer("SELECT count(*) FROM evaluation").value(), 20);
        m_runner->setFence({});
        run(kDays);
        everythingIsAsCountedAnew(kDays);
        QCOMPARE(*database().integer("SELECT count(*) FROM evaluation WHERE revision > 0").value(), 0);
    }

    /// What a backtest would have done is what the monitor did, and being less strict alarms less.
    void backtestsAgree() {
        fill(8, kDays);
        run(kDays);
        const auto monitors = monitorsOf(database());
        for (const MonitorDefinition& monitor : *monitors) {
            if (countsRows(monitor)) {
                QVERIFY(!backtest(*m_store->workspace(), database(), monitor, TimeRange::all(), {}, {}).has_value());
                continue;
            }
            m_store->workspace()->setSimulatedNow(test::at(kStart + kDays * kDaySeconds));
            const auto test = backtest(*m_store->workspace(), database(), monitor, TimeRange::all(), {}, {});
            QVERIFY(test.has_value());
            const auto windows = stored(monitor.name);
            const auto outcome = outcomeAt(*test, strictnessOf(monitor));
            QVERIFY(outcome.states.size() <= windows.size());
            for (std::size_t i = 0; i < outcome.states.size(); ++i) {
                QCOMPARE(test->windows[i].window.start.ns, windows[i].window.start.ns);
                QVERIFY2(outcome.states[i] == windows[i].state, (monitor.name + " " + windows[i].summary).c_str());
            }
            std::size_t before = SIZE_MAX;
            double chances = 1e300;
            for (const double factor : {0.25, 0.5, 1.0, 2.0, 4.0, 1'000.0}) {
                Strictness at = strictnessOf(monitor);
                at.effectFactor = factor;
                const auto moved = outcomeAt(*test, at);
                QVERIFY(moved.drifting <= before);
                QVERIFY(std::isnan(moved.falseAlarmsPerWeek) || moved.falseAlarmsPerWeek <= chances);
                before = moved.drifting;
                if (!std::isnan(moved.falseAlarmsPerWeek)) chances = moved.falseAlarmsPerWeek;
            }
            if (monitor.name == "sliding") QCOMPARE(outcome.alarms.size(), 1u);
        }
    }

    void erasedRowsEndRemaking() {
        run(8);
        auto transaction = Transaction::begin(database());
        QVERIFY(workspace::Workspace::setSetting(database(), "predictions.removals", "1").has_value());
        QVERIFY(transaction->commit().has_value());
        const auto made = remake(*m_store->workspace(), database(), 1, {});
        QVERIFY(!made.has_value());
        QVERIFY(made.error().message.find("erased") != std::string::npos);
        fill(8, 9);
        run(9);  // counts that were kept are made anew
        everythingIsAsCountedAnew(9);
    }
};

QTEST_GUILESS_MAIN(TestRunner)
#include "tst_runner.moc"
