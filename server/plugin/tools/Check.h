#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// One thing that `tenon plugin check` looked at.
struct Finding
{
    enum class Verdict
    {
        PASS,
        WARN,
        FAIL
    };
    std::string check; ///< "calls end: echo"
    Verdict verdict = Verdict::PASS;
    std::string detail;
};

struct CheckOptions
{
    std::map<std::string, std::string> settings; ///< of the plugin
    std::map<std::string, std::string> calls;    ///< tool to arguments, JSON: called with these instead of made ones
    std::uint64_t seed = 0;
    std::function<void(const std::string&)> waits = {}; ///< told what takes long, while it does
};

/// Looks a plugin file over: what it exports, that it loads, what it offers, how its tools behave with made arguments,
/// cancellation and calls at once, what it prints, and what it leaves behind, when calls end and when it is unloaded. Each
/// group of checks has a process of its own.
///
/// Shape:  the same `options.seed` makes the same arguments. `found` is told of each finding as it is made.
/// Errors: none is thrown; what goes wrong is a finding.
void checkPlugin(const std::string& file, const CheckOptions& options,
                 const std::function<void(const Finding&)>& found);

} // namespace tenon::plugin
