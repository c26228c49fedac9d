#include "ops/doctor/DoctorChecks.h"

#include "base/json/JsonDocument.h"
#include "client/Client.h"
#include "client/Revision.h"
#include "client/auth/Challenge.h"

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>
#include <Poco/Exception.h>
#include <Poco/Timestamp.h>

#include <cstdlib>

namespace tenon::ops
{

namespace
{

constexpr std::int64_t SLOW_STREAM_MS = 1500;
constexpr std::int64_t CLOCK_SECONDS = 30;

using Element = base::JsonDocument::Element;

base::JsonDocumentPtr parsed(const std::string& json)
{
    try
    {
        return base::JsonDocument::parse(json);
    }
    catch (const Poco::Exception&)
    {
        return nullptr;
    }
}

std::string reason(const DoctorAnswer& answer)
{
    return answer.status == 0 ? answer.fault : "status " + std::to_string(answer.status);
}

void checkClock(Patient& patient, const DoctorAnswer& answer)
{
    const std::string date = answer.header("Date");
    Poco::DateTime server;
    int offset = 0;
    if (date.empty() || !Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::HTTP_FORMAT, date, server, offset))
        return;
    const std::int64_t off = (server.timestamp() - Poco::Timestamp()) / Poco::Timestamp::resolution();
    if (std::llabs(off) > CLOCK_SECONDS)
        patient.findings.warn("clocks differ by " + std::to_string(off) +
                              " seconds; tokens may look expired or not yet valid: synchronise one of them");
    else
        patient.findings.ok("clock agrees with ours");
}

/// A client for one session, of one revision or one like it.
std::unique_ptr<client::Client> clientOf(const Patient& patient, client::ClientHandler& handler,
                                         std::string_view revision)
{
    client::ClientOptions options;
    options.target.url = patient.url;
    options.http = patient.client.http();
    options.credentials = patient.client.credentials();
    options.session.info.name = "tenon-doctor";
    options.session.revision = revision;
    options.session.anyLegacy = true;
    options.session.probeMs = options.session.initializeMs = patient.client.timeoutMs();
    return std::make_unique<client::Client>(std::move(options), handler);
}

/// Whether the server refused the handshake for what the client showed, or did not show.
bool wantsCertificate(const std::string& fault)
{
    return fault.find("alert certificate required") != std::string::npos ||
           fault.find("alert unknown ca") != std::string::npos ||
           fault.find("alert bad certificate") != std::string::npos;
}

} // namespace

bool checkHealth(Patient& patient)
{
    const DoctorAnswer health = patient.client.get("/health");
    if (health.status == 0 && wantsCertificate(health.fault))
    {
        const bool shown = !patient.client.http().certificate.empty();
        patient.findings.fail(std::string("TLS: the server ") +
                              (shown ? "does not accept the client certificate; it must come from an authority of "
                                       "tls.clientAuthorities ("
                                     : "asks for a client certificate: give --client-certificate and --client-key (") +
                              health.fault + ")");
        return false;
    }
    if (health.status == 0 && patient.url.getScheme() == "https" &&
        health.fault.find("ertificate") != std::string::npos)
    {
        patient.findings.fail(
            "TLS: the certificate is not accepted (" + health.fault +
            "); it must come from an authority clients know, carry the name they use, and be sent with its chain");
        return false;
    }
    if (health.status == 0)
    {
        patient.findings.fail("nothing answers at " + patient.url.getHost() + ":" +
                              std::to_string(patient.url.getPort()) + ": " + health.fault +
                              "; is the server running, and is there a firewall or a proxy in between?");
        return false;
    }
    const base::JsonDocumentPtr body = parsed(health.body);
    if (health.status == 200 && body && base::textMember(body->root(), "status") == "healthy")
        patient.findings.ok("/health: " + std::string(base::textMember(body->root(), "service")) + " " +
                            std::string(base::textMember(body->root(), "version")) + " is healthy");
    else
        patient.findings.warn("/health: " + reason(health) +
                              "; a proxy may pass on only the endpoint, or this is not Tenon");
    checkClock(patient, health);

    const DoctorAnswer ready = patient.client.get("/ready");
    if (ready.status == 200)
        patient.findings.ok("/ready");
    else if (ready.status == 503)
        patient.findings.fail("/ready: the server accepts no work at the moment: " + ready.body);
    return true;
}

void checkTls(Patient& patient)
{
    int days = 0;
    if (patient.client.certificateDays(days))
    {
        if (days < 14)
            patient.findings.warn("the certificate ends in " + std::to_string(days) +
                                  " days; renew it and send the server SIGHUP");
        else
            patient.findings.ok("TLS: the certificate is good for " + std::to_string(days) + " days");
    }
    else if (!patient.loopback)
        patient.findings.warn("no TLS: whoever is on the way reads tokens and messages; set tls.enabled, or put a "
                              "proxy with TLS in front");
}

void checkModern(Patient& patient)
{
    client::ClientHandler handler;
    const auto client = clientOf(patient, handler, client::MODERN_REVISION);
    try
    {
        std::string all;
        for (const std::string& revision : client->peer().supportedRevisions)
            all += (all.empty() ? "" : ", ") + revision;
        patient.findings.ok("server/discover: revisions " + all);
    }
    catch (const client::ClientException& exc)
    {
        if (exc.fault() != client::Fault::NOT_ALLOWED)
        {
            patient.findings.warn("the modern revision is not spoken at " + patient.url.getPath() + ": " +
                                  exc.message() + "; is the path right?");
            return;
        }
        patient.locked = true;
        if (exc.httpStatus() == 403)
            patient.findings.fail("the endpoint refuses us: " + exc.message());
        else
            checkMetadata(patient, patient.client.send("POST", patient.url.getPath(), {}, "{}").response,
                          exc.message());
    }
}

