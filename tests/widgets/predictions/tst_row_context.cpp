// SPDX-License-Identifier: GPL-3.0-or-later
#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QTest>

#include "tests/widgets/predictions/support.h"
#include "widgets/predictions/predictions_view.h"
#include "widgets/predictions/row_details.h"
#include "widgets/predictions/rows_table.h"
#include "widgets/theme/tokens.h"

using namespace pilothouse;
using namespace pilothouse::predictions_view;
using test::LogFixture;

class TestRowContext : public QObject {
    Q_OBJECT

    QTemporaryDir m_settings;

    template <class T>
    static T* find(QWidget& widget, const char* name) {
        return widget.findChild<T*>(QString::fromLatin1(name));
    }
    static RowDetails& details(PredictionsView& view) { return *find<RowDetails>(*view.details(), "rowDetails"); }
    static void show(PredictionsView& view) {
        view.details()->resize(360, 700);
        view.details()->show();
        view.resize(1'200, 700);
        view.show();
        view.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&view));
        QTRY_VERIFY(view.settled());
    }
    /// Another version's row of a request, at the same moment, with a trace.
    static void shadow(LogFixture& f, std::size_t request, double score) {
        ports::RowSet set;
        set.rows = 1;
        const auto text = [](const char* name, const std::string& value) {
            return ports::Column{name, ports::ColumnType::Text, {}, {0}, {value}, {}};
        };
        ports::Column time{"time", ports::ColumnType::Time, {}, {}, {}, {}},
            number{"score", ports::ColumnType::Number, {}, {}, {}, {}};
        time.times = {(LogFixture::start() + std::chrono::minutes(request)).ns};
        number.numbers = {score};
        const ports::Column model = text("model", "delay"), version = text("version", "v2"),
                            id = text("request_id", "r" + std::to_string(request)),
                            trace = text("trace_id", "4bf92f3577b34da6");
        set.columns = {time, model, version, id, trace, number};
        auto written = f.workspace->write([&](workspace::Database& database) -> Status {
            PH_TRY(predictions::append(database, set));
            const predictions::Truth later{"r" + std::to_string(request), 1.0,
                                           LogFixture::start() + std::chrono::hours(24 * 9)};
            return predictions::appendTruth(database, "delay", {&later, 1});
        });
        QVERIFY(written.result().has_value());
    }
    static void choose(PredictionsView& view, const QString& id) {
        auto* table = find<RowsTable>(view, "rowsTable");
        for (int r = 0; r < table->model()->rowCount(); ++r)
            if (table->model()->index(r, 0).data(items::PredictionRowsModel::RequestIdRole).toString() == id)
                table->setCurrentIndex(table->model()->index(r, 0));
        QTRY_VERIFY(view.settled());
        QTRY_COMPARE(QString::fromStdString(details(view).row()->text("request_id")), id);
    }

