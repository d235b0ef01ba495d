// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemView>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

#include "tests/widgets/ingest/support.h"
#include "widgets/ingest/import_form.h"
#include "widgets/ingest/mapping_page.h"
#include "widgets/ingest/mapping_table.h"
#include "widgets/ingest/quarantine_list.h"
#include "widgets/ingest/retention_form.h"
#include "widgets/theme/tokens.h"

using namespace pilothouse;
using namespace pilothouse::ingest_view;
using test::ImportFixture;
using Model = items::ImportMappingModel;

class TestImportForm : public QObject {
    Q_OBJECT

    QTemporaryDir m_settings;

    template <class T>
    static T* find(QWidget& form, const char* name) {
        return form.findChild<T*>(QString::fromLatin1(name));
    }
    static void open(ImportForm& form, const QStringList& paths) {
        form.addFiles(paths);
        form.show();
        QVERIFY(QTest::qWaitForWindowActive(&form));
        QTRY_VERIFY(!form.files().loading());
    }
    static QModelIndex cell(ImportForm& form, const char* field, int column) {
        auto* table = find<MappingTable>(form, "mappingTable");
        for (int r = 0; r < table->model()->rowCount(); ++r)
            if (table->model()->index(r, 0).data().toString() == QString::fromLatin1(field))
                return table->model()->index(r, column);
        return {};
    }
    /// As a person does it: to the cell, Enter, down the list, Enter.
    static void choose(ImportForm& form, const char* field, int column, const char* id) {
        auto* table = find<MappingTable>(form, "mappingTable");
        const QModelIndex at = cell(form, field, column);
        QVERIFY(at.isValid());
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
    static QString message(ImportForm& form) { return find<QLabel>(form, "importMessage")->text(); }

private Q_SLOTS:
    void initTestCase() {
        QCoreApplication::setOrganizationName(QStringLiteral("pilothouse-test"));
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
        theme::apply(theme::Scheme::Light);
    }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)"))); }

    /// Pictures for a person, in the folder that PILOTHOUSE_TEST_PICTURES names.
    void looks() {
        const QString folder = qEnvironmentVariable("PILOTHOUSE_TEST_PICTURES");
        if (folder.isEmpty()) QSKIP("no folder for pictures");
        for (const theme::Scheme scheme : {theme::Scheme::Light, theme::Scheme::Dark}) {
            theme::apply(scheme);
            const QString suffix = scheme == theme::Scheme::Light ? QStringLiteral("-light") : QStringLiteral("-dark");
            const auto save = [&](QWidget& widget, const char* name) {
                QVERIFY(widget.grab().save(folder + QLatin1Char('/') + QString::fromLatin1(name) + suffix +
                                           QStringLiteral(".png")));
            };
            ImportFixture f;
            ImportForm form(items::importJob(*f.session));
            open(form, {f.file(QStringLiteral("flights-a.jsonl"), ImportFixture::lines(0, 500) + "rubbish\n"),
                        f.file(QStringLiteral("flights-b.jsonl"), ImportFixture::lines(400, 600)), f.folder.path()});
            save(form, "import-asks");
            choose(form, "when", Model::Role, "time");
            choose(form, "secret", Model::Privacy, "mask");
            choose(form, "carrier", Model::Role, "-");
            save(form, "import-mapped");
            QTest::mouseClick(find<QPushButton>(form, "startImport"), Qt::LeftButton);
            QTRY_VERIFY(find<QWidget>(form, "progressPage")->isVisible());
            save(form, "import-progress");
            QTRY_VERIFY(find<QLabel>(form, "importResult")->isVisible());
            save(form, "import-result");
            QuarantineList list(*f.session);
            list.show();
            QTRY_VERIFY(list.settled());
            save(list, "quarantine");
            RetentionForm retention(*f.session);
            retention.show();
            QTRY_VERIFY(retention.settled());
            find<QAbstractButton>(retention, "retentionByAge")->click();
            QTRY_VERIFY(retention.settled());
            save(retention, "retention");
        }
        theme::apply(theme::Scheme::Light);
    }

