// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/mlflow/mlmodel.h"

#include <simdjson.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

namespace pilothouse::connect::mlflow {

namespace {

constexpr int kMaxDepth = 16;
constexpr std::size_t kMaxJsonDepth = 32;
constexpr std::size_t kMaxName = 2'000;

tl::unexpected<Error> unsound(const std::string& what, const std::string& source, std::string detail = {}) {
    return fail(ErrorKind::InvalidInput, "not an MLmodel file: " + what, source, std::move(detail));
}

/// Walks over the text before a tree is made of it. What it throws never leaves parseMlModel().
class Guard final : public YAML::EventHandler {
public:
    struct Refused {
        const char* what;
    };
    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t anchor) override { see(anchor); }
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override { throw Refused{"it has aliases (*name)"}; }
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t anchor, const std::string&) override {
        see(anchor);
    }
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        enter(anchor);
    }
    void OnSequenceEnd() override { --m_depth; }
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        enter(anchor);
    }
    void OnMapEnd() override { --m_depth; }

private:
    static void see(YAML::anchor_t anchor) {
        if (anchor != YAML::NullAnchor) throw Refused{"it has anchors (&name)"};
    }
    void enter(YAML::anchor_t anchor) {
        see(anchor);
        if (++m_depth > kMaxDepth) throw Refused{"it is nested too deeply"};
    }
    int m_depth = 0;
};

std::string textAt(simdjson::dom::object column, const char* key) {
    std::string_view text;
    // An array's or an object's type is a schema of its own; only plain types are named.
    return column.at_key(key).get_string().get(text) ? std::string() : std::string(text.substr(0, kMaxName));
}

Result<std::vector<ModelColumn>> columns(const YAML::Node& signature, const char* key, const std::string& source) {
    std::vector<ModelColumn> out;
    const YAML::Node node = signature[key];
    if (!node || node.IsNull()) return out;
    if (!node.IsScalar()) return unsound(std::string("signature.") + key + " is not a text", source);
    const simdjson::padded_string padded(node.Scalar());
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    simdjson::dom::array array;
    if (parser.allocate(padded.size() + 1, kMaxJsonDepth) || parser.parse(padded).get(document) ||
        document.get_array().get(array))
        return unsound(std::string("signature.") + key + " is not a list in JSON", source);
    for (const simdjson::dom::element item : array) {
        simdjson::dom::object column;
        if (item.get_object().get(column))
            return unsound(std::string("an entry of signature.") + key + " is not an object", source);
        if (out.size() >= kMaxColumns)
            return unsound(
                std::string("signature.") + key + " has more than " + std::to_string(kMaxColumns) + " entries", source);
        ModelColumn read{textAt(column, "name"), textAt(column, "type"), true};
        bool required = true;
        if (!column.at_key("required").get_bool().get(required)) read.required = required;
        bool optional = false;  // what versions before 2.5 said in its place
        if (!column.at_key("optional").get_bool().get(optional)) read.required = !optional;
        out.push_back(std::move(read));
    }
    return out;
}

}  // namespace

std::vector<std::string> ModelSignature::features() const {
    std::vector<std::string> out;
    for (const ModelColumn& column : inputs)
        if (!column.name.empty()) out.push_back(column.name);
    return out;
}

Result<ModelSignature> parseMlModel(std::string_view yaml, const std::string& source) {
    if (yaml.size() > kMaxMlModelBytes)
        return unsound("it is larger than " + std::to_string(kMaxMlModelBytes >> 20) + " MiB", source);
    try {
        const std::string text(yaml);
        {
            std::istringstream stream(text);
            Guard guard;
            YAML::Parser parser(stream);
            parser.HandleNextDocument(guard);
        }
        const YAML::Node root = YAML::Load(text);
        if (!root.IsMap()) return unsound("it is not a map", source);
        ModelSignature out;
        const YAML::Node signature = root["signature"];
        if (!signature || signature.IsNull()) return out;
        if (!signature.IsMap()) return unsound("signature is not a map", source);
        PH_ASSIGN(out.inputs, columns(signature, "inputs", source));
        PH_ASSIGN(out.outputs, columns(signature, "outputs", source));
        return out;
    } catch (const Guard::Refused& refused) {
        return unsound(refused.what, source);
    } catch (const YAML::Exception& error) {
        return unsound("its YAML cannot be read", source,
                       "line " + std::to_string(std::max(error.mark.line, 0) + 1) + ": " + error.msg.substr(0, 300));
    }
}

}  // namespace pilothouse::connect::mlflow
