#include "filesystem/Described.h"
#include "filesystem/FileUri.h"
#include "filesystem/Text.h"
#include "filesystem/Watcher.h"

#include <tenon/plugin.hpp>

/// What of the core becomes tools and resources.

namespace tenon::filesystem
{

namespace
{

Options readOptions(const Plugin& plugin)
{
    Options options;
    options.roots = plugin.setting("roots", std::vector<std::string>());
    options.writable = plugin.setting("writable", options.writable);
    options.maxReadBytes = plugin.setting("maxReadBytes", options.maxReadBytes);
    options.maxWriteBytes = plugin.setting("maxWriteBytes", options.maxWriteBytes);
    options.maxSearchBytes = plugin.setting("maxSearchBytes", options.maxSearchBytes);
    options.maxSearchEntries = plugin.setting("maxSearchEntries", options.maxSearchEntries);
    options.maxResults = plugin.setting("maxResults", options.maxResults);
    if (options.maxReadBytes < 4 || options.maxSearchEntries < 1 || options.maxResults < 1)
        throw SettingError("plugin.filesystem: maxReadBytes has to be at least 4, maxSearchEntries and maxResults 1");
    return options;
}

Stop stopOf(const Call& call)
{
    return [&call] { return call.cancelled(); };
}

/// The protocol has errors of its own for resources; a tool's failure is a text whatever its reason.
[[noreturn]] void rethrowForResource(const Failure& failure)
{
    if (failure.reason() == Reason::NOT_FOUND || failure.reason() == Reason::NOT_ALLOWED)
        throw NotFound(failure.what());
    if (failure.reason() == Reason::CANCELLED)
        throw CallCancelled();
    throw InvalidParams(failure.what());
}

Result readResult(const Excerpt& excerpt)
{
    Result result;
    if (excerpt.text)
        result.text(excerpt.data);
    else if (isImage(excerpt.mimeType) && excerpt.offset == 0 && excerpt.length == excerpt.size)
        result.image(Bytes{excerpt.data}, excerpt.mimeType);
    else
        result.add(Content::resource(excerpt.uri, Bytes{excerpt.data}, excerpt.mimeType));
    if (excerpt.truncated)
        result.text("[" + std::to_string(excerpt.size) + " bytes in all; this is cut. Go on with " +
                    (excerpt.nextLine ? "firstLine=" + std::to_string(*excerpt.nextLine)
                                      : "offset=" + std::to_string(*excerpt.nextOffset)) +
                    ".]");
    return result.structured(ExcerptView(excerpt));
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
        if (excerpt.text)
            return ResourceResult().text(std::move(excerpt.data), excerpt.mimeType);
        return ResourceResult().blob(Bytes{std::move(excerpt.data)}, excerpt.mimeType);
    }
    catch (const Failure& failure)
    {
        rethrowForResource(failure);
    }
}

constexpr const char* PATH = "An absolute path, a file: URI from another result, or a path relative to the allowed "
                             "directory if there is only one. '..' is not allowed.";

void addReadingTools(Plugin& plugin, const Files& files)
{
    plugin
        .tool("filesystem_list", "Lists what a directory holds: names, types, sizes, times. Call it without a path "
                                 "first to learn which directories may be accessed.")
        .title("List a directory")
        .annotations(readOnly(), idempotent(), openWorld(false))
        .param<std::string>("path",
                            std::string("The directory. ") + PATH +
                                " Left out: the allowed directory, or the "
                                "list of them.",
                            defaultTo(""))
        .param<std::uint64_t>("offset", "How many entries to skip, for the rest of a long list", defaultTo(0))
        .param<std::uint64_t>("limit", "How many entries to give", defaultTo(200), range(1, 10000))
        .handle([&files](const std::string& path, std::uint64_t offset, std::uint64_t limit)
                { return files.list(path, offset, limit); });

    plugin
        .tool("filesystem_stat", "Tells type, size, time of the last change, permissions and MIME type of one file or "
                                 "directory, without reading it.")
        .title("Look at a file's properties")
        .annotations(readOnly(), idempotent(), openWorld(false))
        .param<std::string>("path", PATH)
        .handle([&files](const std::string& path) { return DetailsView(files.stat(path)); });

    plugin
        .tool("filesystem_read", "Reads a file, whole or in part. Text comes as it is, images as images, anything else "
                                 "as base64. Long files are cut, and the result says where to go on.")
        .title("Read a file")
        .annotations(readOnly(), idempotent(), openWorld(false))
        .param<std::string>("path", PATH)
        .param<std::optional<std::uint64_t>>("offset", "Begin at this byte, from 0")
        .param<std::optional<std::uint64_t>>("length", "Read at most this many bytes", atLeast(1))
        .param<std::optional<std::uint64_t>>("firstLine", "Begin at this line, from 1, instead of a byte", atLeast(1))
        .param<std::optional<std::uint64_t>>("lines", "Read at most this many lines", atLeast(1))
        .param<Encoding>("encoding", "'auto' gives text where the file is valid UTF-8, else base64",
                         defaultTo(Encoding::AUTO))
        .output<ExcerptView>()
        .handle(
            [&files](Call& call, const std::string& path, std::optional<std::uint64_t> offset,
                     std::optional<std::uint64_t> length, std::optional<std::uint64_t> firstLine,
                     std::optional<std::uint64_t> lines, Encoding encoding) {
                return readResult(files.read(path, {offset, length, firstLine, lines}, encoding, stopOf(call)));
            });
}

void addSearch(Plugin& plugin, const Files& files)
{
    plugin
        .tool("filesystem_search", "Searches a directory and those below it: for files by a glob of their names, for "
                                   "lines by what they contain, or both. Give a glob, a content, or both.")
        .title("Search files")
        .annotations(readOnly(), idempotent(), openWorld(false))
        .param<std::string>("path",
                            std::string("Where to begin: a directory, or one file to search in. ") + PATH +
                                " Left out: all allowed directories.",
                            defaultTo(""))
        .param<std::string>("glob",
                            "Which files, by the path relative to where the search begins: *.txt (at any depth), "
                            "src/**/*.{cpp,h}, [0-9]*.log. Left out: every file",
                            defaultTo(""), maxLength(1000))
        .param<std::string>("content", "What a line has to contain. Left out: only names are searched", defaultTo(""),
                            maxLength(1000))
        .param<bool>("regularExpression", "Whether 'content' is a regular expression (RE2 syntax)", defaultTo(false))
        .param<bool>("caseSensitive", "Whether 'content' has to agree in upper and lower case", defaultTo(true))
        .param<std::vector<std::string>>("exclude",
                                         "Globs of files and directories to leave out, such as node_modules "
                                         "or .git",
                                         notRequired(), items(0, 50))
        .param<std::uint64_t>("limit", "How many matches to give", defaultTo(100), range(1, 10000))
        .param<std::uint64_t>("limitPerFile", "How many lines of one file to give", defaultTo(20), range(1, 10000))
        .handle(
            [&files](Call& call, const std::string& path, std::string glob, std::string content, bool regularExpression,
                     bool caseSensitive, std::vector<std::string> exclude, std::uint64_t limit,
                     std::uint64_t limitPerFile)
            {
                SearchRequest request{std::move(glob),   std::move(exclude), std::move(content),
                                      regularExpression, caseSensitive,      limit,
                                      limitPerFile};
                return SearchView(files.search(path, request, stopOf(call),
                                               [&call](std::uint64_t entries) {
                                                   call.progress(static_cast<double>(entries), 0, "entries looked at");
                                               }));
            });
}

void addWrite(Plugin& plugin, const Files& files)
{
    plugin
        .tool("filesystem_write",
              "Writes a file: a new one, in the place of an old one (at once and as a whole), or at "
              "the end of one.")
        .title("Write a file")
        .annotations(readOnly(false), destructive(), idempotent(false), openWorld(false))
        .param<std::string>("path", PATH)
        .param<std::string>("content", "What to write: text, or base64 of bytes")
        .param<std::string>("encoding", "What 'content' is", defaultTo("text"), oneOf("text", "base64"))
        .param<WriteMode>("mode",
                          "'create' refuses if the file exists, 'replace' overwrites it, 'append' adds to its end",
                          defaultTo(WriteMode::CREATE))
        .param<bool>("createDirectories", "Whether to make the directories above it", defaultTo(false))
        .handle(
            [&files](std::string path, std::string content, const std::string& encoding, WriteMode mode,
                     bool createDirectories) {
                return files.write(
                    {std::move(path), std::move(content), encoding == "base64", mode, createDirectories});
            });
}

void addResources(Plugin& plugin, const Files& files)
{
    for (const Location& root : files.roots().locations())
        plugin.resource(root.uri, root.shown(), "What this directory holds, as a list of URIs")
            .mimeType("text/uri-list")
            .handle([&files](Call& call) { return readResource(call, files); });
    plugin
        .resourceTemplate("file:///{+path}", "file",
                          "A file in one of the allowed directories, or a directory as a list of URIs. Subscribe to "
                          "hear of changes.")
        .title("Files")
        .handle([&files](Call& call) { return readResource(call, files); });
}

void addSubscriptions(Plugin& plugin, const Files& files)
{
    // Made at the start, not here: what a plugin opens belongs between start and stop.
    auto& watcher = plugin.make<std::unique_ptr<Watcher>>();
    plugin.onStart(
        [&]
        {
            const auto changed = [&plugin](const std::string& uri) { plugin.resourceUpdated(uri); };
            try
            {
                watcher = Watcher::make(changed);
            }
            catch (const Failure& failure)
            {
                plugin.log(LogLevel::Warning,
                           std::string(failure.what()) + " Watched files are looked at once a second.");
                watcher = Watcher::makePolling(changed, Watcher::POLL_INTERVAL);
            }
        });
    plugin.onStop([&] { watcher.reset(); });
    plugin.onSubscribe(
        [&](std::string_view uri)
        {
            try
            {
                Location location = files.roots().locate(fromFileUri(uri));
                location.uri = uri;
                watcher->watch(location);
            }
            catch (const Failure& failure)
            {
                rethrowForResource(failure);
            }
        });
    plugin.onUnsubscribe([&](std::string_view uri) { watcher->unwatch(std::string(uri)); });
}

} // namespace

} // namespace tenon::filesystem

TENON_PLUGIN("filesystem", "1.0.0", plugin)
{
    using namespace tenon::filesystem;
    plugin.title("Files").description("Files in the directories that the operator names, and nowhere else.");
    const Options options = readOptions(plugin);
    const Files& files = plugin.make<Files>(options);
    if (options.roots.empty())
        plugin.log(tenon::LogLevel::Notice, "plugin.filesystem.roots is not set: no file can be reached");
    addReadingTools(plugin, files);
    addSearch(plugin, files);
    if (options.writable)
        addWrite(plugin, files);
    addResources(plugin, files);
    addSubscriptions(plugin, files);
}
