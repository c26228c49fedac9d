#pragma once

#include "base/json/JsonDocument.h"
#include "client/protocol/ToolHeaders.h"

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::client
{

enum class ListKind
{
    TOOLS,
    RESOURCES,
    TEMPLATES,
    PROMPTS
};

/// The method that lists `kind`, and the member of its result.
[[nodiscard]] std::string_view methodOf(ListKind kind);
[[nodiscard]] std::string_view memberOf(ListKind kind);
/// The capability that a server of `kind` declares.
[[nodiscard]] std::string_view capabilityOf(ListKind kind);

/// Everything of one kind that a server offers. `items` live as long as the listing.
struct Listing
{
    std::vector<base::JsonDocumentPtr> pages;
    std::vector<base::JsonDocument::Element> items;
    std::vector<std::string> rejected;          ///< tools that must not be used, each with the reason
    std::map<std::string, ToolHeaders> headers; ///< by tool, where it has any
    std::int64_t freshMs = 0;                   ///< how long the server says it stays as it is

    /// The item that `name` names, by its name or URI.
    [[nodiscard]] const base::JsonDocument::Element* find(std::string_view name) const;
};

using ListingPtr = std::shared_ptr<const Listing>;

/// The last listings.
///
/// Threading: any thread.
class ListingCache
{
public:
    /// Null: none, or it is out of date.
    [[nodiscard]] ListingPtr fresh(ListKind kind) const;
    /// The last one, out of date or not; null: none.
    [[nodiscard]] ListingPtr last(ListKind kind) const;
    void keep(ListKind kind, ListingPtr listing);
    void forget(ListKind kind);
    void forgetAll();

    /// Forgets what a notification says has changed.
    void onNotification(std::string_view method);

private:
    using Time = std::chrono::steady_clock::time_point;
    struct Entry
    {
        ListingPtr listing;
        Time until;
    };

    mutable std::mutex _mutex; // guards all below
    std::array<Entry, 4> _entries;
};

} // namespace tenon::client
