// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QDirIterator>
#include <QTest>

#include "tests/layering/checks.h"

using namespace pilothouse::layering;

namespace {

/// "…/models/base/result.h" → "models/base/result.h"
QStringList sourcesBelow(std::initializer_list<const char*> folders, const QStringList& patterns) {
    const QDir root(QStringLiteral(PILOTHOUSE_SOURCE_DIR));
    QStringList out;
    for (const char* folder : folders) {
        QDirIterator it(root.filePath(QString::fromLatin1(folder)), patterns, QDir::Files,
                        QDirIterator::Subdirectories);
        while (it.hasNext())
            out << root.relativeFilePath(it.next());
    }
    out.sort();
    return out;
}

QString sourceText(const QString& path) { return readText(QStringLiteral(PILOTHOUSE_SOURCE_DIR "/") + path); }

}  // namespace

/// The layers hold in what files include, too; links alone do not stop an include.
class TestLayering : public QObject {
    Q_OBJECT

    Facts m_facts;

private Q_SLOTS:
    void initTestCase() {
        m_facts = readFacts(QStringLiteral(PILOTHOUSE_LAYERS));
        QVERIFY(m_facts.allowed.size() > 10);
        QVERIFY(m_facts.layerOf.size() > 20);
        QVERIFY(m_facts.guiClasses.contains(QStringLiteral("QColor")));
        QVERIFY(m_facts.guiClasses.contains(QStringLiteral("QWidget")));
        QVERIFY(!m_facts.guiClasses.contains(QStringLiteral("QString")));
    }

    /// The check itself can fail.
    void findsViolations_data() {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("found");
        const QString base = QStringLiteral("models/base/result.h");
        const QString qtBase = QStringLiteral("models/base/throttle.h");
        const QString store = QStringLiteral("models/workspace/workspace.h");
        const QString statistics = QStringLiteral("models/statistics/drift.h");
        const auto row = [](const char* name, const QString& path, const char* text, int found) {
            QTest::newRow(name) << path << QString::fromUtf8(text) << found;
        };
        row("downwards", store, "#include \"models/base/result.h\"\n#include \"models/ports/rows.h\"\n", 0);
        row("own layer", store, "#include \"models/workspace/database.h\"\n#include <QString>\n", 0);
        row("upwards", base, "#include \"models/workspace/workspace.h\"\n", 1);
        row("upwards, indented", base, "  #  include \"models/workspace/workspace.h\"\n", 1);
        row("a view from a model", store, "#include \"widgets/theme/tokens.h\"\n", 1);
        row("an adapter from the store", store, "#include \"models/connect/prometheus/prometheus_source.h\"\n", 1);
        row("not from the root", store, "#include \"database.h\"\n", 1);
        row("Qt in statistics", statistics, "#include <QString>\n", 1);
        row("Qt in statistics, by folder", statistics, "#include <QtCore/QString>\n", 1);
        row("Qt in statistics, lower case", statistics, "#include <qstring.h>\n", 1);
        row("std in statistics", statistics, "#include <queue>\n#include <vector>\n", 0);
        row("Qt in the other half of base", qtBase, "#include <QTimer>\n", 0);
        row("Qt Core's half from the std half", base, "#include \"models/base/throttle.h\"\n", 1);
        row("a GUI class", store, "#include <QColor>\n", 1);
        row("a GUI class, declared only", store, "class QPixmap;\nvoid paint(QPixmap&);\n", 1);
        row("a GUI header by folder", store, "#include <QtWidgets/qwidget.h>\n", 1);
        row("the GUI in a comment", store, "// Unlike QColor\n/* QWidget\n QIcon */ int x;\n", 0);
        row("the GUI in a text", store, "const char* x = \"QColor \\\" QIcon\";\n", 0);
        row("in no library", QStringLiteral("models/nowhere/x.h"), "", 1);
    }
    void findsViolations() {
        QFETCH(QString, path);
        QFETCH(QString, text);
        QFETCH(int, found);
        const QStringList list = violations(m_facts, path, text);
        QVERIFY2(list.size() == found, qPrintable(list.join(u'\n')));
    }

    void findsBadForm() {
        const QString good = QStringLiteral("// SPDX-License-Identifier: GPL-3.0-or-later\n#pragma once\n");
        const QString header = QStringLiteral("a.h");
        QCOMPARE(formViolations(header, good).size(), 0);
        QCOMPARE(formViolations(header, u'\n' + good).size(), 1);
        QCOMPARE(formViolations(header, QStringLiteral("#ifndef A\n")).size(), 2);
        QCOMPARE(formViolations(QStringLiteral("a.cpp"), QStringLiteral("// SPDX-License-Identifier: MIT\n")).size(),
                 1);
        const QString script = QStringLiteral("#!/bin/sh\n# SPDX-License-Identifier: GPL-3.0-or-later\n");
        QCOMPARE(formViolations(QStringLiteral("run"), script).size(), 0);
    }

    void layersHaveADirection() {
        for (auto layer = m_facts.allowed.begin(); layer != m_facts.allowed.end(); ++layer) {
            for (const QString& other : *layer) {
                QVERIFY2(m_facts.allowed.contains(other),
                         qPrintable(layer.key() + QStringLiteral(" may use an unknown ") + other));
                QVERIFY2(
                    !m_facts.allowed[other].contains(layer.key()),
                    qPrintable(layer.key() + QStringLiteral(" and ") + other + QStringLiteral(" may use each other")));
                QVERIFY2(!(layer.key().startsWith(u"connect_") && other.startsWith(u"connect_")),
                         qPrintable(QStringLiteral("adapters know each other: ") + layer.key() + u' ' + other));
            }
        }
        for (const QString& layer : layersWithoutQt())
            QVERIFY((m_facts.allowed[layer] - layersWithoutQt()).isEmpty());
    }

    void everyFileKeepsToItsLayer() {
        QStringList found;
        const QStringList files =
            sourcesBelow({"models", "widgets", "resources"}, {QStringLiteral("*.h"), QStringLiteral("*.cpp")});
        QVERIFY(files.size() > 40);
        for (const QString& path : files)
            for (const QString& violation : violations(m_facts, path, sourceText(path)))
                found << path + u' ' + violation;
        QVERIFY2(found.isEmpty(), qPrintable(u'\n' + found.join(u'\n')));
    }

    void everyFileHasItsForm() {
        QStringList found;
        const QStringList patterns{QStringLiteral("*.h"),   QStringLiteral("*.cpp"),   QStringLiteral("CMakeLists.txt"),
                                   QStringLiteral("*.sql"), QStringLiteral("*.cmake"), QStringLiteral("*.yaml"),
                                   QStringLiteral("*.sh"),  QStringLiteral("*.py")};
        for (const QString& path :
             sourcesBelow({"app", "models", "packaging", "resources", "tests", "widgets"}, patterns)) {
            if (path.contains(u"/corpus/") || path.contains(u"/data/")) continue;  // inputs of tests
            for (const QString& violation : formViolations(path, sourceText(path)))
                found << path + u' ' + violation;
        }
        QVERIFY2(found.isEmpty(), qPrintable(u'\n' + found.join(u'\n')));
    }
};

QTEST_GUILESS_MAIN(TestLayering)
#include "tst_layering.moc"
