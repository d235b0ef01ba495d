// SPDX-License-Identifier: GPL-3.0-or-later
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <sstream>

#include "models/pipelines/definition.h"
#include "models/pipelines/step.h"

namespace pilothouse::pipelines {

namespace {

constexpr std::size_t kMaximumBytes = 1 << 20;
constexpr int kMaximumDepth = 16;
constexpr std::size_t kMaximumTasks = 1'000;

/// Walks over the document before a tree is made of it: anchors and aliases (by which a small file becomes a large
/// tree) and deep nesting are refused here.
class Guard final : public YAML::EventHandler {
public:
    std::string problem;
    int line = 0;

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { see(mark, anchor); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { say(mark, "aliases (*name) are not supported"); }
    void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, const std::string&) override {
        see(mark, anchor);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        enter(mark, anchor);
    }
    void OnSequenceEnd() override { --m_depth; }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        enter(mark, anchor);
    }
    void OnMapEnd() override { --m_depth; }

private:
    void say(const YAML::Mark& mark, const char* what) {
        if (!problem.empty()) return;
        problem = what;
        line = mark.line + 1;
    }
    void see(const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor != YAML::NullAnchor) say(mark, "anchors (&name) are not supported");
    }
    void enter(const YAML::Mark& mark, YAML::anchor_t anchor) {
        see(mark, anchor);
        if (++m_depth > kMaximumDepth) say(mark, "nested too deeply");
    }
    int m_depth = 0;
};

class Reader {
public:
    Reader(std::string_view yaml, std::string file, const StepRegistry& steps) : m_steps(steps) {
        m_out.source = std::string(yaml);
        m_out.file = std::move(file);
    }

    Result<PipelineDefinition> read() {
        if (m_out.source.size() > kMaximumBytes) return fail(Error::invalid("is larger than 1 MiB", m_out.file));
        YAML::Node root;
        try {
            std::istringstream stream(m_out.source);
            Guard guard;
            YAML::Parser parser(stream);
            parser.HandleNextDocument(guard);
            if (!guard.problem.empty()) return fail(problem(guard.line, guard.problem));
            root = YAML::Load(m_out.source);
            PH_TRY(top(root));
        } catch (const YAML::Exception& e) {
            return fail(problem(e.mark.line + 1, e.msg));
        }
        return std::move(m_out);
    }

private:
    [[nodiscard]] Error problem(int line, const std::string& message) const {
        return Error::invalid(message, m_out.place(std::max(line, 1)));
    }
    [[nodiscard]] static int lineOf(const YAML::Node& node) { return node.Mark().line + 1; }
    [[nodiscard]] Error problem(const YAML::Node& node, const std::string& message) const {
        return problem(lineOf(node), message);
    }

    /// The map's entries; a key may stand in it once, and must be one of `known` (where given).
    using Entries = std::vector<std::pair<std::string, YAML::Node>>;
    Result<Entries> entries(const YAML::Node& map, const std::string& what, const std::set<std::string>& known) {
        if (!map.IsMap()) return fail(problem(map, what + ": names with values (a map) are expected"));
        Entries out;
        std::set<std::string> seen;
        for (const auto& entry : map) {
            if (!entry.first.IsScalar()) return fail(problem(entry.first, what + ": a key must be a plain name"));
            const std::string key = entry.first.Scalar();
            if (!seen.insert(key).second)
                return fail(problem(entry.first, what + ": \"" + key + "\" stands there twice"));
            if (!known.empty() && !known.contains(key)) {
                std::string names;
                for (const std::string& k : known)
                    names += (names.empty() ? "" : ", ") + k;
                return fail(problem(entry.first, what + ": unknown key \"" + key + "\"; known: " + names));
            }
            out.emplace_back(key, entry.second);
        }
        return out;
    }
    Result<std::string> scalar(const YAML::Node& node, const std::string& what) {
        if (!node.IsScalar() || node.Scalar().empty()) return fail(problem(node, what + ": one value is expected"));
        return node.Scalar();
    }
    Result<double> number(const YAML::Node& node, const std::string& what) {
        PH_ASSIGN(const std::string text, scalar(node, what));
        double value = 0;
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
            return fail(problem(node, what + ": \"" + text + "\" is not a number"));
        return value;
    }
    Result<std::vector<std::string>> scalars(const YAML::Node& node, const std::string& what) {
        if (!node.IsSequence()) return fail(problem(node, what + ": a list is expected"));
        std::vector<std::string> out;
        for (const auto& item : node) {
            PH_ASSIGN(std::string text, scalar(item, what));
            out.push_back(std::move(text));
        }
        return out;
    }

