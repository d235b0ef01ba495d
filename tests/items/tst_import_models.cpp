// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "models/items/import_files_model.h"
#include "models/items/import_job.h"
#include "models/items/quarantine_model.h"

using namespace pilothouse;
using items::ImportFilesModel;
using items::ImportMappingModel;
using predictions::Protection;

namespace {

QByteArray line(int i) {
    return R"({"when":)" + QByteArray::number(1700000000 + i) + R"(,"model":"delay","id":"r)" + QByteArray::number(i) +
           R"(","score":0.5,"carrier":"UA"})" + "\n";
}

struct Files {
    QTemporaryDir folder;
    QString write(const char* name, const QByteArray& content) const {
        QFile out(folder.filePath(QString::fromLatin1(name)));
        if (!out.open(QIODevice::WriteOnly) || out.write(content) != content.size()) qFatal("no file");
        return out.fileName();
    }
};

int rowOf(const ImportMappingModel& model, const char* field) {
    for (int r = 0; r < model.rowCount(); ++r)
        if (model.index(r, ImportMappingModel::Field).data().toString() == QString::fromLatin1(field)) return r;
    return -1;
}
QString choice(const ImportMappingModel& model, const char* field, int column) {
    return model.index(rowOf(model, field), column).data(ImportMappingModel::ChoiceRole).toString();
}
bool choose(ImportMappingModel& model, const char* field, int column, const char* id) {
    return model.setData(model.index(rowOf(model, field), column), QString::fromLatin1(id));
}

}  // namespace

class TestImportModels : public QObject {
    Q_OBJECT

    static void settle(ImportFilesModel& files) { QTRY_VERIFY(!files.loading()); }

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void theGuessIsShownAndChanged() {
        Files f;
        ImportFilesModel files;
        QAbstractItemModelTester filesTester(&files, QAbstractItemModelTester::FailureReportingMode::Fatal);
        files.add({f.write("a.csv",
                           "when,model,id,score,code,empty\n1700000000,delay,r1,0.5,007,\n"
                           "1700000001,delay,r2,0.25,008,\n")});
        settle(files);
        ImportMappingModel* m = files.mappingOf(0);
        QVERIFY(m);
        QAbstractItemModelTester tester(m, QAbstractItemModelTester::FailureReportingMode::Fatal);
        QCOMPARE(m->rowCount(), 6);
        QCOMPARE(m->columnCount(), ImportMappingModel::FirstRow + 2);
        QCOMPARE(choice(*m, "model", ImportMappingModel::Role), QStringLiteral("model"));
        QCOMPARE(choice(*m, "id", ImportMappingModel::Role), QStringLiteral("request_id"));
        QCOMPARE(choice(*m, "code", ImportMappingModel::Type), QStringLiteral("text"));
        QCOMPARE(m->index(rowOf(*m, "code"), ImportMappingModel::FirstRow + 1).data().toString(),
                 QStringLiteral("008"));
        QCOMPARE(m->index(rowOf(*m, "empty"), ImportMappingModel::FirstRow).data().toString(), QString());
        // Nothing is called like a time.
        QVERIFY2(files.obstacle().contains(QStringLiteral("No field is the time")), qPrintable(files.obstacle()));
        QVERIFY(choose(*m, "when", ImportMappingModel::Role, "time"));
        QCOMPARE(files.obstacle(), QString());
        QCOMPARE(choice(*m, "when", ImportMappingModel::Type), QStringLiteral("time"));
        // A time is kept as it is.
        QVERIFY(!choose(*m, "when", ImportMappingModel::Privacy, "mask"));
        QVERIFY(choose(*m, "id", ImportMappingModel::Privacy, "hash"));
        QVERIFY(choose(*m, "code", ImportMappingModel::Role, "-"));
        QVERIFY(m->index(rowOf(*m, "code"), 0).data(ImportMappingModel::LeftOutRole).toBool());
        const auto& mapping = m->mapping();
        QCOMPARE(mapping.fields.at("time"), std::string("when"));
        QVERIFY(mapping.protections.at("id") == Protection::Hash);
        QVERIFY(mapping.protections.at("code") == Protection::Drop);
        // What another field was, it is no more.
        QVERIFY(choose(*m, "code", ImportMappingModel::Role, "request_id"));
        QCOMPARE(choice(*m, "id", ImportMappingModel::Role), ImportMappingModel::kFeature);
        QVERIFY(!mapping.protections.contains("code"));
        // The command line reads the same.
        const auto read = predictions::parseMapping(predictions::toYaml(mapping), "map.yaml");
        QVERIFY(read);
        QCOMPARE(predictions::toYaml(*read), predictions::toYaml(mapping));
        QVERIFY(!choose(*m, "id", ImportMappingModel::Role, "no such role"));
    }

