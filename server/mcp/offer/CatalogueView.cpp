#include "mcp/offer/CatalogueView.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"
#include "base/text/Base64.h"
#include "jsonrpc/Error.h"
#include "mcp/revisions/Definitions.h"
#include "plugin/config/LockFile.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <set>

namespace tenon::mcp
{

namespace
{

constexpr std::array<std::string_view, LIST_KINDS> MEMBER = {"tools", "resources", "resourceTemplates", "prompts",
                                                             "skills"};

base::Access accessOf(ListKind kind)
{
    if (kind == ListKind::TOOLS)
        return base::Access::TOOL;
    return kind == ListKind::PROMPTS ? base::Access::PROMPT : base::Access::RESOURCE;
}

/// The lists that this process has had, by their prints: who pages through one goes on after a change.
///
/// Threading: any thread.
class KnownPrints
{
    static constexpr std::size_t MOST = 1000;

public:
    void add(const std::string& print)
    {
        const std::lock_guard lock(_mutex);
        if (!_known.insert(print).second)
            return;
        _order.push_back(print);
        if (_order.size() > MOST)
        {
            _known.erase(_order.front());
            _order.pop_front();
        }
    }
    [[nodiscard]] bool has(const std::string& print) const
    {
        const std::lock_guard lock(_mutex);
        return _known.contains(print);
    }

private:
    mutable std::mutex _mutex; // guards all below
    std::set<std::string> _known;
    std::deque<std::string> _order;
};

KnownPrints& knownPrints()
{
    static KnownPrints prints;
    return prints;
}

constexpr std::size_t PRINT_DIGITS = 16;

/// Tells texts apart, and is the same for all instances.
std::string printOf(std::string_view text)
{
    return plugin::sha256Of(text).substr(0, PRINT_DIGITS);
}

/// A cursor is the kind, the print of the list, that of the cursor's other parts, and the last key, in base64url so that
/// nobody takes it for more than a token.
std::string cursorOf(ListKind kind, std::string_view print, std::string_view key)
{
    const std::string_view name = MEMBER[static_cast<std::size_t>(kind)];
    const std::string own = printOf(std::string(name).append(print).append(key));
    return base::toBase64Url(std::string(name).append("\n").append(print).append(own).append(key));
}

std::string keyOf(ListKind kind, std::string_view cursor)
{
    const std::string prefix = std::string(MEMBER[static_cast<std::size_t>(kind)]) + '\n';
    std::string text;
    if (base::fromBase64Url(cursor, text) && text.starts_with(prefix) &&
        text.size() >= prefix.size() + 2 * PRINT_DIGITS)
    {
        const std::string print = text.substr(prefix.size(), PRINT_DIGITS);
        std::string key = text.substr(prefix.size() + 2 * PRINT_DIGITS);
        if (knownPrints().has(print) && cursorOf(kind, print, key) == cursor)
            return key;
    }
    throw jsonrpc::RpcException(jsonrpc::ErrorKind::INVALID_PARAMS,
                                "the cursor is not one of this list; ask for the list again without a cursor");
}

} // namespace

CatalogueView::CatalogueView(plugin::CataloguePtr source, base::MetricsRegistry& metrics, std::size_t pageSize)
    : catalogue(std::move(source)), _pageSize(pageSize)
{
    _toolMetrics.reserve(catalogue->tools.size());
    for (const auto& tool : catalogue->tools)
    {
        const base::Labels labels = {{"tool", tool.name}};
        _toolMetrics.push_back({metrics.counter("tenon_tool_calls_total", "Calls of a tool", labels),
                                metrics.counter("tenon_tool_errors_total", "Calls of a tool that failed", labels),
                                metrics.histogram("tenon_tool_duration_seconds", "Time from request to answer", labels),
                                metrics.gauge("tenon_tool_calls_in_flight", "Calls of a tool that run now", labels)});
    }
}

void CatalogueView::fill(List& list, ListKind kind, ProtocolVersion version) const
{
    const auto add = [&](std::string_view key, const base::SharedText& definition, Shape shape, bool readOnly)
    {
        std::string text;
        appendFor(text, version, shape, base::JsonDocument::parse(definition.text())->root());
        list.items.push_back({key, text == definition.text() ? definition : std::move(text), readOnly});
    };
    list.items.clear(); // of an attempt that failed
    switch (kind)
    {
    case ListKind::TOOLS:
        for (const auto& tool : catalogue->tools)
            add(tool.name, tool.definition, Shape::TOOL, tool.readOnly);
        break;
    case ListKind::RESOURCES:
        for (const auto& resource : catalogue->resources)
            add(resource.uri, resource.definition, Shape::RESOURCE, true);
        break;
    case ListKind::TEMPLATES:
        for (const auto& entry : catalogue->templates)
            add(entry.uriTemplate, entry.definition, Shape::RESOURCE_TEMPLATE, true);
        break;
    case ListKind::PROMPTS:
        for (const auto& prompt : catalogue->prompts)
            add(prompt.name, prompt.definition, Shape::PROMPT, true);
        break;
    case ListKind::SKILLS:
        for (const auto& skill : catalogue->skills)
            list.items.push_back({skill.uri, skill.definition, true});
        break;
    }
    std::stable_sort(list.items.begin(), list.items.end(), [](const Item& a, const Item& b) { return a.key < b.key; });
    std::string keys;
    for (const auto& item : list.items)
        keys.append(item.key) += '\n';
    list.print = printOf(keys);
    knownPrints().add(list.print);
    list.firstPage = page(list, kind, {}, nullptr);
}

const CatalogueView::List& CatalogueView::listFor(ListKind kind, ProtocolVersion version) const
{
    List& list = _lists[static_cast<std::size_t>(kind)][static_cast<std::size_t>(version)];
    list.once([&] { fill(list, kind, version); });
    return list;
}

std::string CatalogueView::page(const List& list, ListKind kind, std::string_view after,
                                const base::Principal* principal) const
{
    auto item = list.items.begin();
    if (!after.empty())
        item = std::upper_bound(list.items.begin(), list.items.end(), after,
                                [](std::string_view key, const Item& candidate) { return key < candidate.key; });
    std::string members;
    base::JsonWriter writer(members);
    writer.key(MEMBER[static_cast<std::size_t>(kind)]).beginArray();
    std::size_t count = 0;
    std::string_view last;
    bool more = false;
    for (; item != list.items.end(); ++item)
    {
        if (principal && !principal->may(accessOf(kind), item->key, item->readOnly))
            continue;
        if (count++ == _pageSize)
        {
            more = true;
            break;
        }
        writer.raw(item->text.text());
        last = item->key;
    }
    writer.endArray();
    if (more)
        writer.member("nextCursor", cursorOf(kind, list.print, last));
    return members;
}

std::string CatalogueView::list(ListKind kind, ProtocolVersion version, std::string_view cursor,
                                const base::Principal& principal) const
{
    const List& list = listFor(kind, version);
    const bool everything = principal.mayEverything();
    if (cursor.empty() && everything)
        return list.firstPage;
    return page(list, kind, cursor.empty() ? std::string() : keyOf(kind, cursor), everything ? nullptr : &principal);
}

} // namespace tenon::mcp
