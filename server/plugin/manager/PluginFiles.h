#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenon::plugin
{

/// A library file in one of the folders of `plugins.directory`.
struct PluginFile
{
    std::string name; ///< the file's name without its ending: how the settings know the plugin
    std::string path; ///< absolute
};

/// The library files of the folders, by name; of equal names the one in the first folder. Hidden files are passed over,
/// and what is not named like a library; a folder that is not there has none.
///
/// Errors: Poco::FileException if a folder cannot be read.
[[nodiscard]] std::vector<PluginFile> findPluginFiles(const std::vector<std::string>& folders);

/// Letters, digits, '_' and '-': what can be a segment of a settings key.
[[nodiscard]] bool isPluginName(std::string_view name);

} // namespace tenon::plugin
