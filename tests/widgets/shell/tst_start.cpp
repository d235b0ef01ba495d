// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QApplication>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QtTest>

#include "tests/connect/fake_server.h"
#include "tests/widgets/shell/support.h"
#include "widgets/shell/event_loop_meter.h"
#include "widgets/shell/recent_files.h"
#include "widgets/shell/start_page.h"

using namespace pilothouse;

class TestStart : public QObject {
    Q_OBJECT
    QTemporaryDir m_settings, m_folder;
    std::unique_ptr<shell::ColorScheme> m_scheme;
    std::unique_ptr<shell::MainWindow> m_window;

    template <class T>
    T* child(const char* name) {
        T* found = m_window->findChild<T*>(QString::fromLatin1(name));
        if (!found) qFatal("no %s", name);
        return found;
    }

private Q_SLOTS:
    void init() {
        test::isolate(m_settings);
        m_scheme = std::make_unique<shell::ColorScheme>();
        m_scheme->force(theme::Scheme::Light);
    }
    void cleanup() {
        m_window.reset();
        m_scheme.reset();
    }
    void open() {
        m_window = test::makeWindow(*m_scheme);
        m_window->resize(1100, 700);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }

    void recentFilesAreOffered() {
        const QString here = m_folder.filePath(QStringLiteral("a.pilothouse"));
        QFile file(here);
        QVERIFY(file.open(QIODevice::WriteOnly));
        shell::rememberFile(QStringLiteral("/gone/b.pilothouse"));
        shell::rememberFile(here);
        shell::rememberFile(here);  // once
        const auto recent = shell::recentFiles();
        QCOMPARE(recent.size(), 2u);
        QVERIFY(recent[0].exists && recent[0].changed.isValid());
        QVERIFY(!recent[1].exists);
        open();
        auto* list = child<QListWidget>("recentList");
        QCOMPARE(list->count(), 2);
        QSignalSpy asked(m_window.get(), &shell::MainWindow::openRequested);
        list->setFocus();
        list->setCurrentRow(0);
        QTest::keyClick(list, Qt::Key_Return);
        QCOMPARE(asked.count(), 1);
        QCOMPARE(asked[0][0].toString(), here);
    }

    void theDemoIsOneClick() {
        open();
        QSignalSpy asked(m_window.get(), &shell::MainWindow::demoRequested);
        QTest::mouseClick(child<QPushButton>("startDemo"), Qt::LeftButton);
        QCOMPARE(asked.count(), 1);
    }

    void aPrometheusIsConnected() {
        open();
        QSignalSpy asked(m_window.get(), &shell::MainWindow::connectRequested);
        QTest::mouseClick(child<QPushButton>("startConnect"), Qt::LeftButton);
        QTRY_VERIFY(m_window->findChild<QWidget*>(QStringLiteral("connectForm")));
        auto* accept = child<QPushButton>("connectAccept");
        auto* url = child<QLineEdit>("connectUrl");
        auto* answer = child<QLabel>("connectAnswer");
        QVERIFY(!accept->isEnabled());
        QTest::keyClicks(url, QStringLiteral("ftp://metrics.example"));
        QVERIFY(!accept->isEnabled());
        QVERIFY2(!answer->text().isEmpty(), "it says what is wrong with the address");
        url->clear();
        QTest::keyClicks(url, QStringLiteral("http://127.0.0.1:1"));  // nobody listens there
        QCOMPARE(child<QLineEdit>("connectName")->text(), QStringLiteral("127.0.0.1"));
        QTest::mouseClick(child<QPushButton>("connectTest"), Qt::LeftButton);
        QTRY_VERIFY2(answer->text().contains(QStringLiteral("127.0.0.1")), qPrintable(answer->text()));
        if (const QString folder = qEnvironmentVariable("PILOTHOUSE_TEST_PICTURES"); !folder.isEmpty()) {
            m_window->findChild<QWidget*>(QStringLiteral("connectForm"))->grab().save(folder + u"/connect.png"_qs);
            m_window->grab().save(folder + u"/start.png"_qs);
        }
        QVERIFY(accept->isEnabled());  // a server may be down when it is written down
        child<QComboBox>("connectScheme")->setCurrentIndex(1);
        QVERIFY2(!accept->isEnabled(), "a token is wanted, and none is named");
        QTest::keyClicks(child<QLineEdit>("connectToken"), QStringLiteral("PROM_TOKEN"));
        QVERIFY2(accept->isEnabled(), qPrintable(answer->text()));
        QTest::keyClick(url, Qt::Key_Return);
        QCOMPARE(asked.count(), 1);
        const auto connection = asked[0][0].value<workspace::Connection>();
        QCOMPARE(connection.name, std::string("127.0.0.1"));
        QCOMPARE(connection.url, std::string("http://127.0.0.1:1"));
        QCOMPARE(connection.option("secret"), std::string("env:PROM_TOKEN"));
    }

