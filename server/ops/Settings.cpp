#include "ops/Settings.h"

#include "base/text/Ascii.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <string_view>

namespace tenon::ops
{

std::vector<base::SettingSpec> settings()
{
    using enum base::SettingType;
    return {
        {"console.enabled", BOOLEAN, "true", "",
         "Serve pages for people: / says what this server is; /console/ shows what it offers and lets people try it"},
        {"console.clientId", TEXT, "", "",
         "The client id of the console at the OAuth authorization server; empty: its metadata document, or it "
         "registers"},
        {"ops.metrics", CHOICE, "restricted", "restricted|open|off",
         "Who may read /metrics: those with the permission for statistics, or everybody"},
        {"ops.accessLog", CHOICE, "off", "off|combined|text|json", "Write a line for each request, in this form"},
        {"ops.accessLogFile", PATH, "", "", "The access log, rotated; empty: standard error"},
        {"ops.accessLogRotation", TEXT, "100 M", "",
         "When the access log is rotated: 100 M (bytes), 1 days, daily, never"},
        {"ops.accessLogKeep", INTEGER, "5", "1..1000", "Rotated access logs that are kept"},
        {"telemetry.otlp", TEXT, "", "",
         "Send traces to this collector, by OTLP over HTTP with JSON: http://127.0.0.1:4318/v1/traces"},
        {"telemetry.ratio", NUMBER, "1", "0..1",
         "The share of requests that are traced, of those whose client does not decide it by its traceparent"},
        {"telemetry.headers", LIST, "", "", "Headers for the collector: Authorization: Bearer …, X-Scope-OrgID: …"},
        {"plugins.required", LIST, "", "", "Plugins without which /ready says 503."},
    };
}

namespace
{

std::string collectorOf(const base::Settings& settings)
{
    constexpr const char* KEY = "telemetry.otlp";
    const std::string& url = settings.text(KEY);
    if (url.empty())
        return url;
    try
    {
        const Poco::URI uri(url);
        if ((uri.getScheme() == "http" || uri.getScheme() == "https") && !uri.getHost().empty())
            return url;
    }
    catch (const Poco::SyntaxException&)
    {
        settings.refuse(KEY, "is not a URL");
    }
    settings.refuse(KEY, "must be a URL of http or https, such as http://127.0.0.1:4318/v1/traces");
}

std::vector<std::pair<std::string, std::string>> headersOf(const base::Settings& settings)
{
    constexpr const char* KEY = "telemetry.headers";
    std::vector<std::pair<std::string, std::string>> headers;
    for (const std::string& header : settings.list(KEY))
    {
        const std::size_t colon = header.find(':');
        if (colon == std::string::npos || colon == 0)
            settings.refuse(KEY, "must be a list of headers, each with a colon after its name");
        headers.emplace_back(base::trimmed(header.substr(0, colon)),
                             base::trimmed(std::string_view(header).substr(colon + 1)));
    }
    return headers;
}

} // namespace

Settings Settings::read(const base::Settings& settings)
{
    return {settings.boolean("console.enabled"),
            settings.text("console.clientId"),
            settings.text("ops.metrics"),
            settings.text("ops.accessLog"),
            settings.text("ops.accessLogFile"),
            settings.text("ops.accessLogRotation"),
            settings.text("ops.accessLogKeep"),
            settings.list("plugins.required"),
            collectorOf(settings),
            settings.number("telemetry.ratio"),
            headersOf(settings),
            settings.text("http.publicUrl"),
            settings.text("http.mcpPath"),
            settings.text("http.ssePath"),
            settings.text("mcp.name"),
            settings.text("mcp.title"),
            settings.list("auth.type")};
}

} // namespace tenon::ops
