#include "net/mcp/SseProfile.h"

#include <Poco/Exception.h>

#include <array>
#include <string>

namespace tenon::net
{

namespace
{

using IdPlace = SseProfile::IdPlace;
using Envelope = SseProfile::Envelope;

constexpr std::array<SseProfile, 4> PROFILES = {{
    // The transport of 2024-11-05.
    {
        .name = "standard",
        .streamPath = {},
        .messagePath = {},
        .idPlace = IdPlace::QUERY,
        .idName = "session_id",
        .envelope = Envelope::NONE,
        .welcomeEvent = "endpoint",
        .welcomeData = "{path}?session_id={id}",
        .responseEvent = "message",
        .toolResultEvent = {},
        .notificationEvent = "message",
        .errorEvent = "message",
        .heartbeat = {},
        .acceptedStatus = 202,
        .acceptedBody = {},
        .initializes = false,
    },
    // The client names its session in both paths; JSON-RPC without event names.
    {
        .name = "path-session",
        .streamPath = "/sse/*",
        .messagePath = "/message/*",
        .idPlace = IdPlace::PATH,
        .idName = {},
        .envelope = Envelope::NONE,
        .welcomeEvent = {},
        .welcomeData = {},
        .responseEvent = {},
        .toolResultEvent = {},
        .notificationEvent = {},
        .errorEvent = {},
        .heartbeat = {},
        .acceptedStatus = 202,
        .acceptedBody = {},
        .initializes = false,
    },
    // Messages are wrapped, events have the kinds' names.
    {
        .name = "backlog",
        .streamPath = "/mcp/sse",
        .messagePath = "/mcp/sse/send",
        .idPlace = IdPlace::BODY,
        .idName = "connectionId",
        .envelope = Envelope::WRAPPED,
        .welcomeEvent = "mcp-notification",
        .welcomeData = R"({"type":"mcp-notification","connectionId":"{id}",)"
                       R"("result":{"message":"connected","connectionId":"{id}"},"timestamp":"{time}"})",
        .responseEvent = "mcp-response",
        .toolResultEvent = "tool-result",
        .notificationEvent = "mcp-notification",
        .errorEvent = "mcp-error",
        .heartbeat = "event: heartbeat\ndata: {\"type\":\"heartbeat\"}\n\n",
        .acceptedStatus = 200,
        .acceptedBody = R"({"success":true,"connectionId":"{id}"})",
        .initializes = true,
        .statusEvent = "connection-status",
        .unknownToolIsMethod = true,
        .resumes = true,
        .pollPath = "/mcp/sse/poll",
        .statsPath = "/mcp/sse/stats",
        .broadcastPath = "/mcp/sse/broadcast",
        .pagePath = "/demo-sse.html",
    },
    // JSON-RPC with the session's id among its members.
    {
        .name = "rails",
        .streamPath = "/mcp/sse",
        .messagePath = "/mcp/sse/message",
        .idPlace = IdPlace::BODY,
        .idName = "connection_id",
        .envelope = Envelope::NONE,
        .welcomeEvent = "connected",
        .welcomeData = R"({"connection_id":"{id}","timestamp":"{time}"})",
        .responseEvent = "mcp_response",
        .toolResultEvent = {},
        .notificationEvent = "mcp_response",
        .errorEvent = "mcp_response", // it answers a request, and an event named error reaches onerror
        .heartbeat = "event: heartbeat\ndata: {\"status\":\"alive\"}\n\n",
        .acceptedStatus = 200,
        .acceptedBody = R"({"status":"accepted","connection_id":"{id}"})",
        .initializes = true,
        .errorNotice = "error",
        .plainPost = true,
        .pagePath = "/mcp_sse_example.html",
        .healthAtEndpoint = true,
    },
}};

} // namespace

std::span<const SseProfile> sseProfiles() noexcept
{
    return PROFILES;
}

const SseProfile* findSseProfile(std::string_view name) noexcept
{
    for (const SseProfile& profile : PROFILES)
        if (profile.name == name)
            return &profile;
    return nullptr;
}

const SseProfile& requireSseProfile(std::string_view name)
{
    if (const SseProfile* profile = findSseProfile(name))
        return *profile;
    std::string known;
    for (const SseProfile& profile : PROFILES)
        known.append(known.empty() ? "" : ", ").append(profile.name);
    throw Poco::InvalidArgumentException("names '" + std::string(name) +
                                         "', which is not a profile; the profiles are " + known);
}

} // namespace tenon::net
