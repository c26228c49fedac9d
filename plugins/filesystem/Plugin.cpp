#include "filesystem/Bindings.h"

#include <tenon/plugin.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace tenon::filesystem
{

namespace
{

Options readOptions(Plugin& plugin)
{
    Options options;
    const auto bytes = [&plugin](const char* key, std::uint64_t fallback, const char* help)
    { return plugin.setting(key, ByteSize{fallback}, help).bytes; };
    for (const std::filesystem::path& root :
         plugin.setting("roots", std::vector<std::filesystem::path>(),
                        "The directories that clients may use; one that is missing is used as soon as it appears"))
        options.roots.push_back(root.u8string());
    options.writable = plugin.setting("writable", options.writable,
                                      "Whether clients may write, edit, move and make "
                                      "directories");
    options.deletable = plugin.setting("deletable", options.deletable, "Whether clients may delete; needs writable");
    options.maxReadBytes = bytes("maxReadBytes", options.maxReadBytes, "Bytes that one read gives at most");
    options.maxMediaBytes =
        bytes("maxMediaBytes", options.maxMediaBytes, "Bytes of an image or a sound that is given as such");
    options.maxWriteBytes = bytes("maxWriteBytes", options.maxWriteBytes, "Bytes that one write takes at most");
    options.maxSearchBytes = bytes("maxSearchBytes", options.maxSearchBytes, "Bytes of one file that are searched");
    options.maxSearchEntries =
        plugin.setting("maxSearchEntries", options.maxSearchEntries,
                       "Files and directories that one search, tree or deletion looks at", "1..");
    options.maxResults =
        plugin.setting("maxResults", options.maxResults, "Entries of one list, matches of one search", "1..");
    if (options.maxReadBytes < 4)
        throw SettingError("plugin.filesystem.maxReadBytes has to be at least 4");
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
        plugin.log(LogLevel::Warning,
                   root + " cannot be used: " + news.why + ". It will be used as soon as it appears.");
        break;
    case RootNews::What::APPEARED:
        plugin.log(LogLevel::Notice, root + " is there now");
        break;
    case RootNews::What::REPLACED:
        plugin.log(LogLevel::Notice, root + " is another directory now");
        break;
    }
}

/// Roots come and go while nobody asks for them; the server is told which are missing.
void watchRoots(Plugin& plugin, const Roots& roots)
{
    struct Look
    {
        ~Look() { end(); } // where another part of the plugin could not be started

        void end()
        {
            {
                const std::lock_guard<std::mutex> lock(mutex);
                stopping = true;
            }
            stopped.notify_all();
            if (thread.joinable())
                thread.join();
        }

        std::mutex mutex; // guards `stopping`
        std::condition_variable stopped;
        bool stopping = false;
        std::thread thread;
    };
    auto& look = plugin.make<Look>();
    const auto tell = [&plugin, &roots, said = std::string()]() mutable
    {
        (void)roots.locations(); // looks at each
        std::string missing = roots.missing();
        if (!missing.empty())
            missing = "plugin." + std::string(plugin.name()) + ".roots: " + missing;
        if (missing != said)
            plugin.lacks(said = std::move(missing));
    };
    plugin.onStart(
        [&look, tell]
        {
            look.stopping = false;
            auto first = tell;
            first(); // before anybody asks whether the server is ready
            look.thread = std::thread(
                [&look, again = first]() mutable
                {
                    constexpr auto INTERVAL = std::chrono::seconds(1);
                    std::unique_lock<std::mutex> lock(look.mutex);
                    while (!look.stopped.wait_for(lock, INTERVAL, [&look] { return look.stopping; }))
                    {
                        lock.unlock();
                        again();
                        lock.lock();
                    }
                });
        });
    plugin.onStop([&look] { look.end(); });
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
    if (!options.roots.empty())
        watchRoots(plugin, files.roots());
}
