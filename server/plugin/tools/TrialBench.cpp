#include "plugin/tools/TrialBench.h"

#include <algorithm>

namespace tenon::plugin
{

void TrialBench::say(const std::string& what) const
{
    if (options.waits)
        options.waits(what);
}

TrialCall::End TrialBench::wait(TrialCall& call, std::chrono::milliseconds timeout, const std::string& what) const
{
    const auto soon = std::min<std::chrono::milliseconds>(timeout, SOON);
    const auto end = call.wait(soon);
    if (end != TrialCall::End::NONE || soon == timeout)
        return end;
    say(what + ", for up to " + std::to_string(timeout.count() / 1000) + " s");
    return call.wait(timeout - soon);
}

std::string TrialBench::faultOfEnd(const TrialCall& call, TrialCall::End end)
{
    if (const auto fault = call.questionFault(); !fault.empty())
        return "it asks a question that no client can answer: " + fault;
    return end == TrialCall::End::FAILURE && call.status == FAILED_BY_HOST ? call.text : std::string();
}

std::unique_ptr<Trial> TrialBench::started() const
{
    auto trial = std::make_unique<Trial>(file, options.settings);
    trial->instance->start(nullptr);
    return trial;
}

std::vector<ToolEntry> TrialBench::toolsOf(const Trial& trial)
{
    std::vector<ToolEntry> tools = trial.entries.tools;
    for (ToolEntry& tool : tools)
        tool.instance.reset();
    return tools;
}

std::string TrialBench::argumentsFor(const ToolEntry& tool, ArgumentGenerator& generator) const
{
    if (const auto given = options.calls.find(tool.name); given != options.calls.end())
        return given->second;
    const auto definition = base::JsonDocument::parse(tool.definition.text());
    const auto schema = definition->root()["inputSchema"].value();
    for (int attempt = 0; attempt < 50; ++attempt)
    {
        std::string arguments = generator.make(schema);
        if (tool.inputSchema->validate(base::JsonDocument::parse(arguments)->root()))
            return arguments;
    }
    return {};
}

std::shared_ptr<TrialCall> TrialBench::enter(Trial& trial, std::uint32_t index, const std::string& arguments)
{
    const auto call = std::make_shared<TrialCall>(arguments);
    const auto status = trial.instance->enter(Target::TOOL, index, call);
    if (status < TENON_OK)
        call->fail(status, {});
    return call;
}

} // namespace tenon::plugin