    void aMappingMayNameWhatTheFileLacks() {
        Files f;
        ImportFilesModel files;
        files.add({f.write("a.jsonl", line(1))});
        settle(files);
        ImportMappingModel* m = files.mappingOf(0);
        m->setMapping(*predictions::parseMapping("time: ts\nmodel: model\nscore: p\n", "map.yaml"));
        QVERIFY2(files.obstacle().contains(QStringLiteral("\"ts\"")), qPrintable(files.obstacle()));
        QVERIFY2(m->hints().join(u' ').contains(QStringLiteral("\"p\"")), qPrintable(m->hints().join(u' ')));
        m->setMapping(*predictions::parseMapping("time: when\nother_fields: drop\n", "map.yaml"));
        QVERIFY2(files.obstacle().contains(QStringLiteral("No field names the model")), qPrintable(files.obstacle()));
        m->setConstant("model", "delay");
        QCOMPARE(files.obstacle(), QString());
        // One field back in: the others stay out.
        QCOMPARE(choice(*m, "carrier", ImportMappingModel::Role), ImportMappingModel::kLeftOut);
        QVERIFY(choose(*m, "carrier", ImportMappingModel::Role, "feature"));
        QCOMPARE(choice(*m, "carrier", ImportMappingModel::Role), ImportMappingModel::kFeature);
        QCOMPARE(choice(*m, "score", ImportMappingModel::Role), ImportMappingModel::kLeftOut);
        QVERIFY(choose(*m, "carrier", ImportMappingModel::Role, "time"));
        QVERIFY2(files.obstacle().contains(QStringLiteral("are no time")), qPrintable(files.obstacle()));
    }

    void filesOfOneShapeShareAMapping() {
        Files f;
        ImportFilesModel files;
        QAbstractItemModelTester tester(&files, QAbstractItemModelTester::FailureReportingMode::Fatal);
        const QString a = f.write("a.jsonl", line(1)), b = f.write("b.jsonl", line(2)),
                      c = f.write("c.csv", "time,model\n2024-01-01T00:00:00Z,m\n");
        files.add({a, b, c, a});
        settle(files);
        QCOMPARE(files.rowCount(), 3);
        QCOMPARE(files.loadable(), 3);
        QCOMPARE(files.mappingOf(0), files.mappingOf(1));
        QCOMPARE(files.sharing(0), 2);
        QVERIFY(files.mappingOf(2) != files.mappingOf(0));
        QVERIFY2(files.obstacle().startsWith(QStringLiteral("a.jsonl: ")), qPrintable(files.obstacle()));
        choose(*files.mappingOf(0), "when", ImportMappingModel::Role, "time");
        QCOMPARE(files.obstacle(), QString());
        const auto options = files.options();
        QCOMPARE(options.files.size(), std::size_t{3});
        QCOMPARE(options.mappings.at(b.toStdString()).fields.at("time"), std::string("when"));
        files.removeAt(0);
        QCOMPARE(files.sharing(0), 1);
        files.removeAt(0);
        files.removeAt(0);
        QCOMPARE(files.rowCount(), 0);
        QCOMPARE(files.obstacle(), QStringLiteral("Add the files to load"));
    }

