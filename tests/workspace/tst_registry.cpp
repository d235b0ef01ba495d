// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "models/workspace/registry_store.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::workspace;
using pilothouse::test::Folder;

namespace {

ports::ModelVersion sample(const std::string& model, const std::string& version, std::int64_t created) {
    ports::ModelVersion out;
    out.model = model;
    out.version = version;
    out.created = {created};
    out.runId = "3";
    out.task = "binary";
    out.positiveClass = "late";
    out.threshold = 0.3;
    out.trainedOn = {Timestamp{10}, Timestamp{20}};
    out.evaluatedOn = {Timestamp{20}, Timestamp{30}};
    out.trainingRows = 80'789;
    out.features = {"carrier", "origin", "température"};
    out.metrics = {{"auc", 0.1 + 0.2, 0.29, 0.31, 249'435}, {"auc_baseline", 0.5, std::nan(""), std::nan(""), 7}};
    out.parameters = {{"max_depth", "6"}, {"quote", "\"\n\\"}};
    out.tags = {{"team", "ops"}};
    return out;
}

using Database = pilothouse::workspace::Database;

}  // namespace

class TestRegistry : public QObject {
    Q_OBJECT

    std::unique_ptr<Folder> m_folder;
    std::shared_ptr<Workspace> m_workspace;
    std::unique_ptr<Database> m_database;

private Q_SLOTS:
    void init() {
        test::failOnWarnings();
        m_folder = std::make_unique<Folder>();
        m_workspace = *Workspace::create(m_folder->file(), ClockKind::Simulated, "UTC");
        m_database = *m_workspace->connect();
    }
    void cleanup() {
        m_database.reset();
        m_workspace.reset();
    }

    void versionsComeBackAsTheyWere() {
        const auto written = sample("delay", "v1", 100);
        PH_VERIFY(registry::addVersion(*m_database, written));
        const auto read = registry::version(*m_database, "delay", "v1");
        PH_VERIFY(read);
        QVERIFY(read->has_value());
        const ports::ModelVersion& v = **read;
        QCOMPARE(v.model, written.model);
        QCOMPARE(v.created, written.created);
        QCOMPARE(v.runId, written.runId);
        QCOMPARE(v.positiveClass, written.positiveClass);
        QCOMPARE(v.threshold, written.threshold);
        QVERIFY(v.trainedOn == written.trainedOn && v.evaluatedOn == written.evaluatedOn);
        QCOMPARE(v.trainingRows, written.trainingRows);
        QVERIFY(v.features == written.features);
        QVERIFY(v.parameters == written.parameters && v.tags == written.tags);
        QCOMPARE(v.metrics.size(), 2U);
        QVERIFY(v.metrics[0].value == 0.1 + 0.2);  // to the last bit
        QCOMPARE(v.metrics[0].n, std::uint64_t{249'435});
        QVERIFY(std::isnan(v.metrics[1].low));
        QCOMPARE(*registry::version(*m_database, "delay", "v9"), std::nullopt);
        QCOMPARE(registry::versions(*m_database, "none")->size(), 0U);
    }

    void versionsAreNumberedAndNewestFirst() {
        QCOMPARE(*registry::nextVersion(*m_database, "delay"), std::string("v1"));
        for (const char* name : {"v1", "v2", "v10", "v7x", "v", "vv99", "v99999999999999999999", "final"})
            PH_VERIFY(registry::addVersion(*m_database, sample("delay", name, name[1] == '2' ? 500 : 100)));
        QCOMPARE(*registry::nextVersion(*m_database, "delay"), std::string("v11"));
        QCOMPARE(*registry::nextVersion(*m_database, "other"), std::string("v1"));
        const auto all = registry::versions(*m_database, "delay");
        PH_VERIFY(all);
        QCOMPARE(all->front().version, std::string("v2"));
        QCOMPARE(all->at(1).version, std::string("final"));  // as old as the others, added last
    }

    void refusals() {
        PH_VERIFY(registry::addVersion(*m_database, sample("delay", "v1", 1)));
        PH_FAILS(registry::addVersion(*m_database, sample("delay", "v1", 2)), ErrorKind::AlreadyExists,
                 "\"v1\" already");
        PH_FAILS(registry::addVersion(*m_database, sample("", "v1", 2)), ErrorKind::InvalidInput, "needs a name");
        PH_FAILS(registry::addVersion(*m_database, sample("delay", "", 2)), ErrorKind::InvalidInput, "needs a name");
        PH_FAILS(registry::setAlias(*m_database, "delay", "champion", "v2", {5}, "user", ""), ErrorKind::NotFound,
                 "no version \"v2\"");
        PH_FAILS(registry::setAlias(*m_database, "none", "champion", "v1", {5}, "user", ""), ErrorKind::NotFound,
                 "\"none\"");
        PH_FAILS(registry::setAlias(*m_database, "delay", "", "v1", {5}, "user", ""), ErrorKind::InvalidInput,
                 "needs a name");
    }

    void aliasesKeepTheirHistory() {
        for (const char* name : {"v1", "v2"})
            PH_VERIFY(registry::addVersion(*m_database, sample("delay", name, 1)));
        const auto set = [&](const char* version, std::int64_t at, const char* why) {
            return registry::setAlias(*m_database, "delay", "champion", version, {at}, "user", why);
        };
        const auto at = [&](std::int64_t t) {
            return registry::aliasAt(*m_database, "delay", "champion", {t})->value_or("-");
        };
        PH_VERIFY(set("v1", 100, "first"));
        PH_VERIFY(set("v2", 200, "better"));
        PH_VERIFY(set("v2", 250, "again"));  // nothing to do
        PH_VERIFY(set("v1", 300, "roll back"));
        QCOMPARE(at(99), std::string("-"));
        QCOMPARE(at(100), std::string("v1"));
        QCOMPARE(at(199), std::string("v1"));
        QCOMPARE(at(200), std::string("v2"));
        QCOMPARE(at(300), std::string("v1"));
        QCOMPARE(at(INT64_MAX), std::string("v1"));
        const auto history = registry::aliasHistory(*m_database, "delay");
        PH_VERIFY(history);
        QCOMPARE(history->size(), 3U);
        QCOMPARE(history->at(1).version, std::string("v2"));
        QCOMPARE(history->at(1).from, Timestamp{200});
        QCOMPARE(history->at(1).to, std::optional(Timestamp{300}));
        QCOMPARE(history->at(1).reason, std::string("better"));
        QVERIFY(!history->at(2).to.has_value());
        QCOMPARE(auditTrail(*m_database, 100)->size(), 3U);
        QCOMPARE(checkRegistry(*m_database)->size(), 0U);
    }

    /// A pipeline deploys for the end of its half hour; a person is quicker.
    void aPeriodToComeCanBeReplaced() {
        for (const char* name : {"v1", "v2", "v3"})
            PH_VERIFY(registry::addVersion(*m_database, sample("delay", name, 1)));
        const auto set = [&](const char* version, std::int64_t at) {
            return registry::setAlias(*m_database, "delay", "champion", version, {at}, "user", "");
        };
        PH_VERIFY(set("v1", 100));
        PH_VERIFY(set("v2", 230));
        QCOMPARE(*registry::aliasAt(*m_database, "delay", "champion", {229}), std::optional<std::string>("v1"));
        PH_VERIFY(set("v3", 210));
        for (const auto& [t, version] : {std::pair{209, "v1"}, {210, "v3"}, {230, "v3"}, {1000, "v3"}})
            QCOMPARE(*registry::aliasAt(*m_database, "delay", "champion", {t}), std::optional<std::string>(version));
        QCOMPARE(registry::aliasHistory(*m_database, "delay")->size(), 2U);
        QCOMPARE(checkRegistry(*m_database)->size(), 0U);
        // The same version, but sooner.
        PH_VERIFY(set("v1", 500));
        PH_VERIFY(set("v1", 400));
        QCOMPARE(*registry::aliasAt(*m_database, "delay", "champion", {450}), std::optional<std::string>("v1"));
        QCOMPARE(checkRegistry(*m_database)->size(), 0U);
    }

    void aRemovedAliasEndsWhatIsAndWhatIsToCome() {
        PH_VERIFY(registry::addVersion(*m_database, sample("delay", "v1", 1)));
        PH_VERIFY(registry::addVersion(*m_database, sample("delay", "v2", 1)));
        PH_VERIFY(registry::setAlias(*m_database, "delay", "champion", "v1", {100}, "user", ""));
        PH_VERIFY(registry::setAlias(*m_database, "delay", "champion", "v2", {200}, "user", ""));
        PH_VERIFY(registry::removeAlias(*m_database, "delay", "champion", {150}, "user", "unsafe"));
        PH_VERIFY(registry::removeAlias(*m_database, "delay", "champion", {160}, "user", "again"));
        PH_VERIFY(registry::removeAlias(*m_database, "delay", "never", {160}, "user", ""));
        for (const std::int64_t t : {150, 200, 1000})
            QVERIFY(!registry::aliasAt(*m_database, "delay", "champion", {t})->has_value());
        const auto history = registry::aliasHistory(*m_database, "delay");
        QCOMPARE(history->size(), 1U);
        QCOMPARE(history->at(0).to, std::optional(Timestamp{150}));
        const auto trail = auditTrail(*m_database, 100);
        QCOMPARE(trail->size(), 3U);
        QCOMPARE(trail->front().action, std::string("alias.remove"));
        QCOMPARE(trail->front().detail, std::string(R"({"alias":"champion","from":"v1","reason":"unsafe"})"));
        QCOMPARE(checkRegistry(*m_database)->size(), 0U);
    }

    void tagsAreInTheTrail() {
        PH_VERIFY(registry::addVersion(*m_database, sample("delay", "v1", 1)));
        PH_VERIFY(registry::setTag(*m_database, "delay", "v1", "state", "ok", {10}, "user"));
        PH_VERIFY(registry::setTag(*m_database, "delay", "v1", "state", "ok", {11}, "user"));  // as it was
        PH_VERIFY(registry::setTag(*m_database, "delay", "", "owner", "ann", {12}, "user"));
        PH_VERIFY(registry::setTag(*m_database, "delay", "v1", "state", {}, {13}, "user"));
        PH_VERIFY(registry::setTag(*m_database, "delay", "v1", "state", {}, {14}, "user"));
        const auto trail = auditTrail(*m_database, 100);
        QCOMPARE(trail->size(), 3U);
        QCOMPARE(trail->at(0).action, std::string("tag.remove"));
        QCOMPARE(trail->at(0).detail, std::string(R"({"from":"ok","key":"state","to":null,"version":"v1"})"));
        QCOMPARE(trail->at(1).action, std::string("tag.set"));
        QCOMPARE(registry::models(*m_database)->front().tags.at("owner"), std::string("ann"));
        PH_FAILS(registry::setTag(*m_database, "delay", "v2", "a", "b", {20}, "user"), ErrorKind::NotFound,
                 "no version");
    }

    void summaries() {
        PH_VERIFY(registry::addVersion(*m_database, sample("b", "v1", 10)));
        PH_VERIFY(registry::addVersion(*m_database, sample("b", "v2", 20)));
        PH_VERIFY(registry::addVersion(*m_database, sample("a", "v1", 5)));
        PH_VERIFY(registry::setAlias(*m_database, "b", "champion", "v1", {30}, "user", ""));
        PH_VERIFY(registry::setAlias(*m_database, "b", "champion", "v2", {60}, "user", ""));
        const auto now = registry::models(*m_database, {40});
        PH_VERIFY(now);
        QCOMPARE(now->size(), 2U);
        QCOMPARE(now->at(0).name, std::string("a"));
        QVERIFY(now->at(0).aliases.empty());
        QCOMPARE(now->at(1).versions, 2U);
        QCOMPARE(now->at(1).aliases.at("champion"), std::string("v1"));
        QCOMPARE(now->at(1).updated, Timestamp{30});
        QCOMPARE(registry::models(*m_database)->at(1).aliases.at("champion"), std::string("v2"));
    }

    void overlapsAreFound() {
        PH_VERIFY(registry::addVersion(*m_database, sample("delay", "v1", 1)));
        PH_VERIFY(m_database->execute(
            "INSERT INTO alias_period (model, alias, version, held_from, held_to, actor, reason) VALUES"
            " (1, 'a', 'v1', 10, 20, '', ''), (1, 'a', 'v1', 15, 30, '', ''),"
            " (1, 'b', 'v1', 10, 20, '', ''), (1, 'b', 'v1', 20, NULL, '', '')"));
        const auto problems = checkRegistry(*m_database);
        PH_VERIFY(problems);
        QCOMPARE(problems->size(), 1U);
        QCOMPARE(problems->front().where, std::string("alias a of model delay"));
    }

    void auditChain_data() {
        QTest::addColumn<QString>("tampering");
        QTest::addColumn<QString>("finding");
        QTest::newRow("untouched") << QString() << QString();
        QTest::newRow("a field") << QStringLiteral("UPDATE audit SET actor = 'nobody' WHERE id = 2")
                                 << QStringLiteral("audit record 2 was changed after it was written");
        QTest::newRow("a time") << QStringLiteral("UPDATE audit SET at = at + 1 WHERE id = 3")
                                << QStringLiteral("audit record 3 was changed after it was written");
        QTest::newRow("moved text") << QStringLiteral(
                                           "UPDATE audit SET actor = actor || substr(action, 1, 1),"
                                           " action = substr(action, 2) WHERE id = 1")
                                    << QStringLiteral("audit record 1 was changed after it was written");
        QTest::newRow("a record") << QStringLiteral("DELETE FROM audit WHERE id = 2")
                                  << QStringLiteral("audit record 3 the record before it is gone");
        QTest::newRow("the first") << QStringLiteral("DELETE FROM audit WHERE id = 1")
                                   << QStringLiteral("audit record 2 the record before it is gone");
        QTest::newRow("renumbered") << QStringLiteral(
                                           "DELETE FROM audit WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 3")
                                    << QStringLiteral("audit record 2 does not follow from the record before it");
    }
    void auditChain() {
        QFETCH(QString, tampering);
        QFETCH(QString, finding);
        for (int i = 1; i <= 3; ++i)
            PH_VERIFY(audit(*m_database, {i}, "user", "silence.add", "alert:" + std::to_string(i), "{}"));
        PH_VERIFY(m_database->execute(tampering.toStdString()));
        const auto problems = checkAudit(*m_database, {});
        PH_VERIFY(problems);
        QCOMPARE(problems->empty() ? QString()
                                   : QString::fromStdString(problems->front().where + " " + problems->front().what),
                 finding);
        QCOMPARE(m_workspace->verify({}, {})->empty(), finding.isEmpty());
    }

    void auditTrailIsNewestFirst() {
        for (int i = 1; i <= 5; ++i)
            PH_VERIFY(audit(*m_database, {i}, "user", "a", "s" + std::to_string(i), "{}"));
        const auto trail = auditTrail(*m_database, 2);
        PH_VERIFY(trail);
        QCOMPARE(trail->size(), 2U);
        QCOMPARE(trail->at(0).subject, std::string("s5"));
        QCOMPARE(trail->at(1).at, Timestamp{4});
    }

    void unreadableJsonIsFound() {
        PH_VERIFY(registry::addVersion(*m_database, sample("delay", "v1", 1)));
        PH_VERIFY(m_database->execute("UPDATE model_version SET metrics = '[{'"));
        PH_FAILS(registry::versions(*m_database, "delay"), ErrorKind::Corrupt, "no JSON");
        QCOMPARE(checkRegistry(*m_database)->size(), 1U);
    }
};

QTEST_GUILESS_MAIN(TestRegistry)
#include "tst_registry.moc"
