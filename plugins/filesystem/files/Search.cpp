#include "filesystem/files/Search.h"

#include "filesystem/paths/Glob.h"
#include "filesystem/text/Charset.h"
#include "filesystem/text/LineFinder.h"
#include "filesystem/text/Text.h"

#include <algorithm>
#include <optional>

namespace tenon::filesystem
{

namespace
{

constexpr std::size_t MAX_DEPTH = 100;
constexpr std::size_t SHOWN_LINE = 240;
constexpr std::uint64_t TELL_EVERY = 256;
constexpr std::size_t HEAD = 8 * 1024;
constexpr std::size_t CHUNK = 1024 * 1024;
constexpr std::size_t MAX_OMISSIONS = 20;

/// At most SHOWN_LINE bytes of `line` around what was found, cut between characters.
std::string shorten(std::string_view line, const LineFinder::Place& place)
{
    if (!line.empty() && line.back() == '\r')
        line.remove_suffix(1);
    if (line.size() <= SHOWN_LINE)
        return toUtf8(line);
    const auto isInside = [&](std::size_t at)
    { return at > 0 && at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0) == 0x80; };
    std::size_t begin = place.at > SHOWN_LINE / 3 ? place.at - SHOWN_LINE / 3 : 0;
    begin = std::min(begin, line.size() - SHOWN_LINE);
    std::size_t end = begin + SHOWN_LINE;
    while (isInside(begin))
        ++begin;
    while (isInside(end))
        --end;
    return (begin > 0 ? "..." : "") + toUtf8(line.substr(begin, end - begin)) + (end < line.size() ? "..." : "");
}

class Walk
{
public:
    Walk(const SearchRequest& request, const Options& options, const Stop& stop,
         const std::function<void(std::uint64_t)>& tell)
        : _request(request), _options(options), _stop(stop), _tell(tell),
          _limit(std::min(request.maxResults, options.maxResults))
    {
        for (const std::string& pattern : request.exclude)
            _exclude.emplace_back(pattern);
        if (!request.content.empty())
            _finder.emplace(request.content, request.regularExpression, request.caseSensitive);
    }

    SearchResult run(const Location& where)
    {
        const Info info = where.tree->stat(where.relative, where.shown());
        if (!_request.glob.empty())
            _glob.emplace(relativeTo(where, _request.glob));
        if (info.kind == Kind::DIRECTORY)
        {
            _prefix = where.relative.empty() ? 0 : where.relative.size() + 1;
            directory(where, 0);
        }
        else if (info.kind == Kind::FILE && _finder)
            lines(where);
        else
            throw Failure(Reason::WRONG_KIND, where.shown() +
                                                  " is not a directory. Give the directory to search in, or "
                                                  "a file together with 'content'.");
        return std::move(_result);
    }

private:
    static std::string relativeTo(const Location& where, const std::string& glob)
    {
        const std::string prefix = where.path.back() == '/' ? where.path : where.path + "/";
        return glob.rfind(prefix, 0) == 0 ? "./" + glob.substr(prefix.size()) : glob;
    }

    void omit(const Location& where, std::string why)
    {
        ++_result.skipped;
        if (_result.omitted.size() < MAX_OMISSIONS)
            _result.omitted.push_back({where.shown(), std::move(why)});
    }

