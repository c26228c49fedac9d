#include "plugin/tools/CallCheck.h"

#include "plugin/tools/ResultFindings.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tenon::plugin
{

namespace
{

using namespace std::chrono_literals;
using Verdict = Finding::Verdict;

constexpr auto CALL_TIMEOUT = 10s;
constexpr auto PATIENCE = 2s; // with a call that may take its time, until it is cancelled
constexpr auto CANCEL_TIMEOUT = 2s;
constexpr int CALLS_EACH = 20;
constexpr int CALLS_AT_ONCE = 8;

} // namespace

void CallCheck::calls()
{
    auto trial = _bench.started();
    ArgumentGenerator generator(_bench.options.seed);
    for (const ToolEntry& tool : TrialBench::toolsOf(*trial))
    {
        std::string fault, oddity, last;
        bool cancelled = false;
        if (const auto given = _bench.options.calls.find(tool.name);
            given != _bench.options.calls.end() &&
            !tool.inputSchema->validate(base::JsonDocument::parse(given->second)->root()))
        {
            _bench.report("calls end: " + tool.name, Verdict::FAIL,
                          "the arguments given for it break its inputSchema: " + given->second);
            continue;
        }
        for (int round = 0; round < CALLS_EACH && fault.empty() && !cancelled; ++round)
        {
            last = _bench.argumentsFor(tool, generator);
            if (last.empty())
                break;
            const auto call = TrialBench::enter(*trial, tool.index, last);
            auto end = _bench.wait(*call, PATIENCE, "a call of " + tool.name);
            if (end == TrialCall::End::NONE)
            {
                // A tool that takes its time is sound if it ends when nobody waits any more.
                cancelled = true;
                call->cancel();
                end = _bench.wait(*call, CALL_TIMEOUT - PATIENCE, tool.name + ", which was cancelled");
            }
            if (end == TrialCall::End::NONE)
            {
                fault = "it had not ended after 10 s, though it was cancelled after 2 s";
                trial = _bench.started(); // the old worker still runs the call
            }
            else if (end == TrialCall::End::RESULT)
            {
                fault = faultOfResult(tool, call->text);
                if (oddity.empty())
                    oddity = oddityOfResult(call->text);
            }
            else if (call->status == TENON_ERROR_NOT_REPRESENTABLE)
                oddity = call->text;
            if (fault.empty())
                fault = TrialBench::faultOfEnd(*call, end);
            if (cancelled && !fault.empty() && end == TrialCall::End::FAILURE)
                fault = "it went on though it was cancelled after 2 s, until its worker was killed";
        }
        if (cancelled && !fault.empty())
            _endless.insert(tool.index);
        if (!fault.empty())
            _bench.report("calls end: " + tool.name, Verdict::FAIL, fault + "; arguments: " + last);
        else if (last.empty())
            _bench.report("calls end: " + tool.name, Verdict::WARN, "no valid arguments could be made from its schema");
        else
        {
            _bench.report("calls end: " + tool.name, oddity.empty() ? Verdict::PASS : Verdict::WARN,
                          !oddity.empty() ? oddity
                          : cancelled     ? "it went on for 2 s, and ended when it was cancelled"
                                          : "");
            if (!cancelled)
                _sound.emplace_back(tool.index, last);
        }
    }
}

void CallCheck::malformed() const
{
    auto trial = _bench.started();
    const std::vector<ToolEntry> tools = TrialBench::toolsOf(*trial);
    for (const auto& [index, arguments] : _sound)
    {
        const auto tool = std::find_if(tools.begin(), tools.end(),
                                       [&, wanted = index](const ToolEntry& entry) { return entry.index == wanted; });
        if (tool == tools.end())
            continue;
        std::string fault;
        std::size_t refused = 0, entered = 0;
        for (const auto& made : malformedArguments(arguments))
        {
            if (!tool->inputSchema->validate(base::JsonDocument::parse(made)->root()))
            {
                ++refused;
                continue;
            }
            ++entered;
            const auto call = TrialBench::enter(*trial, index, made);
            const auto end = _bench.wait(*call, CALL_TIMEOUT, tool->name + " with malformed arguments");
            fault = end == TrialCall::End::NONE ? "it had not ended after 10 s" : TrialBench::faultOfEnd(*call, end);
            if (fault.empty())
                continue;
            fault += "; arguments: " + made.substr(0, 200);
            trial = _bench.started();
            break;
        }
        _bench.report("malformed arguments end: " + tool->name, fault.empty() ? Verdict::PASS : Verdict::FAIL,
                      fault.empty() ? std::to_string(refused) + " refused by the schema, " + std::to_string(entered) +
                                          " let through"
                                    : fault);
    }
}

void CallCheck::cancellation() const
{
    auto trial = _bench.started();
    ArgumentGenerator generator(_bench.options.seed);
    for (const ToolEntry& tool : TrialBench::toolsOf(*trial))
    {
        const std::string arguments = _bench.argumentsFor(tool, generator);
        if (arguments.empty())
            continue;
        const auto call = TrialBench::enter(*trial, tool.index, arguments);
        call->cancel();
        const bool ended =
            _bench.wait(*call, CANCEL_TIMEOUT, tool.name + ", which was cancelled") != TrialCall::End::NONE;
        _bench.report("cancelled call ends: " + tool.name, ended ? Verdict::PASS : Verdict::WARN,
                      ended ? "" : "it went on for 2 s; ask is_cancelled often. Arguments: " + arguments);
        if (!ended)
            trial = _bench.started();
    }
}

void CallCheck::overlap() const
{
    auto trial = _bench.started();
    ArgumentGenerator generator(_bench.options.seed);
    for (const ToolEntry& tool : TrialBench::toolsOf(*trial))
    {
        if (_endless.contains(tool.index))
            continue; // which was said already
        if (tool.queue->enter("", [] { return [] {}; }) != EntryQueue::Entry::NOW ||
            tool.queue->enter("", [] { return [] {}; }) != EntryQueue::Entry::NOW)
            continue; // it declares that its calls exclude each other
        std::vector<std::shared_ptr<TrialCall>> calls;
        for (int count = 0; count < CALLS_AT_ONCE; ++count)
            if (const std::string arguments = _bench.argumentsFor(tool, generator); !arguments.empty())
                calls.push_back(TrialBench::enter(*trial, tool.index, arguments));
        const std::string fault = faultOfAll(calls, "several calls of " + tool.name + " at once");
        _bench.report("calls overlap: " + tool.name, fault.empty() ? Verdict::PASS : Verdict::FAIL, fault);
        if (!fault.empty())
            trial = _bench.started();
    }
}

/// What went wrong in calls that run at the same time; those that take their time are cancelled, as one alone is.
std::string CallCheck::faultOfAll(const std::vector<std::shared_ptr<TrialCall>>& calls, const std::string& what) const
{
    std::string fault;
    const auto begin = std::chrono::steady_clock::now();
    const auto left = [begin](std::chrono::milliseconds timeout)
    {
        const auto gone = std::chrono::steady_clock::now() - begin;
        return std::max(timeout - std::chrono::duration_cast<std::chrono::milliseconds>(gone), 0ms);
    };
    for (const auto& call : calls)
        (void)_bench.wait(*call, left(PATIENCE), what);
    for (const auto& call : calls)
        call->cancel();
    for (const auto& call : calls)
    {
        const auto end = _bench.wait(*call, left(CALL_TIMEOUT), what + ", which were cancelled");
        if (end == TrialCall::End::NONE)
            return "a call had not ended after 10 s, though it was cancelled after 2 s";
        if (const auto other = TrialBench::faultOfEnd(*call, end); !other.empty())
            fault = other;
    }
    return fault;
}

} // namespace tenon::plugin
