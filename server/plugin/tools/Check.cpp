#include "plugin/tools/Check.h"

#include "plugin/call/LoadException.h"
#include "plugin/tools/ArgumentGenerator.h"
#include "plugin/tools/ExportedSymbols.h"
#include "plugin/tools/ReloadTrial.h"
#include "plugin/tools/Trial.h"
#include "plugin/tools/TrialCall.h"

#include <Poco/Exception.h>
#include <Poco/File.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <thread>
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
constexpr double SLOW_LOAD_MS = 500;
constexpr int CALLS_EACH = 20;
constexpr int CALLS_AT_ONCE = 8;
constexpr std::size_t SYMBOLS_TOLD = 5;
constexpr auto LEAK_TIME = 2s;
constexpr std::int64_t LEAK_BYTES = 512 * 1024;
constexpr int RELOADS = 20;

const std::set<std::string> RESULT_TYPES = {"text", "image", "audio", "resource_link", "resource"};

/// What is wrong with a CallToolResult; empty if nothing is.
std::string faultOfResult(const ToolEntry& tool, const std::string& json)
{
    const auto document = base::JsonDocument::parse(json);
    const auto root = document->root();
    simdjson::dom::element content, structured, flag;
    simdjson::dom::array blocks;
    if (base::findMember(root, "content", content))
    {
        if (content.get_array().get(blocks))
            return "its 'content' is no array";
        for (const auto block : blocks)
            if (!RESULT_TYPES.contains(std::string(base::textMember(block, "type"))))
                return "a content block has no known 'type'";
    }
    const bool failed = base::findMember(root, "isError", flag) && flag.is_bool() && flag.get_bool().value();
    const bool hasStructured = base::findMember(root, "structuredContent", structured);
    if (tool.outputSchema && !failed)
    {
        schema::Violation violation;
        if (!hasStructured)
            return "it declares an outputSchema but gives no 'structuredContent'";
        if (!tool.outputSchema->validate(structured, &violation))
            return "its 'structuredContent' breaks its outputSchema: " + violation.message;
    }
    if (!hasStructured && !base::findMember(root, "content", content))
        return "it has neither 'content' nor 'structuredContent'";
    return {};
}

