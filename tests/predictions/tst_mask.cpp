// SPDX-License-Identifier: GPL-3.0-or-later
// Every loop over a mask against the plain condition, at lengths around those of vectors.
#include <QTest>
#include <functional>
#include <limits>
#include <random>

#include "models/ports/rows.h"
#include "models/predictions/mask.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::predictions;

class TestMask : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void comparisons() {
        constexpr double kInfinity = std::numeric_limits<double>::infinity();
        const std::vector<std::pair<Comparison, std::function<bool(double, double)>>> all{
            {Comparison::Equal, std::equal_to<>()},
            {Comparison::Less, std::less<>()},
            {Comparison::LessEqual, std::less_equal<>()},
            {Comparison::Greater, std::greater<>()},
            {Comparison::GreaterEqual, std::greater_equal<>()}};
        const std::vector<double> operands{0, -0.0, 2, kInfinity, -kInfinity, std::nan("")};
        forLengths([&](std::size_t rows) {
            std::vector<double> values(rows);
            for (double& v : values)
                v = m_random() % 9 == 0   ? std::nan("")
                    : m_random() % 9 == 0 ? kInfinity
                                          : static_cast<double>(m_random() % 5) - 1;
            const Mask before = mask(rows);
            for (const auto& [comparison, holds] : all)
                for (const double x : operands) {
                    Mask after = before;
                    unite(after, values, comparison, x);
                    for (std::size_t i = 0; i < rows; ++i)
                        QCOMPARE(after[i] != 0, before[i] != 0 || holds(values[i], x));
                }
            Mask within = before;
            uniteWithin(within, values, 0, 2);
            for (std::size_t i = 0; i < rows; ++i)
                QCOMPARE(within[i] != 0, before[i] != 0 || (values[i] >= 0 && values[i] <= 2));
        });
    }

    void timesAndCodes() {
        forLengths([&](std::size_t rows) {
            const Mask before = mask(rows);
            std::vector<std::int64_t> times(rows);
            std::vector<std::uint32_t> codes(rows);
            for (std::size_t i = 0; i < rows; ++i) {
                times[i] = static_cast<std::int64_t>(m_random() % 10) - 5;
                codes[i] = m_random() % 4 == 0 ? ports::Column::kMissingCode : m_random() % 6;
            }
            Mask in = before;
            intersectWithin(in, times, -2, 3);
            for (std::size_t i = 0; i < rows; ++i)
                QCOMPARE(in[i] != 0, before[i] != 0 && times[i] >= -2 && times[i] < 3);
            for (const std::vector<std::uint8_t>& hit :
                 {std::vector<std::uint8_t>(6), {0, 0, 1, 0, 0, 0}, {1, 0, 0, 0, 0, 1}, {1, 1, 1, 1, 1, 1}}) {
                Mask hits = before;
                uniteHits(hits, codes, hit);
                for (std::size_t i = 0; i < rows; ++i)
                    QCOMPARE(hits[i] != 0, before[i] != 0 || (codes[i] < 6 && hit[codes[i]] != 0));
            }
        });
    }

    void masksAmongThemselves() {
        forLengths([&](std::size_t rows) {
            const Mask a = mask(rows), b = mask(rows);
            Mask both = a, either = a, none = a;
            intersect(both, b);
            unite(either, b);
            invert(none);
            std::vector<std::uint32_t> selected, expected;
            selectedRows(a, selected);
            for (std::size_t i = 0; i < rows; ++i) {
                QCOMPARE(both[i], static_cast<std::uint8_t>(a[i] & b[i]));
                QCOMPARE(either[i], static_cast<std::uint8_t>(a[i] | b[i]));
                QCOMPARE(none[i], static_cast<std::uint8_t>(1 - a[i]));
                if (a[i] != 0) expected.push_back(static_cast<std::uint32_t>(i));
            }
            QCOMPARE(selected, expected);
            QCOMPARE(countSelected(a), static_cast<std::uint64_t>(expected.size()));
            QCOMPARE(anySelected(a), !expected.empty());
            QVERIFY(!anySelected(Mask(rows)));
        });
    }

private:
    void forLengths(const std::function<void(std::size_t)>& use) {
        for (const std::size_t rows : {0U, 1U, 2U, 7U, 15U, 16U, 17U, 63U, 64U, 100U, 8'192U})
            use(rows);
    }
    Mask mask(std::size_t rows) {
        Mask out(rows);
        for (std::uint8_t& m : out)
            m = static_cast<std::uint8_t>(m_random() % 2);
        return out;
    }
    std::mt19937 m_random{17};
};

QTEST_GUILESS_MAIN(TestMask)
#include "tst_mask.moc"
