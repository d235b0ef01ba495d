// SPDX-License-Identifier: GPL-3.0-or-later
// Multivariate drift by PCA reconstruction, against NannyML (make_reconstruction.py).
#include "models/statistics/reconstruction.h"

#include <limits>

#include "tests/statistics/support.h"

using namespace pilothouse::statistics;
using namespace pilothouse::test;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Columns a to d, and e encoded.
struct Table {
    std::vector<std::vector<double>> values;
    Table(const QJsonObject& columns, const FrequencyEncoding& encoding) {
        for (const char* name : {"a", "b", "c", "d"}) {
            values.emplace_back();
            for (const QJsonValue& x : columns[QLatin1String(name)].toArray())
                values.back().push_back(x.isNull() ? kNaN : x.toDouble());
        }
        values.push_back(encoding.encode(numbers<std::uint32_t>(columns[QLatin1String("e")])));
    }
    [[nodiscard]] Columns view() const { return {values.begin(), values.end()}; }
};

FrequencyEncoding encodingOf(const QJsonObject& reference) {
    return *FrequencyEncoding::fit(numbers<std::uint32_t>(reference[QLatin1String("e")]), 3);
}

Columns view(const std::vector<std::vector<double>>& values) { return {values.begin(), values.end()}; }

}  // namespace

class TestReconstruction : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreesWithNannyml() {
        const QJsonObject c = fixture("reconstruction");
        const QJsonObject before = c[QLatin1String("reference")].toObject();
        const FrequencyEncoding encoding = encodingOf(before);
        const Table reference(before, encoding);
        ReconstructionOptions options;
        options.chunkRows = static_cast<std::size_t>(c[QLatin1String("chunk")].toInt());
        const auto fitted = Reconstruction::fit(reference.view(), options);
        QVERIFY(fitted);
        QCOMPARE(static_cast<int>(fitted->components()), c[QLatin1String("components")].toInt());
        QVERIFY(close(fitted->lower(), c[QLatin1String("lower")].toDouble(), 1e-9));
        QVERIFY(close(fitted->upper(), c[QLatin1String("upper")].toDouble(), 1e-9));
        const auto chunks = numbers(c[QLatin1String("chunks")]);
        QCOMPARE(fitted->chunks().size(), chunks.size());
        for (std::size_t i = 0; i < chunks.size(); ++i)
            QVERIFY(close(fitted->chunks()[i], chunks[i], 1e-9));
        for (const QJsonValue& k : c[QLatin1String("cases")].toArray()) {
            const Table current(k[u"columns"].toObject(), encoding);
            const auto result = fitted->measure(current.view());
            QVERIFY(result);
            QVERIFY(close(result->error.value, k[u"error"].toDouble(), 1e-9));
            QVERIFY(close(result->samplingError, k[u"sampling_error"].toDouble(), 1e-9));
            QCOMPARE(result->outside, k[u"name"].toString() == u"broken");
            QVERIFY(result->error.low < result->error.value && result->error.value < result->error.high);
            QVERIFY(result->missing > 0 && result->infinite == 0);
        }
    }

    // What no column shows alone: both windows have the same margins.
    void seesWhatNoColumnShows() {
        Random random(8);
        const auto draw = [&](std::size_t n, double correlation) {
            std::vector<std::vector<double>> out(2);
            for (std::size_t i = 0; i < n; ++i) {
                const double x = random.normal(), y = random.normal();
                out[0].push_back(x);
                out[1].push_back(correlation * x + std::sqrt(1 - correlation * correlation) * y);
            }
            return out;
        };
        const auto reference = draw(5000, 0.9), turned = draw(1000, -0.9), same = draw(1000, 0.9);
        const auto fitted = Reconstruction::fit(view(reference));
        QVERIFY(fitted && fitted->components() == 1 && fitted->chunks().size() == 10);
        QVERIFY(fitted->measure(view(turned))->outside);
        QVERIFY(!fitted->measure(view(same))->outside);
        const auto clustered = fitted->measure(view(same), blocks(1000, 10));
        QVERIFY(clustered && clustered->error.low < clustered->error.high);
        QVERIFY(!fitted->measure(view(same), blocks(10, 1)));
    }

    void missingAndInfiniteCellsStandAtTheMeanAndAreCounted() {
        std::vector<std::vector<double>> reference(3);
        Random random(2);
        for (int i = 0; i < 200; ++i) {
            reference[0].push_back(random.normal());
            reference[1].push_back(reference[0].back() + 0.1 * random.normal());
            reference[2].push_back(kNaN);
        }
        const auto fitted = Reconstruction::fit(view(reference));
        QVERIFY(fitted);
        QCOMPARE(fitted->unusable(), std::vector<std::size_t>{2});
        const std::vector<std::vector<double>> odd{{kNaN, kInfinity}, {kNaN, kNaN}, {1, 2}};
        const auto result = fitted->measure(view(odd));
        QVERIFY(result && result->missing == 3 && result->infinite == 1 && result->rows == 2);
        QVERIFY(close(result->error.value, 0, 1e-12));
    }

    void constantColumnsKeepTheirUnit() {
        std::vector<std::vector<double>> reference(2, std::vector<double>(100, 0.1));
        for (std::size_t i = 0; i < 100; ++i)
            reference[0][i] = static_cast<double>(i);
        const auto fitted = Reconstruction::fit(view(reference));
        QVERIFY(fitted && fitted->components() == 1);
        const std::vector<std::vector<double>> moved{{49.5, 49.5}, {3.1, 3.1}};
        QVERIFY(close(fitted->measure(view(moved))->error.value, 3, 1e-9));
    }

    void whatCannotBeUsedHasAReason() {
        const std::vector<std::vector<double>> none, empty{{}}, uneven{{1, 2}, {1}}, constant{{1, 1, 1}}, one{{1}},
            missing{{kNaN, kNaN}}, good{{1, 2, 3, 5}}, vast{{1e200, -1e200, 1, 2}};
        for (const auto& bad : {none, empty, uneven, constant, one, missing, vast})
            QVERIFY(!Reconstruction::fit(view(bad)));
        QVERIFY(!Reconstruction::fit(view(std::vector<std::vector<double>>(2001, {1, 2}))));
        for (const double share : {0.0, 1.0, kNaN})
            QVERIFY(!Reconstruction::fit(view(good), {share, 0, 3}));
        QVERIFY(!Reconstruction::fit(view(good), {0.65, 4, 3}) && !Reconstruction::fit(view(good), {0.65, 2, 0}));
        const auto fitted = Reconstruction::fit(view(good));
        QVERIFY(fitted && !fitted->measure(view(none)) && !fitted->measure(view(uneven)) &&
                !fitted->measure(view(empty)));
        QVERIFY(std::isnan(fitted->measure(view(one))->samplingError));
        QVERIFY(!FrequencyEncoding::fit({}, 3) &&
                !FrequencyEncoding::fit(std::vector<std::uint32_t>{7, 0xFFFFFFFFu}, 3));
        QVERIFY(!FrequencyEncoding::fit(std::vector<std::uint32_t>{4'000'000'000u}, 5'000'000'000u));
        const auto encoding = FrequencyEncoding::fit(std::vector<std::uint32_t>{0, 0, 1, 0xFFFFFFFFu}, 2);
        QCOMPARE(encoding->encode(std::vector<std::uint32_t>{0, 1, 2, 0xFFFFFFFFu}),
                 (std::vector<double>{0.75, 0.25, 0, 0.75}));
    }
};

QTEST_GUILESS_MAIN(TestReconstruction)
#include "tst_reconstruction.moc"
