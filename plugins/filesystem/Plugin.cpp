#include "filesystem/Bindings.h"

#include <tenon/plugin.hpp>

namespace tenon::filesystem
{

namespace
{

Options readOptions(const Plugin& plugin)
{
    Options options;
    options.roots = plugin.setting("roots", std::vector<std::string>());
    options.writable = plugin.setting("writable", options.writable);
    options.deletable = plugin.setting("deletable", options.deletable);
    options.maxReadBytes = plugin.setting("maxReadBytes", options.maxReadBytes);
    options.maxMediaBytes = plugin.setting("maxMediaBytes", options.maxMediaBytes);
    options.maxWriteBytes = plugin.setting("maxWriteBytes", options.maxWriteBytes);
    options.maxSearchBytes = plugin.setting("maxSearchBytes", options.maxSearchBytes);
    options.maxSearchEntries = plugin.setting("maxSearchEntries", options.maxSearchEntries);
    options.maxResults = plugin.setting("maxResults", options.maxResults);
    if (options.maxReadBytes < 4 || options.maxSearchEntries < 1 || options.maxResults < 1)
        throw SettingError("plugin.filesystem: maxReadBytes has to be at least 4, maxSearchEntries and maxResults 1");
    if (options.deletable && !options.writable)
        throw SettingError("plugin.filesystem.deletable needs plugin.filesystem.writable");
    return options;
}

void logRoot(Plugin& plugin, const RootNews& news)
{
    const std::string root = "plugin." + std::string(plugin.name()) + ".roots: " + news.path;
    switch (news.what)
    {
    case RootNews::What::MISSING:
        plugin.log(LogLevel::Warning, root + " cannot be used: " + news.why + ". It is used as soon as it is there.");
        break;
    case RootNews::What::APPEARED:
        plugin.log(LogLevel::Notice, root + " is there now");
        break;
    case RootNews::What::REPLACED:
        plugin.log(LogLevel::Notice, root + " is another directory now");
        break;
    }
}

} // namespace

} // namespace tenon::filesystem

TENON_PLUGIN("filesystem", "1.0.0", plugin)
{
    using namespace tenon::filesystem;
    plugin.title("Files").description("Files in the directories that the operator names, and nowhere else.");
    const Options options = readOptions(plugin);
    const Files& files = plugin.make<Files>(options, [&plugin](const RootNews& news) { logRoot(plugin, news); });
    if (options.roots.empty())
        plugin.log(tenon::LogLevel::Notice, "plugin.filesystem.roots is not set: no file can be reached");
    addReadingTools(plugin, files);
    addSearchTools(plugin, files);
    if (options.writable)
        addChangingTools(plugin, files);
    addResources(plugin, files);
}
