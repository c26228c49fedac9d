#include "plugin/tools/Check.h"

#include "base/settings/SettingText.h"
#include "plugin/call/LoadException.h"
#include "plugin/config/DeclaredSettings.h"
#include "plugin/tools/ArgumentGenerator.h"
#include "plugin/tools/DefinitionFindings.h"
#include "plugin/tools/ExportedSymbols.h"
#include "plugin/tools/ReloadTrial.h"
#include "plugin/tools/ResultFindings.h"
#include "plugin/tools/Trial.h"
#include "plugin/tools/TrialCall.h"
#include "plugin/tools/ViewCheck.h"

#include <Poco/Exception.h>
#include <Poco/File.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace tenon::plugin
{

namespace
{

using namespace std::chrono_literals;
using Verdict = Finding::Verdict;

constexpr auto CALL_TIMEOUT = 10s;
constexpr auto PATIENCE = 2s; // with a call that may take its time, until it is cancelled
constexpr auto CANCEL_TIMEOUT = 2s;
constexpr auto SOON = 1s; // who waits longer is told for what
constexpr double SLOW_LOAD_MS = 500;
constexpr int CALLS_EACH = 20;
constexpr int CALLS_AT_ONCE = 8;
constexpr std::size_t SYMBOLS_TOLD = 5;
constexpr auto LEAK_TIME = 2s;
constexpr std::int64_t LEAK_BYTES = 512 * 1024;
constexpr int RELOADS = 20;

/// How many entries a folder of a worker in /proc has; 0 where there is none.
std::size_t countInProc(std::int64_t process, const char* what)
{
    std::vector<std::string> names;
    try
    {
        Poco::File("/proc/" + std::to_string(process) + "/" + what).list(names);
    }
    catch (const Poco::Exception&)
    {
        return 0;
    }
    return names.size();
}

class Checker
{
public:
    Checker(const std::string& file, const CheckOptions& options, const std::function<void(const Finding&)>& found)
        : _file(file), _settings(options.settings), _calls(options.calls), _seed(options.seed), _waits(options.waits),
          _found(found)
    {
    }

    void run()
    {
        group("exports", [&] { exports(); });
        if (!group("loads", [&] { definitions(); }))
            return;
        group("views", [&] { checkViews(*started(), _found); });
        group("calls", [&] { calls(); });
        group("malformed arguments", [&] { malformed(); });
        group("cancellation", [&] { cancellation(); });
        group("overlapping calls", [&] { overlap(); });
        group("prints", [&] { prints(); });
        group("leaks", [&] { leaks(); });
        group("reloads", [&] { reloads(); });
        group("loads again",
              [&]
              {
                  const auto begin = std::chrono::steady_clock::now();
                  for (int round = 0; round < 3; ++round)
                      started();
                  const auto took = std::chrono::steady_clock::now() - begin;
                  report("starts and stops repeatedly", took < 9s ? Verdict::PASS : Verdict::WARN,
                         took < 9s ? "" : "stopping takes long");
              });
    }

private:
    void report(const std::string& check, Verdict verdict, const std::string& detail = {})
    {
        _found({check, verdict, detail});
    }

    template <typename Work>
    bool group(const std::string& name, Work work)
    {
        try
        {
            work();
            return true;
        }
        catch (const Poco::Exception& exc)
        {
            report(name, Verdict::FAIL, exc.message());
        }
        catch (const std::exception& exc)
        {
            report(name, Verdict::FAIL, exc.what());
        }
        return false;
    }

    void say(const std::string& what) const
    {
        if (_waits)
            _waits(what);
    }

    /// `call->wait`, which says for what it waits once that is long.
    TrialCall::End wait(TrialCall& call, std::chrono::milliseconds timeout, const std::string& what) const
    {
        const auto soon = std::min<std::chrono::milliseconds>(timeout, SOON);
        const auto end = call.wait(soon);
        if (end != TrialCall::End::NONE || soon == timeout)
            return end;
        say(what + ", for up to " + std::to_string(timeout.count() / 1000) + " s");
        return call.wait(timeout - soon);
    }

    /// What went wrong in a call that ended with `end`, whatever its arguments were; empty: nothing.
    static std::string faultOfEnd(const TrialCall& call, TrialCall::End end)
    {
        if (const auto fault = call.questionFault(); !fault.empty())
            return "it asks a question that no client can answer: " + fault;
        return end == TrialCall::End::FAILURE && call.status == FAILED_BY_HOST ? call.text : std::string();
    }

    std::unique_ptr<Trial> started() const
    {
        auto trial = std::make_unique<Trial>(_file, _settings);
        trial->instance->start(nullptr);
        return trial;
    }

    /// Ownership: none of them keeps the instance. A trial that another one replaces must come to its end.
    static std::vector<ToolEntry> toolsOf(const Trial& trial)
    {
        std::vector<ToolEntry> tools = trial.entries.tools;
        for (ToolEntry& tool : tools)
            tool.instance.reset();
        return tools;
    }

    void exports()
    {
        const auto symbols = exportedSymbols(_file);
        if (!symbols)
            return; // a format that is not known here
        std::string others;
        std::size_t count = 0;
        for (const auto& symbol : *symbols)
            if (symbol != TENON_ENTRY_SYMBOL && ++count <= SYMBOLS_TOLD)
                others += (others.empty() ? "" : ", ") + symbol;
        if (count > SYMBOLS_TOLD)
            others += " and " + std::to_string(count - SYMBOLS_TOLD) + " more";
        report("exports " TENON_ENTRY_SYMBOL " only", count == 0 ? Verdict::PASS : Verdict::WARN,
               count == 0 ? "" : "also " + others + ": hide them, or they may meet symbols of others");
    }

    void definitions()
    {
        const auto trial = started();
        report("loads", trial->loadMs > SLOW_LOAD_MS ? Verdict::WARN : Verdict::PASS,
               std::to_string(static_cast<int>(trial->loadMs)) + " ms");
        reportDefinitions(trial->entries, _found);
        declaredSettings(trial->offer.manifest);
    }

    /// What the server will check before it starts the plugin.
    void declaredSettings(const std::string& manifest)
    {
        const auto declared = DeclaredSettings::parse(manifest);
        if (!declared)
            return report("settings", Verdict::PASS, "none are declared, so the plugin is given whatever is set");
        for (const auto& key : declared->keys())
        {
            std::string detail = key.help;
            if (key.required)
                detail += " (required)";
            else if (!key.defaultValue.empty())
                detail += " (default: " + key.defaultValue + ")";
            report("setting '" + key.name + "'", Verdict::PASS, detail);
        }
        for (const auto& [name, value] : _settings)
            if (std::none_of(declared->keys().begin(), declared->keys().end(),
                             [&](const auto& key) { return base::matchesKey(key.name, name); }))
                report("setting '" + name + "'", Verdict::FAIL, "the plugin does not declare it");
    }

    /// Valid arguments, those that were given for the tool if there are some; "" if none were found.
    std::string argumentsFor(const ToolEntry& tool, ArgumentGenerator& generator) const
    {
        if (const auto given = _calls.find(tool.name); given != _calls.end())
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

    static std::shared_ptr<TrialCall> enter(Trial& trial, const ToolEntry& tool, const std::string& arguments)
    {
        return enter(trial, tool.index, arguments);
    }

    static std::shared_ptr<TrialCall> enter(Trial& trial, std::uint32_t index, const std::string& arguments)
    {
        const auto call = std::make_shared<TrialCall>(arguments);
        const auto status = trial.instance->enter(Target::TOOL, index, call);
        if (status < TENON_OK)
            call->fail(status, {});
        return call;
    }

    /// Each tool with many arguments, one after the other.
    void calls()
    {
        auto trial = started();
        ArgumentGenerator generator(_seed);
        for (const ToolEntry& tool : toolsOf(*trial))
        {
            std::string fault, oddity, last;
            bool cancelled = false;
            if (const auto given = _calls.find(tool.name);
                given != _calls.end() && !tool.inputSchema->validate(base::JsonDocument::parse(given->second)->root()))
            {
                report("calls end: " + tool.name, Verdict::FAIL,
                       "the arguments given for it break its inputSchema: " + given->second);
                continue;
            }
            for (int round = 0; round < CALLS_EACH && fault.empty() && !cancelled; ++round)
            {
                last = argumentsFor(tool, generator);
                if (last.empty())
                    break;
                const auto call = enter(*trial, tool, last);
                auto end = wait(*call, PATIENCE, "a call of " + tool.name);
                if (end == TrialCall::End::NONE)
                {
                    // A tool that takes its time is sound if it ends when nobody waits any more.
                    cancelled = true;
                    call->cancel();
                    end = wait(*call, CALL_TIMEOUT - PATIENCE, tool.name + ", which was cancelled");
                }
                if (end == TrialCall::End::NONE)
                {
                    fault = "it had not ended after 10 s, though it was cancelled after 2 s";
                    trial = started(); // the old worker still runs the call
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
                    fault = faultOfEnd(*call, end);
                if (cancelled && !fault.empty() && end == TrialCall::End::FAILURE)
                    fault = "it went on though it was cancelled after 2 s, until its worker was killed";
            }
            if (cancelled && !fault.empty())
                _endless.insert(tool.index);
            if (!fault.empty())
                report("calls end: " + tool.name, Verdict::FAIL, fault + "; arguments: " + last);
            else if (last.empty())
                report("calls end: " + tool.name, Verdict::WARN, "no valid arguments could be made from its schema");
            else
            {
                report("calls end: " + tool.name, oddity.empty() ? Verdict::PASS : Verdict::WARN,
                       !oddity.empty() ? oddity
                       : cancelled     ? "it went on for 2 s, and ended when it was cancelled"
                                       : "");
                if (!cancelled)
                    _sound.emplace_back(tool.index, last);
            }
        }
    }

    /// Arguments with one fault each. Most are refused before the plugin is entered; what its schema lets through must
    /// end as other calls do.
    void malformed()
    {
        auto trial = started();
        const std::vector<ToolEntry> tools = toolsOf(*trial);
        for (const auto& [index, arguments] : _sound)
        {
            const auto tool =
                std::find_if(tools.begin(), tools.end(),
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
                const auto call = enter(*trial, index, made);
                const auto end = wait(*call, CALL_TIMEOUT, tool->name + " with malformed arguments");
                fault = end == TrialCall::End::NONE ? "it had not ended after 10 s" : faultOfEnd(*call, end);
                if (fault.empty())
                    continue;
                fault += "; arguments: " + made.substr(0, 200);
                trial = started();
                break;
            }
            report("malformed arguments end: " + tool->name, fault.empty() ? Verdict::PASS : Verdict::FAIL,
                   fault.empty()
                       ? std::to_string(refused) + " refused by the schema, " + std::to_string(entered) + " let through"
                       : fault);
        }
    }

    void cancellation()
    {
        auto trial = started();
        ArgumentGenerator generator(_seed);
        for (const ToolEntry& tool : toolsOf(*trial))
        {
            const std::string arguments = argumentsFor(tool, generator);
            if (arguments.empty())
                continue;
            const auto call = enter(*trial, tool, arguments);
            call->cancel();
            const bool ended = wait(*call, CANCEL_TIMEOUT, tool.name + ", which was cancelled") != TrialCall::End::NONE;
            report("cancelled call ends: " + tool.name, ended ? Verdict::PASS : Verdict::WARN,
                   ended ? "" : "it went on for 2 s; ask is_cancelled often. Arguments: " + arguments);
            if (!ended)
                trial = started();
        }
    }

    void overlap()
    {
        auto trial = started();
        ArgumentGenerator generator(_seed);
        for (const ToolEntry& tool : toolsOf(*trial))
        {
            if (_endless.contains(tool.index))
                continue; // which was said already
            if (tool.queue->enter("", [] { return [] {}; }) != EntryQueue::Entry::NOW ||
                tool.queue->enter("", [] { return [] {}; }) != EntryQueue::Entry::NOW)
                continue; // it declares that its calls exclude each other
            std::vector<std::shared_ptr<TrialCall>> calls;
            for (int count = 0; count < CALLS_AT_ONCE; ++count)
                if (const std::string arguments = argumentsFor(tool, generator); !arguments.empty())
                    calls.push_back(enter(*trial, tool, arguments));
            const std::string fault = faultOfAll(calls, "several calls of " + tool.name + " at once");
            report("calls overlap: " + tool.name, fault.empty() ? Verdict::PASS : Verdict::FAIL, fault);
            if (!fault.empty())
                trial = started();
        }
    }

    /// What went wrong in calls that run at the same time; those that take their time are cancelled, as one alone is.
    std::string faultOfAll(const std::vector<std::shared_ptr<TrialCall>>& calls, const std::string& what) const
    {
        std::string fault;
        const auto begin = std::chrono::steady_clock::now();
        const auto left = [begin](std::chrono::milliseconds timeout)
        {
            const auto gone = std::chrono::steady_clock::now() - begin;
            return std::max(timeout - std::chrono::duration_cast<std::chrono::milliseconds>(gone), 0ms);
        };
        for (const auto& call : calls)
            (void)wait(*call, left(PATIENCE), what);
        for (const auto& call : calls)
            call->cancel();
        for (const auto& call : calls)
        {
            const auto end = wait(*call, left(CALL_TIMEOUT), what + ", which were cancelled");
            if (end == TrialCall::End::NONE)
                return "a call had not ended after 10 s, though it was cancelled after 2 s";
            if (const auto other = faultOfEnd(*call, end); !other.empty())
                fault = other;
        }
        return fault;
    }

    /// What is written to standard output would be a message where that is the transport.
    void prints()
    {
        const auto trial = started();
        for (const auto& [index, arguments] : _sound)
            enter(*trial, index, arguments)->wait(CANCEL_TIMEOUT);
        (void)trial->instance->stopAndSave();
        const auto bytes = trial->instance->status().printedBytes;
        report("prints nothing to standard output", bytes == 0 ? Verdict::PASS : Verdict::FAIL,
               bytes == 0 ? "" : std::to_string(bytes) + " bytes; use tenon.log/1");
    }

    /// What a worker holds after many calls, against what it held after a few.
    void leaks()
    {
        const auto trial = started();
        const auto process = trial->instance->status().processId;
        const std::size_t descriptorsAtFirst = countInProc(process, "fd");
        const auto rounds = [&](int count)
        {
            const auto until = std::chrono::steady_clock::now() + LEAK_TIME;
            for (int round = 0; round < count && std::chrono::steady_clock::now() < until; ++round)
                for (const auto& [index, arguments] : _sound)
                    enter(*trial, index, arguments)->wait(CANCEL_TIMEOUT);
        };
        const auto resident = [&] { return static_cast<std::int64_t>(trial->instance->status().residentBytes); };
        const auto begin = std::chrono::steady_clock::now();
        rounds(10);
        if (std::chrono::steady_clock::now() - begin > LEAK_TIME / 10)
            say("calling all tools repeatedly to see what they leave behind, for up to 6 s");
        const std::size_t threads = countInProc(process, "task"), descriptors = countInProc(process, "fd");
        const auto bytes = resident();
        rounds(100);
        const auto firstHalf = resident() - bytes;
        rounds(100);
        const auto secondHalf = resident() - bytes - firstHalf;
        if (process != trial->instance->status().processId || threads == 0)
            return; // it crashed, which another check says
        const std::size_t moreThreads = countInProc(process, "task"), moreDescriptors = countInProc(process, "fd");
        report("leaves no threads", moreThreads > threads + 5 ? Verdict::FAIL : Verdict::PASS,
               std::to_string(threads) + " before, " + std::to_string(moreThreads) + " after many calls");
        // A plugin may have taken all that there are with its first calls.
        const bool leaksDescriptors = moreDescriptors > descriptors + 5 || descriptors > descriptorsAtFirst + 200;
        report("leaves no descriptors", leaksDescriptors ? Verdict::FAIL : Verdict::PASS,
               std::to_string(descriptorsAtFirst) + " before, " + std::to_string(moreDescriptors) +
                   " after many calls");
        // What a cache or an allocator takes once is no leak: it must go on.
        const bool grows = firstHalf > LEAK_BYTES && secondHalf > LEAK_BYTES;
        report("leaves no memory", grows ? Verdict::FAIL : Verdict::PASS,
               std::to_string(firstHalf / 1024) + " KiB more after a number of calls, " +
                   std::to_string(secondHalf / 1024) + " KiB more after as many again");
    }

    /// As hot reload does it in the server's process.
    void reloads()
    {
        if (std::chrono::steady_clock::now() - _begin > SOON)
            say("unloading and loading it again, " + std::to_string(RELOADS) + " times");
        const auto trial = tryReloads(_file, _settings, _sound, RELOADS);
        if (trial.rounds.empty() && trial.failure.empty())
            return; // not on this system
        const bool came = trial.failure.empty();
        report("is unloaded and loaded again", came ? Verdict::PASS : Verdict::FAIL,
               std::to_string(trial.rounds.size()) + " times" +
                   (came ? "" : ", then: " + trial.failure + "; end all threads in stop"));
        if (trial.rounds.size() < 2)
            return;
        const auto& last = trial.rounds.back();
        report("unloading leaves no threads", last.threads > trial.before.threads ? Verdict::FAIL : Verdict::PASS,
               std::to_string(trial.before.threads) + " before, " + std::to_string(last.threads) +
                   " after the last time");
        const auto grown = static_cast<std::int64_t>(last.residentBytes) -
                           static_cast<std::int64_t>(trial.rounds[trial.rounds.size() / 2].residentBytes);
        report("unloading leaves no memory", grown > LEAK_BYTES * 2 ? Verdict::WARN : Verdict::PASS,
               std::to_string(grown / 1024) + " KiB more after half of the times");
    }

    const std::string _file;
    const std::map<std::string, std::string> _settings;
    const std::map<std::string, std::string> _calls;
    const std::uint64_t _seed;
    const std::function<void(const std::string&)> _waits;
    const std::function<void(const Finding&)>& _found;
    const std::chrono::steady_clock::time_point _begin = std::chrono::steady_clock::now();
    std::set<std::uint32_t> _endless;                          ///< tools whose calls do not end
    std::vector<std::pair<std::uint32_t, std::string>> _sound; ///< tools whose calls end, and arguments of such a call
};

} // namespace

void checkPlugin(const std::string& file, const CheckOptions& options, const std::function<void(const Finding&)>& found)
{
    Checker(file, options, found).run();
}

} // namespace tenon::plugin
