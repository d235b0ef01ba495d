// SPDX-License-Identifier: GPL-3.0-or-later
// The predictions view over --rows N: from a key press in the query bar to the first paint with new rows, a frame of
// scrolling to any place and by pages, and how long the GUI thread lets events wait meanwhile. Offscreen unless
// QT_QPA_PLATFORM says otherwise.
#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QFileInfo>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPointer>
#include <QScrollBar>
#include <QSettings>
#include <QTemporaryDir>
#include <QTimer>
#include <cstdio>
#include <ctime>
#include <random>

#include "models/items/session.h"
#include "models/predictions/embedded_prediction_log.h"
#include "models/workspace/worker_pool.h"
#include "tests/bench/prediction_fill.h"
#include "widgets/predictions/predictions_view.h"
#include "widgets/predictions/rows_table.h"
#include "widgets/theme/tokens.h"

using namespace pilothouse;
using bench::need;
using bench::PredictionRows;

namespace {

using Clock = std::chrono::steady_clock;
double since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// What this thread has computed, in ms: beside it threads of the log, and other programs, want the same cores.
double computed() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
}

/// How long a turn of the event loop took, and how much of that the thread was computing.
struct Turn {
    double ms = 0, computing = 0;
};

/// Turns the event loop until `done`, and notes the longest turn and the one that computed most.
class Loop {
public:
    bool until(const std::function<bool()>& done, double patienceMs = 60'000) {
        const auto start = Clock::now();
        while (!done()) {
            if (since(start) > patienceMs) return false;
            turn();
        }
        return true;
    }
    void turn() {
        // Waits for something to happen, then measures how long it took to deal with it.
        QTimer wake;
        wake.setSingleShot(true);
        wake.start(1);
        const auto start = Clock::now();
        const double before = computed();
        QCoreApplication::processEvents(QEventLoop::AllEvents);
        m_longest.ms = std::max(m_longest.ms, since(start));
        m_longest.computing = std::max(m_longest.computing, computed() - before);
        if (since(start) < 0.2) QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    }
    Turn takeLongest() { return std::exchange(m_longest, {}); }

private:
    Turn m_longest;
};

/// Notes when the table is painted.
class PaintWatch : public QObject {
public:
    explicit PaintWatch(QWidget* widget) : QObject(widget) { widget->installEventFilter(this); }
    bool eventFilter(QObject* object, QEvent* event) override {
        if (event->type() == QEvent::Paint) ++paints;
        return QObject::eventFilter(object, event);
    }
    int paints = 0;
};

constexpr int kRuns = 5;

class Bench {
public:
    Bench(items::Session& session, std::size_t rows)
        : m_session(session),
          m_view(session),
          m_rows(rows),
          m_edit(m_view.findChild<QLineEdit*>(u"queryEdit"_qs)),
          m_table(m_view.findChild<predictions_view::RowsTable*>(u"rowsTable"_qs)),
          m_paints(m_table->viewport()) {
        m_view.resize(1440, 900);
    }

    void open() {
        const auto start = Clock::now();
        m_view.show();
        m_loop.until([&] { return firstRowPainted(); });
        line("first rows of the view, nothing in memory", since(start), 0);
        settle();
        line("  all of it, facets included", since(start), 0);
        m_all = m_table->model()->rowCount();
        m_loop.takeLongest();
    }

