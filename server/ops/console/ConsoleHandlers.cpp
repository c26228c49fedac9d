#include "ops/console/ConsoleHandlers.h"

#include "base/json/JsonWriter.h"
#include "base/text/Ascii.h"
#include "console/EmbeddedFile.h"
#include "ops/Answers.h"
#include "ops/Permitted.h"

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/NumberParser.h>
#include <Poco/URI.h>

#include <algorithm>

namespace tenon::ops
{

namespace
{

using Poco::Net::HTTPResponse;

constexpr std::size_t MAX_LISTED = 1000;
constexpr std::size_t SHOWN_TOOLS = 100;

// Nothing but this server's own files and answers; images and sound of results come as data.
constexpr const char* POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                               "img-src 'self' data:; media-src data:; frame-src 'self'; base-uri 'none'; "
                               "form-action 'none'; frame-ancestors 'none'";

// A view of a tool is somebody else's document: it may run, in a frame without an origin, and reach nothing.
constexpr const char* FRAME_POLICY = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src "
                                     "'unsafe-inline'; img-src data:; media-src data:; font-src data:; "
                                     "frame-ancestors 'self'";

constexpr const char* WITHOUT =
    "This server was built without its console: building it needs Node.js 18 or later, and npm.\n";

/// What follows the last slash of the path: "" for the page itself.
std::string_view nameOf(const std::string& uri)
{
    const std::string_view path = std::string_view(uri).substr(0, uri.find('?'));
    return path.substr(path.rfind('/') + 1);
}

std::string_view homeOf(const plugin::PluginStatus& plugin)
{
    if (plugin.isolation == "process")
        return plugin.instance.workers > 1 ? "pool" : "worker";
    return plugin.isolation == "none" ? std::string_view("process") : std::string_view(plugin.isolation);
}

/// The number that the query gives `name`, within 1 and MAX_LISTED.
std::size_t numberOf(const std::string& uri, const std::string& name, std::size_t otherwise)
{
    for (const auto& [key, value] : Poco::URI(uri).getQueryParameters())
        if (unsigned number = 0; key == name && Poco::NumberParser::tryParseUnsigned(value, number))
            return std::clamp<std::size_t>(number, 1, MAX_LISTED);
    return otherwise;
}

std::string textOf(const std::string& uri, const std::string& name)
{
    for (const auto& [key, value] : Poco::URI(uri).getQueryParameters())
        if (key == name)
            return value;
    return {};
}

bool fits(const SessionInfo& session, const std::string& words)
{
    const std::string text = base::lowered(session.id + ' ' + session.principal->name + ' ' + session.principal->type +
                                           ' ' + session.transport + ' ' + session.client);
    return text.find(words) != std::string::npos;
}

std::string pluginsJson(const plugin::PluginManager& plugins)
{
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject().key("plugins").beginArray();
    for (const plugin::PluginStatus& plugin : plugins.status())
    {
        writer.beginObject()
            .member("name", plugin.name)
            .member("version", plugin.version)
            .member("state", plugin.state);
        if (!plugin.reason.empty())
            writer.member("reason", plugin.reason);
        const auto& instance = plugin.instance;
        writer.member("home", homeOf(plugin))
            .member("file", plugin.file)
            .member("digest", plugin.sha256)
            .member("pinned", plugin.pinned)
            .member("sandbox", plugin.confined)
            .member("tools", plugin.tools)
            .member("resources", plugin.resources + plugin.templates)
            .member("prompts", plugin.prompts)
            .member("workers", instance.workers)
            .member("workersRunning", instance.workersRunning)
            .member("restarts", instance.restarts)
            .member("reloads", plugin.reloads)
            .member("crashes", instance.crashes)
            .member("kills", instance.kills)
            .member("callsInside", instance.callsInside)
            .member("memoryBytes", instance.residentBytes);
        if (instance.crashes > 0 && !instance.reason.empty())
            writer.member("lastCrash", instance.reason);
        if (!instance.lastTrace.empty())
            writer.member("lastTrace", instance.lastTrace);
        writer.key("programs").beginArray();
        for (const auto& program : instance.programs)
            writer.value(program.title);
        writer.endArray().endObject();
    }
    writer.endArray().endObject();
    return text;
}

std::string sessionsJson(std::vector<SessionInfo> sessions, const std::string& words, std::size_t most)
{
    const Poco::Timestamp now;
    const std::size_t total = sessions.size();
    if (!words.empty())
        std::erase_if(sessions, [&](const SessionInfo& session) { return !fits(session, words); });
    const std::size_t shown = std::min(sessions.size(), most);
    std::partial_sort(sessions.begin(), sessions.begin() + static_cast<std::ptrdiff_t>(shown), sessions.end(),
                      [](const SessionInfo& one, const SessionInfo& other) { return one.openedAt > other.openedAt; });
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject().member("total", total).member("found", sessions.size()).key("sessions").beginArray();
    for (std::size_t at = 0; at < shown; ++at)
        writer.beginObject()
            .member("session", sessions[at].id)
            .member("principal", sessions[at].principal->name)
            .member("type", sessions[at].principal->type)
            .member("transport", sessions[at].transport)
            .member("version", sessions[at].protocolVersion)
            .member("client", sessions[at].client)
            .member("idleMs", sessions[at].idleMs)
            .member("ageMs", (now - sessions[at].openedAt) / 1000)
            .member("events", sessions[at].eventsSent)
            .member("streams", sessions[at].streaming ? 1 : 0)
            .endObject();
    writer.endArray().endObject();
    return text;
}

} // namespace

void ConsoleFileHandler::handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response)
{
    const auto files = console::embeddedFiles();
    std::string_view name = nameOf(request.getURI());
    if (name.empty())
        name = "index.html";
    const auto file = std::find_if(files.begin(), files.end(), [&](const auto& item) { return item.name == name; });
    response.set("X-Content-Type-Options", "nosniff");
    if (file == files.end())
    {
        const std::string_view text = files.empty() ? WITHOUT : "The console does not have this file.\n";
        response.setStatusAndReason(files.empty() ? HTTPResponse::HTTP_SERVICE_UNAVAILABLE
                                                  : HTTPResponse::HTTP_NOT_FOUND);
        response.setContentType("text/plain; charset=utf-8");
        response.sendBuffer(text.data(), text.size());
        return;
    }
    const std::string etag = '"' + std::string(file->digest) + '"';
    response.set("ETag", etag);
    response.set("Cache-Control", "no-cache");
    response.set("Vary", "Accept-Encoding");
    response.set("Content-Security-Policy", name == "frame.html" ? FRAME_POLICY : POLICY);
    response.set("Referrer-Policy", "no-referrer");
    if (request.get("If-None-Match", "") == etag)
    {
        response.setStatusAndReason(HTTPResponse::HTTP_NOT_MODIFIED);
        response.sendBuffer("", 0);
        return;
    }
    response.setContentType(std::string(file->contentType));
    const bool packed = request.get("Accept-Encoding", "").find("gzip") != std::string::npos;
    if (packed)
        response.set("Content-Encoding", "gzip");
    const auto content = packed ? file->gzip : file->plain;
    response.sendBuffer(content.data(), content.size());
}

