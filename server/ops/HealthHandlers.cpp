#include "ops/HealthHandlers.h"

#include "base/JsonWriter.h"
#include "ops/Answers.h"

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

namespace tenon::ops
{

std::string healthJson(const StatusSource& status, const Poco::Timestamp& now)
{
    std::string json;
    base::JsonWriter(json)
        .beginObject()
        .member("status", "healthy")
        .member("service", "tenon")
        .member("version", TENON_VERSION)
        .member("timestamp", isoTime(now))
        .member("uptime_seconds", (now - status.startedAt()) / Poco::Timestamp::resolution())
        .endObject();
    return json;
}

std::string readyJson(const StatusSource& status, bool& ready)
{
    const StatusSource::Phase phase = status.phase();
    const std::vector<std::string> missing = status.missingPlugins();
    ready = phase == StatusSource::Phase::RUNNING && missing.empty();

    std::string json;
    base::JsonWriter writer(json);
    writer.beginObject().member("status", ready                                    ? "ready"
                                          : phase == StatusSource::Phase::DRAINING ? "draining"
                                          : phase == StatusSource::Phase::STARTING ? "starting"
                                                                                   : "degraded");
    if (!missing.empty())
    {
        writer.key("missing_plugins").beginArray();
        for (const std::string& name : missing)
            writer.value(name);
        writer.endArray();
    }
    writer.endObject();
    return json;
}

void HealthHandler::handleRequest(Poco::Net::HTTPServerRequest&, Poco::Net::HTTPServerResponse& response)
{
    sendJson(response, 200, healthJson(_status, Poco::Timestamp()));
}

void ReadyHandler::handleRequest(Poco::Net::HTTPServerRequest&, Poco::Net::HTTPServerResponse& response)
{
    bool ready = false;
    const std::string json = readyJson(_status, ready);
    sendJson(response, ready ? 200 : 503, json);
}

} // namespace tenon::ops
