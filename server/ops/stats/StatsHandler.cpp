#include "ops/stats/StatsHandler.h"

#include "base/json/JsonWriter.h"
#include "base/text/PercentCoding.h"
#include "net/connection/Exchange.h"
#include "net/route/MemoryRequest.h"
#include "ops/Answers.h"
#include "ops/Permitted.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <algorithm>
#include <map>
#include <span>

namespace tenon::ops
{

namespace
{

constexpr std::size_t MAX_LISTED = 1000;
constexpr int NOT_FOUND = Poco::Net::HTTPResponse::HTTP_NOT_FOUND;
constexpr const char* NO_SESSION = "There is no session with this id; GET /stats lists them";

void writeSession(base::JsonWriter& writer, const SessionInfo& session, const Poco::Timestamp& now)
{
    writer.beginObject()
        .member("id", session.id)
        .member("type", session.principal->type)
        .member("principal", session.principal->name)
        .member("transport", session.transport)
        .member("protocolVersion", session.protocolVersion);
    if (!session.client.empty())
        writer.member("client", session.client);
    writer.member("openedAt", isoTime(session.openedAt))
        .member("ageSeconds", (now - session.openedAt) / Poco::Timestamp::resolution())
        .member("idleSeconds", session.idleMs / 1000)
        .member("events", session.eventsSent)
        .member("streaming", session.streaming)
        .member("modern", session.modern)
        .endObject();
}

void writePlugin(base::JsonWriter& writer, const plugin::PluginStatus& plugin)
{
    writer.beginObject()
        .member("name", plugin.name)
        .member("version", plugin.version)
        .member("isolation", plugin.isolation)
        .member("state", plugin.state);
    if (!plugin.reason.empty())
        writer.member("reason", plugin.reason);
    if (!plugin.instance.lacks.empty())
        writer.member("lacks", plugin.instance.lacks);
    writer.member("tools", plugin.tools)
        .member("calls", plugin.instance.callsInside)
        .member("memoryBytes", plugin.instance.residentBytes)
        .member("reloads", plugin.reloads)
        .member("failedReloads", plugin.failedReloads)
        .member("restarts", plugin.instance.restarts)
        .member("crashes", plugin.instance.crashes)
        .member("kills", plugin.instance.kills)
        .member("lostThreads", plugin.instance.lostThreads);
    if (plugin.isolation == "attached")
        writer.member("programs", plugin.instance.programs.size());
    writer.endObject();
}

} // namespace

std::string fleetJson(const Fleet& fleet)
{
    std::string json;
    base::JsonWriter writer(json);
    writer.beginObject().member("self", fleet.self).member("away", fleet.away).key("instances").beginArray();
    for (const auto& member : fleet.members)
        writer.beginObject()
            .member("instance", member.tag.substr(0, member.tag.find('.')))
            .member("tag", member.tag)
            .member("self", member.tag == fleet.self)
            .member("ageMs", member.ageMs)
            .rawMember("state", member.state)
            .endObject();
    writer.endArray().endObject();
    return json;
}

std::string statsJson(Statistics statistics, const Poco::Timestamp& now)
{
    std::vector<SessionInfo>& all = statistics.sessions;
    std::sort(all.begin(), all.end(),
              [](const SessionInfo& one, const SessionInfo& other) { return one.openedAt < other.openedAt; });
    std::map<std::string, std::size_t> byType;
    std::size_t streams = 0, modern = 0;
    std::uint64_t events = 0;
    for (const SessionInfo& session : all)
    {
        ++byType[session.principal->type];
        streams += session.streaming ? 1 : 0;
        modern += session.modern ? 1 : 0;
        events += session.eventsSent;
    }

    std::string json;
    base::JsonWriter writer(json);
    writer.beginObject().member("totalConnections", all.size()).key("connectionsByType").beginObject();
    for (const auto& [type, count] : byType)
        writer.member(type, count);
    writer.endObject();
    if (!all.empty())
        writer.member("oldestConnection", isoTime(all.front().openedAt))
            .member("newestConnection", isoTime(all.back().openedAt));
    writer.member("sessions", all.size() - modern)
        .member("modernStreams", modern)
        .member("streams", streams)
        .member("events", events)
        .member("callsInFlight", statistics.callsInFlight)
        .member("uptimeSeconds", std::int64_t(statistics.uptime.count()))
        .key("connections")
        .beginArray();
    for (std::size_t at = 0; at < std::min(all.size(), MAX_LISTED); ++at)
        writeSession(writer, all[at], now);
    writer.endArray().key("plugins").beginArray();
    for (const plugin::PluginStatus& plugin : statistics.plugins)
        writePlugin(writer, plugin);
    writer.endArray().endObject();
    return json;
}

void StatsHandler::handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response)
{
    if (!permitted(request, response, _gate, base::Access::STATS))
        return;
    if (request.getURI().find("scope=cluster") != std::string::npos)
    {
        const auto fleet = _sessions.fleet();
        return fleet ? sendJson(response, 200, fleetJson(*fleet))
                     : sendError(response, 404, "not_found", "There is one instance: cluster.redis is not set");
    }
    Statistics statistics{_sessions.sessions(), _sessions.callsInFlight(), _status.uptime(),
                          _status.plugins().status()};
    sendJson(response, 200, statsJson(std::move(statistics), Poco::Timestamp()));
}

void EndSessionHandler::endElsewhere(const std::string& id, const net::ExchangePtr& exchange)
{
    const auto refuse = [exchange](int status, const std::string& json, std::string_view headers)
    {
        const std::string_view body = json;
        exchange->respond(status, "application/json", std::span(&body, 1), headers);
    };
    _sessions.endElsewhere(id,
                           [exchange, refuse](store::Outcome outcome)
                           {
                               if (outcome == store::Outcome::FOUND)
                                   exchange->respond(Poco::Net::HTTPResponse::HTTP_NO_CONTENT, {}, {});
                               else if (outcome == store::Outcome::UNKNOWN)
                                   refuse(NOT_FOUND, errorJson("not_found", NO_SESSION), "Cache-Control: no-store\r\n");
                               else
                                   refuse(
                                       Poco::Net::HTTPResponse::HTTP_SERVICE_UNAVAILABLE,
                                       errorJson("unavailable", "The other instances cannot be asked now; try again"),
                                       "Cache-Control: no-store\r\nRetry-After: 1\r\n");
                           });
}

void EndSessionHandler::handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response)
{
    if (!permitted(request, response, _gate, base::Access::STATS))
        return;
    const std::string uri = request.getURI().substr(0, request.getURI().find('?'));
    const std::string id = base::percentDecoded(std::string_view(uri).substr(uri.rfind('/') + 1));
    if (id.empty() || !_sessions.end(id))
    {
        if (_sessions.mayBeElsewhere(id))
            return endElsewhere(id, dynamic_cast<const net::MemoryRequest&>(request).memory().park());
        sendError(response, NOT_FOUND, "not_found", NO_SESSION);
        return;
    }
    response.setStatusAndReason(Poco::Net::HTTPResponse::HTTP_NO_CONTENT);
    response.sendBuffer("", 0);
}

} // namespace tenon::ops