    void guessedConfirmedLoaded() {
        ImportFixture f;
        ImportForm form(items::importJob(*f.session));
        open(form, {f.file(QStringLiteral("a.jsonl"), ImportFixture::lines(0, 500) + "rubbish\n"),
                    f.file(QStringLiteral("b.jsonl"), ImportFixture::lines(400, 600))});
        auto* import = find<QPushButton>(form, "startImport");
        QCOMPARE(import->text(), QStringLiteral("Import 2 files"));
        QVERIFY(!import->isEnabled());
        QVERIFY2(message(form).contains(QStringLiteral("No field is the time")), qPrintable(message(form)));
        choose(form, "when", Model::Role, "time");
        choose(form, "secret", Model::Privacy, "mask");
        choose(form, "carrier", Model::Role, "-");
        QVERIFY2(import->isEnabled(), qPrintable(message(form)));
        import->setFocus();
        QTest::keyClick(import, Qt::Key_Space);
        auto* result = find<QLabel>(form, "importResult");
        QTRY_VERIFY(result->isVisible());
        QCOMPARE(result->text(), QStringLiteral("600 rows added · 100 were there already · 1 set aside"));
        QCOMPARE(f.rows(), qint64{600});
        QCOMPARE(f.count("SELECT count(*) FROM prediction_field WHERE name = 'carrier'"), qint64{0});
        QCOMPARE(f.count("SELECT count(*) FROM prediction_field WHERE name = 'secret'"), qint64{1});
        QSignalSpy quarantine(&form, &ImportForm::quarantineWanted), rows(&form, &ImportForm::rowsWanted);
        QTest::mouseClick(find<QPushButton>(form, "showQuarantine"), Qt::LeftButton);
        QTest::mouseClick(find<QPushButton>(form, "showRows"), Qt::LeftButton);
        QCOMPARE(quarantine.size(), 1);
        QCOMPARE(rows.size(), 1);
        // And more: the form begins anew.
        QTest::mouseClick(find<QPushButton>(form, "importMore"), Qt::LeftButton);
        QVERIFY(find<QWidget>(form, "mappingPage")->isVisible());
        QCOMPARE(form.files().rowCount(), 0);
        QVERIFY(!import->isEnabled());
    }

    void modelAndVersionForRowsThatNameNone() {
        ImportFixture f;
        ImportForm form(items::importJob(*f.session));
        open(form,
             {f.file(QStringLiteral("a.csv"), "time,id,x\n2024-01-01T00:00:00Z,r1,1\n2024-01-01T00:01:00Z,r2,2\n")});
        QVERIFY2(message(form).contains(QStringLiteral("No field names the model")), qPrintable(message(form)));
        auto* model = find<QLineEdit>(form, "constantModel");
        model->setFocus();
        QTest::keyClicks(model, QStringLiteral("delay"));
        QVERIFY2(find<QPushButton>(form, "startImport")->isEnabled(), qPrintable(message(form)));
        QTest::keyClick(model, Qt::Key_Return);  // the default button
        QTRY_VERIFY(find<QLabel>(form, "importResult")->isVisible());
        QCOMPARE(f.rows(), qint64{2});
    }

