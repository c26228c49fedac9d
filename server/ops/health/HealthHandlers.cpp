#include "ops/health/HealthHandlers.h"

#include "base/json/JsonWriter.h"
#include "ops/Answers.h"

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

namespace tenon::ops
{

std::string healthJson(std::chrono::seconds uptime, const Poco::Timestamp& now)
{
    std::string json;
    base::JsonWriter(json)
        .beginObject()
        .member("status", "healthy")
        .member("service", "tenon")
        .member("version", TENON_VERSION)
        .member("timestamp", isoTime(now))
        .member("uptime_seconds", std::int64_t(uptime.count()))
        .endObject();
    return json;
}

const char* wordFor(const Readiness& readiness)
{
    switch (readiness.phase)
    {
    case Phase::STARTING:
        return "starting";
    case Phase::DRAINING:
        return "draining";
    case Phase::RUNNING:
        break;
    }
    return readiness.ready() && readiness.backed == Backed::THERE ? "ready" : "degraded";
}

std::string readyJson(const Readiness& readiness)
{
    std::string json;
    base::JsonWriter writer(json);
    writer.beginObject().member("status", wordFor(readiness));
    if (!readiness.missingPlugins.empty())
    {
        writer.key("missing_plugins").beginArray();
        for (const std::string& name : readiness.missingPlugins)
            writer.value(name);
        writer.endArray();
    }
    if (!readiness.lackingPlugins.empty())
    {
        writer.key("lacking_plugins").beginObject();
        for (const auto& [name, what] : readiness.lackingPlugins)
            writer.member(name, what);
        writer.endObject();
    }
    if (readiness.backed != Backed::THERE)
        writer.member("store", "away");
    writer.endObject();
    return json;
}

void HealthHandler::handleRequest(Poco::Net::HTTPServerRequest&, Poco::Net::HTTPServerResponse& response)
{
    sendJson(response, 200, healthJson(_status.uptime(), Poco::Timestamp()));
}

void ReadyHandler::handleRequest(Poco::Net::HTTPServerRequest&, Poco::Net::HTTPServerResponse& response)
{
    const Readiness readiness = _status.readiness();
    sendJson(response, readiness.ready() ? 200 : 503, readyJson(readiness));
}

} // namespace tenon::ops