void checkLegacy(Patient& patient)
{
    client::ClientHandler handler;
    const auto client = clientOf(patient, handler, client::LATEST_LEGACY_REVISION);
    try
    {
        const client::Peer peer = client->peer();
        patient.findings.ok("initialize: " + (peer.name.empty() ? "" : peer.name + ", ") + "revision " + peer.revision);
    }
    catch (const client::ClientException& exc)
    {
        patient.findings.fail("initialize: " + exc.message() + "; clients of revisions up to " +
                              std::string(client::LATEST_LEGACY_REVISION) + " cannot connect");
    }
}

void checkMetadata(Patient& patient, const Poco::Net::HTTPResponse& refusal, const std::string& why)
{
    const std::string challenge = refusal.get("WWW-Authenticate", "");
    if (patient.given)
        patient.findings.fail("the credentials given are not accepted: " + why +
                              (challenge.empty() ? "" : "; it asks for: " + challenge));
    else
        patient.findings.note("credentials are asked for" + (challenge.empty() ? "" : ": " + challenge) +
                              "; give some to look further: --token, --user, --header, --client-id, or tenon login");
    const std::string url = client::Challenge::of(refusal).get("resource_metadata");
    if (url.empty())
        return;
    if (patient.url.getScheme() == "https" && url.rfind("http://", 0) == 0)
        patient.findings.fail(
            "resource_metadata is an http URL behind TLS: set http.publicUrl to the https URL clients use");
    const DoctorAnswer answer = patient.client.elsewhere(url);
    const base::JsonDocumentPtr body = parsed(answer.body);
    if (answer.status != 200 || !body)
    {
        patient.findings.fail("the metadata at " + url + " cannot be read: " + reason(answer) +
                              "; the proxy must pass on /.well-known/oauth-protected-resource as well");
        return;
    }
    const std::string resource(base::textMember(body->root(), "resource"));
    const std::string own = patient.url.toString();
    if (own.rfind(resource, 0) != 0)
        patient.findings.fail("the metadata is of " + resource + ", clients call " + own +
                              ": they differ, tokens will not fit; set http.publicUrl");
    else
        patient.findings.ok("metadata: resource " + resource);
    Element servers;
    simdjson::dom::array list;
    if (!base::findMember(body->root(), "authorization_servers", servers) || servers.get(list) != simdjson::SUCCESS ||
        list.size() == 0)
        patient.findings.fail("the metadata names no authorization server: set auth.oauth.authorizationServers");
}

void checkNames(Patient& patient)
{
    const DoctorAnswer host =
        patient.client.send("POST", patient.url.getPath(), {{"Host", "doctor.invalid"}}, "{}", false);
    if (host.status == 403 || host.status == 421)
        patient.findings.ok("foreign host names are refused");
    else if (host.status == 0)
        patient.findings.note("whether foreign host names are refused cannot be seen: " + reason(host));
    else if (patient.loopback)
        patient.findings.fail(
            "a foreign host name is answered (" + reason(host) +
            "): a web page could reach this server by DNS rebinding; take * out of http.allowedHosts");
    else
        patient.findings.note("any host name is answered; http.allowedHosts restricts that");

    const DoctorAnswer origin =
        patient.client.send("POST", patient.url.getPath(), {{"Origin", "https://doctor.invalid"}}, "{}", false);
    if (origin.status == 403)
        patient.findings.ok("foreign web pages are refused");
    else if (origin.status == 0)
        patient.findings.note("whether foreign web pages are refused cannot be seen: " + reason(origin));
    else
        patient.findings.warn("a page of any origin is answered (" + reason(origin) +
                              "); list those that may in http.allowedOrigins");
}

void checkCors(Patient& patient)
{
    const std::string origin = patient.url.getScheme() + "://" + patient.url.getAuthority();
    const DoctorAnswer answer =
        patient.client.send("OPTIONS", patient.url.getPath(),
                            {{"Origin", origin},
                             {"Access-Control-Request-Method", "POST"},
                             {"Access-Control-Request-Headers", "content-type, mcp-session-id"}},
                            {}, false);
    if (answer.status / 100 != 2)
        patient.findings.note("CORS: pages of " + origin + " are not allowed (" + reason(answer) + ")");
    else if (answer.header("Access-Control-Allow-Origin").empty())
        patient.findings.warn("CORS: the preflight has no Access-Control-Allow-Origin; a proxy may answer it itself");
    else if (answer.header("Access-Control-Expose-Headers").find("Mcp-Session-Id") == std::string::npos)
        patient.findings.fail("CORS hides Mcp-Session-Id from pages; a proxy may replace the headers of the server");
    else
        patient.findings.ok("CORS: pages of " + origin + " may use the server");
}

void checkStream(Patient& patient)
{
    const DoctorAnswer answer = patient.client.beginStream("/sse");
    if (answer.status == 401 || answer.status == 403 || answer.status == 404 || answer.status == 405)
        return; // not offered, or not to us: nothing to learn about a proxy
    if (answer.status == 200 && answer.firstByteMs < 0)
        patient.findings.fail("an event stream stays silent: a proxy is buffering it; turn that off "
                              "(nginx: proxy_buffering off)");
    else if (answer.status == 200 && answer.firstByteMs > SLOW_STREAM_MS)
        patient.findings.warn("the first event of a stream took " + std::to_string(answer.firstByteMs) +
                              " ms; a proxy may be buffering");
    else if (answer.status == 200)
        patient.findings.ok("event streams arrive at once (" + std::to_string(answer.firstByteMs) + " ms)");
    else
        patient.findings.note("/sse: " + reason(answer));
}

} // namespace tenon::ops
