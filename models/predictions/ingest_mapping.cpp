// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/ingest_mapping.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "models/predictions/log_reader.h"

namespace pilothouse::predictions {

using ports::ColumnType;

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

struct Names {
    std::string_view column;
    std::vector<std::string_view> names;  ///< best first, in lower case
};
const std::vector<Names>& knownNames() {
    static const std::vector<Names> names{
        {ports::field::time,
         {"time", "timestamp", "ts", "@timestamp", "event_time", "eventtime", "datetime", "created_at", "date"}},
        {ports::field::model, {"model", "model_name", "modelname", "model.name", "inferenceservicename"}},
        {ports::field::version, {"version", "model_version", "modelversion", "model.version"}},
        {ports::field::requestId,
         {"request_id", "requestid", "request.id", "req_id", "prediction_id", "inference_id", "uuid", "id"}},
        {ports::field::traceId, {"trace_id", "traceid", "trace.id", "trace"}},
        {ports::field::score,
         {"score", "prediction", "probability", "prob", "proba", "y_score", "predicted_probability", "output.score",
          "output"}},
        {ports::field::outcome, {"outcome", "label", "ground_truth", "target", "actual", "y_true", "y"}},
        {ports::field::outcomeTime, {"outcome_time", "label_time", "labelled_at", "labeled_at"}},
        {ports::field::latencyMs,
         {"latency_ms", "latencyms", "duration_ms", "response_time_ms", "elapsed_ms", "latency", "duration", "took",
          "latency_s", "duration_s", "latency_us", "latency_ns"}},
        {ports::field::status, {"status", "status_code", "code"}},
        {ports::field::message, {"message", "msg", "error"}}};
    return names;
}

/// Texts that stand for classes.
bool holdsClasses(const SampledField& field) {
    constexpr std::size_t kLongestClass = 100;  // longer ones are text, and shortened in the sample
    return field.numbers * 2 < field.values && field.distinct.size() >= 2 && field.distinct.size() <= kMostClasses &&
           std::ranges::all_of(field.distinct, [](const std::string& text) { return text.size() <= kLongestClass; });
}

bool fits(const SampledField& field, std::string_view column) {
    if (field.values == 0) return false;
    if (column == ports::field::outcome && holdsClasses(field)) return true;
    const auto type = reservedType(column);
    // Some bad rows do not make it another field; they go to quarantine.
    if (type == ColumnType::Time) return field.times * 2 >= field.values;
    if (type == ColumnType::Number) return field.numbers * 2 >= field.values;
    return true;
}

bool isTaken(const RowMapping& mapping, const SampledField& field) {
    return std::ranges::any_of(mapping.fields, [&](const auto& e) { return e.second == field.name; });
}

/// Parts of names that say what a field is where it has none of the usual ones: "predicted_price", "sold_at".
struct NameParts {
    std::string_view column;
    std::vector<std::string_view> beginnings, ends;
};
const std::vector<NameParts>& knownParts() {
    static const std::vector<NameParts> parts{
        {ports::field::time, {}, {"_at", "_time", "_date", "timestamp", "datetime", "_ts", "_on"}},
        {ports::field::score,
         {"predicted_", "pred_", "prediction_"},
         {"_prediction", "_pred", "_score", "_probability"}},
        {ports::field::outcome, {"actual_", "true_", "observed_"}, {"_actual", "_true", "_outcome", "_label"}}};
    return parts;
}

/// Fields that nothing else claims: the only one whose name has such a part; and for the time the only one that is
/// written as a date, whatever it is called.
void guessByParts(RowMapping& mapping, std::span<const SampledField> fields) {
    for (const NameParts& parts : knownParts()) {
        if (mapping.fields.contains(std::string(parts.column))) continue;
        std::vector<const SampledField*> named, dated;
        for (const SampledField& field : fields) {
            if (isTaken(mapping, field) || !fits(field, parts.column)) continue;
            const std::string name = lower(field.name);
            const bool hasPart =
                std::ranges::any_of(parts.beginnings, [&](std::string_view p) { return name.starts_with(p); }) ||
                std::ranges::any_of(parts.ends, [&](std::string_view p) { return name.ends_with(p); });
            if (hasPart) named.push_back(&field);
            if (parts.column == ports::field::time && field.numbers == 0 && field.times * 10 >= field.values * 9)
                dated.push_back(&field);
        }
        const std::vector<const SampledField*>& found = dated.size() == 1 ? dated : named;
        if (found.size() == 1) mapping.fields[std::string(parts.column)] = found.front()->name;
    }
}

double latencyFactorOf(std::string_view name) {
    if (name.ends_with("_s")) return 1'000;
    if (name.ends_with("_us")) return 1e-3;
    return name.ends_with("_ns") ? 1e-6 : 1;
}

std::optional<std::int64_t> scaledTime(std::int64_t whole, std::int64_t unit) {
    std::int64_t ns = 0;
    if (__builtin_mul_overflow(whole, unit, &ns) || ns == kTimestampMin.ns || ns == kTimestampMax.ns) return {};
    return ns;
}

std::int64_t unitOf(TimeUnit unit, std::int64_t whole) {
    switch (unit) {
        case TimeUnit::Seconds:
            return 1'000'000'000;
        case TimeUnit::Milliseconds:
            return 1'000'000;
        case TimeUnit::Microseconds:
            return 1'000;
        case TimeUnit::Nanoseconds:
            return 1;
        default:
            break;
    }
    // Each unit has room for the years 1973 to 5138.
    const auto size = whole < 0 ? 0 - static_cast<std::uint64_t>(whole) : static_cast<std::uint64_t>(whole);
    return size < 100'000'000'000           ? 1'000'000'000
           : size < 100'000'000'000'000     ? 1'000'000
           : size < 100'000'000'000'000'000 ? 1'000
                                            : 1;
}

}  // namespace

