#include <tenon/plugin.hpp>

#include <chrono>
#include <filesystem>

// plugin.settings.folder = data
// plugin.settings.limit = 50
// plugin.settings.suffixes = .txt, .md
TENON_PLUGIN("settings", "1.0.0", plugin)
{
    // Declared with a help text: the server refuses other keys and values that do not fit, naming file and line, and
    // `tenon plugin settings` shows them. A path is relative to the settings file that has it.
    const auto folder = plugin.requiredSetting<std::filesystem::path>("folder", "What is served").string();
    const auto limit = plugin.setting("limit", 100, "Files of an answer at most", "1..1000");
    const auto wait = plugin.setting("wait", std::chrono::milliseconds(250), "How long a slow disk is waited for");
    const auto suffixes = plugin.setting("suffixes", std::vector<std::string>{".txt"}, "Which files are shown");

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