    Status top(const YAML::Node& root);
    Status label(const YAML::Node& node);
    Status columns(const YAML::Node& node);
    Status column(const std::string& name, const YAML::Node& node);
    Status features(const YAML::Node& node);
    Status tasks(const YAML::Node& node);
    Status task(const YAML::Node& node);
    Status taskParameters(TaskDefinition& task, const YAML::Node& node, const std::string& prefix);
    Status order();

    const StepRegistry& m_steps;
    PipelineDefinition m_out;
};

Status Reader::top(const YAML::Node& root) {
    if (!root.IsMap()) return fail(problem(1, "a pipeline is a map that begins with \"pipeline: NAME\""));
    PH_ASSIGN(const Entries all, entries(root, "pipeline",
                                         {"pipeline", "description", "model", "task", "positive", "threshold", "moment",
                                          "time", "label", "columns", "features", "parameters", "tasks"}));
    const YAML::Node* taskList = nullptr;
    for (const auto& [key, node] : all) {
        if (key == "pipeline" || key == "description" || key == "model" || key == "task" || key == "positive" ||
            key == "moment") {
            PH_ASSIGN(std::string text, scalar(node, key));
            if (key == "pipeline") m_out.name = text;
            if (key == "description") m_out.description = text;
            if (key == "model") m_out.model = text;
            if (key == "task") m_out.task = text;
            if (key == "positive") m_out.positiveClass = text;
            if (key == "moment") m_out.moment = text;
            if (key == "task" && text != "binary")
                return fail(problem(node, "task: \"" + text + "\" is not supported; known: binary"));
        } else if (key == "time") {
            m_out.timeColumn = node.IsNull() ? std::string() : node.IsScalar() ? node.Scalar() : std::string("?");
            if (m_out.timeColumn == "?") return fail(problem(node, "time: the name of a column is expected"));
        } else if (key == "threshold") {
            PH_ASSIGN(m_out.threshold, number(node, key));
            if (m_out.threshold <= 0 || m_out.threshold >= 1)
                return fail(problem(node, "threshold: must lie between 0 and 1"));
        } else if (key == "label") {
            PH_TRY(label(node));
        } else if (key == "columns") {
            PH_TRY(columns(node));
        } else if (key == "features") {
            PH_TRY(features(node));
        } else if (key == "parameters") {
            PH_ASSIGN(const Entries values, entries(node, key, {}));
            for (const auto& [name, value] : values) {
                if (!value.IsScalar()) return fail(problem(value, "parameters: " + name + ": one value is expected"));
                m_out.parameters[name] = value.Scalar();
            }
        } else {
            taskList = &node;
        }
    }
    if (m_out.name.empty()) return fail(problem(1, "the key \"pipeline\" (the name) is missing"));
    if (!taskList) return fail(problem(1, "the key \"tasks\" is missing"));
    PH_TRY(tasks(*taskList));
    return order();
}

Status Reader::label(const YAML::Node& node) {
    m_out.label.line = lineOf(node);
    if (node.IsScalar()) {
        PH_ASSIGN(m_out.label.column, scalar(node, "label"));
        return {};
    }
    PH_ASSIGN(const Entries all, entries(node, "label", {"column", "above"}));
    for (const auto& [key, value] : all) {
        if (key == "column") {
            PH_ASSIGN(m_out.label.column, scalar(value, "label: column"));
        } else {
            PH_ASSIGN(m_out.label.above, number(value, "label: above"));
        }
    }
    return {};
}

