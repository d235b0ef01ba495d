// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/cloud_events.h"

#include <simdjson.h>

#include <algorithm>
#include <set>

namespace pilothouse::predictions {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxDepth = 8, kMaxInstances = 65'536, kMaxValues = 4'000'000, kMaxIdBytes = 1'024;

std::string_view textAt(const dom::object& object, std::string_view key) {
    std::string_view out;
    return object.at_key(key).get(out) ? std::string_view{} : out;
}

/// A tensor, or a V1 list: `width` values an instance.
struct Tensor {
    std::string name;
    std::vector<dom::element> values;
    std::size_t instances = 0;
    [[nodiscard]] std::size_t width() const { return instances == 0 ? 0 : values.size() / instances; }
};

bool flatten(dom::element from, std::size_t depth, std::vector<dom::element>& out) {
    dom::array array;
    if (from.get(array)) {
        out.push_back(from);
        return out.size() <= kMaxValues;
    }
    if (depth >= kMaxDepth) return false;
    for (const dom::element item : array)
        if (!flatten(item, depth + 1, out)) return false;
    return true;
}

/// "inputs" or "outputs" of V2; nothing when they are not of that form.
std::optional<std::vector<Tensor>> tensorsOf(const dom::object& data, std::string_view key) {
    dom::array list;
    if (data.at_key(key).get(list)) return {};
    std::vector<Tensor> out;
    for (const dom::element item : list) {
        dom::object object;
        if (item.get(object)) return {};
        Tensor tensor;
        tensor.name = textAt(object, "name");
        dom::element values;
        dom::array shape;
        if (object.at_key("data").get(values) || !flatten(values, 0, tensor.values)) return {};
        std::uint64_t first = 1;
        if (!object.at_key("shape").get(shape) && shape.size() > 0 && shape.at(0).get(first)) return {};
        if (first > kMaxInstances || (first == 0 ? !tensor.values.empty() : tensor.values.size() % first != 0))
            return {};
        tensor.instances = first;
        out.push_back(std::move(tensor));
    }
    return out;
}

/// "instances" or "predictions" of V1, as tensors: a column for each name, or one for lists.
std::optional<std::vector<Tensor>> listOf(const dom::object& data, std::string_view key, const char* name) {
    dom::array list;
    if (data.at_key(key).get(list) || list.size() > kMaxInstances) return {};
    const std::size_t instances = list.size();
    std::vector<Tensor> out;
    std::map<std::string, std::size_t, std::less<>> places;
    std::size_t row = 0;
    for (const dom::element item : list) {
        dom::object object;
        if (!item.get(object)) {
            for (const auto& [field, value] : object) {
                const auto [place, added] = places.try_emplace(std::string(field), out.size());
                if (added) out.push_back({place->first, {}, instances});
                if (out[place->second].values.size() != row) return {};  // not in every instance
                out[place->second].values.push_back(value);
            }
        } else {
            if (out.empty()) out.push_back({name, {}, instances});
            if (!flatten(item, 0, out[0].values)) return {};
        }
        ++row;
    }
    for (const Tensor& tensor : out)
        if (instances == 0 || tensor.values.size() % instances != 0) return {};
    return out;
}

std::optional<std::vector<Tensor>> inputsOf(const dom::object& data) {
    if (auto v2 = tensorsOf(data, "inputs")) return v2;
    return listOf(data, "instances", "instance");
}
std::optional<std::vector<Tensor>> outputsOf(const dom::object& data) {
    if (auto v2 = tensorsOf(data, "outputs")) return v2;
    return listOf(data, "predictions", "prediction");
}

/// Puts values of the document into a row.
class RowFiller {
public:
    explicit RowFiller(RowCollector& collector) : m_collector(collector) {}

