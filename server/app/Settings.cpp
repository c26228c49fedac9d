#include "app/Settings.h"

#include "app/process/Memory.h"
#include "base/limits/Budget.h"
#include "base/settings/SettingText.h"
#include "base/text/LogLevels.h"
#include "guard/Gate.h"
#include "mcp/Services.h"
#include "net/Settings.h"
#include "ops/Settings.h"
#include "plugin/config/PluginSettings.h"
#include "plugin/upstream/UpstreamConfig.h"
#include "store/Settings.h"

#include <Poco/Exception.h>

#include <string>

namespace tenon::app
{

using base::SettingSpec;
using base::SettingType;

namespace
{

#if defined(_WIN32)
/// Services have no standard error.
bool hasConsole()
{
    const HANDLE handle = GetStdHandle(STD_ERROR_HANDLE);
    return handle && handle != INVALID_HANDLE_VALUE;
}
#else
constexpr bool hasConsole()
{
    return true;
}
#endif

/// What `auto` stands for.
std::string channelOf(const base::Settings& settings)
{
    const std::string chosen = settings.text("log.channel");
    const bool file = !settings.text("log.file").empty();
    if (chosen == "file" && !file)
        settings.refuse("log.channel", "is file, which needs log.file");
#if defined(_WIN32)
    if (chosen == "syslog")
#else
    if (chosen == "eventlog")
#endif
        settings.refuse("log.channel", "is " + chosen + ", which this system does not have");
    if (chosen != "auto")
        return chosen;
    return file ? "file" : hasConsole() ? "console" : "eventlog";
}

std::uint64_t memoryOf(const base::Settings& settings)
{
    constexpr std::uint64_t MEGABYTE = 1024 * 1024;
    constexpr std::uint64_t SHARE = 4;
    if (const auto chosen = static_cast<std::uint64_t>(settings.integer("limits.memoryMb")); chosen > 0)
        return chosen * MEGABYTE;
    const std::uint64_t machine = memoryOfMachine();
    return machine == 0 ? base::Budget::UNLIMITED : machine / SHARE;
}

} // namespace

Settings Settings::read(const base::Settings& settings)
{
    using std::chrono::milliseconds;
    return {{settings.text("log.format") == "json", channelOf(settings), settings.text("log.file"),
             settings.text("log.rotation"), settings.text("log.keep")},
            milliseconds(settings.integer("timeouts.drainMs")),
            milliseconds(settings.integer("timeouts.lameDuckMs")),
            memoryOf(settings),
            settings.boolean("control.enabled"),
            settings.text("control.directory")};
}

std::vector<SettingSpec> settings()
{
    using enum SettingType;
    return {
        {"log.level", CHOICE, "information", base::PRIORITY_CHOICE, "How much is logged.", true},
        {"log.level.*", CHOICE, "information", base::PRIORITY_CHOICE,
         "The same for one room: log.level.net, .mcp, .plugin, .guard, .ops, .client, .schema, .store, .base, .app.",
         true},
        {"log.level.plugin.*", CHOICE, "information", base::PRIORITY_CHOICE,
         "The same for what one plugin logs: log.level.plugin.clock.", true},
        {"log.format", CHOICE, "text", "text|json", "Form of a log line."},
        {"log.channel", CHOICE, "auto", "auto|console|file|syslog|eventlog|none",
         "Where the log goes; auto: to log.file if it is set, else to the console (standard error), which a Windows "
         "service does not have: it writes to the event log."},
        {"log.file", PATH, "", "", "The log file, rotated; SIGHUP opens it again, after a rotation by somebody else."},
        {"log.rotation", TEXT, "10 M", "", "When the log file is rotated: 10 M (bytes), 1 days, daily, never."},
        {"log.keep", INTEGER, "5", "1..1000", "Rotated log files that are kept."},
        {"limits.memoryMb", INTEGER, "0", "0..16777216",
         "Megabytes that clients and plugins may make the server hold: bodies, answers, queues, events, results. "
         "Beyond that, new work gets 503. 0: a quarter of the memory of the machine or of its control group."},
        {"timeouts.drainMs", INTEGER, "10000", "0..3600000",
         "Milliseconds that running calls have to finish when the server is told to stop."},
        {"timeouts.lameDuckMs", INTEGER, "0", "0..3600000",
         "Milliseconds between SIGTERM and the end of listening, in which /ready says 503 and everything else goes on: "
         "time for a balancer to send new work elsewhere."},
        {"control.enabled", BOOLEAN, "true", "",
         "Listen on a local socket for `tenon status`, `stop`, `reload` and `plugin restart`; its owner and root may "
         "use it."},
        {"control.directory", PATH, "", "",
         "Folder of that socket; empty: RUNTIME_DIRECTORY, /run/tenon of root, XDG_RUNTIME_DIR/tenon, or a folder of "
         "the user in /tmp."},
    };
}

std::vector<SettingSpec> allSettings()
{
    std::vector<SettingSpec> all;
    for (const auto& room : {net::settings(), mcp::settings(), store::settings(), plugin::settings(),
                             plugin::upstreamSettings(), guard::settings(), ops::settings(), settings()})
        all.insert(all.end(), room.begin(), room.end());
    return all;
}

void printSettings(std::ostream& out)
{
    std::string section;
    for (const auto& spec : allSettings())
    {
        const std::string first(spec.key.substr(0, spec.key.find('.')));
        if (first != section)
            out << "\n# ---- " << first << " " << std::string(72 - first.size(), '-') << "\n";
        section = first;
        out << "\n# " << spec.description;
        std::string note(base::describeType(spec));
        if (!spec.allowed.empty())
            note += (note.empty() ? "" : ", ") + std::string(spec.allowed);
        if (spec.reloadable)
            note += std::string(note.empty() ? "" : "; ") + "read again on SIGHUP";
        if (!note.empty())
            out << " (" << note << ")";
        std::string key(spec.key);
        if (key.ends_with("**"))
            key.replace(key.size() - 2, 2, "KEY");
        if (const auto star = key.find('*'); star != std::string::npos)
            key.replace(star, 1, "NAME");
        out << "\n#" << key << " = " << spec.defaultValue << "\n";
    }
}

} // namespace tenon::app
