// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSignalSpy>
#include <QTest>

#include "models/items/prediction_columns.h"
#include "models/items/prediction_facets_model.h"
#include "models/items/prediction_loader.h"
#include "models/items/prediction_rows_model.h"
#include "models/items/session.h"
#include "tests/items/fake_prediction_log.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using test::FakePredictionLog;

class TestPredictionLoader : public QObject {
    Q_OBJECT

    struct Fixture {
        test::Folder folder;
        std::shared_ptr<FakePredictionLog> log = std::make_shared<FakePredictionLog>(500);
        std::unique_ptr<items::Session> session;
        items::PredictionRowsModel rows{log};
        items::PredictionFacetsModel facets;
        std::unique_ptr<items::PredictionLoader> loader;

        Fixture() {
            log->known = {{"time", ports::ColumnType::Time, false}, {"temp_f", ports::ColumnType::Number, true}};
            auto workspace = workspace::Workspace::create(folder.file(), ClockKind::Real, "UTC");
            if (!workspace) qFatal("%s", workspace.error().text().c_str());
            items::Session::Ports ports;
            ports.predictions = log;
            session = std::make_unique<items::Session>(*workspace, std::move(ports));
            session->lens().setRange({FakePredictionLog::timeOf(500), FakePredictionLog::kNewest + Duration(1)});
            loader = std::make_unique<items::PredictionLoader>(*session, rows, facets);
            QObject::connect(loader.get(), &items::PredictionLoader::fieldsReady, &rows,
                             [this] { rows.setColumns(items::predictionColumns(loader->fields())); });
        }
        [[nodiscard]] bool askedFor(const std::string& column) const {
            return std::find(log->columns.begin(), log->columns.end(), column) != log->columns.end();
        }
    };

private Q_SLOTS:
    /// The first page is asked for while the log's fields, and with them the table's columns, are not known yet.
    void aPageWithoutTheColumnsIsNotShown_data() {
        QTest::addColumn<bool>("pageFirst");
        QTest::newRow("the fields come before the page") << false;
        QTest::newRow("the fields come between the page and the counts") << true;
    }
    void aPageWithoutTheColumnsIsNotShown() {
        QFETCH(bool, pageFirst);
        Fixture f;
        f.log->hold();
        f.loader->load();
        f.log->releaseLast();  // the extent of the log
        QTRY_COMPARE(f.log->searches, 1);
        QVERIFY(!f.askedFor("temp_f"));
        if (pageFirst) {
            QSignalSpy ready(f.loader.get(), &items::PredictionLoader::rowsReady);
            f.log->releaseLast();
            QTRY_COMPARE(ready.count(), 1);
            QTRY_COMPARE(f.log->countings, 1);
        }
        f.log->release();  // the fields, then the rest
        QTRY_COMPARE(f.rows.rowCount(), 500);
        QTRY_VERIFY(!f.loader->busy() && f.rows.loaded(0));
        int column = 0;
        while (f.rows.columns()[static_cast<std::size_t>(column)].id != u"temp_f"_qs)
            ++column;
        QCOMPARE(f.rows.index(0, column).data(items::PredictionRowsModel::ValueRole).toDouble(), 500.0);
    }
};

QTEST_GUILESS_MAIN(TestPredictionLoader)
#include "tst_prediction_loader.moc"