Status Reader::columns(const YAML::Node& node) {
    PH_ASSIGN(const Entries all, entries(node, "columns", {}));
    for (const auto& [name, value] : all)
        PH_TRY(column(name, value));
    return {};
}

Status Reader::column(const std::string& name, const YAML::Node& node) {
    const std::string what = "columns: " + name;
    PH_ASSIGN(const Entries all, entries(node, what, {"type", "unit", "known", "range", "maximum_missing"}));
    ColumnDeclaration made;
    made.name = name;
    made.line = lineOf(node);
    for (const auto& [key, value] : all) {
        if (key == "range") {
            if (!value.IsSequence() || value.size() != 2)
                return fail(problem(value, what + ": range is [lowest, highest]"));
            PH_ASSIGN(made.low, number(value[0], what + ": range"));
            PH_ASSIGN(made.high, number(value[1], what + ": range"));
            if (*made.low > *made.high) return fail(problem(value, what + ": range is [lowest, highest]"));
            continue;
        }
        if (key == "maximum_missing") {
            PH_ASSIGN(made.maximumMissing, number(value, what + ": maximum_missing"));
            if (made.maximumMissing < 0 || made.maximumMissing > 1)
                return fail(problem(value, what + ": maximum_missing is a share from 0 to 1"));
            continue;
        }
        PH_ASSIGN(const std::string text, scalar(value, what + ": " + key));
        if (key == "unit") {
            made.unit = text;
        } else if (key == "type") {
            if (text == "number")
                made.type = ports::ColumnType::Number;
            else if (text == "text")
                made.type = ports::ColumnType::Text;
            else if (text == "time")
                made.type = ports::ColumnType::Time;
            else
                return fail(problem(value, what + ": type \"" + text + "\" is unknown; known: number, text, time"));
        } else if (text == "before") {
            made.known = Known::Before;
        } else if (text == "after") {
            made.known = Known::After;
        } else {
            return fail(problem(value, what + ": known is \"before\" or \"after\", not \"" + text + "\""));
        }
    }
    if (made.low && made.type != ports::ColumnType::Number)
        return fail(problem(node, what + ": only numbers have a range"));
    m_out.columns.push_back(std::move(made));
    return {};
}

Status Reader::features(const YAML::Node& node) {
    if (!node.IsSequence()) return fail(problem(node, "features: a list of columns is expected"));
    std::set<std::string> seen;
    for (const auto& item : node) {
        PH_ASSIGN(std::string name, scalar(item, "features"));
        if (!seen.insert(name).second) return fail(problem(item, "features: \"" + name + "\" stands there twice"));
        m_out.features.push_back({std::move(name), lineOf(item)});
    }
    return {};
}

Status Reader::tasks(const YAML::Node& node) {
    if (!node.IsSequence() || node.size() == 0) return fail(problem(node, "tasks: a list of tasks is expected"));
    if (node.size() > kMaximumTasks)
        return fail(problem(node, "tasks: more than " + std::to_string(kMaximumTasks) + " tasks"));
    for (const auto& item : node)
        PH_TRY(task(item));
    return {};
}

