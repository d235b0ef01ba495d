// SPDX-License-Identifier: GPL-3.0-or-later
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>

#include "models/predictions/ingest_mapping.h"
#include "models/predictions/log_reader.h"

namespace pilothouse::predictions {

namespace {

constexpr std::size_t kMaxBytes = 256 << 10, kMaxEntries = 10'000;

template <class T>
struct Word {
    const char* word;
    T value;
};
constexpr std::array<Word<RowFormat>, 3> kFormats{
    {{"jsonl", RowFormat::JsonLines}, {"csv", RowFormat::Csv}, {"cloudevents", RowFormat::CloudEvents}}};
constexpr std::array<Word<TimeUnit>, 6> kUnits{{{"guess", TimeUnit::Guess},
                                                {"iso", TimeUnit::Iso},
                                                {"s", TimeUnit::Seconds},
                                                {"ms", TimeUnit::Milliseconds},
                                                {"us", TimeUnit::Microseconds},
                                                {"ns", TimeUnit::Nanoseconds}}};
constexpr std::array<Word<double>, 4> kLatencies{{{"s", 1'000}, {"ms", 1}, {"us", 1e-3}, {"ns", 1e-6}}};
constexpr std::array<Word<bool>, 2> kOthers{{{"keep", true}, {"drop", false}}};
constexpr std::array<Word<Protection>, 3> kProtections{
    {{"mask", Protection::Mask}, {"hash", Protection::Hash}, {"drop", Protection::Drop}}};

template <class T, std::size_t N>
const char* wordOf(const std::array<Word<T>, N>& words, const T& value) {
    for (const auto& w : words)
        if (w.value == value) return w.word;
    return words[0].word;
}

class MappingReader {
public:
    explicit MappingReader(std::string file) : m_file(std::move(file)) {}

    Result<RowMapping> read(const YAML::Node& root) {
        if (!root.IsMap()) return fail(error(root, "a mapping begins with keys such as \"time: ts\""));
        for (const auto& entry : root) {
            if (!entry.first.IsScalar()) return fail(error(entry.first, "a key must be a text"));
            PH_TRY(key(entry.first.Scalar(), entry.second));
        }
        for (const auto name : {ports::field::time, ports::field::outcomeTime}) {
            const auto field = m_out.fields.find(std::string(name));
            if (field != m_out.fields.end() && m_out.protections.contains(field->second))
                return fail(
                    error(root, "\"" + field->second + "\" is the time and cannot be masked, hashed or dropped"));
        }
        return std::move(m_out);
    }

private:
    [[nodiscard]] Error error(const YAML::Node& at, const std::string& what) const {
        return Error::invalid(what, m_file + ":" + std::to_string(at.Mark().line + 1));
    }
    Result<std::string> text(const YAML::Node& node, const std::string& key) const {
        if (!node.IsScalar() || node.Scalar().empty() || node.Scalar().size() > 1'024)
            return fail(error(node, key + ": a text is expected"));
        return node.Scalar();
    }
    template <class T, std::size_t N>
    Status word(const YAML::Node& node, const std::string& key, const std::array<Word<T>, N>& words, T& out) const {
        std::string expected;
        for (const auto& w : words) {
            if (node.IsScalar() && node.Scalar() == w.word) return out = w.value, Status{};
            expected += (expected.empty() ? "" : ", ") + std::string(w.word);
        }
        return fail(error(node, key + ": one of " + expected + " is expected"));
    }
    Result<std::vector<std::string>> list(const YAML::Node& node, const std::string& key) const {
        if (!node.IsSequence() || node.size() > kMaxEntries)
            return fail(error(node, key + ": a list of texts is expected"));
        std::vector<std::string> out;
        for (const auto& item : node) {
            PH_ASSIGN(auto name, text(item, key));
            out.push_back(std::move(name));
        }
        return out;
    }

    Status key(const std::string& name, const YAML::Node& node) {
        if (name == "format") return word(node, name, kFormats, m_out.format);
        if (name == "time_format") return word(node, name, kUnits, m_out.timeUnit);
        if (name == "latency_unit") return word(node, name, kLatencies, m_out.latencyFactor);
        if (name == "other_fields") return word(node, name, kOthers, m_out.keepOthers);
        if (name == "feature_prefix") {
            PH_ASSIGN(m_out.featurePrefix, text(node, name));
            return {};
        }
        if (name == "text_fields") {
            PH_ASSIGN(const auto names, list(node, name));
            m_out.textFields.insert(names.begin(), names.end());
            return {};
        }
        if (name == "outcome_classes") return classes(node);
        if (name == "constants") return constants(node);
        for (const auto& protection : kProtections) {
            if (name != protection.word) continue;
            PH_ASSIGN(const auto names, list(node, name));
            for (const std::string& field : names)
                m_out.protections[field] = protection.value;
            return {};
        }
        if (!reservedType(name)) return fail(error(node, "the key \"" + name.substr(0, 100) + "\" is not known"));
        PH_ASSIGN(m_out.fields[name], text(node, name));
        return {};
    }

    Status classes(const YAML::Node& node) {
        PH_ASSIGN(m_out.outcomeClasses, list(node, "outcome_classes"));
        const std::set<std::string> different(m_out.outcomeClasses.begin(), m_out.outcomeClasses.end());
        if (different.size() != m_out.outcomeClasses.size() || different.size() < 2)
            return fail(error(node, "outcome_classes: at least two classes are expected, each of them once"));
        return {};
    }

    Status constants(const YAML::Node& node) {
        if (!node.IsMap() || node.size() > kMaxEntries) return fail(error(node, "constants: names and values"));
        for (const auto& entry : node) {
            PH_ASSIGN(auto name, text(entry.first, "constants"));
            PH_ASSIGN(auto value, text(entry.second, "constants"));
            const auto type = reservedType(name);
            if (type && type != ports::ColumnType::Text)
                return fail(error(entry.first, "constants: \"" + name + "\" differs from row to row"));
            m_out.constants[name] = std::move(value);
        }
        return {};
    }

    std::string m_file;
    RowMapping m_out;
};

}  // namespace

Result<RowMapping> parseMapping(std::string_view yaml, const std::string& file) {
    if (yaml.size() > kMaxBytes) return fail(Error::invalid("the mapping is longer than 256 KiB", file));
    // The parser descends once a bracket or a level of indentation: bounded before it starts.
    std::size_t depth = 0, deepest = 0, indent = 0;
    bool atStart = true;
    for (const char c : yaml) {
        if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
        if ((c == ']' || c == '}') && depth > 0) --depth;
        if (c == '\n') {
            atStart = true;
            indent = 0;
        } else if (atStart && (c == ' ' || c == '-' || c == '?' || c == ':')) {
            deepest = std::max(deepest, ++indent);
        } else {
            atStart = false;
        }
    }
    if (deepest > 100) return fail(Error::invalid("the mapping is nested too deeply", file));
    try {
        return MappingReader(file).read(YAML::Load(std::string(yaml)));
    } catch (const YAML::Exception& exception) {
        return fail(Error::invalid("not YAML: " + exception.msg,
                                   file + ":" + std::to_string(std::max(0, exception.mark.line) + 1)));
    }
}

std::string toYaml(const RowMapping& mapping) {
    YAML::Emitter out;
    out << YAML::BeginMap << YAML::Key << "format" << YAML::Value << wordOf(kFormats, mapping.format);
    for (const auto& [column, field] : mapping.fields)
        out << YAML::Key << column << YAML::Value << field;
    if (mapping.timeUnit != TimeUnit::Guess)
        out << YAML::Key << "time_format" << YAML::Value << wordOf(kUnits, mapping.timeUnit);
    if (mapping.latencyFactor != 1)
        out << YAML::Key << "latency_unit" << YAML::Value << wordOf(kLatencies, mapping.latencyFactor);
    if (!mapping.featurePrefix.empty()) out << YAML::Key << "feature_prefix" << YAML::Value << mapping.featurePrefix;
    if (!mapping.keepOthers) out << YAML::Key << "other_fields" << YAML::Value << "drop";
    if (!mapping.textFields.empty()) {
        out << YAML::Key << "text_fields" << YAML::Value << YAML::Flow << YAML::BeginSeq;
        for (const std::string& name : mapping.textFields)
            out << name;
        out << YAML::EndSeq;
    }
    if (!mapping.outcomeClasses.empty())
        out << YAML::Key << "outcome_classes" << YAML::Value << YAML::Flow << mapping.outcomeClasses;
    if (!mapping.constants.empty()) {
        out << YAML::Key << "constants" << YAML::Value << YAML::BeginMap;
        for (const auto& [name, value] : mapping.constants)
            out << YAML::Key << name << YAML::Value << value;
        out << YAML::EndMap;
    }
    for (const auto& protection : kProtections) {
        if (std::ranges::none_of(mapping.protections,
                                 [&](const auto& entry) { return entry.second == protection.value; }))
            continue;
        out << YAML::Key << protection.word << YAML::Value << YAML::Flow << YAML::BeginSeq;
        for (const auto& [name, value] : mapping.protections)
            if (value == protection.value) out << name;
        out << YAML::EndSeq;
    }
    out << YAML::EndMap;
    return std::string(out.c_str()) + "\n";
}

}  // namespace pilothouse::predictions
