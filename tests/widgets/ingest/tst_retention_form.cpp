// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>

#include "models/predictions/ingest.h"
#include "models/workspace/lease.h"
#include "tests/widgets/ingest/support.h"
#include "widgets/ingest/retention_form.h"
#include "widgets/theme/tokens.h"

using namespace pilothouse;
using ingest_view::RetentionForm;
using test::ImportFixture;

class TestRetentionForm : public QObject {
    Q_OBJECT

    template <class T>
    static T* find(QWidget& form, const char* name) {
        return form.findChild<T*>(QString::fromLatin1(name));
    }
    static void show(RetentionForm& form) {
        form.show();
        QVERIFY(QTest::qWaitForWindowActive(&form));
        QTRY_VERIFY(form.settled());
    }
    /// Rows of November 2023.
    static void load(ImportFixture& f, int rows) {
        predictions::IngestOptions options;
        options.files = {f.file(QStringLiteral("a.jsonl"), ImportFixture::lines(0, rows)).toStdString()};
        options.mapping = predictions::parseMapping("time: when\nmodel: model\nrequest_id: id\n", "map").value();
        QVERIFY(predictions::ingest(*f.workspace, options, {}));
    }

private Q_SLOTS:
    void initTestCase() { theme::apply(theme::Scheme::Light); }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)"))); }

    void countedBeforeItIsSaved() {
        ImportFixture f;
        load(f, 100);
        RetentionForm form(*f.session);
        show(form);
        auto* would = find<QLabel>(form, "retentionWould");
        QVERIFY2(would->text().startsWith(QStringLiteral("Rows stay")), qPrintable(would->text()));
        QVERIFY(!find<QPushButton>(form, "saveRetention")->isEnabled());
        auto* age = find<QCheckBox>(form, "retentionByAge");
        age->setFocus();
        QTest::keyClick(age, Qt::Key_Space);
        QVERIFY(find<QSpinBox>(form, "retentionDays")->isEnabled());
        QTRY_VERIFY(form.settled());
        QVERIFY2(would->text().startsWith(QStringLiteral("Would remove 100 rows")), qPrintable(would->text()));
        QCOMPARE(f.rows(), qint64{100});
        QTest::mouseClick(find<QPushButton>(form, "saveRetention"), Qt::LeftButton);
        QTRY_VERIFY(form.settled());
        QCOMPARE(f.rows(), qint64{100});  // only the rule
        auto database = f.workspace->connect(true);
        QCOMPARE(predictions::retentionPolicy(**database)->days, std::optional<std::int64_t>(365));
        // Removing takes two presses.
        auto* apply = find<QPushButton>(form, "applyRetention");
        QTRY_VERIFY(apply->isEnabled());
        QTest::mouseClick(apply, Qt::LeftButton);
        QCOMPARE(f.rows(), qint64{100});
        QVERIFY2(apply->text().contains(QStringLiteral("cannot be undone")), qPrintable(apply->text()));
        QTest::mouseClick(apply, Qt::LeftButton);
        auto* message = find<QLabel>(form, "retentionMessage");
        QTRY_VERIFY2(message->text().startsWith(QStringLiteral("100 rows removed")), qPrintable(message->text()));
        QCOMPARE(f.rows(), qint64{0});
    }

    void somebodyElseHoldsTheEngine() {
        ImportFixture f;
        load(f, 10);
        auto lease = workspace::Lease::take(*f.workspace);
        QVERIFY(lease);
        RetentionForm form(*f.session);
        show(form);
        QTest::mouseClick(find<QCheckBox>(form, "retentionByAge"), Qt::LeftButton);
        QTRY_VERIFY(form.settled());
        auto* apply = find<QPushButton>(form, "applyRetention");
        QTest::mouseClick(apply, Qt::LeftButton);
        QTest::mouseClick(apply, Qt::LeftButton);
        auto* message = find<QLabel>(form, "retentionMessage");
        QTRY_VERIFY2(message->text().startsWith(QStringLiteral("▲")), qPrintable(message->text()));
        QTRY_VERIFY(form.settled());
        QCOMPARE(f.rows(), qint64{10});
        // The rule itself is kept for whoever runs the engine.
        auto database = f.workspace->connect(true);
        QCOMPARE(predictions::retentionPolicy(**database)->days, std::optional<std::int64_t>(365));
    }
};

QTEST_MAIN(TestRetentionForm)
#include "tst_retention_form.moc"
