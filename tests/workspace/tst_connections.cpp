// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "models/workspace/connections.h"
#include "models/workspace/workspace.h"

using namespace pilothouse;
using namespace pilothouse::workspace;

class TestConnections : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;
    std::shared_ptr<Workspace> m_workspace;
    std::unique_ptr<Database> m_database;

private Q_SLOTS:
    void initTestCase() {
        auto made = Workspace::create(m_folder.filePath(QStringLiteral("c.pilothouse")).toStdString(),
                                      ClockKind::Logical, "UTC");
        QVERIFY(made);
        m_workspace = *made;
        m_database = std::move(*m_workspace->connect());
    }
    void addListRemove() {
        QVERIFY(listConnections(*m_database)->empty());
        QVERIFY(addConnection(
            *m_database, {0, "prometheus", "prod", "https://prom.example/base", {{"secret", "env:PROM_TOKEN"}}, true}));
        QVERIFY(addConnection(*m_database, {0, "prometheus", "local", "http://localhost:9090", {}, false}));
        const auto all = *listConnections(*m_database);
        QCOMPARE(all.size(), std::size_t{2});
        QCOMPARE(all[0].name, std::string("local"));
        QCOMPARE(all[1].option("secret"), std::string("env:PROM_TOKEN"));
        QVERIFY(all[1].watch && !all[0].watch);
        QCOMPARE(findConnection(*m_database, "prod")->id, all[1].id);
        QCOMPARE(findConnection(*m_database, "other").error().kind, ErrorKind::NotFound);
        QCOMPARE(addConnection(*m_database, all[0]).error().kind, ErrorKind::AlreadyExists);
        QVERIFY(removeConnection(*m_database, "local"));
        QCOMPARE(removeConnection(*m_database, "local").error().kind, ErrorKind::NotFound);
        QCOMPARE(listConnections(*m_database)->size(), std::size_t{1});
    }
    void oneIsChanged() {
        Connection c = listConnections(*m_database)->at(0);
        QCOMPARE(c.name, std::string("prod"));
        c.url = "https://prom.example/other";
        c.options = {{"user", "ann"}, {"secret", "keychain:prod"}, {"header.X-Scope-OrgID", "7"}, {"group", ""}};
        c.watch = false;
        QVERIFY(changeConnection(*m_database, c));
        const Connection now = listConnections(*m_database)->at(0);
        QCOMPARE(now.url, c.url);
        QCOMPARE(now.options, (std::map<std::string, std::string>{
                                  {"user", "ann"}, {"secret", "keychain:prod"}, {"header.X-Scope-OrgID", "7"}}));
        QVERIFY(!now.watch);
        QVERIFY(addConnection(*m_database, {0, "prometheus", "second", "http://localhost:9090", {}, false}));
        c.name = "second";
        QCOMPARE(changeConnection(*m_database, c).error().kind, ErrorKind::AlreadyExists);
        c.name = "prod";
        c.id = 99;
        QCOMPARE(changeConnection(*m_database, c).error().kind, ErrorKind::AlreadyExists);
        c.name = "free";
        QCOMPARE(changeConnection(*m_database, c).error().kind, ErrorKind::NotFound);
    }
    /// A workspace of an earlier version named a variable only.
    void itIsBroughtToTheNewNames() {
        QFile file(QStringLiteral(":/migrations/008_connections.sql"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(
            m_database->run("INSERT INTO connection (kind, name, url, options, watch) VALUES ('prometheus', 'old', "
                            "'http://h:1', '{\"ca_file\":\"a.pem\",\"token_variable\":\"OLD\"}', 0)"));
        QVERIFY(m_database->execute(file.readAll().toStdString()));
        const auto all = *listConnections(*m_database);
        for (const Connection& c : all)
            if (c.name == "old")
                QCOMPARE(c.options, (std::map<std::string, std::string>{{"ca_file", "a.pem"}, {"secret", "env:OLD"}}));
        QVERIFY(removeConnection(*m_database, "old"));
    }
    void whatIsUnsoundIsRefused() {
        const Connection sound{0, "prometheus", "x", "http://h:1", {}, false};
        const auto refused = [&](auto change) {
            Connection c = sound;
            change(c);
            const auto got = addConnection(*m_database, c);
            return !got && got.error().kind == ErrorKind::InvalidInput &&
                   got.error().text().find("hunter2") == std::string::npos;
        };
        QVERIFY(refused([](Connection& c) { c.kind = "nagios"; }));
        QVERIFY(refused([](Connection& c) { c.name.clear(); }));
        QVERIFY(refused([](Connection& c) { c.url = "h:1"; }));
        QVERIFY(refused([](Connection& c) { c.url = "file:///x"; }));
        QVERIFY(refused([](Connection& c) { c.url = "http://u:hunter2@h:1"; }));
        QVERIFY(refused([](Connection& c) { c.options["password"] = "hunter2"; }));
        QVERIFY(refused([](Connection& c) { c.options["secret"] = "hunter2"; }));
        QVERIFY(refused([](Connection& c) { c.options["header."] = "x"; }));
    }
};

QTEST_GUILESS_MAIN(TestConnections)
#include "tst_connections.moc"
