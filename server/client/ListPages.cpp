#include "client/ListPages.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"
#include "client/ClientException.h"

#include <algorithm>
#include <set>
#include <utility>

namespace tenon::client
{

namespace
{

using Clock = std::chrono::steady_clock;

constexpr int MAX_PAGES = 10'000;
constexpr std::size_t MAX_LIST_BYTES = 64U * 1024 * 1024; // of all pages of a list, as of one message
constexpr std::int64_t MAX_FRESH_MS = 24LL * 3600 * 1000;

/// Of a request that may take until `end`.
RequestOptions until(Clock::time_point end)
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    RequestOptions options;
    options.timeoutMs = static_cast<int>(std::max<std::int64_t>(left, 1));
    return options;
}

/// Reads the tool's annotations; false: it must not be used.
bool acceptTool(const base::JsonDocument::Element& tool, Listing& listing)
{
    base::JsonDocument::Element schema;
    ToolHeaders headers;
    std::string fault;
    const std::string name(base::textMember(tool, "name"));
    if (!base::findMember(tool, "inputSchema", schema))
        return true;
    if (!headers.read(schema, fault))
    {
        listing.rejected.push_back(name + ": " + fault);
        return false;
    }
    if (!headers.empty())
        listing.headers[name] = std::move(headers);
    return true;
}

/// Keeps the items of a page. A list may stay for as long as the session: without the room that its answer was read in.
void keep(Listing& listing, ListKind kind, bool strict, const std::string& text)
{
    const base::JsonDocumentPtr page = base::JsonDocument::parseToKeep(text);
    listing.pages.push_back(page);
    base::JsonDocument::Element member;
    if (!base::findMember(page->root(), memberOf(kind), member))
        return;
    simdjson::dom::array items;
    if (member.get(items))
        throw ClientException(Fault::PROTOCOL, "the server answers " + std::string(methodOf(kind)) +
                                                   " with something other than a list");
    for (const auto& item : items)
        if (!strict || acceptTool(item, listing))
            listing.items.push_back(item);
}

std::int64_t freshMsOf(const base::JsonDocument::Element& result)
{
    base::JsonDocument::Element member;
    std::int64_t fresh = 0;
    return base::findMember(result, "ttlMs", member) && !member.get(fresh) ? std::max<std::int64_t>(fresh, 0) : 0;
}

/// The cursor of the next page; empty: this was the last.
std::string nextOf(const base::JsonDocument::Element& result, ListKind kind)
{
    base::JsonDocument::Element member;
    if (!base::findMember(result, "nextCursor", member) || member.is_null())
        return {};
    std::string_view cursor;
    if (member.get(cursor))
        throw ClientException(Fault::PROTOCOL, "the server answers " + std::string(methodOf(kind)) +
                                                   " with a nextCursor that is no text");
    return std::string(cursor);
}

} // namespace

std::shared_ptr<Listing> readPages(ListKind kind, bool strict, std::chrono::milliseconds within, const AskForPage& ask)
{
    auto listing = std::make_shared<Listing>();
    const auto end = Clock::now() + within;
    const std::string method(methodOf(kind));
    std::string params;
    std::set<std::string> cursors;
    std::size_t bytes = 0;
    for (int page = 0;; ++page)
    {
        Reply reply;
        try
        {
            reply = ask(params, until(end));
        }
        catch (const ClientException& exc)
        {
            if (exc.fault() == Fault::TIMEOUT && page > 0)
                throw ClientException(Fault::TIMEOUT,
                                      "no end of " + method + " within " + std::to_string(within.count()) + " ms");
            if (kind != ListKind::TEMPLATES || exc.code() != code::METHOD_NOT_FOUND)
                throw;
            return listing;
        }
        const std::string text = base::toJson(reply.result);
        bytes += text.size();
        if (page == MAX_PAGES || bytes > MAX_LIST_BYTES)
            throw ClientException(Fault::PROTOCOL, "the server's answers to " + method + " do not come to an end");
        keep(*listing, kind, strict, text);
        listing->freshMs = std::min(page == 0 ? MAX_FRESH_MS : listing->freshMs, freshMsOf(reply.result));
        const std::string next = nextOf(reply.result, kind);
        // Some servers hand out the same cursor for ever.
        if (next.empty() || !cursors.insert(next).second)
            return listing;
        params.clear();
        base::JsonWriter(params).beginObject().member("cursor", next).endObject();
    }
}

} // namespace tenon::client