    void set(std::string_view name, std::string_view text) {
        if (!text.empty()) m_collector.setText(m_collector.slotOf(name), m_texts.emplace_back(text));
    }
    void set(std::string_view name, double number) { m_collector.setNumber(m_collector.slotOf(name), number); }
    void set(const std::string& name, const dom::element& value) {
        const std::uint32_t slot = m_collector.slotOf(name);
        double number = 0;
        bool yes = false;
        std::string_view text;
        if (value.is_null()) return;
        if (!value.get(text))
            m_collector.setText(slot, text);
        else if (m_collector.wantsText(slot) || (value.get(number) && value.get(yes)))
            m_collector.setText(slot, m_texts.emplace_back(simdjson::minify(value)));
        else
            m_collector.setNumber(slot, value.is_bool() ? (yes ? 1 : 0) : number);
    }
    void setAll(const std::string& prefix, const Tensor& tensor, std::size_t instance) {
        const std::size_t width = tensor.width();
        for (std::size_t k = 0; k < width; ++k)
            set(prefix + tensor.name + (width == 1 ? std::string() : "." + std::to_string(k)),
                tensor.values[instance * width + k]);
    }
    void finish(const RowPlace& place, std::string_view raw) {
        m_collector.finishRow(place, raw);
        m_texts.clear();
    }

private:
    RowCollector& m_collector;
    std::deque<std::string> m_texts;
};

struct Pair {
    dom::object request, response, input, output;
};

/// Sets what all instances of the pair share.
void setEnvelope(RowFiller& row, const Pair& pair, std::string_view id, std::size_t instance, std::size_t instances) {
    const auto either = [&](std::string_view key) {
        const std::string_view first = textAt(pair.request, key);
        return first.empty() ? textAt(pair.response, key) : first;
    };
    row.set("time", either("time"));
    row.set("request_id", instances == 1 ? std::string(id) : std::string(id) + "/" + std::to_string(instance));
    const std::string_view named = textAt(pair.output, "model_name"), service = either("inferenceservicename");
    row.set("model", named.empty() ? service : named);
    row.set("version", textAt(pair.output, "model_version"));
    const std::string_view trace = either("traceparent");  // W3C: version-traceid-parent-flags
    if (trace.size() >= 35) row.set("trace_id", trace.substr(3, 32));
    const auto asked = parseTimeText(textAt(pair.request, "time"), TimeUnit::Iso),
               answered = parseTimeText(textAt(pair.response, "time"), TimeUnit::Iso);
    if (asked && answered && *answered >= *asked)
        row.set("latency_ms", static_cast<double>((*answered - *asked).count()) * 1e-6);
    const std::string_view error = textAt(pair.output, "error");
    row.set("status", error.empty() ? "ok" : "error");
    row.set("message", error);
}

/// The first output that is a number, the second of two (the positive class) where it is a pair of probabilities.
const Tensor* scoreOf(const std::vector<Tensor>& outputs) {
    for (const Tensor& tensor : outputs)
        if (tensor.width() > 0 && tensor.width() <= 2 && tensor.values[0].is_number()) return &tensor;
    return nullptr;
}

void emitRows(const Pair& pair, std::string_view id, const RowPlace& place, std::string_view raw,
              RowCollector& collector) {
    const std::optional<std::vector<Tensor>> inputs = inputsOf(pair.input);
    auto outputs = outputsOf(pair.output);
    if (!outputs && !textAt(pair.output, "error").empty()) outputs.emplace();
    std::size_t instances = 0;
    bool fits = inputs && outputs;
    for (const std::optional<std::vector<Tensor>>* list : {&inputs, static_cast<decltype(&inputs)>(&outputs)}) {
        for (std::size_t i = 0; *list && i < (*list)->size(); ++i) {
            if (instances == 0) instances = (**list)[i].instances;
            fits &= (**list)[i].instances == instances && instances > 0;
        }
    }
    if (!fits || instances == 0) {
        collector.reject("no inference payload", "inputs and outputs with name, shape and data are expected");
        return collector.finishRow(place, raw);
    }
    RowFiller row(collector);
    const Tensor* score = scoreOf(*outputs);
    for (std::size_t i = 0; i < instances; ++i) {
        setEnvelope(row, pair, id, i, instances);
        for (const Tensor& tensor : *inputs)
            row.setAll("inputs.", tensor, i);
        for (const Tensor& tensor : *outputs) {
            if (&tensor == score)
                row.set("score", tensor.values[(i + 1) * tensor.width() - 1]);
            else
                row.setAll("outputs.", tensor, i);
        }
        row.finish(place, raw);
    }
}

}  // namespace

struct CloudEventJoin::Parsers {
    dom::parser mine, others;
};

