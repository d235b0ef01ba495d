// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "models/predictions/saved_searches.h"
#include "tests/predictions/support.h"

using namespace pilothouse;
using namespace pilothouse::predictions;

class TestSavedSearches : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void keptAndReplacedByName() {
        test::Store store;
        QVERIFY(listSearches(store.database())->empty());
        SavedSearch late{"über late", "delay", {"carrier:UA", "score>0.5 OR wrong"}, {}, std::chrono::hours(36)};
        SavedSearch march{"March", "", {}, TimeRange{test::at(5), {INT64_MAX - 1}}, {}};
        PH_VERIFY(saveSearch(store.database(), late));
        PH_VERIFY(saveSearch(store.database(), march));
        QCOMPARE(*listSearches(store.database()), (std::vector{march, late}));
        late.filters = {"/.*x.*/"};
        late.order = ports::RowOrder{"latency_ms", true};
        late.columns = {"time", "carrier+flight", "grüße"};
        late.last.reset();
        PH_VERIFY(saveSearch(store.database(), late));
        QCOMPARE(*listSearches(store.database()), (std::vector{march, late}));
        march.order = ports::RowOrder{};  // newest first is an order too
        PH_VERIFY(saveSearch(store.database(), march));
        QCOMPARE(*listSearches(store.database()), (std::vector{march, late}));
        PH_VERIFY(removeSearch(store.database(), "March"));
        QCOMPARE(*listSearches(store.database()), std::vector{late});
        PH_FAILS(removeSearch(store.database(), "March"), ErrorKind::NotFound, "March");
    }
    void whatCannotBeKeptIsRefused() {
        test::Store store;
        PH_FAILS(saveSearch(store.database(), {"", "", {}, {}, {}}), ErrorKind::InvalidInput, "name");
        PH_FAILS(saveSearch(store.database(), {std::string(201, 'x'), "", {}, {}, {}}), ErrorKind::InvalidInput, "200");
        PH_FAILS(saveSearch(store.database(), {"a", "", {"carrier:("}, {}, {}}), ErrorKind::InvalidInput, "byte 9");
        for (std::size_t i = 0; i < kMaxSavedSearches; ++i)
            PH_VERIFY(saveSearch(store.database(), {"s" + std::to_string(i), "", {}, {}, {}}));
        PH_FAILS(saveSearch(store.database(), {"one more", "", {}, {}, {}}), ErrorKind::InvalidInput, "500");
        PH_VERIFY(saveSearch(store.database(), {"s7", "delay", {}, {}, {}}));  // in the place of another
    }
    void damageIsNamed() {
        test::Store store;
        PH_VERIFY(store.database().execute("INSERT INTO setting VALUES ('predictions.searches', '[{')"));
        PH_FAILS(listSearches(store.database()), ErrorKind::Corrupt, "saved searches");
        PH_FAILS(saveSearch(store.database(), {"a", "", {}, {}, {}}), ErrorKind::Corrupt, "saved searches");
    }
};

QTEST_GUILESS_MAIN(TestSavedSearches)
#include "tst_saved_searches.moc"