    void theWayIsTestedStepByStep() {
        test::FakeServer server;
        server.answer = [](const QByteArray& request) {
            if (request.startsWith("GET /api/v2/status "))
                return test::http(200, R"({"versionInfo":{"version":"0.25.0"}})");
            return test::http(200, "[]");
        };
        open();
        QSignalSpy asked(m_window.get(), &shell::MainWindow::connectRequested);
        QTest::mouseClick(child<QPushButton>("startConnect"), Qt::LeftButton);
        QTRY_VERIFY(m_window->findChild<QWidget*>(QStringLiteral("connectForm")));
        auto* answer = child<QLabel>("connectAnswer");
        child<QComboBox>("connectKind")->setCurrentIndex(1);
        child<QComboBox>("connectGroup")->setCurrentText(QStringLiteral("production"));
        child<QLineEdit>("connectUrl")->setText(QString::fromStdString(server.url()));
        QTest::mouseClick(child<QPushButton>("connectMore"), Qt::LeftButton);
        child<QLineEdit>("connectProxy")->setText(QStringLiteral("proxy"));
        QVERIFY2(answer->text().contains(QStringLiteral("not a proxy")), qPrintable(answer->text()));
        child<QLineEdit>("connectProxy")->clear();
        QTest::mouseClick(child<QPushButton>("connectTest"), Qt::LeftButton);
        QTRY_VERIFY2(answer->text().contains(QStringLiteral("Alertmanager 0.25.0")), qPrintable(answer->text()));
        QVERIFY2(answer->text().contains(QStringLiteral("✓ permissions: 0 alerts")), qPrintable(answer->text()));
        if (const QString folder = qEnvironmentVariable("PILOTHOUSE_TEST_PICTURES"); !folder.isEmpty())
            m_window->findChild<QWidget*>(QStringLiteral("connectForm"))->grab().save(folder + u"/connect-test.png"_qs);
        child<QComboBox>("connectScheme")->setCurrentIndex(2);
        child<QComboBox>("connectWhere")->setCurrentIndex(1);
        QCOMPARE(child<QLineEdit>("connectToken")->echoMode(), QLineEdit::Password);
        QVERIFY(!child<QPushButton>("connectAccept")->isEnabled());
        child<QComboBox>("connectScheme")->setCurrentIndex(0);
        QTest::mouseClick(child<QPushButton>("connectAccept"), Qt::LeftButton);
        QCOMPARE(asked.count(), 1);
        const auto connection = asked[0][0].value<workspace::Connection>();
        QCOMPARE(connection.kind, std::string("alertmanager"));
        QCOMPARE(connection.options, (std::map<std::string, std::string>{{"group", "production"}}));
    }