    /// What is typed, and whether Enter is pressed after it or only the last key counted.
    void keys() {
        const char* queries[] = {"latency_ms>20",   "model:fraud latency_ms>20", "region:C135",
                                 "message~timeout", "request_id:present",        "feature_00>50 -region:C135"};
        std::vector<double> last, enter;
        double first = 0;  // the slowest of those that ask for something for the first time
        Turn longest;
        for (const char* text : queries) {
            QString query = QString::fromLatin1(text);
            query.replace(u"present"_qs,
                          QString::fromStdString(PredictionRows(bench::Shape::Usual, m_rows).requestId(m_rows / 3)));
            std::vector<double> typed, entered;
            for (int run = 0; run < kRuns; ++run) {
                typed.push_back(pressAfter(query.chopped(1), 0, query.right(1)));
                entered.push_back(pressAfter(query, Qt::Key_Return, {}));
            }
            first = std::max({first, typed.front(), entered.front()});
            const Turn turn = m_loop.takeLongest();
            longest = {std::max(longest.ms, turn.ms), std::max(longest.computing, turn.computing)};
            last.push_back(bench::median(typed));
            enter.push_back(bench::median(entered));
            std::printf("  %-28s last key %6.1f ms (first %6.1f)   Enter %6.1f ms (first %6.1f)\n", text, last.back(),
                        typed.front(), enter.back(), entered.front());
            std::printf("  %-28s longest turn %.1f ms, computed in one at most %.1f ms\n", "", turn.ms, turn.computing);
            std::fflush(stdout);
        }
        line("a key to the first new rows painted, median", bench::median(last), 50);
        line("  the slowest of them", *std::ranges::max_element(last), 50);
        line("Enter to the first new rows painted, median", bench::median(enter), 50);
        line("  the slowest of them", *std::ranges::max_element(enter), 50);
        line("the slowest key or Enter asked for the first time", first, 0);
        turns("longest turn of the event loop meanwhile", longest);
        clear();
        settle();
    }

