#include "net/NetSettings.h"

namespace tenon::net
{

namespace
{

using base::SettingType;

template <typename Number>
void read(const base::Settings& settings, std::string_view key, Number& out)
{
    out = static_cast<Number>(settings.integer(key));
}

} // namespace

NetSettings::NetSettings(const base::Settings& settings)
{
    host = settings.text("http.host");
    read(settings, "http.port", port);
    mcpPath = settings.text("http.mcpPath");
    ssePath = settings.text("http.ssePath");
    messagePath = settings.text("http.messagePath");
    read(settings, "http.threads", threads);
    read(settings, "http.maxThreads", maxThreads);
    read(settings, "http.queue", queue);
    read(settings, "http.queueMs", queueMs);
    read(settings, "http.keepAliveMs", keepAliveMs);
    read(settings, "http.keepAliveMax", keepAliveMax);
    read(settings, "http.maxConnectionAgeMs", maxConnectionAgeMs);
    read(settings, "http.maxHeaderBytes", maxHeaderBytes);
    read(settings, "http.gzipMinBytes", gzipMinBytes);
    read(settings, "http.backlog", backlog);
    read(settings, "limits.maxMessageBytes", maxMessageBytes);
    read(settings, "limits.maxConnections", maxConnections);
    read(settings, "limits.maxStreams", maxStreams);
    read(settings, "limits.streamQueueBytes", streamQueueBytes);
    read(settings, "timeouts.idleMs", idleMs);
    read(settings, "timeouts.heartbeatMs", heartbeatMs);
    read(settings, "timeouts.headMs", headMs);
    read(settings, "timeouts.bodyMs", bodyMs);
    read(settings, "timeouts.sendMs", sendMs);
    sseProfiles = settings.list("sse.profiles");
    tls = settings.boolean("tls.enabled");
    tlsCertificate = settings.text("tls.certificate");
    tlsKey = settings.text("tls.key");
    tlsClientAuthorities = settings.text("tls.clientAuthorities");
    tlsClients = settings.text("tls.clientCertificates");
    tlsMinVersion = settings.text("tls.minVersion");
    tlsCiphers = settings.text("tls.ciphers");
}

std::vector<base::SettingSpec> settings()
{
    return {
        {"http.host", SettingType::TEXT, "127.0.0.1", "", "Address to listen on"},
        {"http.port", SettingType::INTEGER, "8080", "0..65535", "Port to listen on; 0 picks a free one and prints it"},
        {"http.mcpPath", SettingType::TEXT, "/mcp", "", "Path of the MCP endpoint (Streamable HTTP)"},
        {"http.ssePath", SettingType::TEXT, "/sse", "", "Path of the event stream of the HTTP+SSE transport"},
        {"http.messagePath", SettingType::TEXT, "/messages", "", "Path for messages of the HTTP+SSE transport"},
        {"http.threads", SettingType::INTEGER, "0", "0..1024", "Threads that serve requests; 0: one a processor"},
        {"http.maxThreads", SettingType::INTEGER, "64", "1..4096", "Threads there may be while calls block"},
        {"http.queue", SettingType::INTEGER, "1024", "0..1000000",
         "Requests that may wait when all threads are busy; the next gets 503"},
        {"http.queueMs", SettingType::INTEGER, "10000", "1..3600000",
         "Longest wait of such a request, in milliseconds; then it gets 503"},
        {"http.keepAliveMs", SettingType::INTEGER, "75000", "0..86400000",
         "A connection without a request is closed after this many milliseconds; 0: after every answer"},
        {"http.keepAliveMax", SettingType::INTEGER, "0", "0..", "Requests a connection may carry; 0: no limit"},
        {"http.maxConnectionAgeMs", SettingType::INTEGER, "0", "0..",
         "A connection is closed after its current answer when it is older, in milliseconds; 0: never"},
        {"http.maxHeaderBytes", SettingType::INTEGER, "16384", "1024..1048576",
         "Size of request line and header fields"},
        {"http.gzipMinBytes", SettingType::INTEGER, "8192", "0..",
         "JSON answers from this size are compressed for clients that ask for it; 0: none"},
        {"http.backlog", SettingType::INTEGER, "1024", "1..65535",
         "Connections the system may hold until they are accepted"},
        {"limits.maxMessageBytes", SettingType::INTEGER, "4194304", "1024..1073741824", "Size of one incoming message"},
        {"limits.maxConnections", SettingType::INTEGER, "20000", "1..1000000", "Connections open at a time"},
        {"limits.maxStreams", SettingType::INTEGER, "15000", "0..1000000", "Event streams open at a time"},
        {"limits.streamQueueBytes", SettingType::INTEGER, "1048576", "1024..1073741824",
         "What may wait for a slow reader of a stream before it is closed"},
        {"timeouts.idleMs", SettingType::INTEGER, "300000", "0..",
         "Any connection on which nothing moves is closed after this many milliseconds; 0: never"},
        {"timeouts.heartbeatMs", SettingType::INTEGER, "15000", "0..",
         "A comment is sent on streams that were silent this long, in milliseconds; 0: none"},
        {"timeouts.headMs", SettingType::INTEGER, "10000", "10..", "Time a client has for the head of a request"},
        {"timeouts.bodyMs", SettingType::INTEGER, "30000", "10..", "Time a client has for the body of a request"},
        {"timeouts.sendMs", SettingType::INTEGER, "30000", "10..",
         "Time a client may take nothing of an answer that waits for it"},
        {"sse.profiles", SettingType::LIST, "standard", "",
         "Forms of the HTTP+SSE transport: standard, path-session, backlog, rails"},
        {"tls.enabled", SettingType::BOOLEAN, "false", "", "Speak TLS"},
        {"tls.certificate", SettingType::PATH, "", "", "PEM file of the server's certificate and its chain", true},
        {"tls.key", SettingType::PATH, "", "", "PEM file of the private key", true},
        {"tls.clientAuthorities", SettingType::PATH, "", "",
         "PEM file or folder of the authorities of client certificates", true},
        {"tls.clientCertificates", SettingType::CHOICE, "none", "none|optional|required",
         "Whether clients show a certificate"},
        {"tls.minVersion", SettingType::CHOICE, "1.2", "1.2|1.3", "Oldest version of TLS spoken"},
        {"tls.ciphers", SettingType::TEXT, "", "", "Ciphers for TLS 1.2 in OpenSSL's notation; empty: strong ones"},
    };
}

} // namespace tenon::net
