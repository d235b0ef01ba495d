// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "widgets/theme/size_text.h"

using namespace pilothouse;

class TestSizeText : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sizes() {
        QCOMPARE(theme::bytes(0), QStringLiteral("0 B"));
        QCOMPARE(theme::bytes(930), QStringLiteral("930 B"));
        QCOMPARE(theme::bytes(12'300'000), QStringLiteral("12.3 MB"));
    }
};

QTEST_MAIN(TestSizeText)
#include "tst_size_text.moc"
