#include "filesystem/Search.h"

#include "filesystem/Glob.h"
#include "filesystem/LineFinder.h"
#include "filesystem/Text.h"

#include <algorithm>
#include <optional>

namespace tenon::filesystem
{

namespace
{

constexpr std::size_t MAX_DEPTH = 100;
constexpr std::size_t SHOWN_LINE = 240;
constexpr std::uint64_t TELL_EVERY = 256;
constexpr std::size_t BINARY_CHECK = 8 * 1024;

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
        if (!request.glob.empty())
            _glob.emplace(request.glob);
        for (const std::string& pattern : request.exclude)
            _exclude.emplace_back(pattern);
        if (!request.content.empty())
            _finder.emplace(request.content, request.regularExpression, request.caseSensitive);
    }

    SearchResult run(const Location& where)
    {
        const Info info = where.tree->stat(where.relative, where.shown());
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
        if (info.kind == Kind::DIRECTORY && depth < MAX_DEPTH)
            directory(where, depth + 1);
    }

    /// The lines of one file. A link is opened: if it leads to a file inside, that is searched.
    void lines(const Location& where)
    {
        throwIfStopped();
        std::string data;
        try
        {
            const std::unique_ptr<OpenFile> file = where.tree->open(where.relative, where.shown());
            if (file->info().bytes > _options.maxSearchBytes)
            {
                ++_result.skipped;
                return;
            }
            data = file->read(0, static_cast<std::size_t>(file->info().bytes));
        }
        catch (const Failure& failure)
        {
            _result.skipped += failure.reason() == Reason::NOT_ALLOWED || failure.reason() == Reason::FAILED;
            return;
        }
        if (std::string_view(data).substr(0, BINARY_CHECK).find('\0') != std::string_view::npos)
        {
            ++_result.skipped;
            return;
        }
        std::uint64_t number = 0;
        std::uint64_t found = 0;
        LineFinder::Place place{};
        for (std::size_t at = 0; at < data.size() && found < _request.maxPerFile && !_result.truncated;)
        {
            const std::size_t newline = std::min(data.find('\n', at), data.size());
            const std::string_view line = std::string_view(data).substr(at, newline - at);
            ++number;
            at = newline + 1;
            if (number % 4096 == 0)
                throwIfStopped();
            if (!_finder->find(line, place))
                continue;
            ++found;
            add({where.shown(), where.uri, Kind::FILE, number, shorten(line, place)});
        }
    }

    void add(SearchMatch match)
    {
        if (_result.matches.size() < _limit)
        {
            _result.matches.push_back(std::move(match));
            return;
        }
        _result.truncated = true;
        _result.reason = "There are more than " + std::to_string(_limit) +
                         " matches. Narrow the search: a more precise glob or content, or a directory further down.";
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
