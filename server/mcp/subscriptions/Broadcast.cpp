#include "mcp/subscriptions/Broadcast.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"
#include "base/text/LogLevels.h"

#include <Poco/Exception.h>

#include <algorithm>

namespace tenon::mcp
{

namespace
{

using Element = base::JsonDocument::Element;

constexpr std::size_t MAX_EVENT_NAME = 64;

bool isPermission(std::string_view permission)
{
    return permission == "stats" || permission == "broadcast" || permission.starts_with("tool:") ||
           permission.starts_with("resource:") || permission.starts_with("prompt:");
}

bool isGranted(const base::Principal& principal, std::string_view permission)
{
    if (permission == "stats")
        return principal.may(base::Access::STATS, {}, false);
    if (permission == "broadcast")
        return principal.may(base::Access::BROADCAST, {}, false);
    const std::string_view name = permission.substr(permission.find(':') + 1);
    if (permission.starts_with("tool:"))
        return principal.may(base::Access::TOOL, name, false);
    if (permission.starts_with("resource:"))
        return principal.may(base::Access::RESOURCE, name, true);
    return principal.may(base::Access::PROMPT, name, true);
}

std::vector<std::string> texts(const Element& filter, std::string_view name)
{
    std::vector<std::string> result;
    Element value;
    if (!base::findMember(filter, name, value))
        return result;
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS)
        throw Poco::DataFormatException("filter." + std::string(name) + " must be an array of strings");
    for (const auto& item : array)
    {
        std::string_view text;
        if (item.get(text) != simdjson::SUCCESS)
            throw Poco::DataFormatException("filter." + std::string(name) + " must be an array of strings");
        result.emplace_back(text);
    }
    // An empty list would reach all although it names nobody.
    if (result.empty())
        throw Poco::DataFormatException("filter." + std::string(name) + " is empty; leave it out to reach all");
    return result;
}

/// A misspelt filter must not reach more people than it was meant for. False: there is none.
bool findFilter(const Element& root, Element& filter)
{
    if (!base::findMember(root, "filter", filter))
        return false;
    simdjson::dom::object object;
    if (filter.get(object) != simdjson::SUCCESS)
        throw Poco::DataFormatException("filter must be an object");
    for (const auto& [name, ignored] : object)
        if (name != "tokenTypes" && name != "permissions" && name != "sessions")
            throw Poco::DataFormatException("filter knows tokenTypes, permissions and sessions, not '" +
                                            std::string(name) + "'");
    return true;
}

/// Whether `name` can stand behind `event:` in a stream without ending the line.
bool isEventName(std::string_view name)
{
    return name.size() <= MAX_EVENT_NAME &&
           std::all_of(name.begin(), name.end(),
                       [](char letter)
                       {
                           return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                                  (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
                       });
}

/// The params of the log message to the client's user that anything becomes which is no notification.
std::string logParamsOf(const Element& message)
{
    Element value, data = message, result = message;
    if (base::findMember(message, "result", result) && base::findMember(result, "message", value))
        data = value;
    else if (base::findMember(message, "text", value))
        data = value;
    std::string_view level = base::textMember(result, "level");
    if (level.empty())
        level = base::textMember(message, "level");
    if (!base::logLevelOf(level))
        level = "notice";
    std::string params;
    base::JsonWriter(params)
        .beginObject()
        .member("level", level)
        .member("logger", "broadcast")
        .member("data", data)
        .endObject();
    return params;
}

bool has(const std::vector<std::string>& list, std::string_view item)
{
    return list.empty() || std::find(list.begin(), list.end(), item) != list.end();
}

} // namespace

Broadcast::Broadcast(std::string_view body)
{
    const base::JsonDocumentPtr document = base::JsonDocument::parse(body);
    Element message, value;
    if (!base::findMember(document->root(), "message", message))
        throw Poco::DataFormatException("the body must be an object with a member 'message'");
    if (message.is_null())
        throw Poco::DataFormatException("the message is null");
    _method = base::textMember(message, "method");
    if (_method.empty())
    {
        _method = "notifications/message";
        _params = logParamsOf(message);
    }
    else
    {
        if (base::findMember(message, "id", value))
            throw Poco::DataFormatException("a message with an id is a request; only notifications can be broadcast");
        if (!_method.starts_with("notifications/"))
            throw Poco::DataFormatException("the method of a notification begins with notifications/");
        if (base::findMember(message, "params", value))
        {
            _params = base::toJson(value);
            _uri = base::textMember(value, "uri");
        }
    }
    if (const std::string_view event = base::textMember(message, "type"); isEventName(event))
        _event = event;
    _payload = base::toJson(message);
    if (Element filter; findFilter(document->root(), filter))
    {
        _types = texts(filter, "tokenTypes");
        _permissions = texts(filter, "permissions");
        _sessions = texts(filter, "sessions");
    }
    if (!std::all_of(_permissions.begin(), _permissions.end(), isPermission))
        throw Poco::DataFormatException(
            "filter.permissions holds stats, broadcast, tool:<name>, resource:<uri> and prompt:<name>");
}

bool Broadcast::isFor(std::string_view id, const base::Principal& principal) const
{
    return has(_types, principal.type) && has(_sessions, id) &&
           std::all_of(_permissions.begin(), _permissions.end(),
                       [&](const std::string& permission) { return isGranted(principal, permission); });
}

} // namespace tenon::mcp