CloudEventJoin::CloudEventJoin() : m_parsers(std::make_unique<Parsers>()) {}
CloudEventJoin::~CloudEventJoin() = default;

void CloudEventJoin::preload(PendingEvent event) {
    m_bytes += event.raw.size();
    m_order.emplace_back(event.id, event.kind);
    m_waiting.try_emplace({event.id, event.kind}, std::move(event));
}

void CloudEventJoin::settle(PendingChanges& changes) const {
    std::set<Key> seen;  // one may have been joined and come again: the last one counts
    std::vector<PendingEvent> left;
    for (auto event = changes.added.rbegin(); event != changes.added.rend(); ++event) {
        const Key key(event->id, event->kind);
        if (m_waiting.contains(key) && seen.insert(key).second) left.push_back(std::move(*event));
    }
    std::ranges::reverse(left);
    changes.added = std::move(left);
}

void CloudEventJoin::forget(std::map<Key, PendingEvent>::iterator place, PendingChanges& changes) {
    m_bytes -= place->second.raw.size();
    changes.removed.push_back(place->first);
    m_waiting.erase(place);
}

void CloudEventJoin::keep(PendingEvent event, RowCollector& collector, PendingChanges& changes) {
    const Key key(event.id, event.kind);
    if (m_waiting.contains(key)) return;  // the same event again
    m_bytes += event.raw.size();
    m_order.push_back(key);
    changes.added.push_back(event);
    m_waiting.emplace(key, std::move(event));
    while (m_waiting.size() > kMaxWaiting || m_bytes > kMaxBytes) {
        const auto oldest = m_waiting.find(m_order.front());
        m_order.pop_front();
        if (oldest == m_waiting.end()) continue;
        const PendingEvent& e = oldest->second;
        collector.quarantine(e.place, e.raw, e.raw.size(),
                             e.kind == EventKind::Request ? "no response came" : "no request came", e.id);
        forget(oldest, changes);
    }
}

void CloudEventJoin::read(const std::string& file, const RowPlace& place, std::string_view line,
                          RowCollector& collector, PendingChanges& changes) {
    const auto refuse = [&](std::string_view reason, std::string detail) {
        collector.quarantine(place, line, line.size(), reason, std::move(detail));
    };
    dom::object event, data;
    if (const auto error = m_parsers->mine.parse(line.data(), line.size()).get(event))
        return refuse(error == simdjson::UTF8_ERROR    ? "not UTF-8"
                      : error == simdjson::DEPTH_ERROR ? "nested too deeply"
                                                       : "not JSON",
                      simdjson::error_message(error));
    const std::string_view type = textAt(event, "type"), id = textAt(event, "id");
    const bool request = type.ends_with("inference.request"), response = type.ends_with("inference.response");
    if (!request && !response) return refuse("no inference event", "type: " + std::string(type.substr(0, 100)));
    if (id.empty() || id.size() > kMaxIdBytes) return refuse("no inference event", "it has no id");
    if (event.at_key("data").get(data)) return refuse("no inference payload", "data is no object");
    const EventKind kind = request ? EventKind::Request : EventKind::Response;
    const auto other = m_waiting.find({std::string(id), request ? EventKind::Response : EventKind::Request});
    if (other == m_waiting.end())
        return keep({std::string(id), kind, file, std::string(line), place}, collector, changes);
    dom::object otherEvent, otherData;
    const std::string& raw = other->second.raw;
    if (m_parsers->others.parse(raw).get(otherEvent) || otherEvent.at_key("data").get(otherData)) {
        refuse("no inference payload", "the other half cannot be read");
    } else {
        const Pair pair = request ? Pair{event, otherEvent, data, otherData} : Pair{otherEvent, event, otherData, data};
        emitRows(pair, id, place, line, collector);
    }
    forget(other, changes);
}

RowMapping cloudEventMapping() {
    RowMapping out;
    out.format = RowFormat::CloudEvents;
    for (const char* name :
         {"time", "model", "version", "request_id", "trace_id", "score", "latency_ms", "status", "message"})
        out.fields[name] = name;
    out.featurePrefix = "inputs.";
    return out;
}

}  // namespace pilothouse::predictions