    void scrolling() {
        QScrollBar* bar = m_table->verticalScrollBar();
        std::mt19937 random(11);
        std::vector<double> frames, arrivals;
        const auto frame = [&](const std::function<void()>& move) {
            const auto start = Clock::now();
            move();
            m_table->viewport()->repaint();
            m_loop.turn();
            frames.push_back(since(start));
        };
        m_loop.takeLongest();
        for (int i = 0; i < 300; ++i)
            frame([&] { bar->setValue(static_cast<int>(random() % static_cast<unsigned>(bar->maximum() + 1))); });
        settle();
        report("a frame of dragging to random places", frames);
        turns("  longest turn of the event loop", m_loop.takeLongest());
        frames.clear();
        bar->setValue(bar->maximum() / 3);
        settle();
        m_loop.takeLongest();
        for (int i = 0; i < 300; ++i)
            frame([&] { bar->triggerAction(QAbstractSlider::SliderPageStepAdd); });
        settle();
        report("a frame of paging through", frames);
        turns("  longest turn of the event loop", m_loop.takeLongest());
        for (int i = 0; i < 60; ++i) {
            const auto start = Clock::now();
            bar->setValue(static_cast<int>(random() % static_cast<unsigned>(bar->maximum() + 1)));
            m_loop.until([&] { return visibleRowsLoaded(); });
            arrivals.push_back(since(start));
        }
        line("rows at a random place, median", bench::median(arrivals), 50);
        line("  the slowest", *std::ranges::max_element(arrivals), 0);
        bar->setValue(0);
        settle();
    }

private:
    static void line(const char* what, double ms, double goal) {
        std::printf("%-52s %9.1f ms", what, ms);
        if (goal > 0) std::printf("   goal %g ms: %s", goal, ms < goal ? "met" : "NOT MET");
        std::printf("\n");
        std::fflush(stdout);
    }
    static void turns(const char* what, const Turn& longest) {
        line(what, longest.ms, 10);
        line("    the thread computed in one at most", longest.computing, 10);
    }
    static void report(const char* what, std::vector<double> frames) {
        std::ranges::sort(frames);
        std::printf("%-52s %9.1f ms (median), %.1f ms (99 of 100)   goal 16 ms: %s\n", what, frames[frames.size() / 2],
                    frames[frames.size() * 99 / 100], frames[frames.size() * 99 / 100] < 16 ? "met" : "NOT MET");
        std::fflush(stdout);
    }
    [[nodiscard]] bool visibleRowsLoaded() const {
        const int first = m_table->rowAt(0), last = m_table->rowAt(m_table->viewport()->height() - 1);
        return first >= 0 && loaded(first) && (last < 0 || loaded(last));
    }
    [[nodiscard]] bool loaded(int row) const {
        return !m_table->model()->index(row, 0).data(items::PredictionRowsModel::LoadingRole).toBool();
    }
    [[nodiscard]] bool firstRowPainted() const {
        return m_table->model()->rowCount() > 0 && loaded(0) && m_paints.paints > 0;
    }
    void settle() {
        if (!m_loop.until([&] { return m_view.settled(); }, 600'000)) qFatal("the view does not come to rest");
    }
    /// All rows again; what is counted beside them goes on meanwhile, as it does while a person types.
    void clear() {
        m_edit->clear();
        m_session.lens().clearFilters();
        if (!m_loop.until([&] { return m_table->model()->rowCount() == m_all && loaded(0); }))
            qFatal("the rows do not come back");
    }
    /// The text stands there as if pasted: nothing is asked before the key.
    double pressAfter(const QString& text, int key, const QString& letter) {
        clear();
        m_edit->setFocus();
        {
            const QSignalBlocker quiet(m_edit);
            m_edit->setText(text);
        }
        return press(key, letter);
    }
    /// From the key press to the first paint that has rows of the new question.
    double press(int key, const QString& text) {
        bool fresh = false;
        const auto reset = QObject::connect(m_table->model(), &QAbstractItemModel::modelReset, &m_view, [&] {
            if (m_table->model()->rowCount() == 0 || !loaded(0)) return;
            fresh = true;
            m_paints.paints = 0;
        });
        const auto start = Clock::now();
        QKeyEvent press(QEvent::KeyPress, key, Qt::NoModifier, text);
        QCoreApplication::sendEvent(m_edit, &press);
        const bool came = m_loop.until([&] { return fresh && m_paints.paints > 0; }, 10'000);
        const double ms = since(start);
        QObject::disconnect(reset);
        return came ? ms : std::numeric_limits<double>::infinity();
    }

    items::Session& m_session;
    predictions_view::PredictionsView m_view;
    std::size_t m_rows;
    int m_all = 0;
    QLineEdit* m_edit;
    predictions_view::RowsTable* m_table;
    PaintWatch m_paints;
    Loop m_loop;
};

}  // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    workspace::WorkerPool::giveWay(true);  // as in the window
    QCommandLineParser parser;
    const QCommandLineOption rows(QStringLiteral("rows"), QStringLiteral("Rows to log."), QStringLiteral("n"),
                                  QStringLiteral("1000000"));
    const QCommandLineOption keep(QStringLiteral("keep"), QStringLiteral("Keep the log in this folder."),
                                  QStringLiteral("folder"));
    parser.addOptions({rows, keep});
    parser.addHelpOption();
    parser.process(application);
    const auto count = static_cast<std::size_t>(parser.value(rows).toULongLong());
    if (count < 200'000) qFatal("--rows wants 200000 or more");
    QTemporaryDir temporary(QDir::currentPath() + QStringLiteral("/build/bench-XXXXXX"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, temporary.path());
    QCoreApplication::setOrganizationName(QStringLiteral("pilothouse-bench"));
    theme::apply(theme::Scheme::Light);
    const QString folder = parser.isSet(keep) ? parser.value(keep) : temporary.path();
    QDir().mkpath(folder);
    const QString path = folder + QStringLiteral("/bench.pilothouse");
    const PredictionRows made(bench::Shape::Usual, count);
    const bool there = QFileInfo::exists(path);
    const auto workspace = there ? need(workspace::Workspace::open(path.toStdString()))
                                 : need(workspace::Workspace::create(path.toStdString(), ClockKind::Logical, "UTC"));
    if (!there) bench::fill(*need(workspace->connect()), made, count);
    items::Session::Ports ports;
    ports.predictions = std::make_shared<predictions::EmbeddedPredictionLog>(workspace);
    items::Session session(workspace, ports);
    items::LensState state = session.lens().state();
    state.range.fixed = TimeRange{made.at(0), made.at(1)};
    session.lens().start(state);
    std::printf("%zu rows\n", count);
    Bench bench(session, count);
    bench.open();
    bench.keys();
    bench.scrolling();
    return 0;
}
