#include "plugin/tools/LeftoverCheck.h"

#include "plugin/tools/ReloadTrial.h"

#include <Poco/Exception.h>
#include <Poco/File.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tenon::plugin
{

namespace
{

using namespace std::chrono_literals;
using Verdict = Finding::Verdict;

constexpr auto CALL_PATIENCE = 2s;
constexpr auto LEAK_TIME = 2s;
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

} // namespace

void LeftoverCheck::prints() const
{
    const auto trial = _bench.started();
    for (const auto& [index, arguments] : _sound)
        TrialBench::enter(*trial, index, arguments)->wait(CALL_PATIENCE);
    (void)trial->instance->stopAndSave();
    const auto bytes = trial->instance->status().printedBytes;
    _bench.report("prints nothing to standard output", bytes == 0 ? Verdict::PASS : Verdict::FAIL,
                  bytes == 0 ? "" : std::to_string(bytes) + " bytes; use tenon.log/1");
}

void LeftoverCheck::leaks() const
{
    const auto trial = _bench.started();
    const auto process = trial->instance->status().processId;
    const std::size_t descriptorsAtFirst = countInProc(process, "fd");
    const auto rounds = [&](int count)
    {
        const auto until = std::chrono::steady_clock::now() + LEAK_TIME;
        for (int round = 0; round < count && std::chrono::steady_clock::now() < until; ++round)
            for (const auto& [index, arguments] : _sound)
                TrialBench::enter(*trial, index, arguments)->wait(CALL_PATIENCE);
    };
    const auto resident = [&] { return static_cast<std::int64_t>(trial->instance->status().residentBytes); };
    const auto begin = std::chrono::steady_clock::now();
    rounds(10);
    if (std::chrono::steady_clock::now() - begin > LEAK_TIME / 10)
        _bench.say("calling all tools repeatedly to see what they leave behind, for up to 6 s");
    const std::size_t threads = countInProc(process, "task"), descriptors = countInProc(process, "fd");
    const auto bytes = resident();
    rounds(100);
    const auto firstHalf = resident() - bytes;
    rounds(100);
    const auto secondHalf = resident() - bytes - firstHalf;
    if (process != trial->instance->status().processId || threads == 0)
        return; // it crashed, which another check says
    const std::size_t moreThreads = countInProc(process, "task"), moreDescriptors = countInProc(process, "fd");
    _bench.report("leaves no threads", moreThreads > threads + 5 ? Verdict::FAIL : Verdict::PASS,
                  std::to_string(threads) + " before, " + std::to_string(moreThreads) + " after many calls");
    // A plugin may have taken all that there are with its first calls.
    const bool leaksDescriptors = moreDescriptors > descriptors + 5 || descriptors > descriptorsAtFirst + 200;
    _bench.report("leaves no descriptors", leaksDescriptors ? Verdict::FAIL : Verdict::PASS,
                  std::to_string(descriptorsAtFirst) + " before, " + std::to_string(moreDescriptors) +
                      " after many calls");
    // What a cache or an allocator takes once is no leak: it must go on.
    const bool grows = firstHalf > TrialBench::LEAK_BYTES && secondHalf > TrialBench::LEAK_BYTES;
    _bench.report("leaves no memory", grows ? Verdict::FAIL : Verdict::PASS,
                  std::to_string(firstHalf / 1024) + " KiB more after a number of calls, " +
                      std::to_string(secondHalf / 1024) + " KiB more after as many again");
}

void LeftoverCheck::reloads(bool announced) const
{
    if (announced)
        _bench.say("unloading and loading it again, " + std::to_string(RELOADS) + " times");
    const auto trial = tryReloads(_bench.file, _bench.options.settings, _sound, RELOADS);
    if (trial.rounds.empty() && trial.failure.empty())
        return; // not on this system
    const bool came = trial.failure.empty();
    _bench.report("is unloaded and loaded again", came ? Verdict::PASS : Verdict::FAIL,
                  std::to_string(trial.rounds.size()) + " times" +
                      (came ? "" : ", then: " + trial.failure + "; end all threads in stop"));
    if (trial.rounds.size() < 2)
        return;
    const auto& last = trial.rounds.back();
    _bench.report("unloading leaves no threads", last.threads > trial.before.threads ? Verdict::FAIL : Verdict::PASS,
                  std::to_string(trial.before.threads) + " before, " + std::to_string(last.threads) +
                      " after the last time");
    const auto grown = static_cast<std::int64_t>(last.residentBytes) -
                       static_cast<std::int64_t>(trial.rounds[trial.rounds.size() / 2].residentBytes);
    _bench.report("unloading leaves no memory", grown > TrialBench::LEAK_BYTES * 2 ? Verdict::WARN : Verdict::PASS,
                  std::to_string(grown / 1024) + " KiB more after half of the times");
}

} // namespace tenon::plugin
