#include "plugin/worker/process/WorkerProcess.h"

#include <Poco/Environment.h>

namespace tenon::plugin
{

namespace
{

// What any program needs to find its way. The rest may hold secrets of the server's.
constexpr const char* OF_ALL[] = {"PATH", "LANG", "TZ", "TMPDIR"};
#if defined(_WIN32)
constexpr const char* OF_SYSTEM[] = {"SystemRoot", "TEMP", "TMP"};
#else
// Read by the libraries of sanitizers, which are there in builds that look for faults only.
constexpr const char* OF_SYSTEM[] = {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"};
#endif

} // namespace

std::vector<std::string> workerEnvironment(const std::map<std::string, std::string>& more)
{
    std::map<std::string, std::string> variables = more;
    const auto inherit = [&](const char* name)
    {
        if (Poco::Environment::has(name))
            variables.try_emplace(name, Poco::Environment::get(name));
    };
    for (const char* name : OF_ALL)
        inherit(name);
    for (const char* name : OF_SYSTEM)
        inherit(name);
    std::vector<std::string> lines;
    for (const auto& [name, value] : variables)
        lines.push_back(name + '=' + value);
    return lines;
}

} // namespace tenon::plugin
