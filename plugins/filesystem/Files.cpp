#include "filesystem/Files.h"

#include "filesystem/Text.h"

#include <algorithm>

namespace tenon::filesystem
{

namespace
{

/// One directory's names are read into memory; this bounds it.
constexpr std::size_t MAX_DIRECTORY_ENTRIES = 1'000'000;
constexpr std::size_t MIME_SAMPLE = 4096;

Entry toEntry(const Location& location, const Info& info)
{
    Entry entry;
    const std::size_t slash = location.path.rfind('/');
    entry.name = toUtf8(location.path.size() > 1 ? location.path.substr(slash + 1) : location.path);
    entry.path = location.shown();
    entry.uri = location.uri;
    entry.kind = info.kind;
    entry.link = info.link;
    if (info.kind == Kind::FILE)
        entry.size = info.bytes;
    if (info.modifiedNs != 0)
        entry.modified = toDateTime(info.modifiedNs);
    return entry;
}

std::string permissionsText(std::uint32_t permissions)
{
    std::string text = "rwxrwxrwx";
    for (std::size_t i = 0; i < text.size(); ++i)
        if (!(permissions & 0400u >> i))
            text[i] = '-';
    return text;
}

} // namespace

Files::Files(Options options) : _options(std::move(options)), _roots(_options.roots) {}

Listing Files::list(const std::string& path, std::uint64_t offset, std::uint64_t limit) const
{
    Listing listing;
    const std::vector<Location> roots = _roots.locations();
    if (path.empty() && roots.size() > 1)
    {
        for (const Location& root : roots)
            listing.entries.push_back(toEntry(root, root.tree->stat({}, root.shown())));
        listing.total = roots.size();
        return listing;
    }
    const Location where = _roots.locate(path);
    listing.path = where.shown();
    std::vector<Item> items = where.tree->list(where.relative, where.shown(), false, MAX_DIRECTORY_ENTRIES);
    listing.total = items.size();
    std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.name < b.name; });
    limit = std::max<std::uint64_t>(1, std::min(limit, _options.maxResults));
    for (std::uint64_t at = offset; at < items.size() && listing.entries.size() < limit; ++at)
    {
        const Location child = where.child(items[static_cast<std::size_t>(at)].name);
        Info info = items[static_cast<std::size_t>(at)].info;
        try
        {
            info = child.tree->stat(child.relative, child.shown());
        }
        catch (const Failure&)
        {
            // It went away meanwhile, or may not be looked at: its name and kind are all there is to tell.
        }
        listing.entries.push_back(toEntry(child, info));
    }
    if (offset + listing.entries.size() < listing.total)
        listing.nextOffset = offset + listing.entries.size();
    return listing;
}

Details Files::stat(const std::string& path) const
{
    const Location where = _roots.locate(path);
    const Info info = where.tree->stat(where.relative, where.shown());
    Details details;
    details.entry = toEntry(where, info);
    details.writable = _options.writable && (info.kind == Kind::FILE || info.kind == Kind::DIRECTORY);
    if (info.permissions != 0)
        details.permissions = permissionsText(info.permissions);
    if (info.kind == Kind::FILE)
    {
        std::string sample;
        try
        {
            sample = where.tree->open(where.relative, where.shown())->read(0, MIME_SAMPLE);
        }
        catch (const Failure&)
        {
            // Not readable: what is known from the directory is still worth telling.
            sample.assign(1, '\0');
        }
        details.mimeType = mimeTypeOf(where.relative, looksLikeText(sample));
    }
    return details;
}

Excerpt Files::read(const std::string& path, const Range& range, Encoding encoding, const Stop& stop) const
{
    return readFile(_roots.locate(path), range, encoding, _options.maxReadBytes, stop);
}

SearchResult Files::search(const std::string& path, const SearchRequest& request, const Stop& stop,
                           const std::function<void(std::uint64_t)>& tell) const
{
    if (request.glob.empty() && request.content.empty())
        throw Failure(Reason::INVALID, "Give a 'glob' for names, a 'content' for lines, or both.");
    const std::vector<Location> roots = _roots.locations();
    if (!path.empty() || roots.size() <= 1)
        return filesystem::search(_roots.locate(path), request, _options, stop, tell);

    SearchResult all;
    for (const Location& root : roots)
    {
        SearchRequest rest = request;
        rest.maxResults = std::min(request.maxResults, _options.maxResults) - all.matches.size();
        SearchResult part = filesystem::search(root, rest, _options, stop, tell);
        std::move(part.matches.begin(), part.matches.end(), std::back_inserter(all.matches));
        all.files += part.files;
        all.skipped += part.skipped;
        all.truncated = part.truncated;
        all.reason = std::move(part.reason);
        if (all.truncated)
            break;
    }
    return all;
}

Written Files::write(const WriteRequest& request) const
{
    const Location where = _roots.locate(request.path);
    if (!_options.writable)
        throw Failure(Reason::NOT_ALLOWED, "Files may only be read here: the operator has not set "
                                           "plugin.filesystem.writable=true.");
    std::string data;
    if (!request.base64)
        data = request.content;
    else if (!decodeBase64(request.content, data))
        throw Failure(Reason::INVALID, "The content is not valid base64.");
    if (data.size() > _options.maxWriteBytes)
        throw Failure(Reason::LIMIT, "The content has " + std::to_string(data.size()) + " bytes; at most " +
                                         std::to_string(_options.maxWriteBytes) +
                                         " may be written at once. Write it in parts with the mode 'append'.");
    const std::size_t slash = where.relative.rfind('/');
    if (request.createDirectories && slash != std::string::npos)
        where.tree->makeDirectories(where.relative.substr(0, slash), where.shown());

    Written written;
    written.path = where.shown();
    written.uri = where.uri;
    written.bytes = data.size();
    try
    {
        where.tree->stat(where.relative, where.shown());
    }
    catch (const Failure& failure)
    {
        written.created = failure.reason() == Reason::NOT_FOUND;
        const bool noParent = written.created && slash != std::string::npos && !request.createDirectories;
        if (noParent)
        {
            try
            {
                where.tree->stat(where.relative.substr(0, slash), where.shown());
            }
            catch (const Failure&)
            {
                throw Failure(Reason::NOT_FOUND, "The directory of " + where.shown() +
                                                     " does not exist. Set createDirectories to make it.");
            }
        }
    }
    where.tree->write(where.relative, where.shown(), data, request.mode);
    written.size = where.tree->stat(where.relative, where.shown()).bytes;
    return written;
}

} // namespace tenon::filesystem
