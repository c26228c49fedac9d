#include "client/Listing.h"

namespace tenon::client
{

namespace
{

struct Names
{
    std::string_view method, member, capability;
};

constexpr std::array<Names, 4> NAMES = {{{"tools/list", "tools", "tools"},
                                         {"resources/list", "resources", "resources"},
                                         {"resources/templates/list", "resourceTemplates", "resources"},
                                         {"prompts/list", "prompts", "prompts"}}};

const Names& namesOf(ListKind kind)
{
    return NAMES[static_cast<std::size_t>(kind)];
}

} // namespace

std::string_view methodOf(ListKind kind)
{
    return namesOf(kind).method;
}

std::string_view memberOf(ListKind kind)
{
    return namesOf(kind).member;
}

std::string_view capabilityOf(ListKind kind)
{
    return namesOf(kind).capability;
}

const base::JsonDocument::Element* Listing::find(std::string_view name) const
{
    for (const auto& item : items)
        if (base::textMember(item, "name") == name || base::textMember(item, "uri") == name)
            return &item;
    return nullptr;
}

ListingPtr ListingCache::fresh(ListKind kind) const
{
    const std::lock_guard lock(_mutex);
    const Entry& entry = _entries[static_cast<std::size_t>(kind)];
    return entry.listing && std::chrono::steady_clock::now() < entry.until ? entry.listing : nullptr;
}

ListingPtr ListingCache::last(ListKind kind) const
{
    const std::lock_guard lock(_mutex);
    return _entries[static_cast<std::size_t>(kind)].listing;
}

void ListingCache::keep(ListKind kind, ListingPtr listing)
{
    const Time until = std::chrono::steady_clock::now() + std::chrono::milliseconds(listing->freshMs);
    const std::lock_guard lock(_mutex);
    _entries[static_cast<std::size_t>(kind)] = {std::move(listing), until};
}

void ListingCache::forget(ListKind kind)
{
    const std::lock_guard lock(_mutex);
    _entries[static_cast<std::size_t>(kind)] = {};
}

void ListingCache::forgetAll()
{
    const std::lock_guard lock(_mutex);
    _entries = {};
}

void ListingCache::onNotification(std::string_view method)
{
    if (method == "notifications/tools/list_changed")
        forget(ListKind::TOOLS);
    else if (method == "notifications/prompts/list_changed")
        forget(ListKind::PROMPTS);
    else if (method == "notifications/resources/list_changed")
    {
        forget(ListKind::RESOURCES);
        forget(ListKind::TEMPLATES);
    }
}

} // namespace tenon::client
