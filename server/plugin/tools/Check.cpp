#include "plugin/tools/Check.h"

#include "base/settings/SettingText.h"
#include "plugin/config/DeclaredSettings.h"
#include "plugin/tools/CallCheck.h"
#include "plugin/tools/DefinitionFindings.h"
#include "plugin/tools/ExportedSymbols.h"
#include "plugin/tools/LeftoverCheck.h"
#include "plugin/tools/TrialBench.h"
#include "plugin/tools/ViewCheck.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <chrono>

namespace tenon::plugin
{

namespace
{

using namespace std::chrono_literals;
using Verdict = Finding::Verdict;

constexpr double SLOW_LOAD_MS = 500;
constexpr std::size_t SYMBOLS_TOLD = 5;

class Checker
{
public:
    explicit Checker(const TrialBench& bench) : _bench(bench), _calls(bench), _leftovers(bench, _calls.sound()) {}

    void run()
    {
        group("exports", [&] { exports(); });
        if (!group("loads", [&] { definitions(); }))
            return;
        group("views", [&] { checkViews(*_bench.started(), _bench.found); });
        group("calls", [&] { _calls.calls(); });
        group("malformed arguments", [&] { _calls.malformed(); });
        group("cancellation", [&] { _calls.cancellation(); });
        group("overlapping calls", [&] { _calls.overlap(); });
        group("prints", [&] { _leftovers.prints(); });
        group("leaks", [&] { _leftovers.leaks(); });
        group("reloads", [&] { _leftovers.reloads(std::chrono::steady_clock::now() - _begin > TrialBench::SOON); });
        group("loads again",
              [&]
              {
                  const auto begin = std::chrono::steady_clock::now();
                  for (int round = 0; round < 3; ++round)
                      (void)_bench.started();
                  const auto took = std::chrono::steady_clock::now() - begin;
                  _bench.report("starts and stops repeatedly", took < 9s ? Verdict::PASS : Verdict::WARN,
                                took < 9s ? "" : "stopping takes long");
              });
    }

private:
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
            _bench.report(name, Verdict::FAIL, exc.message());
        }
        catch (const std::exception& exc)
        {
            _bench.report(name, Verdict::FAIL, exc.what());
        }
        return false;
    }

    void exports()
    {
        const auto symbols = exportedSymbols(_bench.file);
        if (!symbols)
            return; // a format that is not known here
        std::string others;
        std::size_t count = 0;
        for (const auto& symbol : *symbols)
            if (symbol != TENON_ENTRY_SYMBOL && ++count <= SYMBOLS_TOLD)
                others += (others.empty() ? "" : ", ") + symbol;
        if (count > SYMBOLS_TOLD)
            others += " and " + std::to_string(count - SYMBOLS_TOLD) + " more";
        _bench.report("exports " TENON_ENTRY_SYMBOL " only", count == 0 ? Verdict::PASS : Verdict::WARN,
                      count == 0 ? "" : "also " + others + ": hide them, or they may meet symbols of others");
    }

    void definitions()
    {
        const auto trial = _bench.started();
        _bench.report("loads", trial->loadMs > SLOW_LOAD_MS ? Verdict::WARN : Verdict::PASS,
                      std::to_string(static_cast<int>(trial->loadMs)) + " ms");
        reportDefinitions(trial->entries, _bench.found);
        declaredSettings(trial->offer.manifest);
    }

    /// What the server will check before it starts the plugin.
    void declaredSettings(const std::string& manifest)
    {
        const auto declared = DeclaredSettings::parse(manifest);
        if (!declared)
            return _bench.report("settings", Verdict::PASS,
                                 "none are declared, so the plugin is given whatever is set");
        for (const auto& key : declared->keys())
        {
            std::string detail = key.help;
            if (key.required)
                detail += " (required)";
            else if (!key.defaultValue.empty())
                detail += " (default: " + key.defaultValue + ")";
            _bench.report("setting '" + key.name + "'", Verdict::PASS, detail);
        }
        for (const auto& [name, value] : _bench.options.settings)
            if (std::none_of(declared->keys().begin(), declared->keys().end(),
                             [&](const auto& key) { return base::matchesKey(key.name, name); }))
                _bench.report("setting '" + name + "'", Verdict::FAIL, "the plugin does not declare it");
    }

    const TrialBench& _bench;
    CallCheck _calls;
    const LeftoverCheck _leftovers;
    const std::chrono::steady_clock::time_point _begin = std::chrono::steady_clock::now();
};

} // namespace

void checkPlugin(const std::string& file, const CheckOptions& options, const std::function<void(const Finding&)>& found)
{
    Checker(TrialBench(file, options, found)).run();
}

} // namespace tenon::plugin
