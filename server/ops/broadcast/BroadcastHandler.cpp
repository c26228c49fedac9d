#include "ops/broadcast/BroadcastHandler.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"
#include "base/text/LogLevels.h"
#include "ops/Answers.h"
#include "ops/Permitted.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace tenon::ops
{

namespace
{

using Element = base::JsonDocument::Element;

constexpr std::size_t MAX_BYTES = 1 << 20;

struct Filter
{
    std::vector<std::string> types, permissions, sessions;

    [[nodiscard]] bool accepts(const SessionInfo& session) const
    {
        const auto has = [](const std::vector<std::string>& list, const std::string& item)
        { return list.empty() || std::find(list.begin(), list.end(), item) != list.end(); };
        return has(types, session.principal->type) && has(sessions, session.id) &&
               std::all_of(permissions.begin(), permissions.end(),
                           [&](const std::string& permission) { return granted(*session.principal, permission); });
    }

    [[nodiscard]] static bool granted(const base::Principal& principal, std::string_view permission)
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

    [[nodiscard]] static bool isPermission(std::string_view permission)
    {
        return permission == "stats" || permission == "broadcast" || permission.starts_with("tool:") ||
               permission.starts_with("resource:") || permission.starts_with("prompt:");
    }
};

std::vector<std::string> texts(const Element& filter, std::string_view name)
{
    std::vector<std::string> result;
    Element value;
    if (!base::findMember(filter, name, value))
        return result;
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS)
        throw Poco::DataFormatException("filter." + std::string(name) + " must be an array of texts");
    for (const auto& item : array)
    {
        std::string_view text;
        if (item.get(text) != simdjson::SUCCESS)
            throw Poco::DataFormatException("filter." + std::string(name) + " must be an array of texts");
        result.emplace_back(text);
    }
    // An empty list would reach all although it names nobody.
    if (result.empty())
        throw Poco::DataFormatException("filter." + std::string(name) + " is empty; leave it out to reach all");
    return result;
}

Filter readFilter(const Element& root)
{
    Filter filter;
    Element value;
    if (!base::findMember(root, "filter", value))
        return filter;
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS)
        throw Poco::DataFormatException("filter must be an object");
    // A misspelt filter must not reach more people than it was meant for.
    for (const auto& [name, ignored] : object)
        if (name != "tokenTypes" && name != "permissions" && name != "sessions")
            throw Poco::DataFormatException("filter knows tokenTypes, permissions and sessions, not '" +
                                            std::string(name) + "'");
    filter.types = texts(value, "tokenTypes");
    filter.permissions = texts(value, "permissions");
    filter.sessions = texts(value, "sessions");
    for (const std::string& permission : filter.permissions)
        if (!Filter::isPermission(permission))
            throw Poco::DataFormatException(
                "filter.permissions holds stats, broadcast, tool:<name>, resource:<uri> and prompt:<name>");
    return filter;
}

/// Whether `name` can stand behind `event:` in a stream without ending the line.
bool isEventName(std::string_view name)
{
    return name.size() <= 64 &&
           std::all_of(name.begin(), name.end(),
                       [](char letter)
                       {
                           return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                                  (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
                       });
}

/// `message` as a JSON-RPC notification. What is not one becomes a log message to the client's user.
std::string notificationOf(const Element& message)
{
    Element value;
    std::string json;
    base::JsonWriter writer(json);
    const std::string_view method = base::textMember(message, "method");
    if (!method.empty())
    {
        if (base::findMember(message, "id", value))
            throw Poco::DataFormatException("a message with an id is a request; only notifications can be broadcast");
        if (!method.starts_with("notifications/"))
            throw Poco::DataFormatException("the method of a notification begins with notifications/");
        writer.beginObject().member("jsonrpc", "2.0").member("method", method);
        if (base::findMember(message, "params", value))
            writer.member("params", value);
        writer.endObject();
        return json;
    }

    Element data = message, result = message;
    if (base::findMember(message, "result", result) && base::findMember(result, "message", value))
        data = value;
    else if (base::findMember(message, "text", value))
        data = value;
    std::string_view level = base::textMember(result, "level");
    if (level.empty())
        level = base::textMember(message, "level");
    if (!base::logLevelOf(level))
        level = "notice";
    writer.beginObject()
        .member("jsonrpc", "2.0")
        .member("method", "notifications/message")
        .key("params")
        .beginObject()
        .member("level", level)
        .member("logger", "broadcast")
        .member("data", data)
        .endObject()
        .endObject();
    return json;
}

} // namespace

Broadcast parseBroadcast(std::string_view body)
{
    const base::JsonDocumentPtr document = base::JsonDocument::parse(body);
    Element message;
    if (!base::findMember(document->root(), "message", message))
        throw Poco::DataFormatException("the body must be an object with a member 'message'");
    if (message.is_null())
        throw Poco::DataFormatException("the message is null");
    Broadcast broadcast;
    broadcast.notification = std::make_shared<std::string>(notificationOf(message));
    if (const std::string_view event = base::textMember(message, "type"); isEventName(event))
        broadcast.event = event;
    broadcast.payload = std::make_shared<std::string>(base::toJson(message));
    broadcast.accepts = [filter = readFilter(document->root())](const SessionInfo& session)
    { return filter.accepts(session); };
    return broadcast;
}

void BroadcastHandler::handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response)
{
    if (!permitted(request, response, _gate, base::Access::BROADCAST))
        return;
    try
    {
        const std::string body = bodyOf(request, MAX_BYTES);
        const std::size_t sent = _sessions.broadcast(parseBroadcast(body));
        _sessions.broadcastElsewhere(body);
        std::string json;
        base::JsonWriter(json).beginObject().member("sent", sent).endObject();
        sendJson(response, 200, json);
    }
    catch (const Poco::DataFormatException& exc)
    {
        sendError(response, 400, "invalid_request", exc.message());
    }
}

} // namespace tenon::ops
