#include "plugin/config/OwnPaths.h"

#include "base/text/Ascii.h"

#include <filesystem>
#include <string_view>

namespace tenon::plugin
{

std::map<std::string, std::string> absolutePaths(const OwnSettings& settings)
{
    std::map<std::string, std::string> result;
    for (const auto& [key, value] : settings.values)
    {
        const auto folder = settings.folders.find(key);
        const std::filesystem::path start =
            folder != settings.folders.end() ? std::filesystem::path(folder->second) : std::filesystem::current_path();
        std::string& paths = result[key];
        base::forEachItem(value,
                          [&](std::string_view item)
                          {
                              std::filesystem::path path{std::string(item)};
                              if (path.is_relative())
                                  path = (start / path).lexically_normal();
                              paths.append(paths.empty() ? "" : ",").append(path.string());
                              return true;
                          });
    }
    return result;
}

} // namespace tenon::plugin
