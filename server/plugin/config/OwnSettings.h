#pragma once

#include <map>
#include <string>

namespace tenon::plugin
{

/// What the settings say below "plugin.<name>.", for the plugin itself.
struct OwnSettings
{
    std::map<std::string, std::string> values;  ///< by key, without "plugin.<name>."
    std::map<std::string, std::string> folders; ///< by key: where relative paths in its value start from
};

} // namespace tenon::plugin
