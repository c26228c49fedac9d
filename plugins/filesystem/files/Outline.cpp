#include "filesystem/files/Outline.h"

#include "filesystem/paths/Glob.h"
#include "filesystem/text/Text.h"

#include <algorithm>

namespace tenon::filesystem
{

namespace
{

class Walk
{
public:
    Walk(const OutlineRequest& request, const Options& options, const Stop& stop)
        : _request(request), _stop(stop), _limit(std::min(request.maxEntries, options.maxSearchEntries))
    {
        for (const std::string& pattern : request.exclude)
            _exclude.emplace_back(pattern);
    }

    Outline run(const Location& where)
    {
        _outline.path = where.shown();
        _prefix = where.relative.empty() ? 0 : where.relative.size() + 1;
        directory(where, 0);
        return std::move(_outline);
    }

private:
    void directory(const Location& where, std::uint64_t depth)
    {
        if (_stop && _stop())
            throw Failure(Reason::CANCELLED, "The call was cancelled.");
        std::vector<Item> items;
        try
        {
            items = where.tree->list(where.relative, where.shown(), false, static_cast<std::size_t>(_limit) + 1);
        }
        catch (const Failure& failure)
        {
            if (depth == 0)
                throw;
            cut(failure.what());
            return;
        }
        std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.name < b.name; });
        for (const Item& item : items)
        {
            const Location child = where.child(item.name);
            const std::string relative = child.relative.substr(_prefix);
            if (std::any_of(_exclude.begin(), _exclude.end(), [&](const Glob& glob) { return glob.matches(relative); }))
                continue;
            if (_outline.entries.size() == _limit)
            {
                cut("There are more than " + std::to_string(_limit) +
                    " entries. Set a smaller depth, exclude directories, or begin further down.");
                return;
            }
            _outline.entries.push_back({toUtf8(relative), toUtf8(item.name), item.info.kind, depth});
            if (item.info.kind != Kind::DIRECTORY)
                continue;
            if (depth + 1 < _request.depth)
                directory(child, depth + 1);
            else
                _outline.deeper = true;
        }
    }

    void cut(const std::string& why)
    {
        _outline.truncated = true;
        if (_outline.reason.empty())
            _outline.reason = why;
    }

    const OutlineRequest& _request;
    const Stop& _stop;
    const std::uint64_t _limit;
    std::vector<Glob> _exclude;
    std::size_t _prefix = 0;
    Outline _outline;
};

} // namespace

Outline outline(const Location& where, const OutlineRequest& request, const Options& options, const Stop& stop)
{
    return Walk(request, options, stop).run(where);
}

std::string drawn(const Outline& outline)
{
    std::string text = outline.path + "\n";
    for (const OutlineEntry& entry : outline.entries)
        text += std::string(2 * (entry.depth + 1), ' ') + entry.name +
                (entry.kind == Kind::DIRECTORY ? "/"
                 : entry.kind == Kind::LINK    ? "@"
                                               : "") +
                "\n";
    if (outline.truncated)
        text += "[cut: " + outline.reason + "]\n";
    else if (outline.deeper)
        text += "[directories at the last level are not opened; set a larger depth to see what they hold]\n";
    return text;
}

} // namespace tenon::filesystem