    void mappingsAreSavedAndLoaded() {
        ImportFixture f;
        const QString yaml = f.folder.filePath(QStringLiteral("map.yaml"));
        const QString rows = f.file(QStringLiteral("a.jsonl"), ImportFixture::lines(0, 10));
        {
            ImportForm form(items::importJob(*f.session));
            open(form, {rows});
            choose(form, "when", Model::Role, "time");
            choose(form, "secret", Model::Privacy, "hash");
            find<MappingPage>(form, "mappingPage")->saveMapping(yaml);
            QVERIFY2(message(form).contains(QStringLiteral("--map")), qPrintable(message(form)));
        }
        ImportForm form(items::importJob(*f.session));
        open(form, {rows});
        QVERIFY(!find<QPushButton>(form, "startImport")->isEnabled());
        auto* page = find<MappingPage>(form, "mappingPage");
        page->loadMapping(f.file(QStringLiteral("bad.yaml"), "format: jsonl\nno_such_key: x\n"));
        page->loadMapping(f.folder.path());
        page->loadMapping(yaml);
        QVERIFY(find<QPushButton>(form, "startImport")->isEnabled());
        QCOMPARE(cell(form, "secret", Model::Privacy).data(Model::ChoiceRole).toString(), QStringLiteral("hash"));
        page->loadMapping(f.file(QStringLiteral("bad.yaml"), "format: jsonl\nno_such_key: x\n"));
        QVERIFY2(message(form).contains(QStringLiteral("bad.yaml:2")), qPrintable(message(form)));
        page->loadMapping(f.file(QStringLiteral("csv.yaml"), "format: csv\ntime: when\n"));
        QVERIFY2(message(form).contains(QStringLiteral("is a mapping for CSV")), qPrintable(message(form)));
        // What was there before stays.
        QVERIFY(find<QPushButton>(form, "startImport")->isEnabled());
        page->saveMapping(f.folder.filePath(QStringLiteral("no/such/folder.yaml")));
        QVERIFY2(message(form).contains(QStringLiteral("cannot be written")), qPrintable(message(form)));
    }

    void filesThatCannotBeLoadedAreLeftOut() {
        ImportFixture f;
        ImportForm form(items::importJob(*f.session));
        QByteArray good = ImportFixture::lines(0, 5);
        open(form, {f.folder.path(), f.file(QStringLiteral("empty"), {}),
                    f.file(QStringLiteral("a.jsonl"), good.replace("when", "time"))});
        auto* import = find<QPushButton>(form, "startImport");
        QVERIFY(import->isEnabled());
        find<QListView>(form, "importFiles")->setCurrentIndex(form.files().index(2));
        QVERIFY2(message(form).contains(QStringLiteral("2 files cannot be loaded")), qPrintable(message(form)));
        QTest::mouseClick(import, Qt::LeftButton);
        QTRY_VERIFY(find<QLabel>(form, "importResult")->isVisible());
        QCOMPARE(f.rows(), qint64{5});
    }

    void aFileThatChangesUnderTheForm() {
        ImportFixture f;
        ImportForm form(items::importJob(*f.session));
        QByteArray good = ImportFixture::lines(0, 50);
        const QString a = f.file(QStringLiteral("a.jsonl"), good.replace("when", "time")),
                      b = f.file(QStringLiteral("b.jsonl"), good);
        open(form, {a, b});
        QFile shrunk(a);
        QVERIFY(shrunk.resize(150));  // within its second line
        QVERIFY(QFile::remove(b));
        QTest::mouseClick(find<QPushButton>(form, "startImport"), Qt::LeftButton);
        QTRY_VERIFY(find<QLabel>(form, "importResult")->isVisible());
        QCOMPARE(f.rows(), qint64{1});
        auto* table = find<QTableView>(form, "importedFiles");
        QVERIFY(!table->model()->index(1, 5).data().toString().isEmpty());
    }

