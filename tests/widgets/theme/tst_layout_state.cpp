// SPDX-License-Identifier: GPL-3.0-or-later
#include <QHeaderView>
#include <QSettings>
#include <QSplitter>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QVBoxLayout>

#include "widgets/theme/layout_state.h"

using namespace pilothouse;

namespace {

/// A view with a splitter and two tables, one of them remembered.
struct Page : QWidget {
    explicit Page(const QStringList& columns) {
        auto* split = new QSplitter(this);
        split->setObjectName(QStringLiteral("split"));
        for (const char* name : {"remembered", "other"}) {
            auto* table = new QTableWidget(0, static_cast<int>(columns.size()), split);
            table->setObjectName(QString::fromLatin1(name));
            table->setHorizontalHeaderLabels(columns);
            split->addWidget(table);
        }
        theme::rememberColumns(*table("remembered"));
    }
    [[nodiscard]] QTableWidget* table(const char* name) const {
        return findChild<QTableWidget*>(QString::fromLatin1(name));
    }
};

}  // namespace

class TestLayoutState : public QObject {
    Q_OBJECT
    QTemporaryDir m_settings;
private Q_SLOTS:
    void initTestCase() {
        QCoreApplication::setOrganizationName(QStringLiteral("pilothouse-test"));
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
    }
    void widthsAndOrderComeBack() {
        const QStringList columns{QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")};
        {
            Page page(columns);
            for (const char* name : {"remembered", "other"})
                page.table(name)->setColumnWidth(1, 77);
            page.table("remembered")->horizontalHeader()->moveSection(2, 0);
            theme::saveLayout(page, QStringLiteral("view/x"));
        }
        Page again(columns);
        theme::restoreLayout(again, QStringLiteral("view/x"));
        QCOMPARE(again.table("remembered")->columnWidth(1), 77);
        QCOMPARE(again.table("remembered")->horizontalHeader()->visualIndex(2), 0);
        QVERIFY(again.table("other")->columnWidth(1) != 77);
        // In another group, and with other columns, it starts anew.
        Page elsewhere(columns);
        theme::restoreLayout(elsewhere, QStringLiteral("view/y"));
        QVERIFY(elsewhere.table("remembered")->columnWidth(1) != 77);
        Page changed({QStringLiteral("a"), QStringLiteral("d"), QStringLiteral("c")});
        theme::restoreLayout(changed, QStringLiteral("view/x"));
        QVERIFY(changed.table("remembered")->columnWidth(1) != 77);
        QCOMPARE(changed.table("remembered")->horizontalHeader()->visualIndex(2), 2);
    }
};

QTEST_MAIN(TestLayoutState)
#include "tst_layout_state.moc"