    void directory(const Location& where, std::size_t depth)
    {
        std::vector<Item> items;
        try
        {
            items = where.tree->list(where.relative, where.shown(), false,
                                     static_cast<std::size_t>(_options.maxSearchEntries - _seen) + 1);
        }
        catch (const Failure& failure)
        {
            if (depth == 0)
                throw;
            omit(where, failure.what());
            return;
        }
        std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.name < b.name; });
        for (const Item& item : items)
        {
            if (_result.truncated)
                return;
            if (!count())
                return;
            entry(where.child(item.name), item.info, depth);
        }
    }

    void entry(const Location& where, const Info& info, std::size_t depth)
    {
        const std::string_view relative = std::string_view(where.relative).substr(_prefix);
        for (const Glob& exclude : _exclude)
            if (exclude.matches(relative))
                return;
        const bool wanted = !_glob || _glob->matches(relative);
        if (info.kind == Kind::FILE)
            ++_result.files;
        if (wanted && _finder && (info.kind == Kind::FILE || info.kind == Kind::LINK))
            lines(where);
        else if (wanted && !_finder)
            add({where.shown(), where.uri, info.kind, 0, {}});
        if (info.kind == Kind::LINK && !_finder && leadsToDirectory(where))
            omit(where, "It is a link to a directory, which is not followed.");
        if (info.kind == Kind::DIRECTORY && depth < MAX_DEPTH)
            directory(where, depth + 1);
        else if (info.kind == Kind::DIRECTORY)
            omit(where, "It lies deeper than " + std::to_string(MAX_DEPTH) + " directories. Begin further down.");
    }

    static bool leadsToDirectory(const Location& where)
    {
        try
        {
            return where.tree->stat(where.relative, where.shown()).kind == Kind::DIRECTORY;
        }
        catch (const Failure&)
        {
            return false;
        }
    }

    /// The lines of one file. A link is opened: if it leads to a file inside, that is searched.
    void lines(const Location& where)
    {
        throwIfStopped();
        try
        {
            const std::unique_ptr<OpenFile> file = where.tree->open(where.relative, where.shown());
            search(where, *file);
        }
        catch (const Failure& failure)
        {
            if (failure.reason() == Reason::CANCELLED)
                throw;
            // A link may lead to a directory or nowhere: it is no file, whatever stands in it.
            const bool link = failure.reason() == Reason::WRONG_KIND || failure.reason() == Reason::NOT_FOUND;
            omit(where,
                 link ? "It is a link to a directory, which is not followed, or leads nowhere." : failure.what());
        }
    }

    /// Chunk by chunk; what follows the last end of a line waits for the next one.
    void search(const Location& where, const OpenFile& file)
    {
        const Charset charset = charsetOf(file.read(0, HEAD));
        if (charset == Charset::BINARY)
        {
            omit(where, "It is not text.");
            return;
        }
        std::uint64_t position = 0;
        LineCount count;
        std::string text;
        while (position < _options.maxSearchBytes && !count.full && !_result.truncated)
        {
            throwIfStopped();
            const std::uint64_t left = _options.maxSearchBytes - position;
            const std::string chunk =
                file.read(position, static_cast<std::size_t>(std::min<std::uint64_t>(CHUNK, left)));
            if (chunk.empty())
                break;
            const bool more = position + chunk.size() < file.info().bytes;
            const std::size_t mark = position == 0 ? byteOrderMark(chunk, charset) : 0;
            const Decoded decoded = decode(std::string_view(chunk).substr(mark), charsetOfChunk(chunk, charset), more);
            position += mark + decoded.used;
            text += decoded.text;
            text.erase(0, wholeLines(where, text, count));
            if (decoded.used == 0)
                break;
        }
        if (!text.empty() && !count.full && !_result.truncated)
            line(where, text, count);
        if (count.full)
            omit(where, "It has more than the " + std::to_string(_request.maxPerFile) +
                            " matching lines given here. Set limitPerFile, or search in this file alone.");
        else if (position < file.info().bytes && !_result.truncated)
            omit(where, "It has " + std::to_string(file.info().bytes) + " bytes, of which the first " +
                            std::to_string(position) + " were searched (plugin.filesystem.maxSearchBytes).");
    }

    struct LineCount
    {
        std::uint64_t number = 0;
        std::uint64_t found = 0;
        bool full = false; ///< one more was found than may be given
    };

    static Charset charsetOfChunk(const std::string& chunk, Charset ofFile)
    {
        if (ofFile != Charset::UTF_8 || looksLikeText(chunk) || chunk.find('\0') != std::string::npos)
            return ofFile;
        const Charset found = charsetOf(chunk);
        return found == Charset::WINDOWS_1252 ? found : ofFile;
    }

    /// How many bytes of `text` were whole lines.
    std::size_t wholeLines(const Location& where, const std::string& text, LineCount& count)
    {
        std::size_t at = 0;
        while (!count.full && !_result.truncated)
        {
            const std::size_t newline = text.find('\n', at);
            if (newline == std::string::npos)
                break;
            line(where, std::string_view(text).substr(at, newline - at), count);
            at = newline + 1;
            if (count.number % 4096 == 0)
                throwIfStopped();
        }
        return at;
    }

    void line(const Location& where, std::string_view text, LineCount& count)
    {
        ++count.number;
        LineFinder::Place place{};
        if (!_finder->find(text, place))
            return;
        if (count.found == _request.maxPerFile)
        {
            count.full = true;
            return;
        }
        ++count.found;
        add({where.shown(), where.uri, Kind::FILE, count.number, shorten(text, place)});
    }

    void add(SearchMatch match)
    {
        if (_result.matches.size() < _limit)
        {
            _result.matches.push_back(std::move(match));
            return;
        }
        _result.truncated = true;
        _result.reason = "There are more matches than these. Narrow the search: a more precise glob or content, or a "
                         "directory further down.";
    }

    bool count()
    {
        if (_seen == _options.maxSearchEntries)
        {
            _result.truncated = true;
            _result.reason = "The search stopped after " + std::to_string(_seen) +
                             " entries. Begin in a directory further down, or exclude directories.";
            return false;
        }
        if (++_seen % TELL_EVERY == 0)
        {
            throwIfStopped();
            if (_tell)
                _tell(_seen);
        }
        return true;
    }

    void throwIfStopped() const
    {
        if (_stop && _stop())
            throw Failure(Reason::CANCELLED, "The call was cancelled.");
    }

    const SearchRequest& _request;
    const Options& _options;
    const Stop& _stop;
    const std::function<void(std::uint64_t)>& _tell;
    const std::uint64_t _limit;
    std::optional<Glob> _glob;
    std::vector<Glob> _exclude;
    std::optional<LineFinder> _finder;
    std::size_t _prefix = 0;
    std::uint64_t _seen = 0;
    SearchResult _result;
};

} // namespace

SearchResult search(const Location& where, const SearchRequest& request, const Options& options, const Stop& stop,
                    const std::function<void(std::uint64_t)>& tell)
{
    return Walk(request, options, stop, tell).run(where);
}

} // namespace tenon::filesystem
