#include "filesystem/Bindings.h"
#include "filesystem/paths/FileUri.h"
#include "filesystem/text/Text.h"
#include "filesystem/watch/Subscriptions.h"

namespace tenon::filesystem
{

namespace
{

/// The protocol has errors of its own for resources; a tool's failure is a text whatever its reason.
[[noreturn]] void rethrowForResource(const Failure& failure)
{
    if (failure.reason() == Reason::NOT_FOUND || failure.reason() == Reason::NOT_ALLOWED)
        throw NotFound(failure.what());
    if (failure.reason() == Reason::CANCELLED)
        throw CallCancelled();
    throw InvalidParams(failure.what());
}

/// What a directory is as a resource: links to what it holds, one in a line.
std::string directoryText(const Files& files, const std::string& path)
{
    std::string text;
    std::optional<std::uint64_t> offset = 0;
    while (offset)
    {
        const Listing listing = files.list(path, *offset, files.options().maxResults);
        for (const Entry& entry : listing.entries)
            text += entry.uri + (entry.kind == Kind::DIRECTORY ? "/\n" : "\n");
        offset = listing.nextOffset;
    }
    return text;
}

ResourceResult readResource(const Call& call, const Files& files)
{
    try
    {
        const std::string path = fromFileUri(call.uri());
        const Location where = files.roots().locate(path);
        if (where.tree->stat(where.relative, where.shown()).kind == Kind::DIRECTORY)
            return ResourceResult().text(directoryText(files, path), "text/uri-list");
        Excerpt excerpt = files.read(path, {}, Encoding::AUTO, stopOf(call));
        if (excerpt.truncated)
            throw InvalidParams(excerpt.path + " has " + std::to_string(excerpt.size) + " bytes, more than the " +
                                std::to_string(files.options().maxReadBytes) +
                                " that may be read at once. Read it in parts with the tool filesystem_read.");
        // A resource has no place to say what could not be converted.
        if (excerpt.lossy)
            excerpt = files.read(path, {}, Encoding::BASE64, stopOf(call));
        if (excerpt.text)
            return ResourceResult().text(std::move(excerpt.data), excerpt.mimeType);
        return ResourceResult().blob(Bytes{std::move(excerpt.data)}, excerpt.mimeType);
    }
    catch (const Failure& failure)
    {
        rethrowForResource(failure);
    }
}

std::unique_ptr<Watcher> makeWatcher(Plugin& plugin, const Watcher::Changed& changed)
{
    try
    {
        return Watcher::make(changed);
    }
    catch (const Failure& failure)
    {
        plugin.log(LogLevel::Warning, std::string(failure.what()) + " Watched files are looked at once a second.");
        return Watcher::makePolling(changed, Watcher::POLL_INTERVAL);
    }
}

void addSubscriptions(Plugin& plugin, const Files& files)
{
    // Made at the start, not here: what a plugin opens belongs between start and stop.
    auto& subscriptions = plugin.make<std::unique_ptr<Subscriptions>>();
    plugin.onStart(
        [&]
        {
            const auto changed = [&plugin](const std::string& uri) { plugin.resourceUpdated(uri); };
            subscriptions = std::make_unique<Subscriptions>(files.roots(), makeWatcher(plugin, changed), changed);
        });
    plugin.onStop([&] { subscriptions.reset(); });
    plugin.onSubscribe(
        [&](std::string_view uri)
        {
            try
            {
                subscriptions->add(std::string(uri));
            }
            catch (const Failure& failure)
            {
                rethrowForResource(failure);
            }
        });
    plugin.onUnsubscribe([&](std::string_view uri) { subscriptions->remove(std::string(uri)); });
}

} // namespace

void addResources(Plugin& plugin, const Files& files)
{
    for (const std::string& root : files.roots().names())
        plugin.resource(toFileUri(root), toUtf8(root), "What this directory holds, as a list of URIs")
            .mimeType("text/uri-list")
            .handle([&files](Call& call) { return readResource(call, files); });
    plugin
        .resourceTemplate("file:///{+path}", "file",
                          "A file in one of the allowed directories, or a directory as a list of URIs. Subscribe to "
                          "hear of changes.")
        .title("Files")
        .handle([&files](Call& call) { return readResource(call, files); });
    addSubscriptions(plugin, files);
}

} // namespace tenon::filesystem
