// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "models/monitoring/monitor_reader.h"
#include "models/monitoring/profile_difference.h"
#include "models/monitoring/profile_store.h"
#include "models/workspace/registry_store.h"
#include "tests/predictions/support.h"

using namespace pilothouse;
using namespace pilothouse::monitoring;
using workspace::Transaction;

/// Profiles of versions that no pipeline made: kept, found again, frozen, compared.
class TestProfileStore : public QObject {
    Q_OBJECT

    std::unique_ptr<test::Store> m_store;

    static statistics::Profile profile(const std::string& version, double mean) {
        statistics::Profile p;
        p.model = "m";
        p.version = version;
        p.rows = 100;
        std::vector<double> values;
        std::vector<std::uint32_t> codes;
        for (std::uint32_t i = 0; i < 100; ++i) {
            values.push_back(mean + i);
            codes.push_back(i % 3);
        }
        p.columns.push_back(statistics::profileNumeric("amount", values, {}, {}));
        p.columns.push_back(statistics::profileNumeric("score", values, {}, {}));
        const std::string last = mean > 0 ? "Rome" : "Oslo";
        p.columns.push_back(
            statistics::profileCategorical("city", codes, std::vector<std::string>{"a", "b", last}, {}, {}));
        return p;
    }
    Result<StoredProfile> keep(const statistics::Profile& p, std::int64_t second) {
        auto transaction = Transaction::begin(m_store->database());
        auto kept = storeProfile(*m_store->workspace(), m_store->database(), p, "file x.csv", test::at(second));
        if (kept && !transaction->commit()) qFatal("the profile cannot be committed");
        return kept;
    }

private Q_SLOTS:
    void init() { m_store = std::make_unique<test::Store>(); }

    void theNewestOfAVersionIsItsReference() {
        QVERIFY(keep(profile("v1", 0), 1).has_value());
        QVERIFY(keep(profile("v2", 5), 2).has_value());
        const auto again = keep(profile("v1", 10), 3);
        QVERIFY(again.has_value());
        const auto all = profilesOf(m_store->database(), "m");
        QCOMPARE(all->size(), 3u);
        QCOMPARE(all->front().digest, again->digest);
        const auto v1 = referenceOf(*m_store->workspace(), m_store->database(), "m", "v1");
        QVERIFY(v1.has_value() && *v1);
        QCOMPARE((*v1)->profile.find("amount")->min, 10.0);
        QCOMPARE((*v1)->version.features, (std::vector<std::string>{"amount", "city"}));
        const auto newest = referenceOf(*m_store->workspace(), m_store->database(), "m", {});
        QCOMPARE((*newest)->version.version, std::string("v1"));
        QVERIFY(!*referenceOf(*m_store->workspace(), m_store->database(), "m", "v9"));
        // The older one stays what it was.
        const auto older = readProfile(*m_store->workspace(), all->back().digest);
        QCOMPARE(older->find("amount")->min, 0.0);
    }

    /// Views ask for the profile of a version, whoever made it, and a model that only logs can be chosen.
    void isWhatViewsFind() {
        QVERIFY(keep(profile("v1", 0), 1).has_value());
        const MonitorReader reader(m_store->workspace());
        auto found = reader.profile("m", "v1", {});
        found.waitForFinished();
        QVERIFY(found.result().has_value());
        QCOMPARE(found.result()->columns.size(), 3u);
        auto none = reader.profile("m", "v2", {});
        none.waitForFinished();
        QCOMPARE(none.result().error().kind, ErrorKind::NotFound);
        QCOMPARE(workspace::registry::models(m_store->database())->front().name, std::string("m"));
    }

    void nothingIsNotKept() {
        statistics::Profile empty = profile("v1", 0);
        empty.rows = 0;
        QCOMPARE(keep(empty, 1).error().kind, ErrorKind::InvalidInput);
        statistics::Profile nameless = profile("v1", 0);
        nameless.model.clear();
        QCOMPARE(keep(nameless, 1).error().kind, ErrorKind::InvalidInput);
    }

    void differencesAreNamed() {
        QVERIFY(profileDifference(profile("v1", 0), profile("v2", 0)).empty());
        statistics::Profile other = profile("v2", 7);
        other.columns[1].name = "margin";
        const auto lines = profileDifference(profile("v1", 0), other);
        const auto line = [&](const std::string& column, const std::string& what) {
            const auto place = std::ranges::find_if(
                lines, [&](const ProfileDifference& d) { return d.column == column && d.what == what; });
            return place == lines.end() ? std::string() : place->from + " > " + place->to;
        };
        QCOMPARE(line("amount", "least"), std::string("0 > 7"));
        QCOMPARE(line("amount", "scale"), std::string());
        QCOMPARE(line("city", "categories that went, came"), std::string("Oslo > Rome"));
        QCOMPARE(line("score", "column"), std::string("numeric > –"));
        QCOMPARE(line("margin", "column"), std::string("– > numeric"));
    }
};

QTEST_GUILESS_MAIN(TestProfileStore)
#include "tst_profile_store.moc"
