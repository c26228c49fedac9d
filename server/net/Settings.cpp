#include "net/Settings.h"

#include <deque>
#include <type_traits>
#include <utility>

namespace tenon::net
{

namespace
{

using base::SettingType;

template <typename Number>
void take(const base::Settings& settings, std::string_view key, Number& out)
{
    out = static_cast<Number>(settings.integer(key));
}

/// The defaults as texts, which the table of keys borrows.
class Defaults
{
public:
    std::string_view operator()(const std::string& text) { return _texts.emplace_back(text); }
    std::string_view operator()(bool value) { return value ? "true" : "false"; }
    template <typename Number>
    requires std::is_arithmetic_v<Number> std::string_view operator()(Number number)
    {
        return _texts.emplace_back(std::to_string(number));
    }
    std::string_view operator()(const std::vector<std::string>& list)
    {
        std::string joined;
        for (const std::string& entry : list)
            joined.append(joined.empty() ? "" : ", ").append(entry);
        return _texts.emplace_back(std::move(joined));
    }

private:
    std::deque<std::string> _texts; // which never moves them
};

} // namespace

Settings Settings::read(const base::Settings& settings)
{
    Settings read;
    read.host = settings.text("http.host");
    if (read.host.size() > 2 && read.host.front() == '[' && read.host.back() == ']') // as it stands in a URL
        read.host = read.host.substr(1, read.host.size() - 2);
    take(settings, "http.port", read.port);
    read.mcpPath = settings.text("http.mcpPath");
    read.ssePath = settings.text("http.ssePath");
    read.messagePath = settings.text("http.messagePath");
    read.webSocket = settings.boolean("http.webSocket");
    take(settings, "http.threads", read.threads);
    take(settings, "http.maxThreads", read.maxThreads);
    take(settings, "http.queue", read.queue);
    take(settings, "http.queueMs", read.queueMs);
    take(settings, "http.keepAliveMs", read.keepAliveMs);
    take(settings, "http.keepAliveMax", read.keepAliveMax);
    take(settings, "http.maxConnectionAgeMs", read.maxConnectionAgeMs);
    take(settings, "http.maxHeaderBytes", read.maxHeaderBytes);
    take(settings, "http.gzipMinBytes", read.gzipMinBytes);
    take(settings, "http.backlog", read.backlog);
    take(settings, "limits.maxMessageBytes", read.maxMessageBytes);
    take(settings, "limits.maxConnections", read.maxConnections);
    take(settings, "limits.maxStreams", read.maxStreams);
    take(settings, "limits.streamQueueBytes", read.streamQueueBytes);
    take(settings, "timeouts.idleMs", read.idleMs);
    take(settings, "timeouts.heartbeatMs", read.heartbeatMs);
    take(settings, "timeouts.headMs", read.headMs);
    take(settings, "timeouts.bodyMs", read.bodyMs);
    take(settings, "timeouts.sendMs", read.sendMs);
    read.sseProfiles = settings.list("sse.profiles");
    take(settings, "sse.acceptedStatus", read.acceptedStatus);
    take(settings, "sse.resumeMs", read.resumeMs);
    take(settings, "sse.batchMs", read.batchMs);
    read.tls = settings.boolean("tls.enabled");
    read.tlsCertificate = settings.text("tls.certificate");
    read.tlsKey = settings.text("tls.key");
    read.tlsClientAuthorities = settings.text("tls.clientAuthorities");
    read.tlsClients = settings.text("tls.clientCertificates");
    read.tlsMinVersion = settings.text("tls.minVersion");
    read.tlsCiphers = settings.text("tls.ciphers");
    return read;
}

std::vector<base::SettingSpec> settings()
{
    static const Settings own;
    static Defaults text;
    static const std::vector<base::SettingSpec> TABLE{
        {"http.host", SettingType::TEXT, text(own.host), "", "Address to listen on"},
        {"http.port", SettingType::INTEGER, text(own.port), "0..65535",
         "Port to listen on; 0 picks a free one and prints it"},
        {"http.mcpPath", SettingType::TEXT, text(own.mcpPath), "", "Path of the MCP endpoint (Streamable HTTP)"},
        {"http.ssePath", SettingType::TEXT, text(own.ssePath), "",
         "Path of the event stream of the HTTP+SSE transport"},
        {"http.messagePath", SettingType::TEXT, text(own.messagePath), "",
         "Path for messages of the HTTP+SSE transport"},
        {"http.webSocket", SettingType::BOOLEAN, text(own.webSocket), "",
         "The MCP endpoint also speaks WebSocket, subprotocol mcp"},
        {"http.threads", SettingType::INTEGER, text(own.threads), "0..1024",
         "Threads that serve requests; 0: one per processor"},
        {"http.maxThreads", SettingType::INTEGER, text(own.maxThreads), "1..4096",
         "Threads there may be while calls block"},
        {"http.queue", SettingType::INTEGER, text(own.queue), "0..1000000",
         "Requests that may wait when all threads are busy; the next gets 503"},
        {"http.queueMs", SettingType::INTEGER, text(own.queueMs), "1..3600000",
         "Longest wait of such a request, in milliseconds; then it gets 503"},
        {"http.keepAliveMs", SettingType::INTEGER, text(own.keepAliveMs), "0..86400000",
         "A connection without a request is closed after this many milliseconds; 0: after every answer"},
        {"http.keepAliveMax", SettingType::INTEGER, text(own.keepAliveMax), "0..",
         "Requests a connection may carry; 0: no limit"},
        {"http.maxConnectionAgeMs", SettingType::INTEGER, text(own.maxConnectionAgeMs), "0..",
         "A connection is closed after its current answer when it is older, in milliseconds; 0: never"},
        {"http.maxHeaderBytes", SettingType::INTEGER, text(own.maxHeaderBytes), "1024..1048576",
         "Size of request line and header fields"},
        {"http.gzipMinBytes", SettingType::INTEGER, text(own.gzipMinBytes), "0..",
         "JSON answers, and events of HTTP+SSE, are compressed from this size for clients that ask for it; 0: none"},
        {"http.backlog", SettingType::INTEGER, text(own.backlog), "1..65535",
         "Connections the system may hold until they are accepted"},
        {"limits.maxMessageBytes", SettingType::INTEGER, text(own.maxMessageBytes), "1024..1073741824",
         "Size of one incoming message"},
        {"limits.maxConnections", SettingType::INTEGER, text(own.maxConnections), "1..1000000",
         "Connections open at a time"},
        {"limits.maxStreams", SettingType::INTEGER, text(own.maxStreams), "0..1000000", "Event streams open at a time"},
        {"limits.streamQueueBytes", SettingType::INTEGER, text(own.streamQueueBytes), "1024..1073741824",
         "What may wait for a slow reader of a stream before it is closed"},
        {"timeouts.idleMs", SettingType::INTEGER, text(own.idleMs), "0..",
         "Any connection on which nothing moves is closed after this many milliseconds; 0: never"},
        {"timeouts.heartbeatMs", SettingType::INTEGER, text(own.heartbeatMs), "0..",
         "A comment is sent on streams that were silent this long, in milliseconds; 0: none"},
        {"timeouts.headMs", SettingType::INTEGER, text(own.headMs), "10..",
         "Time a client has for the head of a request"},
        {"timeouts.bodyMs", SettingType::INTEGER, text(own.bodyMs), "10..",
         "Time a client has for the body of a request"},
        {"timeouts.sendMs", SettingType::INTEGER, text(own.sendMs), "10..",
         "How long a client may read nothing while an answer waits for it"},
        {"sse.profiles", SettingType::LIST, text(own.sseProfiles), "",
         "Forms of the HTTP+SSE transport: standard, path-session, backlog, rails"},
        {"sse.acceptedStatus", SettingType::CHOICE, text(own.acceptedStatus), "0|200|202|204",
         "Status of an accepted message of the HTTP+SSE transport, for clients that look at it; 0: the profile's own"},
        {"sse.resumeMs", SettingType::INTEGER, text(own.resumeMs), "0..3600000",
         "How long a session of the profile backlog waits for a client that lost its stream, or polls; 0: not at all"},
        {"sse.batchMs", SettingType::INTEGER, text(own.batchMs), "0..10000",
         "Gather the events of a stream of HTTP+SSE this long, and send them in one piece; 0: send each at once"},
        {"tls.enabled", SettingType::BOOLEAN, text(own.tls), "", "Speak TLS"},
        {"tls.certificate", SettingType::PATH, text(own.tlsCertificate), "",
         "PEM file of the server's certificate and its chain", true},
        {"tls.key", SettingType::PATH, text(own.tlsKey), "", "PEM file of the private key", true},
        {"tls.clientAuthorities", SettingType::PATH, text(own.tlsClientAuthorities), "",
         "PEM file or folder of the authorities of client certificates", true},
        {"tls.clientCertificates", SettingType::CHOICE, text(own.tlsClients), "none|optional|required",
         "Whether clients must show a certificate"},
        {"tls.minVersion", SettingType::CHOICE, text(own.tlsMinVersion), "1.2|1.3", "Oldest version of TLS spoken"},
        {"tls.ciphers", SettingType::TEXT, text(own.tlsCiphers), "",
         "Ciphers for TLS 1.2 in OpenSSL's notation; empty: strong ones"},
    };
    return TABLE;
}

} // namespace tenon::net