    void cancelKeepsWhatIsWrittenAndAClosedFormGoesOn() {
        ImportFixture f;
        ImportForm form(items::importJob(*f.session));
        QByteArray good = ImportFixture::lines(0, 1'000);
        open(form, {f.file(QStringLiteral("a.jsonl"), good.replace("when", "time"))});
        auto* follow = find<QAbstractButton>(form, "followFile");
        QVERIFY(follow->isEnabled());
        QTest::mouseClick(follow, Qt::LeftButton);
        QTest::mouseClick(find<QPushButton>(form, "startImport"), Qt::LeftButton);
        auto* cancel = find<QPushButton>(form, "cancelImport");
        QTRY_VERIFY(cancel->isVisible());
        QTRY_VERIFY(find<QLabel>(form, "importFacts")->text().startsWith(QStringLiteral("1,000 rows")));
        QTest::mouseClick(find<QPushButton>(form, "hideImport"), Qt::LeftButton);
        QVERIFY(!form.isVisible());
        QVERIFY(items::importJob(*f.session).running());
        form.show();
        QVERIFY(cancel->isVisible());
        QCOMPARE(cancel->text(), QStringLiteral("Stop"));
        QTest::mouseClick(cancel, Qt::LeftButton);
        auto* result = find<QLabel>(form, "importResult");
        QTRY_VERIFY(result->isVisible());
        QVERIFY2(result->text().startsWith(QStringLiteral("Stopped: 1,000 rows added")), qPrintable(result->text()));
        QCOMPARE(f.rows(), qint64{1'000});
    }

    void theWindowClosesDuringAnImport() {
        ImportFixture f;
        auto form = std::make_unique<ImportForm>(items::importJob(*f.session));
        QByteArray good = ImportFixture::lines(0, 1'000);
        open(*form, {f.file(QStringLiteral("a.jsonl"), good.replace("when", "time"))});
        QTest::mouseClick(find<QAbstractButton>(*form, "followFile"), Qt::LeftButton);
        QTest::mouseClick(find<QPushButton>(*form, "startImport"), Qt::LeftButton);
        QTRY_COMPARE(items::importJob(*f.session).progress().of.rows, std::uint64_t{1'000});
        form.reset();
        f.session.reset();
        // The thread lets go of the workspace.
        QTRY_COMPARE(f.workspace.use_count(), 1L);
        QCOMPARE(f.rows(), qint64{1'000});
    }

    void quarantineIsReadCopiedAndFiltered() {
        ImportFixture f;
        predictions::IngestOptions options;
        options.files = {
            f.file(QStringLiteral("a.jsonl"), "first rubbish\nsecond rubbish\n{\"model\":\"m\"}\n").toStdString()};
        options.mapping = predictions::parseMapping("time: when\nmodel: model\n", "map").value();
        QVERIFY(predictions::ingest(*f.workspace, options, {}));
        QuarantineList list(*f.session);
        list.show();
        QVERIFY(QTest::qWaitForWindowActive(&list));
        QTRY_VERIFY(list.settled());
        auto* table = find<QTableView>(list, "quarantineTable");
        QTRY_COMPARE(table->model()->rowCount(), 3);
        QCOMPARE(find<QLabel>(list, "quarantineSummary")->text(), QStringLiteral("3 rows"));
        auto* filter = find<QLineEdit>(list, "quarantineFilter");
        QVERIFY(filter->hasFocus());
        QTest::keyClicks(filter, QStringLiteral("SECOND"));
        QTRY_COMPARE(table->model()->rowCount(), 1);
        QTRY_VERIFY(list.settled());
        QCOMPARE(find<QPlainTextEdit>(list, "quarantineRaw")->toPlainText(), QStringLiteral("second rubbish"));
        QVERIFY(find<QLabel>(list, "quarantinePlace")->text().contains(QStringLiteral("a.jsonl:2")));
        QTest::keyClick(filter, Qt::Key_Down);
        QVERIFY(table->hasFocus());
        QTest::keyClick(table, Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("second rubbish"));
        filter->clear();
        QTRY_COMPARE(table->model()->rowCount(), 3);
        auto* reason = find<QComboBox>(list, "quarantineReason");
        QTRY_COMPARE(reason->count(), 3);
        reason->setFocus();
        QTest::keyClick(reason, Qt::Key_Down);
        QTRY_VERIFY(table->model()->rowCount() < 3);
        list.exportTo(f.folder.filePath(QStringLiteral("out.jsonl")));
        QTRY_VERIFY(QFile::exists(f.folder.filePath(QStringLiteral("out.jsonl"))));
    }
};

QTEST_MAIN(TestImportForm)
#include "tst_import_form.moc"
