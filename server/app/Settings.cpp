#include "app/Settings.h"

#include "base/LogLevels.h"
#include "base/SettingText.h"
#include "guard/Gate.h"
#include "mcp/Services.h"
#include "net/Settings.h"
#include "ops/Settings.h"
#include "plugin/config/PluginSettings.h"

#include <string>

namespace tenon::app
{

using base::SettingSpec;
using base::SettingType;

namespace
{

std::vector<SettingSpec> ownSettings()
{
    return {
        {"log.level", SettingType::CHOICE, "information", base::PRIORITY_CHOICE, "How much is logged.", true},
        {"log.level.*", SettingType::CHOICE, "information", base::PRIORITY_CHOICE,
         "The same for one room: log.level.net, .mcp, .plugin, .guard, .ops, .app.", true},
        {"log.format", SettingType::CHOICE, "text", "text|json", "Form of a log line."},
        {"log.channel", SettingType::CHOICE, "auto", "auto|console|file|syslog|eventlog|none",
         "Where the log goes; auto: to log.file if it is set, else to the console (standard error), which a Windows "
         "service "
         "does not have: it writes to the event log."},
        {"log.file", SettingType::PATH, "", "", "The log file, rotated."},
        {"log.rotation", SettingType::TEXT, "10 M", "",
         "When the log file is rotated: 10 M (bytes), 1 days, daily, never."},
        {"log.keep", SettingType::INTEGER, "5", "1..1000", "Rotated log files that are kept."},
        {"limits.memoryMb", SettingType::INTEGER, "0", "0..1048576",
         "Megabytes that peers may make the server hold: bodies, waiting answers, queued calls, kept events and "
         "results; 0: a quarter of what the machine or the control group has."},
        {"timeouts.drainMs", SettingType::INTEGER, "10000", "0..3600000",
         "Milliseconds that running calls have to finish when the server is told to stop."},
    };
}

} // namespace

std::vector<SettingSpec> allSettings()
{
    std::vector<SettingSpec> all;
    for (const auto& room :
         {net::settings(), mcp::settings(), plugin::settings(), guard::settings(), ops::settings(), ownSettings()})
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
