// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QtTest>

#include "widgets/shell/fuzzy.h"
#include "widgets/shell/palette_model.h"

using namespace pilothouse::shell;

class TestPalette : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void matches_data() {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("found");
        QTest::newRow("empty") << QString() << QStringLiteral("anything") << true;
        QTest::newRow("initials") << QStringLiteral("spd") << QStringLiteral("Show Predictions delay") << true;
        QTest::newRow("case") << QStringLiteral("DRIFT") << QStringLiteral("Show drift") << true;
        QTest::newRow("blanks") << QStringLiteral("delay v2") << QStringLiteral("delayv2") << true;
        QTest::newRow("order") << QStringLiteral("ba") << QStringLiteral("ab") << false;
        QTest::newRow("too long") << QStringLiteral("abc") << QStringLiteral("ab") << false;
    }
    void matches() {
        QFETCH(QString, pattern);
        QFETCH(QString, text);
        const auto match = fuzzyMatch(pattern, text);
        QTEST(match.has_value(), "found");
        if (!match) return;
        qsizetype before = -1;
        for (const qsizetype at : match->positions) {
            QVERIFY(at > before && at < text.size());
            before = at;
        }
    }

    void wordStartsWin() {
        const auto start = fuzzyMatch(QStringLiteral("ru"), QStringLiteral("Show Runs"));
        const auto middle = fuzzyMatch(QStringLiteral("ru"), QStringLiteral("Interrupt"));
        QVERIFY(start->score > middle->score);
        QCOMPARE(start->positions, (std::vector<qsizetype>{5, 6}));
    }

    void ranks() {
        PaletteModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        std::vector<PaletteModel::Item> items;
        for (int i = 0; i < 200; ++i)
            items.push_back({QStringLiteral("Run %1 of train-delay").arg(i), QStringLiteral("run"), {}, [] {}});
        items.push_back({QStringLiteral("delay v2"), QStringLiteral("version"), {}, [] {}});
        model.setItems(std::move(items));
        QVERIFY(model.rowCount() > 0 && model.rowCount() < 200);  // bounded
        model.setPattern(QStringLiteral("version v2"));           // the kind may be typed
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(model.index(0).data().toString(), QStringLiteral("delay v2"));
        model.setPattern(QStringLiteral("run 17 "));
        QCOMPARE(model.index(0).data().toString(), QStringLiteral("Run 17 of train-delay"));
        model.setPattern(QStringLiteral("qqq"));
        QCOMPARE(model.rowCount(), 0);
        QVERIFY(!model.at(0));
    }
};

QTEST_GUILESS_MAIN(TestPalette)
#include "tst_palette.moc"