FieldTarget RowMapping::target(std::string_view source) const {
    FieldTarget out;
    if (const auto rule = protections.find(std::string(source)); rule != protections.end())
        out.protection = rule->second;
    for (const auto& [column, field] : fields) {
        if (field != source) continue;
        out.column = column;
        out.type = reservedType(column);
        return out;
    }
    const bool feature = !featurePrefix.empty() && source.starts_with(featurePrefix);
    if (!feature && !keepOthers) {
        out.protection = Protection::Drop;
        return out;
    }
    out.column = feature ? source.substr(featurePrefix.size()) : source;
    if (out.column.empty()) out.column = source;
    if (reservedType(out.column)) out.column = "feature." + out.column;
    return out;
}

RowMapping guessMapping(RowFormat format, std::span<const SampledField> fields) {
    RowMapping out;
    out.format = format;
    for (const Names& known : knownNames()) {
        for (const std::string_view name : known.names) {
            const auto place = std::ranges::find_if(fields, [&](const SampledField& f) {
                return !isTaken(out, f) && lower(f.name) == name && fits(f, known.column);
            });
            if (place == fields.end()) continue;
            out.fields[std::string(known.column)] = place->name;
            if (known.column == ports::field::latencyMs) out.latencyFactor = latencyFactorOf(name);
            break;
        }
    }
    guessByParts(out, fields);
    guessClasses(out, fields);
    for (const std::string_view prefix : {"features.", "feature.", "inputs.", "input."}) {
        if (std::ranges::none_of(fields, [&](const SampledField& f) { return f.name.starts_with(prefix); })) continue;
        out.featurePrefix = prefix;
        break;
    }
    if (format == RowFormat::Csv)
        for (const SampledField& f : fields)
            if (f.values > 0 && f.numbers < f.values) out.textFields.insert(f.name);
    return out;
}

void guessClasses(RowMapping& mapping, std::span<const SampledField> fields) {
    mapping.outcomeClasses.clear();
    const auto outcome = mapping.fields.find(std::string(ports::field::outcome));
    if (outcome == mapping.fields.end()) return;
    const auto field = std::ranges::find(fields, outcome->second, &SampledField::name);
    if (field != fields.end() && holdsClasses(*field))
        mapping.outcomeClasses.assign(field->distinct.begin(), field->distinct.end());
}

std::optional<double> parseNumberText(std::string_view text) {
    if (text.empty()) return {};
    if (text.front() == '+') text.remove_prefix(1);
    const bool digit =
        !text.empty() && (text.front() == '-' || text.front() == '.' || (text.front() >= '0' && text.front() <= '9'));
    if (!digit) return {};
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return {};
    return value;
}

std::optional<Timestamp> parseTimeText(std::string_view text, TimeUnit unit) {
    if (unit == TimeUnit::Iso || (unit == TimeUnit::Guess && text.size() > 4 && text.find('-', 1) != text.npos)) {
        if (const auto time = Timestamp::parseIso(text)) return time;
        if (unit == TimeUnit::Iso) return {};
    }
    std::int64_t whole = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, whole);
    if (error != std::errc{}) return {};
    const std::int64_t size = unitOf(unit, whole);
    auto ns = scaledTime(whole, size);
    if (!ns) return {};
    if (end == last) return Timestamp{*ns};
    if (*end != '.') {  // 1.7e9
        const auto number = parseNumberText(text);
        if (!number || std::abs(*number) > 9e18) return {};
        return parseTimeText(std::to_string(static_cast<std::int64_t>(*number)), unit);
    }
    // Digit by digit: a double would lose the nanoseconds.
    std::int64_t place = size, fraction = 0;
    for (const char* c = end + 1; c != last; ++c) {
        if (*c < '0' || *c > '9') return {};
        place /= 10;
        fraction += place * (*c - '0');
    }
    std::int64_t sum = 0;
    if (__builtin_add_overflow(*ns, text.front() == '-' ? -fraction : fraction, &sum)) return {};
    return Timestamp{sum};
}

}  // namespace pilothouse::predictions