/// What a client would stumble over in a result that is right; empty if there is nothing.
std::string oddityOfResult(const std::string& json)
{
    const auto document = base::JsonDocument::parse(json);
    simdjson::dom::element content, structured;
    simdjson::dom::array blocks;
    const bool hasText =
        base::findMember(document->root(), "content", content) && !content.get_array().get(blocks) && blocks.size() > 0;
    if (base::findMember(document->root(), "structuredContent", structured) && !hasText)
        return "it gives 'structuredContent' and an empty 'content': clients that know no structured content see "
               "nothing";
    return {};
}

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
        : _file(file), _settings(options.settings), _calls(options.calls), _seed(options.seed), _found(found)
    {
    }

    void run()
    {
        group("exports", [&] { exports(); });
        if (!group("loads", [&] { definitions(); }))
            return;
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

    std::unique_ptr<Trial> started() const
    {
        auto trial = std::make_unique<Trial>(_file, _settings);
        trial->instance->start(nullptr);
        return trial;
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

    /// Which argument nobody explains; empty if there is none.
    static std::string undescribed(const simdjson::dom::element& tool)
    {
        simdjson::dom::element schema, properties;
        simdjson::dom::object members;
        if (!base::findMember(tool, "inputSchema", schema) || !base::findMember(schema, "properties", properties) ||
            properties.get_object().get(members))
            return {};
        for (const auto& [name, property] : members)
            if (base::textMember(property, "description").empty())
                return "its argument '" + std::string(name) +
                       "' has no description: a model has to guess what it means";
        return {};
    }

    void definitions()
    {
        const auto trial = started();
        const Entries& entries = trial->entries;
        report("loads", trial->loadMs > SLOW_LOAD_MS ? Verdict::WARN : Verdict::PASS,
               std::to_string(static_cast<int>(trial->loadMs)) + " ms");
        for (const auto& refusal : entries.refusals)
            report("definition: " + refusal.subject, Verdict::FAIL, refusal.reason);
        for (const auto& tool : entries.tools)
        {
            const auto root = tool.definitionTree->root();
            simdjson::dom::element annotations;
            std::string lacks;
            if (base::textMember(root, "description").empty())
                lacks = "it has no description: a model will not know when to use it";
            else if (!base::findMember(root, "annotations", annotations))
                lacks = "it has no annotations: clients will assume that it changes things";
            if (lacks.empty())
                lacks = undescribed(root);
            report("definition: tool '" + tool.name + "'", lacks.empty() ? Verdict::PASS : Verdict::WARN, lacks);
        }
        if (entries.tools.empty() && entries.resources.empty() && entries.templates.empty() && entries.prompts.empty())
            report("offers something", Verdict::WARN, "neither tools nor resources nor prompts");
    }

    /// Valid arguments, those that were given for the tool if there are some; "" if none were found.
    std::string argumentsFor(const ToolEntry& tool, ArgumentGenerator& generator) const
    {
        if (const auto given = _calls.find(tool.name); given != _calls.end())
            return given->second;
        const auto schema = tool.definitionTree->root()["inputSchema"].value();
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
        const Entries entries = trial->entries;
        for (const auto& tool : entries.tools)
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
                const auto crashes = trial->instance->status().crashes;
                const auto call = enter(*trial, tool, last);
                auto end = call->wait(PATIENCE);
                if (end == TrialCall::End::NONE)
                {
                    // A tool that takes its time is sound if it ends when nobody waits any more.
                    cancelled = true;
                    call->cancel();
                    end = call->wait(CALL_TIMEOUT - PATIENCE);
                }
                if (end == TrialCall::End::NONE)
                {
                    fault = "it had not ended after 10 s, though it was cancelled after 2 s";
                    trial = started(); // the old worker still runs the call
                }
                else if (end == TrialCall::End::RESULT)
                {
                    fault = faultOfResult(tool, call->text);
                    oddity = oddityOfResult(call->text);
                }
                else if (end == TrialCall::End::FAILURE && trial->instance->status().crashes != crashes)
                    fault = call->text;
                else if (end == TrialCall::End::FAILURE && call->text.find("crashed") != std::string::npos)
                    fault = call->text;
            }
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
        const Entries entries = trial->entries;
        for (const auto& [index, arguments] : _sound)
        {
            const auto tool =
                std::find_if(entries.tools.begin(), entries.tools.end(),
                             [&, wanted = index](const ToolEntry& entry) { return entry.index == wanted; });
            if (tool == entries.tools.end())
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
                const bool ended = call->wait(CALL_TIMEOUT) != TrialCall::End::NONE;
                if (ended && call->text.find("crashed") == std::string::npos)
                    continue;
                fault = (ended ? call->text : "it had not ended after 10 s") + "; arguments: " + made.substr(0, 200);
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
        const Entries entries = trial->entries;
        for (const auto& tool : entries.tools)
        {
            const std::string arguments = argumentsFor(tool, generator);
            if (arguments.empty())
                continue;
            const auto call = enter(*trial, tool, arguments);
            call->cancel();
            const bool ended = call->wait(CANCEL_TIMEOUT) != TrialCall::End::NONE;
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
        const Entries entries = trial->entries;
        for (const auto& tool : entries.tools)
        {
            if (tool.queue->enter("", [] { return [] {}; }) != EntryQueue::Entry::NOW ||
                tool.queue->enter("", [] { return [] {}; }) != EntryQueue::Entry::NOW)
                continue; // it declares that its calls exclude each other
            std::vector<std::shared_ptr<TrialCall>> calls;
            for (int count = 0; count < CALLS_AT_ONCE; ++count)
                if (const std::string arguments = argumentsFor(tool, generator); !arguments.empty())
                    calls.push_back(enter(*trial, tool, arguments));
            std::string fault;
            for (const auto& call : calls)
            {
                if (call->wait(CALL_TIMEOUT) == TrialCall::End::NONE)
                    fault = "a call had not ended after 10 s";
                else if (call->text.find("crashed") != std::string::npos)
                    fault = call->text;
            }
            report("calls overlap: " + tool.name, fault.empty() ? Verdict::PASS : Verdict::FAIL, fault);
            if (!fault.empty())
                trial = started();
        }
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
        rounds(10);
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
    const std::function<void(const Finding&)>& _found;
    std::vector<std::pair<std::uint32_t, std::string>> _sound; ///< tools whose calls end, and arguments of such a call
};

} // namespace

void checkPlugin(const std::string& file, const CheckOptions& options, const std::function<void(const Finding&)>& found)
{
    Checker(file, options, found).run();
}

} // namespace tenon::plugin
