// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTest>
#include <cmath>

#include "models/ports/metric_source.h"

/// What every MetricSource must do. A suite gives a source that holds the known series below.
namespace pilothouse::contract {

/// Series "contract_value", label model="delay": one sample a minute from `start`, of value i; the
/// 20th is NaN and the 30th is +Inf. Label model="other": constant 7.
struct KnownSeries {
    Timestamp start;
    int samples = 60;
};

template <class T>
Result<T> await(QFuture<Result<T>> future) {
    [&] { QTRY_VERIFY_WITH_TIMEOUT(future.isFinished(), 30'000); }();
    if (!future.isFinished()) return fail(Error::internal("no answer"));
    return future.result();
}

inline void rangeGivesSamplesInOrder(ports::MetricSource& source, const KnownSeries& known) {
    const auto minute = std::chrono::minutes(1);
    const TimeRange range{known.start, known.start + known.samples * minute};
    const auto got = await(source.range({"contract_value{model=\"delay\"}", range, minute}, {}));
    QVERIFY2(got, got ? "" : got.error().text().c_str());
    QCOMPARE(got->series.size(), std::size_t{1});
    const ports::MetricSeries& s = got->series[0];
    QCOMPARE(s.name, std::string("contract_value"));
    QCOMPARE(s.labels.at("model"), std::string("delay"));
    QCOMPARE(s.times.size(), s.values.size());
    QCOMPARE(s.times.size(), static_cast<std::size_t>(known.samples));
    for (std::size_t i = 0; i < s.times.size(); ++i) {
        const auto n = (s.times[i] - known.start.ns) / Duration(minute).count();
        QVERIFY(range.contains({s.times[i]}));
        QVERIFY(i == 0 || s.times[i] > s.times[i - 1]);
        if (n == 20)
            QVERIFY(std::isnan(s.values[i]));
        else if (n == 30)
            QVERIFY(std::isinf(s.values[i]) && s.values[i] > 0);
        else
            QCOMPARE(s.values[i], static_cast<double>(n));
    }
}

inline void rangeIsHalfOpen(ports::MetricSource& source, const KnownSeries& known) {
    const auto minute = std::chrono::minutes(1);
    const auto got = await(source.range(
        {"contract_value{model=\"delay\"}", {known.start + 2 * minute, known.start + 5 * minute}, minute}, {}));
    QVERIFY(got);
    QCOMPARE(got->series.at(0).values, (std::vector<double>{2, 3, 4}));
    const auto none = await(source.range({"contract_value", {known.start, known.start}, minute}, {}));
    QVERIFY(none);
    QVERIFY(none->series.empty());
}

inline void noDataIsNoSeries(ports::MetricSource& source, const KnownSeries& known) {
    const auto before =
        await(source.range({"contract_value",
                            {known.start - std::chrono::hours(100), known.start - std::chrono::hours(99)},
                            std::chrono::minutes(1)},
                           {}));
    QVERIFY(before);
    QVERIFY(before->series.empty());
    const auto unknown = await(source.instant("contract_unknown", known.start, {}));
    QVERIFY(unknown);
    QVERIFY(unknown->series.empty());
}

inline void instantGivesOneSampleASeries(ports::MetricSource& source, const KnownSeries& known) {
    const auto got = await(source.instant("contract_value", known.start + std::chrono::minutes(5), {}));
    QVERIFY(got);
    QCOMPARE(got->series.size(), std::size_t{2});
    for (const auto& s : got->series) {
        QCOMPARE(s.values.size(), std::size_t{1});
        QCOMPARE(s.values[0], s.labels.at("model") == "delay" ? 5.0 : 7.0);
    }
}

inline void aBadExpressionIsInvalidInput(ports::MetricSource& source, const KnownSeries& known) {
    const auto got = await(source.instant("contract_value{", known.start, {}));
    QVERIFY(!got);
    QCOMPARE(got.error().kind, ErrorKind::InvalidInput);
    QVERIFY(!got.error().message.empty());
}

inline void namesAndVersion(ports::MetricSource& source) {
    const auto names = await(source.metricNames({}));
    QVERIFY(names);
    QVERIFY(std::find(names->begin(), names->end(), "contract_value") != names->end());
    const auto version = await(source.check({}));
    QVERIFY(version);
    QVERIFY(!version->empty());
}

inline void cancelledIsCancelled(ports::MetricSource& source, const KnownSeries& known) {
    CancellationSource cancel;
    cancel.cancel();
    QVERIFY(isCancelled(await(source.instant("contract_value", known.start, cancel.token()))));
}

}  // namespace pilothouse::contract