private Q_SLOTS:
    void initTestCase() {
        QCoreApplication::setOrganizationName(QStringLiteral("pilothouse-test"));
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
        theme::apply(theme::Scheme::Light);
    }
    void init() {
        QSettings().clear();
        QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)")));
    }

    void theSameRequestUnderOtherVersions() {
        LogFixture f(60);
        shadow(f, 40, 0.875);
        PredictionsView view(*f.session);
        show(view);
        choose(view, QStringLiteral("r40"));
        auto* siblings = find<QListWidget>(details(view), "rowSiblings");
        QVERIFY(siblings->isVisibleTo(view.details()));
        QCOMPARE(siblings->count(), 2);
        // Two rows at one moment: each is shown as the version that it is.
        const std::string first = details(view).row()->text("version");
        const int other = siblings->item(0)->text().contains(QStringLiteral("this row")) ? 1 : 0;
        siblings->setCurrentRow(other);
        siblings->setFocus();
        Q_EMIT siblings->itemActivated(siblings->item(other));
        QTRY_VERIFY(view.settled());
        QVERIFY(details(view).row()->text("version") != first);
        // One row alone has no such list.
        choose(view, QStringLiteral("r41"));
        QVERIFY(!siblings->isVisibleTo(view.details()));
    }

    void traceOutcomesAndJson() {
        LogFixture f(60);
        shadow(f, 40, 0.875);
        PredictionsView view(*f.session);
        show(view);
        choose(view, QStringLiteral("r40"));
        RowDetails& pane = details(view);
        if (pane.row()->text("version") != "v2") {
            auto* siblings = find<QListWidget>(pane, "rowSiblings");
            for (int i = 0; i < siblings->count(); ++i)
                if (!siblings->item(i)->text().contains(QStringLiteral("this row")))
                    Q_EMIT siblings->itemActivated(siblings->item(i));
            QTRY_VERIFY(view.settled());
        }
        QCOMPARE(pane.row()->text("version"), std::string("v2"));
        QCOMPARE(pane.row()->outcomes.size(), std::size_t{2});
        QVERIFY2(find<QLabel>(pane, "rowOutcomes")->text().startsWith(QStringLiteral("1  known 17 Jul 2013")),
                 qPrintable(find<QLabel>(pane, "rowOutcomes")->text()));
        QTest::mouseClick(find<QPushButton>(pane, "copyTrace"), Qt::LeftButton);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("4bf92f3577b34da6"));
        auto* json = find<QPlainTextEdit>(pane, "rowJson");
        QVERIFY(!json->isVisibleTo(view.details()));
        find<QPushButton>(pane, "showJson")->click();
        QVERIFY(json->toPlainText().contains(QStringLiteral("\"score\": 0.875")));
        find<QPushButton>(pane, "findTrace")->click();
        QTRY_VERIFY(view.settled());
        QCOMPARE(f.session->lens().state().filters.size(), std::size_t{1});
        QCOMPARE(find<RowsTable>(view, "rowsTable")->model()->rowCount(), 1);
    }

    void aRequestIsErased() {
        LogFixture f(60);
        shadow(f, 40, 0.875);
        PredictionsView view(*f.session);
        show(view);
        choose(view, QStringLiteral("r40"));
        RowDetails& pane = details(view);
        auto* erase = find<QPushButton>(pane, "eraseRequest");
        auto* text = find<QLabel>(pane, "erasureText");
        auto* confirm = find<QPushButton>(pane, "confirmErasure");
        erase->click();
        QTRY_VERIFY(confirm->isVisibleTo(view.details()));
        QVERIFY2(text->text().contains(QStringLiteral("2 rows, 2 outcomes")), qPrintable(text->text()));
        // Not this time; and not what another row was asked for.
        find<QPushButton>(pane, "keepRequest")->click();
        QVERIFY(!confirm->isVisibleTo(view.details()));
        erase->click();
        QTRY_VERIFY(confirm->isVisibleTo(view.details()));
        choose(view, QStringLiteral("r41"));
        QVERIFY(!confirm->isVisibleTo(view.details()));
        choose(view, QStringLiteral("r40"));
        erase->click();
        QTRY_VERIFY(confirm->isVisibleTo(view.details()));
        confirm->click();
        QTRY_VERIFY2(text->text().startsWith(QStringLiteral("Erased: 2 rows")), qPrintable(text->text()));
        QTRY_VERIFY(view.settled());
        QCOMPARE(find<RowsTable>(view, "rowsTable")->model()->rowCount(), 59);
    }

    void fastSelectionsEndAtTheLast() {
        LogFixture f(500);
        PredictionsView view(*f.session);
        show(view);
        auto* table = find<RowsTable>(view, "rowsTable");
        for (int i = 0; i < 40; ++i) {
            Q_EMIT table->rowActivated(i);  // each is loaded at once
            if (i % 7 == 0) QTest::qWait(1);
        }
        QTRY_VERIFY(view.settled());
        const auto& row = *details(view).row();
        QCOMPARE(row.text("request_id"), std::string("r460"));
        QCOMPARE(row.neighbours.size(), std::size_t{7});
        QCOMPARE(row.neighbours[3].requestId, std::string("r460"));
        QVERIFY(row.neighbours[3].self);
        QCOMPARE(row.siblings.size(), std::size_t{1});
    }

    /// A log holds what others wrote: it is shown as it is, and does not push the pane out of its place.
    void aLongIdThatLooksLikeMarkup() {
        LogFixture f(20);
        const QString id = QStringLiteral("<b>") + QString(300, QLatin1Char('x'));
        ports::RowSet set;
        set.rows = 1;
        ports::Column time{"time", ports::ColumnType::Time, {}, {}, {}, {}};
        time.times = {(LogFixture::start() + std::chrono::hours(1)).ns};
        set.columns = {time};
        for (const auto& [name, value] :
             {std::pair{"model", std::string("delay")}, std::pair{"version", std::string("v1")},
              std::pair{"request_id", id.toStdString()}})
            set.columns.push_back({name, ports::ColumnType::Text, {}, {0}, {value}, {}});
        QVERIFY(f.workspace
                    ->write([&](workspace::Database& database) -> Status {
                        PH_TRY(predictions::append(database, set));
                        return {};
                    })
                    .result()
                    .has_value());
        PredictionsView view(*f.session);
        show(view);
        choose(view, id);
        auto* context = find<QLabel>(details(view), "rowContext");
        QCOMPARE(context->textFormat(), Qt::PlainText);
        QVERIFY(context->text().contains(id));
        QTRY_COMPARE(details(view).widget()->width(), details(view).viewport()->width());
    }
};

QTEST_MAIN(TestRowContext)
#include "tst_row_context.moc"