Status Reader::task(const YAML::Node& node) {
    PH_ASSIGN(const Entries all, entries(node, "task", {"name", "step", "after", "weight", "with"}));
    TaskDefinition made;
    made.line = lineOf(node);
    for (const auto& [key, value] : all) {
        if (key == "name") {
            PH_ASSIGN(made.name, scalar(value, "task: name"));
        } else if (key == "step") {
            PH_ASSIGN(made.step, scalar(value, "task: step"));
        } else if (key == "after") {
            if (value.IsScalar())
                made.after = {value.Scalar()};
            else {
                PH_ASSIGN(made.after, scalars(value, "task: after"));
            }
        } else if (key == "weight") {
            PH_ASSIGN(const double weight, number(value, "task: weight"));
            if (weight < 1 || weight > 1000 || weight != std::floor(weight))
                return fail(problem(value, "task: weight is a whole number from 1 to 1000"));
            made.weight = static_cast<int>(weight);
        } else {
            PH_TRY(taskParameters(made, value, {}));
        }
    }
    if (made.step.empty()) made.step = made.name;
    if (made.name.empty()) return fail(problem(node, "task: the key \"name\" is missing"));
    for (const TaskDefinition& other : m_out.tasks)
        if (other.name == made.name)
            return fail(problem(node, "task \"" + made.name + "\": the name is taken by the task in line " +
                                          std::to_string(other.line)));
    const Step* step = m_steps.find(made.step);
    if (!step) {
        std::string names;
        for (const std::string& n : m_steps.names())
            names += (names.empty() ? "" : ", ") + n;
        return fail(problem(node, "task \"" + made.name + "\": unknown step \"" + made.step + "\"; known: " + names));
    }
    for (const auto& [name, line] : made.parameters.lines) {
        const bool known =
            std::any_of(step->parameters.begin(), step->parameters.end(),
                        [&n = name](const std::string& p) { return p.ends_with('.') ? n.starts_with(p) : n == p; });
        if (!known)
            return fail(problem(
                line, "task \"" + made.name + "\": the step " + made.step + " has no parameter \"" + name + "\""));
    }
    if (step->check) {
        if (auto ok = step->check(resolve(made.parameters, m_out.parameters)); !ok)
            return fail(problem(made.line, "task \"" + made.name + "\": " + ok.error().message));
    }
    m_out.tasks.push_back(std::move(made));
    return {};
}

Status Reader::taskParameters(TaskDefinition& made, const YAML::Node& node, const std::string& prefix) {
    PH_ASSIGN(const Entries all, entries(node, "with", {}));
    for (const auto& [key, value] : all) {
        const std::string name = prefix + key;
        if (value.IsMap()) {
            PH_TRY(taskParameters(made, value, name + "."));
            continue;
        }
        made.parameters.lines[name] = lineOf(value);
        std::vector<std::string> texts;
        if (value.IsSequence()) {
            PH_ASSIGN(texts, scalars(value, name));
            made.parameters.lists[name] = texts;
        } else if (value.IsScalar()) {
            texts = {value.Scalar()};
            made.parameters.scalars[name] = value.Scalar();
        } else {
            return fail(problem(value, name + ": a value is expected"));
        }
        for (const std::string& text : texts)
            for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 2)) {
                const std::size_t close = text.find('}', at);
                if (close == std::string::npos) return fail(problem(value, name + ": \"${\" without \"}\""));
                const std::string parameter = text.substr(at + 2, close - at - 2);
                if (!m_out.parameters.contains(parameter))
                    return fail(problem(value, name + ": the pipeline has no parameter \"" + parameter + "\""));
            }
    }
    return {};
}

Status Reader::order() {
    std::set<std::string> names;
    for (const TaskDefinition& t : m_out.tasks)
        names.insert(t.name);
    for (const TaskDefinition& t : m_out.tasks)
        for (const std::string& before : t.after)
            if (!names.contains(before))
                return fail(problem(t.line, "task \"" + t.name + "\": waits for \"" + before + "\", which is no task"));
    const auto order = planOrder(m_out);
    if (order.size() == m_out.tasks.size()) return {};
    const std::set<std::size_t> placed(order.begin(), order.end());
    std::string circle;
    int line = 0;
    for (std::size_t i = 0; i < m_out.tasks.size(); ++i)
        if (!placed.contains(i)) {
            if (line == 0) line = m_out.tasks[i].line;
            circle += (circle.empty() ? "" : ", ") + m_out.tasks[i].name;
        }
    return fail(problem(line, "tasks wait for each other in a circle: " + circle));
}

}  // namespace

Result<PipelineDefinition> parsePipeline(std::string_view yaml, const std::string& file, const StepRegistry* steps) {
    return Reader(yaml, file, steps ? *steps : StepRegistry::builtIn()).read();
}

}  // namespace pilothouse::pipelines
