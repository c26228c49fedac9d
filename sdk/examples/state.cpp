#include <tenon/plugin.hpp>

#include <atomic>

// When the library file is replaced while the server runs, the new instance goes on where the old one was.
TENON_PLUGIN("state", "1.1.0", plugin)
{
    auto& count = plugin.make<std::atomic<int>>(0);

    plugin.tool("next", "Counts the calls").handle([&count] { return ++count; });

    plugin.saveState([&count] { return std::to_string(count.load()); });
    plugin.loadState(
        [&count](std::string_view fromVersion, std::string_view state)
        {
            if (fromVersion.substr(0, 2) == "1.")
                count = std::stoi(std::string(state));
        });
}