void ConsoleServerHandler::handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response)
{
    const base::PrincipalPtr principal = principalOf(request);
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject()
        .member("name", _settings.serverName)
        .member("title", _settings.serverTitle)
        .member("version", TENON_VERSION)
        .member("mcpPath", _settings.mcpPath)
        .member("ssePath", _settings.ssePath);
    if (!_settings.publicUrl.empty())
        writer.member("publicUrl", _settings.publicUrl);
    writer.key("authentication").beginArray();
    for (const std::string& kind : _settings.authentication)
        writer.value(kind);
    writer.endArray()
        .key("principal")
        .beginObject()
        .member("name", principal ? principal->name : "")
        .member("type", principal ? principal->type : "")
        .member("anonymous", !principal || principal->anonymous())
        .member("stats", principal && principal->may(base::Access::STATS, {}, false))
        .member("broadcast", principal && principal->may(base::Access::BROADCAST, {}, false))
        .endObject()
        .endObject();
    sendJson(response, 200, text);
}

void ConsoleFiguresHandler::handleRequest(Poco::Net::HTTPServerRequest& request,
                                          Poco::Net::HTTPServerResponse& response)
{
    if (!permitted(request, response, _sources.gate, base::Access::STATS))
        return;
    const std::string_view name = nameOf(request.getURI());
    if (name == "history")
        sendJson(response, 200, _sources.history.json());
    else if (name == "tools")
        sendJson(response, 200, toolFiguresJson(_sources.metrics, numberOf(request.getURI(), "limit", SHOWN_TOOLS)));
    else if (name == "plugins")
        sendJson(response, 200, pluginsJson(_sources.status.plugins()));
    else if (name == "sessions")
        sendJson(response, 200,
                 sessionsJson(_sources.sessions.sessions(), base::lowered(textOf(request.getURI(), "q")),
                              numberOf(request.getURI(), "limit", MAX_LISTED)));
    else
        sendError(response, 404, "not_found",
                  "The console does not have these figures; it has history, tools, plugins, sessions, access, events "
                  "and doctor");
}

} // namespace tenon::ops
