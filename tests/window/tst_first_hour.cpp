// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemView>
#include <QComboBox>
#include <QDir>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <random>

#include "app/window_export.h"
#include "app/window_monitors.h"
#include "app/window_opening.h"
#include "models/items/import_mapping_model.h"
#include "models/monitoring/monitor_reader.h"
#include "models/monitoring/monitor_store.h"
#include "resources/resources.h"
#include "widgets/chart/time_series_chart.h"
#include "widgets/ingest/import_form.h"
#include "widgets/monitor/backtest_chart.h"
#include "widgets/monitor/monitor_form.h"
#include "widgets/monitor/profile_form.h"
#include "widgets/shell/color_scheme.h"
#include "widgets/shell/main_window.h"
#include "widgets/theme/tokens.h"

using namespace pilothouse;

namespace {

constexpr int kDays = 42, kChangeDay = 30, kRowsADay = 240;

/// Loans: names and forms that nobody told the program of. From a day on incomes are others, and the model is worse.
QByteArray loans() {
    std::mt19937 random(11);
    std::normal_distribution<double> normal;
    const auto below = [&](std::uint32_t n) { return random() % n; };
    QByteArray out = "asked_at,loan,income,region,job,p_default,defaulted\n";
    const QDateTime start(QDate(2026, 3, 2), QTime(0, 0), Qt::UTC);
    for (int i = 0; i < kDays * kRowsADay; ++i) {
        const bool late = i >= kChangeDay * kRowsADay;
        const double income = 3.2 + 0.5 * normal(random) + (late ? 0.6 : 0);
        const double risk = 1 / (1 + std::exp(2 * (income - 3.2) + (late ? 0.3 * normal(random) : 0)));
        const bool bad = std::uniform_real_distribution<double>()(random) < (late ? 1 - risk : risk);
        out += start.addSecs(qint64{86'400} * i / kRowsADay).toString(Qt::ISODate).toUtf8() + ",L" +
               QByteArray::number(i) + "," + (below(12) ? QByteArray::number(income, 'f', 3) : QByteArray()) + "," +
               QByteArray(1, static_cast<char>('A' + below(4))) + "," + (below(3) ? "clerk" : "nurse") + "," +
               QByteArray::number(risk, 'f', 4) + "," + (bad ? "yes" : "no") + "\n";
    }
    return out;
}

}  // namespace

/// From a file that was never seen to a monitor that fires, in the program's own window, without a line of YAML.
class TestFirstHour : public QObject {
    Q_OBJECT
    using Model = items::ImportMappingModel;

    QTemporaryDir m_folder;
    std::unique_ptr<shell::ColorScheme> m_scheme;
    std::unique_ptr<shell::MainWindow> m_window;
    std::unique_ptr<app::Opening> m_opening;
    app::WindowOptions m_options;

    template <class T>
    static T* find(const QWidget* in, const char* name) {
        return in->findChild<T*>(QString::fromLatin1(name));
    }
    /// The window's form of that kind, once it is shown.
    template <class Form>
    Form* form() {
        Form* out = nullptr;
        const bool there = QTest::qWaitFor(
            [&] {
                out = m_window->frame() ? m_window->frame()->findChild<Form*>() : nullptr;
                return out && out->isVisible();
            },
            20'000);
        return there ? out : nullptr;
    }
    static void press(QWidget* in, const char* name) {
        auto* button = find<QPushButton>(in, name);
        QVERIFY2(button, name);
        QTRY_VERIFY2_WITH_TIMEOUT(button->isEnabled(), name, 20'000);
        QTest::mouseClick(button, Qt::LeftButton);
    }
    static void choose(QWidget* in, const char* field, int column, const char* id) {
        auto* table = find<QTableView>(in, "mappingTable");
        QModelIndex at;
        for (int r = 0; r < table->model()->rowCount(); ++r)
            if (table->model()->index(r, 0).data().toString() == QString::fromLatin1(field))
                at = table->model()->index(r, column);
        QVERIFY2(at.isValid(), field);
        table->setFocus();
        table->setCurrentIndex(at);
        QTest::keyClick(table, Qt::Key_Return);
        auto* box = table->findChild<QComboBox*>(QStringLiteral("choice"));
        QVERIFY(box);
        QTRY_VERIFY(box->view()->isVisible());
        const int steps = box->findData(QString::fromLatin1(id)) - box->currentIndex();
        for (int i = 0; i < std::abs(steps); ++i)
            QTest::keyClick(box->view(), steps > 0 ? Qt::Key_Down : Qt::Key_Up);
        QTest::keyClick(box->view(), Qt::Key_Return);
        QTRY_COMPARE(at.data(Model::ChoiceRole).toString(), QString::fromLatin1(id));
        QTRY_VERIFY(!table->findChild<QComboBox*>(QStringLiteral("choice")));  // the list is gone, not only hidden
    }
    void picture(QWidget* widget, const char* name) {
        const QString folder = qEnvironmentVariable("PILOTHOUSE_TEST_PICTURES");
        if (folder.isEmpty()) return;
        for (const theme::Scheme scheme : {theme::Scheme::Dark, theme::Scheme::Light}) {
            theme::apply(scheme);
            QCoreApplication::processEvents();
            QVERIFY(widget->grab().save(
                QStringLiteral("%1/%2-%3.png")
                    .arg(folder, QString::fromLatin1(name),
                         scheme == theme::Scheme::Light ? QStringLiteral("light") : QStringLiteral("dark"))));
        }
    }
    std::vector<ports::Evaluation> stored(const std::string& monitor) {
        const auto database = m_window->session()->workspace().connect(true);
        monitoring::EvaluationsRequest request;
        request.monitor = monitor;
        return *monitoring::MonitorReader::read(**database, request);
    }

    void import();
    void reference();
    void monitor();
    void performance();
    void views();
    void report();

private Q_SLOTS:
    void initTestCase() {
        resources::init();
        QCoreApplication::setOrganizationName(QStringLiteral("pilothouse-test"));
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_folder.filePath(QStringLiteral("settings")));
        qputenv("XDG_DATA_HOME", m_folder.filePath(QStringLiteral("data")).toLocal8Bit());
        QVERIFY(QDir(m_folder.path()).mkpath(QStringLiteral("data/pilothouse")));
        theme::apply(theme::Scheme::Light);
        m_scheme = std::make_unique<shell::ColorScheme>();
        m_window = std::make_unique<shell::MainWindow>(*m_scheme);
        app::addViews(*m_window);
        shell::addWindowCommands(*m_window);
        app::addMonitorCommands(*m_window);
        new app::ReportSaving(*m_window);
        m_opening = std::make_unique<app::Opening>(*m_window, m_options);
        m_window->resize(1440, 900);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    }
    void cleanupTestCase() {
        m_window->setSession(nullptr);
        m_opening.reset();
        m_window.reset();
    }

    void theFirstHour() {
        import();
        if (QTest::currentTestFailed()) return;
        reference();
        if (QTest::currentTestFailed()) return;
        monitor();
        if (QTest::currentTestFailed()) return;
        performance();
        if (QTest::currentTestFailed()) return;
        views();
        if (QTest::currentTestFailed()) return;
        report();
    }
};

/// The file is dropped onto the start page; what cannot be guessed is chosen.
void TestFirstHour::import() {
    const QString path = m_folder.filePath(QStringLiteral("loans.csv"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(loans());
    file.close();
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(path)});
    QDragEnterEvent enter(QPoint(400, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(m_window.get(), &enter);
    QDropEvent drop(QPointF(400, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(m_window.get(), &drop);
    auto* import = form<ingest_view::ImportForm>();
    QVERIFY(import);
    QTRY_VERIFY(!import->files().loading());
    choose(import, "loan", Model::Role, "request_id");
    choose(import, "p_default", Model::Role, "score");
    choose(import, "defaulted", Model::Role, "outcome");
    auto* model = find<QLineEdit>(import, "constantModel");
    QVERIFY(model);
    model->setFocus();
    model->selectAll();
    QTest::keyClicks(model, QStringLiteral("loans"));
    auto* version = find<QLineEdit>(import, "constantVersion");
    QVERIFY(version);
    version->setFocus();
    version->selectAll();
    QTest::keyClicks(version, QStringLiteral("2"));
    picture(import, "first-hour-mapping");
    press(import, "startImport");
    QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>(import, "importResult")->isVisible(), 30'000);
    QVERIFY2(find<QLabel>(import, "importResult")->text().startsWith(QStringLiteral("10,080 rows added")),
             qPrintable(find<QLabel>(import, "importResult")->text()));
    picture(import, "first-hour-imported");
    press(import, "importReference");
}

void TestFirstHour::reference() {
    auto* profile = form<monitor_view::ProfileForm>();
    QVERIFY(profile);
    QTRY_VERIFY(profile->settled());
    QCOMPARE(find<QComboBox>(profile, "profileModel")->currentText(), QStringLiteral("loans"));
    auto* version = find<QLineEdit>(profile, "profileVersion");
    version->setFocus();
    version->selectAll();
    QTest::keyClicks(version, QStringLiteral("2"));
    press(profile, "makeProfile");
    QTRY_VERIFY_WITH_TIMEOUT(
        find<QLabel>(profile, "profileMessage")->text().startsWith(QStringLiteral("Kept: 2,520 rows")), 20'000);
    picture(profile, "first-hour-reference");
    press(profile, "profileMonitor");
}

/// With its backtest, the threshold dragged and taken, saved and judged.
void TestFirstHour::monitor() {
    auto* monitors = form<monitor_view::MonitorForm>();
    QVERIFY(monitors);
    QTRY_VERIFY(monitors->settled());
    QCOMPARE(find<QLineEdit>(monitors, "monitor_name")->text(), QStringLiteral("loans-drift"));
    QCOMPARE(find<QComboBox>(monitors, "monitor_reference")->currentText(), QStringLiteral("newest"));
    picture(monitors, "first-hour-monitor-new");
    press(monitors, "runBacktest");
    auto* outcome = find<QLabel>(monitors, "backtestOutcome");
    QTRY_VERIFY_WITH_TIMEOUT(outcome->text().contains(QStringLiteral(" over 42 windows")), 60'000);
    auto* chart = monitors->findChild<monitor_view::BacktestChart*>();
    const std::size_t before = chart->outcome().drifting;
    QVERIFY(chart->outcome().alarms.size() >= 1);
    picture(monitors, "first-hour-backtest");
    // Far up: nothing is that large.
    const QPoint line = chart->thresholdAt();
    QTest::mousePress(chart, Qt::LeftButton, {}, line);
    QTest::mouseMove(chart, QPoint(line.x(), 10));
    QTest::mouseRelease(chart, Qt::LeftButton, {}, QPoint(line.x(), 10));
    QVERIFY(chart->factor() > 2);
    QVERIFY(chart->outcome().drifting < before);
    // By the keyboard: back, and a little above what was declared.
    chart->setFocus();
    QTest::keyClick(chart, Qt::Key_Home);
    QCOMPARE(chart->outcome().drifting, before);
    for (int i = 0; i < 10; ++i)
        QTest::keyClick(chart, Qt::Key_Up);
    QCOMPARE(chart->factor(), 1.5);
    const std::vector<statistics::State> promised = chart->outcome().states;
    press(monitors, "takeThreshold");
    QCOMPARE(find<QLineEdit>(monitors, "monitor_minimum_effect")->text().toDouble(), 0.15);
    QTRY_VERIFY_WITH_TIMEOUT(chart->backtest() != nullptr, 60'000);
    QVERIFY2(chart->outcome().states == promised, "the same windows, judged by the threshold that was taken");
    // What cannot be is told beside the field.
    auto* window = find<QComboBox>(monitors, "monitor_window");
    window->setEditText(QStringLiteral("fortnight"));
    QVERIFY(find<QLabel>(monitors, "monitorMessage")->text().contains(QStringLiteral("window")));
    QVERIFY(!find<QPushButton>(monitors, "saveMonitor")->isEnabled());
    window->setEditText(QStringLiteral("day"));
    press(monitors, "saveMonitor");
    auto* message = find<QLabel>(monitors, "monitorMessage");
    QTRY_COMPARE_WITH_TIMEOUT(message->text(), QStringLiteral("Saved; 42 windows judged"), 60'000);
    const auto evaluations = stored("loans-drift");
    QCOMPARE(evaluations.size(), promised.size());
    for (std::size_t i = 0; i < promised.size(); ++i)
        QVERIFY2(evaluations[i].state == promised[i], evaluations[i].summary.c_str());
    // Taken away, and brought back.
    QTRY_VERIFY(monitors->settled());
    press(monitors, "removeMonitor");
    QTRY_VERIFY(message->text().startsWith(QStringLiteral("Removed loans-drift")));
    QTRY_VERIFY(monitors->settled());
    press(monitors, "saveMonitor");
    QTRY_VERIFY_WITH_TIMEOUT(message->text().startsWith(QStringLiteral("Saved; ")), 60'000);
    QTRY_VERIFY(monitors->settled());
    QCOMPARE(stored("loans-drift").size(), promised.size());
    // One line changes, and is shown.
    auto* description = find<QLineEdit>(monitors, "monitor_description");
    QTRY_COMPARE(find<QComboBox>(monitors, "monitorChoice")->currentText(), QStringLiteral("loans-drift"));
    description->setFocus();
    QTest::keyClicks(description, QStringLiteral("who asks for loans"));
    const QString lines = find<QPlainTextEdit>(monitors, "monitorLines")->toPlainText();
    QCOMPARE(lines.count(QStringLiteral("\n+")) - lines.count(QStringLiteral("\n+++")), 1);
    QCOMPARE(lines.count(QStringLiteral("\n-")) - lines.count(QStringLiteral("\n---")), 0);
    picture(monitors, "first-hour-monitor-edit");
}

void TestFirstHour::performance() {
    auto* monitors = form<monitor_view::MonitorForm>();
    auto* which = find<QComboBox>(monitors, "monitorChoice");
    which->setCurrentIndex(0);
    Q_EMIT which->activated(0);
    find<QComboBox>(monitors, "monitor_kind")->setCurrentText(QStringLiteral("performance"));
    auto* name = find<QLineEdit>(monitors, "monitor_name");
    name->setFocus();
    name->selectAll();
    QTest::keyClicks(name, QStringLiteral("loans-auc"));
    find<QComboBox>(monitors, "monitor_reference")->setEditText(QStringLiteral("newest"));
    find<QComboBox>(monitors, "monitor_window")->setEditText(QStringLiteral("week"));
    auto* limit = find<QLineEdit>(monitors, "monitor_limit");
    QVERIFY(limit->isVisible());
    limit->setFocus();
    QTest::keyClicks(limit, QStringLiteral("0.6"));
    press(monitors, "saveMonitor");
    QTRY_COMPARE_WITH_TIMEOUT(find<QLabel>(monitors, "monitorMessage")->text(),
                              QStringLiteral("Saved; 6 windows judged"), 60'000);
    const auto windows = stored("loans-auc");
    QVERIFY2(windows.front().state == statistics::State::Ok, windows.front().summary.c_str());
    QVERIFY2(windows.back().state == statistics::State::Drift, windows.back().summary.c_str());
    press(monitors, "closeMonitor");
}

void TestFirstHour::views() {
    m_window->commands().trigger(QStringLiteral("lens.everything"));
    for (const char* id : {"overview", "dashboard", "drift", "predictions", "performance"}) {
        m_window->showView(QString::fromLatin1(id));
        QTRY_VERIFY2_WITH_TIMEOUT(m_window->frame()->settled(), id, 30'000);
        picture(m_window.get(), (QByteArray("first-hour-") + id).constData());
    }
    m_window->showView(QStringLiteral("dashboard"));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->frame()->settled(), 30'000);
    auto* chart = m_window->findChild<chart::TimeSeriesChart*>(QStringLiteral("dashboardChart"));
    QVERIFY(chart);
    QStringList lanes;
    for (const chart::Lane& lane : chart->lanes()) {
        lanes << lane.title;
        QVERIFY2(lane.state == chart::Lane::State::Ready, qPrintable(lane.title + lane.stateText));
    }
    QVERIFY2(lanes.contains(QStringLiteral("drift")) && lanes.contains(QStringLiteral("performance")),
             qPrintable(lanes.join(u' ')));
    m_window->showView(QStringLiteral("drift"));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->frame()->settled(), 30'000);
    QCOMPARE(m_window->session()->lens().state().model, std::string("loans"));
}

void TestFirstHour::report() {
    const QString path = m_folder.filePath(QStringLiteral("report.html"));
    Q_EMIT m_window->reportRequested(path);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(path), 30'000);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray page = file.readAll();
    QVERIFY(page.contains("income"));
    QVERIFY(page.contains("<svg"));
}

QTEST_MAIN(TestFirstHour)
#include "tst_first_hour.moc"
