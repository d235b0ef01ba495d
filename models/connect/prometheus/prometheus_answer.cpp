// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/prometheus/prometheus_answer.h"

#include <simdjson.h>

#include <charconv>
#include <cmath>
#include <limits>

namespace pilothouse::connect::prometheus {

namespace {

// The whole document is checked before anything is read from it. (On-demand parsing finds a broken document on the way,
// and simdjson 3.0 may then not look up another field: its place is lost, and it reads out of bounds.)
namespace json = simdjson::dom;
using simdjson::simdjson_error;

constexpr std::size_t kMaxErrorText = 500;

tl::unexpected<Error> unsound(std::string what, const std::string& source, std::string detail = {}) {
    return fail(ErrorKind::InvalidInput, "not an answer of Prometheus: " + std::move(what), source, std::move(detail));
}

Result<double> sampleValue(std::string_view text, const std::string& source) {
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (text == "+Inf" || text == "Inf") return std::numeric_limits<double>::infinity();
    if (text == "-Inf") return -std::numeric_limits<double>::infinity();
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range || end != text.data() + text.size() || text.empty() ||
        !std::isfinite(value))
        return unsound("a sample's value is \"" + std::string(text.substr(0, 40)) + "\"", source);
    return value;
}

Status addSample(ports::MetricSeries& series, json::array pair, const std::string& source) {
    double seconds = 0;
    std::string_view text;
    int parts = 0;
    for (const json::element part : pair) {
        if (parts == 0)
            seconds = part.get_double();
        else if (parts == 1)
            text = part.get_string();
        ++parts;
    }
    if (parts != 2) return unsound("a sample is not a pair", source);
    // Times have the resolution of a millisecond; year 1 to 9999 would not fit 64 bits of nanoseconds.
    if (!(std::abs(seconds) < 9.2e9)) return unsound("a sample's time is out of range", source);
    const std::int64_t time = std::llround(seconds * 1000) * 1'000'000;
    if (!series.times.empty() && time < series.times.back()) return unsound("samples are not in order of time", source);
    PH_ASSIGN(const double value, sampleValue(text, source));
    series.times.push_back(time);
    series.values.push_back(value);
    return {};
}

struct Reading {
    const std::string& source;
    ports::MetricAnswer answer;
    std::size_t samples = 0;
    bool histograms = false;

    Status series(json::object object) {
        ports::MetricSeries out;
        bool any = false;
        for (const auto& [key, value] : object) {
            if (key == "metric") {
                for (const auto& [label, text] : json::object(value.get_object())) {
                    if (label == "__name__")
                        out.name = std::string_view(text.get_string());
                    else
                        out.labels.emplace(label, std::string_view(text.get_string()));
                }
            } else if (key == "value") {
                PH_TRY(addSample(out, value.get_array(), source));
                any = true;
            } else if (key == "values") {
                for (const json::element pair : json::array(value.get_array())) {
                    PH_TRY(addSample(out, pair.get_array(), source));
                    if (++samples > kMaxSamples)
                        return fail(ErrorKind::ResourceExhausted,
                                    "the answer has too many samples; choose a longer step", source);
                }
                any = true;
            } else if (key == "histogram" || key == "histograms") {
                histograms = true;
            }
        }
        if (!any) return {};
        if (answer.series.size() >= kMaxSeries)
            return fail(
                ErrorKind::ResourceExhausted,
                "the answer has more than " + std::to_string(kMaxSeries) + " series; aggregate in the expression",
                source);
        answer.series.push_back(std::move(out));
        return {};
    }
    Status result(std::string_view type, json::element value) {
        if (type == "matrix" || type == "vector") {
            for (const json::element item : json::array(value.get_array()))
                PH_TRY(series(item.get_object()));
            return {};
        }
        if (type == "scalar") {
            PH_TRY(addSample(answer.series.emplace_back(), value.get_array(), source));
            return {};
        }
        if (type == "string") return fail(ErrorKind::Unsupported, "the expression gives a text, not numbers", source);
        return unsound("resultType is \"" + std::string(type.substr(0, 40)) + "\"", source);
    }
};

/// Runs `read` on the object of a successful answer.
template <class Read>
auto readAnswer(std::string_view text, const std::string& source, Read read)
    -> decltype(read(std::declval<json::object&>())) {
    try {
        json::parser parser;
        const simdjson::padded_string padded(text);
        json::object root = parser.parse(padded).get_object();
        const std::string_view status = root["status"].get_string();
        if (status != "success") return fail(parseError(200, text, source));
        return read(root);
    } catch (const simdjson_error& error) {
        return unsound("its JSON cannot be read", source, error.what());
    }
}

}  // namespace

Result<ports::MetricAnswer> parseQuery(std::string_view text, const std::string& source) {
    return readAnswer(text, source, [&](json::object& root) -> Result<ports::MetricAnswer> {
        Reading reading{source, {}, 0, false};
        json::object data = root["data"].get_object();
        const std::string type(std::string_view(data["resultType"].get_string()));
        PH_TRY(reading.result(type, data["result"]));
        json::array warnings;
        if (!root["warnings"].get_array().get(warnings))
            for (const json::element warning : warnings)
                reading.answer.warnings.emplace_back(std::string_view(warning.get_string()));
        if (reading.histograms) reading.answer.warnings.emplace_back("native histograms are left out");
        return std::move(reading.answer);
    });
}

Result<std::vector<std::string>> parseNames(std::string_view text, const std::string& source) {
    return readAnswer(text, source, [&](json::object& root) -> Result<std::vector<std::string>> {
        std::vector<std::string> names;
        for (const json::element name : json::array(root["data"].get_array())) {
            names.emplace_back(std::string_view(name.get_string()));
            if (names.size() > kMaxSamples) return fail(ErrorKind::ResourceExhausted, "too many names", source);
        }
        return names;
    });
}

Result<std::string> parseVersion(std::string_view text, const std::string& source) {
    return readAnswer(text, source, [&](json::object& root) -> Result<std::string> {
        return std::string(std::string_view(root["data"]["version"].get_string())).substr(0, 100);
    });
}

Error parseError(int status, std::string_view body, const std::string& source) {
    Error error{ErrorKind::Unavailable, {}, {}, source, status >= 500 || status == 429};
    std::string type, message;
    try {
        json::parser parser;
        const simdjson::padded_string padded(body);
        json::object root = parser.parse(padded).get_object();
        std::string_view text;
        if (!root["errorType"].get_string().get(text)) type = text;
        if (!root["error"].get_string().get(text)) message = text;
    } catch (const simdjson_error&) {
        // Plain text, from a proxy or for an unknown path.
        const std::size_t end = body.find_first_of("\r\n");
        error.detail = std::string(body.substr(0, std::min(end, kMaxErrorText)));
    }
    if (type == "bad_data")
        error.kind = ErrorKind::InvalidInput;
    else if (type == "timeout" || type == "canceled")
        error.kind = ErrorKind::Timeout;
    else if (status == 401 || status == 403)
        error.kind = ErrorKind::PermissionDenied;
    else if (status == 404)
        error.kind = ErrorKind::NotFound;
    if (!message.empty()) {
        error.message = message.substr(0, kMaxErrorText);
        return error;
    }
    switch (status) {
        case 401:
            error.message = "the server asks for credentials";
            break;
        case 403:
            error.message = "the server refuses access";
            break;
        case 404:
            error.message = "no Prometheus API at this address";
            break;
        default:
            error.message = "the server answered with HTTP status " + std::to_string(status);
    }
    return error;
}

}  // namespace pilothouse::connect::prometheus
