#include <tenon/plugin.hpp>

#include <chrono>

// plugin.settings.folder = /srv/data
// plugin.settings.limit = 50
// plugin.settings.suffixes = .txt, .md
TENON_PLUGIN("settings", "1.0.0", plugin)
{
    // A setting that is missing or does not fit refuses the plugin; the server's log names the key and what it
    // expected.
    const auto folder = plugin.requiredSetting("folder");
    const auto limit = plugin.setting("limit", 100);
    const auto wait = plugin.setting("wait", std::chrono::milliseconds(250));
    const auto suffixes = plugin.setting("suffixes", std::vector<std::string>{".txt"});

    // Threads and connections begin and end here, not in this block.
    plugin.onStart([&plugin, folder] { plugin.log(tenon::LogLevel::Info, "serving " + folder); });
    plugin.onStop([&plugin] { plugin.log(tenon::LogLevel::Info, "done"); });

    plugin.tool("settings", "Tells the settings")
        .annotations(tenon::readOnly())
        .handle(
            [=]
            {
                return folder + ", at most " + std::to_string(limit) + ", " + std::to_string(suffixes.size()) +
                       " suffixes, " + std::to_string(wait.count()) + " ms";
            });
}
