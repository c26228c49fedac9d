#include "filesystem/files/Files.h"

#include "filesystem/text/Text.h"

#include <algorithm>
#include <iterator>

namespace tenon::filesystem
{

namespace
{

/// One directory's names are read into memory; this bounds it.
constexpr std::size_t MAX_DIRECTORY_ENTRIES = 1'000'000;
constexpr std::size_t MIME_SAMPLE = 4096;

std::string permissionsText(std::uint32_t permissions)
{
    std::string text = "rwxrwxrwx";
    for (std::size_t i = 0; i < text.size(); ++i)
        if (!(permissions & 0400u >> i))
            text[i] = '-';
    return text;
}

} // namespace

Files::Files(Options options, Roots::Hear hear)
    : _options(std::move(options)), _roots(_options.roots, std::move(hear)), _changes(_options, _roots)
{
}

Listing Files::list(const std::string& path, std::uint64_t offset, std::uint64_t limit) const
{
    Listing listing;
    if (path.empty() && _roots.size() > 1)
    {
        for (const Location& root : _roots.locations())
            listing.entries.push_back(toEntry(root, root.tree->stat({}, root.shown())));
        listing.total = listing.entries.size();
        if (std::string missing = _roots.missing(); !missing.empty())
            listing.note = std::move(missing);
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
    return readFile(_roots.locate(path), range, encoding, _options.maxReadBytes, _options.maxMediaBytes, stop);
}

std::vector<OneOfMany> Files::readMany(const std::vector<std::string>& paths, const Stop& stop) const
{
    std::vector<OneOfMany> files;
    std::uint64_t left = _options.maxReadBytes;
    for (const std::string& path : paths)
    {
        OneOfMany& one = files.emplace_back(OneOfMany{path, std::nullopt, {}});
        try
        {
            if (left < 4)
                throw Failure(Reason::LIMIT, "Not read: the files before it take the " +
                                                 std::to_string(_options.maxReadBytes) +
                                                 " bytes that one call may give. Read it by itself.");
            one.excerpt =
                readFile(_roots.locate(path), {}, Encoding::AUTO, left, std::min(left, _options.maxMediaBytes), stop);
            left -= std::min(left, one.excerpt->length);
        }
        catch (const Failure& failure)
        {
            if (failure.reason() == Reason::CANCELLED)
                throw;
            one.error = failure.what();
        }
    }
    return files;
}

Outline Files::outline(const std::string& path, const OutlineRequest& request, const Stop& stop) const
{
    return filesystem::outline(_roots.locate(path), request, _options, stop);
}

SearchResult Files::search(const std::string& path, const SearchRequest& request, const Stop& stop,
                           const std::function<void(std::uint64_t)>& tell) const
{
    if (request.glob.empty() && request.content.empty())
        throw Failure(Reason::INVALID, "Give a 'glob' for names, a 'content' for lines, or both.");
    if (!path.empty() || _roots.size() <= 1)
        return filesystem::search(_roots.locate(path), request, _options, stop, tell);

    SearchResult all;
    for (const Location& root : _roots.locations())
    {
        SearchRequest rest = request;
        rest.maxResults = std::min(request.maxResults, _options.maxResults) - all.matches.size();
        SearchResult part = filesystem::search(root, rest, _options, stop, tell);
        std::move(part.matches.begin(), part.matches.end(), std::back_inserter(all.matches));
        std::move(part.omitted.begin(), part.omitted.end(), std::back_inserter(all.omitted));
        all.files += part.files;
        all.skipped += part.skipped;
        all.truncated = part.truncated;
        all.reason = std::move(part.reason);
        if (all.truncated)
            break;
    }
    if (const std::string missing = _roots.missing(); !missing.empty())
    {
        ++all.skipped;
        all.omitted.push_back({"", missing});
    }
    return all;
}

} // namespace tenon::filesystem