    void anErrorSaysWhatAndWhy() {
        open();
        QVERIFY(!child<QWidget>("errorPanel")->isVisible());
        const QString path = m_folder.filePath(QStringLiteral("text.pilothouse"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray("this is a line of text and no database ").repeated(30));
        file.close();
        const auto opened = workspace::Workspace::open(path.toStdString());
        QVERIFY(!opened);
        m_window->startPage().showError(path, opened.error());
        QVERIFY(child<QWidget>("errorPanel")->isVisible());
        const QString said = child<QLabel>("errorText")->text();
        QVERIFY2(said.contains(QStringLiteral("text.pilothouse")), qPrintable(said));
        if (const QString folder = qEnvironmentVariable("PILOTHOUSE_TEST_PICTURES"); !folder.isEmpty())
            m_window->grab().save(folder + QStringLiteral("/start-error.png"));
        m_window->startPage().showBusy(QStringLiteral("Opening …"));
        QVERIFY(!child<QWidget>("errorPanel")->isVisible());
    }

    void whatIsDroppedIsOpenedOrImported() {
        open();
        QSignalSpy opened(m_window.get(), &shell::MainWindow::openRequested),
            imported(m_window.get(), &shell::MainWindow::importRequested);
        const auto drop = [&](const QStringList& paths) {
            QMimeData data;
            QList<QUrl> urls;
            for (const QString& path : paths)
                urls << QUrl::fromLocalFile(path);
            data.setUrls(urls);
            const QPoint at(200, 200);
            QDragEnterEvent enter(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
            QApplication::sendEvent(m_window.get(), &enter);
            QDropEvent event(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
            QApplication::sendEvent(m_window.get(), &event);
        };
        const auto write = [&](const char* name, const QByteArray& content) {
            QFile file(m_folder.filePath(QString::fromLatin1(name)));
            if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size()) qFatal("no file");
            return file.fileName();
        };
        const QString rows = write("rows.jsonl", "{}\n");
        drop({m_folder.filePath(QStringLiteral("a.pilothouse"))});
        drop({write("database", QByteArray("SQLite format 3\0 and so on", 25))});
        QCOMPARE(opened.size(), 2);
        QCOMPARE(imported.size(), 0);
        drop({rows});
        drop({rows, m_folder.path()});  // which of them can be read is the form's to say
        QCOMPARE(opened.size(), 2);
        QCOMPARE(imported.size(), 2);
        QCOMPARE(imported.at(1).at(0).toStringList().size(), 2);
        QTest::mouseClick(child<QAbstractButton>("startImport"), Qt::LeftButton);
        auto* dialog = m_window->findChild<QFileDialog*>(QStringLiteral("importDialog"));
        QVERIFY(dialog);
        dialog->close();
    }

    void commandsThatNeedAWorkspaceAreOff() {
        open();
        QVERIFY(!m_window->commands().trigger(QStringLiteral("lens.live")));
        QVERIFY(!m_window->commands().trigger(QStringLiteral("view.drift")));
        QVERIFY(m_window->commands().trigger(QStringLiteral("help.query")));
        auto* help = m_window->findChild<QTextBrowser*>(QStringLiteral("helpText"));
        QVERIFY(help && help->isVisible());
        QVERIFY(help->toPlainText().contains(QStringLiteral("version:12 vs 13")));
        QVERIFY(help->document()->rootFrame()->childFrames().size() >= 4);  // its tables are tables
        QTest::keyClick(help, Qt::Key_Escape);
        QVERIFY(!help->isVisible());
        QVERIFY(m_window->commands().trigger(QStringLiteral("keys")));
    }

    void everyKeyIsOfOneCommand() {
        open();
        QMap<QString, QString> owner;
        QSet<QString> ids;
        for (const auto& command : m_window->commands().commands()) {
            QVERIFY2(!ids.contains(command.id), qPrintable(command.id));
            ids << command.id;
            QVERIFY(!command.title.isEmpty());
            for (const QKeySequence& key : command.keys) {
                QVERIFY2(!owner.contains(key.toString()), qPrintable(key.toString()));
                owner[key.toString()] = command.id;
            }
        }
        for (const char* key : {"1", "6", "Ctrl+K", "/", "J", "K", "Alt+Left", "Alt+Right", "[", "]", "C", "L", ".",
                                "E", "?", "F11", "Ctrl+O", "Ctrl+N", "Ctrl+Q"})
            QVERIFY2(owner.contains(QString::fromLatin1(key)), key);
    }

    void theChoiceOfColoursIsRemembered() {
        m_scheme->choose(shell::ColorScheme::Choice::Dark);
        QCOMPARE(theme::scheme(), theme::Scheme::Dark);
        shell::ColorScheme next;
        next.start();
        QCOMPARE(next.choice(), shell::ColorScheme::Choice::Dark);
        next.choose(shell::ColorScheme::Choice::Light);
        QCOMPARE(theme::scheme(), theme::Scheme::Light);
    }

    void theMeterSeesAGap() {
        shell::EventLoopMeter meter;
        meter.start();
        QTest::qWait(60);
        QElapsedTimer busy;
        busy.start();
        while (busy.elapsed() < 80) {
        }
        QTest::qWait(30);
        meter.stop();
        QVERIFY(meter.report().longestMs >= 80);
        QVERIFY(meter.report().over50Ms >= 1);
    }
};

QTEST_MAIN(TestStart)
#include "tst_start.moc"
