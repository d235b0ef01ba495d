// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <random>

#include "models/monitoring/log_profile.h"
#include "models/predictions/log_queries.h"
#include "tests/predictions/support.h"

using namespace pilothouse;
using namespace pilothouse::monitoring;
using namespace std::chrono_literals;

static constexpr std::int64_t kDay = 86'400'000'000'000;

/// A profile of the log's rows is that of the same rows in memory, in however many parts they lie.
class TestLogProfile : public QObject {
    Q_OBJECT

    test::Store m_store;
    ports::RowSet m_rows;  ///< of version v1
    std::vector<std::uint32_t> m_days;

    LogProfileRequest request(const std::string& query) {
        LogProfileRequest out;
        out.query = *predictions::parseQuery(query);
        out.columns = *predictions::fieldsOfLog(m_store.database());
        std::erase_if(out.columns, [](const ports::FieldInfo& f) { return !f.feature; });
        return out;
    }
    statistics::Profile profile(const LogProfileRequest& asked) {
        auto made = profileLog(m_store.database(), Zone(), asked, {});
        return made ? std::move(*made) : statistics::Profile{};
    }
    /// Of the columns alone, as JSON: equal to the bit or not.
    static std::string json(std::vector<statistics::ColumnProfile> columns) {
        statistics::Profile p;
        p.columns = std::move(columns);
        return statistics::toJson(p);
    }
    std::vector<statistics::ColumnProfile> plain(const LogProfileRequest& asked, bool clusters) {
        const std::vector<std::uint32_t> days = clusters ? m_days : std::vector<std::uint32_t>{};
        std::vector<statistics::ColumnProfile> out;
        for (const ports::FieldInfo& field : asked.columns) {
            const ports::Column* c = m_rows.find(field.name);
            out.push_back(c->type == ports::ColumnType::Number
                              ? statistics::profileNumeric(c->name, c->numbers, days, {})
                              : statistics::profileCategorical(c->name, c->codes, c->dictionary, days, {}));
        }
        return out;
    }

private Q_SLOTS:
    void initTestCase() {
        std::mt19937 random(11);
        std::normal_distribution<double> normal;
        std::vector<test::Row> all, ofV1;
        for (int i = 0; i < 6'000; ++i) {
            const Timestamp time = test::at(1'700'000'000 + 600LL * i);
            test::Row row = test::row("r" + std::to_string(i), time, {{"version", i % 3 == 0 ? "v2" : "v1"}});
            row["amount"] = std::round(100 * normal(random) + 40.0 * std::floor(i / 144.0)) / 100;
            if (i % 7 != 0) row["city"] = std::string(1, static_cast<char>('a' + random() % 5));
            if (i % 11 != 0) row["ratio"] = normal(random) / 3;
            all.push_back(row);
            if (i % 3 == 0) continue;
            ofV1.push_back(row);
            m_days.push_back(static_cast<std::uint32_t>(time.ns / kDay - 19'675));
        }
        m_rows = test::rowSet(ofV1);
        // In batches of uneven sizes.
        for (std::size_t from = 0; from < all.size();) {
            const std::size_t n = std::min<std::size_t>(all.size() - from, 1 + random() % 900);
            QVERIFY(predictions::append(m_store.database(), test::rowSet(std::span(all).subspan(from, n))).has_value());
            from += n;
        }
    }

    void isThatOfTheRowsInMemory() {
        const LogProfileRequest asked = request("version:v1");
        const statistics::Profile made = profile(asked);
        QCOMPARE(made.rows, std::uint64_t{4'000});
        QCOMPARE(made.startNs, test::at(1'700'000'000 + 600).ns);
        QCOMPARE(made.endNs, test::at(1'700'000'000 + 600 * 5'999).ns + 1);
        QCOMPARE(json(made.columns), json(plain(asked, false)));
    }

    void clustersTakeASecondPass() {
        LogProfileRequest asked = request("version:v1");
        asked.cluster = {"date"};
        const statistics::Profile made = profile(asked);
        QCOMPARE(json(made.columns), json(plain(asked, true)));
        QVERIFY(made.find("amount")->effectiveN < 1'000);
        asked.cluster = {"city"};  // read for its own sake where it is no column of the profile
        std::erase_if(asked.columns, [](const ports::FieldInfo& f) { return f.name == "city"; });
        QVERIFY(profile(asked).find("amount")->effectiveN > 1'000);
    }

    void noRowsMakeAnEmptyProfile() {
        const statistics::Profile made = profile(request("version:v9"));
        QCOMPARE(made.rows, std::uint64_t{0});
        QCOMPARE(made.columns.size(), std::size_t{3});
        QVERIFY(statistics::profileFromJson(statistics::toJson(made)).has_value());
    }

    void whatIsWrongIsAnError() {
        LogProfileRequest asked = request("version:v1");
        asked.cluster = {"no such field"};
        QVERIFY(!profileLog(m_store.database(), Zone(), asked, {}).has_value());
        CancellationSource source;
        source.cancel();
        QVERIFY(isCancelled(profileLog(m_store.database(), Zone(), request("*"), source.token())));
    }
};

QTEST_GUILESS_MAIN(TestLogProfile)
#include "tst_log_profile.moc"
