// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/base/result.h"
#include "models/base/timestamp.h"
#include "models/ports/query.h"
#include "models/ports/row_order.h"
#include "models/ports/rows.h"

namespace pilothouse::ports {

struct FieldInfo {
    std::string name;
    ColumnType type = ColumnType::Number;
    bool feature = false;
};

/// Where a search goes on: rows strictly behind this one in the order that was asked for.
struct RowPosition {
    Timestamp time;
    std::int64_t ordinal = 0;                                 ///< the store's own tie-breaker, growing with arrival
    double value = std::numeric_limits<double>::quiet_NaN();  ///< of the order's field; NaN: none, or ordered by time
};

/// What a question cost; shown by --explain and in the status line of the view.
struct ScanStats {
    std::size_t segments = 0, segmentsPruned = 0, segmentsDecoded = 0;
    std::uint64_t rowsSeen = 0;  ///< in the blocks that had to be looked at
    std::size_t blocks = 0;      ///< of rows, that bounds and filters did not rule out
    double milliseconds = 0;
    /// What could not be read and is left out of the answer, in words: "segment 3, column "temp_f": …".
    std::vector<std::string> damaged;
};

struct SearchRequest {
    Query query;
    TimeRange range = TimeRange::all();
    std::optional<RowPosition> before;  ///< going on behind this row of a page in the same order
    std::size_t limit = 200;
    std::vector<std::string> columns;  ///< empty: all
    RowOrder order = {};               ///< newest first
};
struct SearchPage {
    RowSet rows;                         ///< in the request's order
    std::vector<RowPosition> positions;  ///< one a row
    bool more = false;
    ScanStats stats;
};

/// Counts of matching rows in consecutive time buckets, split by one field or not at all.
struct TimeCountsRequest {
    Query query;
    std::vector<Timestamp> edges;  ///< ascending, n + 1 for n buckets
    std::string splitBy;  ///< "", "outcome", "version" or any text field; at most 8 groups, the rest is "other"
};
struct TimeCounts {
    std::vector<std::string> groups;                 ///< "" where not split; "outcome": "1", "0", "" (not known)
    std::vector<std::vector<std::uint64_t>> counts;  ///< [group][bucket]
    ScanStats stats;
};

/// Aggregates a bucket of time.
enum class Measure {
    Count,       ///< rows
    ErrorShare,  ///< share of rows with a status other than "ok", of rows that were scored
    Mean,
    Min,
    Max,
    Sum,       ///< of the field
    Quantile,  ///< of the field, at `quantile`; AggregateSeries::relativeError says how exact
    MissingShare,
    LabelledShare,
    PositiveShare,  ///< share of outcomes above 0.5 among labelled rows
};
struct MeasureSpec {
    Measure measure = Measure::Count;
    std::string field;
    double quantile = 0.5;
};
struct AggregateRequest {
    Query query;
    std::vector<Timestamp> edges;
    std::vector<MeasureSpec> measures;
    std::string splitBy;
};
struct AggregateSeries {
    std::string group;
    std::size_t measure = 0;     ///< index into the request's measures
    std::vector<double> values;  ///< one a bucket; NaN: no data (never drawn as zero)
    /// What a quantile's order statistics are wrong by at most, as a share of the value; 0: exact.
    double relativeError = 0;
};
struct Aggregates {
    std::vector<AggregateSeries> series;
    ScanStats stats;
};

struct TopValuesRequest {
    Query query;
    TimeRange range = TimeRange::all();
    std::string field;
    std::size_t limit = 10;
};
struct ValueCount {
    std::string value;
    std::uint64_t count = 0;
};
struct TopValues {
    std::vector<ValueCount> values;  ///< most frequent first, ties by value
    std::uint64_t missing = 0, other = 0, total = 0;
};

/// Counts of one feature on given bins: what a drift histogram over any store needs.
struct FeatureBins {
    std::string field;
    std::vector<double> edges;            ///< numeric: inner edges, open outer bins; bin i is [edge i-1, edge i)
    std::vector<std::string> categories;  ///< text: these, then one bin for everything else
};
struct FeatureCountsRequest {
    Query query;
    TimeRange range = TimeRange::all();
    std::vector<FeatureBins> features;
};
struct FeatureCounts {
    std::string field;
    std::vector<std::uint64_t> counts;  ///< numeric: edges + 1; text: categories + 1
    std::uint64_t missing = 0, rows = 0;
};

/// One value that the outcome of a request had.
struct OutcomeRecord {
    double value = 0;
    Timestamp known;  ///< when it became known
    bool operator==(const OutcomeRecord&) const = default;
};

/// Logged predictions, wherever they lie. Thread: any; answers arrive as futures.
class PredictionLog {
public:
    virtual ~PredictionLog() = default;
    virtual QFuture<Result<std::vector<FieldInfo>>> fields(CancellationToken token) = 0;
    virtual QFuture<Result<SearchPage>> search(SearchRequest request, CancellationToken token) = 0;
    virtual QFuture<Result<std::uint64_t>> count(Query query, TimeRange range, CancellationToken token) = 0;
    virtual QFuture<Result<TimeCounts>> timeCounts(TimeCountsRequest request, CancellationToken token) = 0;
    virtual QFuture<Result<Aggregates>> aggregate(AggregateRequest request, CancellationToken token) = 0;
    virtual QFuture<Result<TopValues>> topValues(TopValuesRequest request, CancellationToken token) = 0;
    virtual QFuture<Result<std::vector<FeatureCounts>>> featureCounts(FeatureCountsRequest request,
                                                                      CancellationToken token) = 0;
    /// First and last event time, and rows; nothing in the store: rows is 0.
    struct Extent {
        TimeRange range;
        std::uint64_t rows = 0;
        std::vector<std::string> damaged;  ///< as in ScanStats
    };
    virtual QFuture<Result<Extent>> extent(CancellationToken token) = 0;
    /// Every value that arrived for a request of a model, the one that counts first: latest known first, of those known
    /// at the same moment the later arrival first. A log that keeps no history answers with nothing.
    virtual QFuture<Result<std::vector<OutcomeRecord>>> outcomeHistory(std::string /*model*/, std::string /*requestId*/,
                                                                       CancellationToken /*token*/) {
        return QtFuture::makeReadyFuture(Result<std::vector<OutcomeRecord>>());
    }
};

}  // namespace pilothouse::ports
