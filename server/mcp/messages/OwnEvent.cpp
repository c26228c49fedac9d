#include "mcp/messages/OwnEvent.h"

#include <algorithm>
#include <array>

namespace tenon::mcp
{

bool isOwnType(std::string_view type)
{
    constexpr std::size_t MOST_BYTES = 128;
    constexpr std::array<std::string_view, 8> OF_PROTOCOL = {"tools",       "resources", "prompts",       "roots",
                                                             "elicitation", "tasks",     "subscriptions", "sampling"};
    const auto slash = type.find('/');
    const auto isPart = [](std::string_view part)
    {
        return !part.empty() && std::all_of(part.begin(), part.end(),
                                            [](char c)
                                            {
                                                return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                                       (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
                                            });
    };
    return slash != std::string_view::npos && type.size() <= MOST_BYTES && isPart(type.substr(0, slash)) &&
           isPart(type.substr(slash + 1)) &&
           std::find(OF_PROTOCOL.begin(), OF_PROTOCOL.end(), type.substr(0, slash)) == OF_PROTOCOL.end();
}

std::string_view ownTypeOf(std::string_view method)
{
    constexpr std::string_view NOTIFICATIONS = "notifications/";
    if (!method.starts_with(NOTIFICATIONS) || !isOwnType(method.substr(NOTIFICATIONS.size())))
        return {};
    return method.substr(NOTIFICATIONS.size());
}

} // namespace tenon::mcp
