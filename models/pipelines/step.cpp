// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/pipelines/step.h"

namespace pilothouse::pipelines {

Status StepContext::check() const { return m_hooks.check ? m_hooks.check() : token.check(); }

void StepContext::log(const std::string& text, const char* level) {
    if (m_hooks.log) m_hooks.log(text, level);
}

void StepContext::progress(double share) {
    if (m_hooks.progress) m_hooks.progress(share);
}

Result<std::string> StepContext::input(const std::string& name) {
    for (const ports::TaskValue& value : m_inputs)
        if (value.name == name) return value.value;
    const ports::TaskValue* found = m_hooks.find ? m_hooks.find(name) : nullptr;
    if (!found)
        return fail(ErrorKind::NotFound,
                    "no task before \"" + task + "\" made \"" + name + "\"; see the \"after\" keys of the pipeline");
    m_inputs.push_back(*found);
    return found->value;
}

bool StepContext::hasInput(const std::string& name) const { return m_hooks.find && m_hooks.find(name); }

void StepContext::output(const std::string& name, const std::string& value, const std::string& unit) {
    m_outputs.push_back({name, value, unit});
}

void StepContext::onCommit(std::function<Status(workspace::Database&)> work) { m_commits.push_back(std::move(work)); }
void StepContext::setResult(std::string text) { m_result = std::move(text); }
void StepContext::setProducedVersion(std::string version) { m_produced = std::move(version); }
std::any& StepContext::scratch(const std::string& key) { return (*m_hooks.scratch)[key]; }

std::vector<std::string> StepRegistry::names() const {
    std::vector<std::string> out;
    for (const auto& [name, step] : m_steps)
        out.push_back(name);
    return out;
}

const StepRegistry& StepRegistry::builtIn() {
    static const StepRegistry registry = [] {
        StepRegistry made;
        addDataSteps(made);
        addTrainSteps(made);
        addJudgeSteps(made);
        addRegistrySteps(made);
        return made;
    }();
    return registry;
}

}  // namespace pilothouse::pipelines