    void whatCannotBeLoadedSaysWhy_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("reason");
        QTest::newRow("empty") << QByteArray() << QStringLiteral("is empty");
        QTest::newRow("rubbish") << QByteArray("\x00\x01\x02\x7f,\xff\xfe\n", 8) << QStringLiteral("binary data");
        QTest::newRow("array") << QByteArray("[{\"a\":1}]\n") << QStringLiteral("JSON array");
        QTest::newRow("cut gzip") << QByteArray("\x1f\x8b\x08\x00\x00\x00", 6) << QString();
    }
    void whatCannotBeLoadedSaysWhy() {
        QFETCH(QByteArray, content);
        QFETCH(QString, reason);
        Files f;
        ImportFilesModel files;
        files.add({f.write("x", content), f.folder.path(), f.folder.filePath(QStringLiteral("none"))});
        settle(files);
        QCOMPARE(files.loadable(), 0);
        for (int r = 0; r < 3; ++r)
            QVERIFY(!files.index(r).data(ImportFilesModel::ProblemRole).toString().isEmpty());
        const QString problem = files.index(0).data(ImportFilesModel::ProblemRole).toString();
        QVERIFY2(problem.contains(reason), qPrintable(problem));
        QVERIFY(files.index(1).data(ImportFilesModel::ProblemRole).toString().contains(QStringLiteral("folder")));
        QVERIFY(!files.obstacle().isEmpty());
    }

    void aJobLoadsAndTellsWhatWasThereAlready() {
        Files f;
        auto workspace = *workspace::Workspace::create(f.folder.filePath(QStringLiteral("w.pilothouse")).toStdString(),
                                                       ClockKind::Real, "UTC");
        items::ImportJob job(workspace);
        QSignalSpy finished(&job, &items::ImportJob::finished);
        predictions::IngestOptions options;
        options.files = {f.write("a.jsonl", line(1) + line(2) + "rubbish\n").toStdString()};
        options.mapping = predictions::parseMapping("time: when\nmodel: model\nrequest_id: id\n", "map").value();
        QVERIFY(job.start(options));
        QVERIFY(job.running());
        QVERIFY(!job.start(options));
        QVERIFY(finished.wait());
        QVERIFY(!job.running());
        QVERIFY(job.report()->has_value());
        QCOMPARE(items::importSummary(**job.report()), QStringLiteral("2 rows added · 1 set aside"));
        QVERIFY(job.start(options));
        QVERIFY(finished.wait());
        QCOMPARE(items::importSummary(**job.report()), QStringLiteral("Nothing new · 2 were there already"));
    }

    void aCancelledJobEnds() {
        Files f;
        auto workspace = *workspace::Workspace::create(f.folder.filePath(QStringLiteral("w.pilothouse")).toStdString(),
                                                       ClockKind::Real, "UTC");
        items::ImportJob job(workspace);
        QSignalSpy finished(&job, &items::ImportJob::finished);
        predictions::IngestOptions options;
        options.files = {f.write("a.jsonl", line(1)).toStdString()};
        options.mapping = predictions::parseMapping("time: when\nmodel: model\nrequest_id: id\n", "map").value();
        options.follow = true;  // would never end
        QVERIFY(job.start(options));
        QTRY_COMPARE(job.progress().of.rows, std::uint64_t{1});
        QVERIFY(job.following());
        QVERIFY(job.progress().share < 0);
        job.cancel();
        QVERIFY(finished.wait());
        QVERIFY(job.report()->value().cancelled);
        QCOMPARE(job.report()->value().files.at(0).rows, std::uint64_t{1});
        // And one whose owner goes.
        auto* other = new items::ImportJob(workspace);
        QVERIFY(other->start(options));
        delete other;
    }

    void quarantineIsSearched() {
        Files f;
        auto workspace = *workspace::Workspace::create(f.folder.filePath(QStringLiteral("w.pilothouse")).toStdString(),
                                                       ClockKind::Real, "UTC");
        QByteArray content;
        for (int i = 0; i < 450; ++i)
            content += i % 3 == 0
                           ? QByteArray("rubbish %1\n").replace("%1", QByteArray::number(i))
                           : QByteArray("{\"model\":\"m\",\"Note\":\"N%1\"}\n").replace("%1", QByteArray::number(i));
        predictions::IngestOptions options;
        options.files = {f.write("a.jsonl", content).toStdString()};
        options.mapping = predictions::parseMapping("time: when\nmodel: model\n", "map").value();
        QVERIFY(predictions::ingest(*workspace, options, {}));
        items::QuarantineModel model(workspace);
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        model.search({}, {});
        QTRY_VERIFY(!model.loading());
        QCOMPARE(model.total(), std::uint64_t{450});
        QVERIFY(model.rowCount() >= 200);  // a page; the tester may have asked for more
        while (model.canFetchMore({})) {
            model.fetchMore({});
            QTRY_VERIFY(!model.loading());
        }
        QCOMPARE(model.rowCount(), 450);
        QCOMPARE(model.index(0, items::QuarantineModel::Line).data().toULongLong(), 450ULL);
        model.search(QStringLiteral("\"note\":\"n44"), {});
        QTRY_VERIFY(!model.loading());
        QCOMPARE(model.rowCount(), 8);  // 44 and 440 to 449, without the thirds
        model.search(QStringLiteral("rubbish 9"), QString::fromStdString(model.entry(0).row.reason));
        QTRY_VERIFY(!model.loading());
        QCOMPARE(model.rowCount(), 0);  // of that reason none
        model.search(QStringLiteral("RUBBISH"), {});
        QTRY_VERIFY(!model.loading());
        QSignalSpy exported(&model, &items::QuarantineModel::exported);
        const QString path = f.folder.filePath(QStringLiteral("out.jsonl"));
        model.exportTo(path);
        QVERIFY(exported.wait());
        QCOMPARE(exported.at(0).at(1).toULongLong(), 150ULL);
        QFile out(path);
        QVERIFY(out.open(QIODevice::ReadOnly));
        QCOMPARE(out.readAll().count('\n'), 150);
        model.exportTo(f.folder.filePath(QStringLiteral("no/such/folder")));
        QVERIFY(exported.wait());
        QVERIFY(!exported.at(1).at(2).toString().isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestImportModels)
#include "tst_import_models.moc"
