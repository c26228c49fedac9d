#include "ops/pages/ConsolePage.h"

#include "ops/health/HealthHandlers.h"

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <sstream>

namespace tenon::ops
{

namespace
{

constexpr const char* HEAD = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tenon</title>
<style>
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.9rem; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1.05rem; margin: 2.2rem 0 .6rem; }
p.sub { margin: .2rem 0 0; opacity: .72; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(7rem, 1fr)); gap: .75rem; margin: 1.6rem 0; }
dl div { border: 1px solid var(--line); border-radius: .6rem; padding: .7rem .9rem; }
dt { font-size: .82rem; opacity: .72; } dd { margin: 0; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .45rem .6rem .45rem 0; border-bottom: 1px solid var(--line); }
pre { border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1rem; overflow-x: auto; font-size: .87rem; }
code { font-family: ui-monospace, monospace; }
</style>
</head>
<body>
)";

const char* phaseText(const Readiness& readiness)
{
    const bool lacks = readiness.phase == Phase::RUNNING && !readiness.ready();
    return lacks ? "running, a required plugin is missing" : wordFor(readiness);
}

void figure(std::ostream& out, const char* name, std::size_t count)
{
    out << "<div><dt>" << name << "</dt><dd>" << count << "</dd></div>\n";
}

} // namespace

std::string htmlEscaped(std::string_view text)
{
    std::string result;
    for (const char letter : text)
        switch (letter)
        {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        case '"':
            result += "&quot;";
            break;
        case '\'':
            result += "&#39;";
            break;
        default:
            result += letter;
        }
    return result;
}

std::string consoleHtml(const ConsoleFacts& facts, std::string_view base)
{
    const std::string root = htmlEscaped(base);

    std::ostringstream out;
    out << HEAD << "<h1>Tenon</h1>\n<p class=\"sub\">A server for the Model Context Protocol";
    if (facts.forStrangers)
        out << ".</p>\n";
    else
    {
        out << ", version " << TENON_VERSION << ". It is " << phaseText(facts.readiness) << ".</p>\n<dl>\n";
        figure(out, "Plugins", facts.plugins);
        figure(out, "Tools", facts.tools);
        figure(out, "Resources", facts.resources);
        figure(out, "Prompts", facts.prompts);
        out << "</dl>\n";
    }
    out << "<h2>Endpoints</h2>\n<table>\n<tr><th>Transport</th><th>URL</th></tr>\n";
    for (const Endpoint& endpoint : facts.endpoints)
        out << "<tr><td>" << htmlEscaped(endpoint.transport) << "</td><td><code>" << root << htmlEscaped(endpoint.path)
            << "</code></td></tr>\n";
    out << "</table>\n";
    if (!facts.endpoints.empty())
        out << "<h2>Connect</h2>\n<p>Most clients take an entry like this in their configuration:</p>\n<pre><code>{\n"
               "  \"mcpServers\": {\n    \"tenon\": { \"type\": \"http\", \"url\": \""
            << root << htmlEscaped(facts.endpoints.front().path)
            << "\" }\n  }\n}</code></pre>\n<p>If the server asks for credentials, add a header "
               "<code>Authorization: Bearer …</code>, or let the client log in where it offers to.</p>\n";
    if (!facts.forStrangers)
        out << "<h2>For operators</h2>\n<p><code>/health</code>, <code>/ready</code>, <code>/metrics</code>, "
               "<code>/stats</code>.</p>\n";
    out << "</body>\n</html>\n";
    return out.str();
}

void ConsolePage::handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response)
{
    std::string base = _publicUrl;
    while (base.ends_with('/'))
        base.pop_back();
    if (base.empty())
        base = (request.secure() ? "https://" : "http://") + request.get("Host", "localhost");
    const auto catalogue = _status.plugins().current();
    const std::string html = consoleHtml({_status.readiness(), catalogue->instances.size(), catalogue->tools.size(),
                                          catalogue->resources.size() + catalogue->templates.size(),
                                          catalogue->prompts.size(), _endpoints, _gate.demandsCredentials()},
                                         base);
    response.setContentType("text/html; charset=utf-8");
    response.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    response.set("X-Content-Type-Options", "nosniff");
    response.set("Cache-Control", "no-store");
    response.sendBuffer(html.data(), html.size());
}

} // namespace tenon::ops
