#include "mcp/dispatch/ContextBuilder.h"

#include "base/json/JsonSlots.h"
#include "base/json/JsonWriter.h"
#include "mcp/messages/MirroredHeaders.h"
#include "mcp/methods/Methods.h"

#include <algorithm>
#include <array>
#include <optional>

namespace tenon::mcp
{

using base::Field;
using base::findMember;
using base::JsonDocument;
using jsonrpc::ErrorKind;
using jsonrpc::RpcException;

namespace
{

constexpr std::string_view VERSION_KEY = "io.modelcontextprotocol/protocolVersion";
constexpr std::string_view CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view LOG_LEVEL_KEY = "io.modelcontextprotocol/logLevel";

/// The members of `_meta` that are asked for.
enum MetaName : std::size_t
{
    VERSION,
    CAPABILITIES,
    LOG_LEVEL,
    PROGRESS_TOKEN,
    TRACEPARENT,
    TRACESTATE,
    BAGGAGE
};
constexpr std::array<std::string_view, BAGGAGE + 1> META_NAMES = {
    VERSION_KEY, CAPABILITIES_KEY, LOG_LEVEL_KEY, "progressToken", "traceparent", "tracestate", "baggage"};
using Meta = base::JsonSlots<META_NAMES>;

/// Whether the text could stand in a header: it goes into log lines and to plugins.
bool isPlain(std::string_view text)
{
    return text.size() <= 8192 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

std::string_view headerOf(const IncomingMessage& incoming, Field field)
{
    return incoming.headers ? incoming.headers->header(field) : std::string_view();
}

/// `version-traceid-parentid-flags` in hex digits; later versions may have more behind another dash.
bool isTraceparent(std::string_view text)
{
    constexpr std::string_view FORM = "xx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
    const auto isHex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (text.size() < FORM.size() || text.starts_with("ff") || !isPlain(text))
        return false;
    if (text.size() > FORM.size() && (text.starts_with("00") || text[FORM.size()] != '-'))
        return false;
    for (std::size_t at = 0; at < FORM.size(); ++at)
        if (FORM[at] == '-' ? text[at] != '-' : !isHex(text[at]))
            return false;
    return text.substr(3, 32).find_first_not_of('0') != std::string_view::npos &&
           text.substr(36, 16).find_first_not_of('0') != std::string_view::npos;
}

/// What any era carries in `_meta`.
void readMeta(const IncomingMessage& incoming, const Meta& meta, RequestContext& context)
{
    JsonDocument::Element token;
    if (meta.find(PROGRESS_TOKEN, token) && !token.is_null() && !jsonrpc::readId(token, context.progressToken))
        throw RpcException(ErrorKind::INVALID_PARAMS, "\"progressToken\" must be a string or an integer");
    const auto trace = [&](MetaName key, Field field)
    {
        const std::string_view value = meta.text(key);
        return value.empty() ? headerOf(incoming, field) : value;
    };
    // W3C Trace Context: a broken traceparent is ignored, and tracestate with it.
    const auto parent = trace(TRACEPARENT, Field::TRACEPARENT), baggage = trace(BAGGAGE, Field::BAGGAGE);
    const bool traced = isTraceparent(parent), carries = !baggage.empty() && isPlain(baggage);
    if (!traced && !carries)
        return;
    context.trace = std::make_shared<TraceContext>();
    if (const auto state = trace(TRACESTATE, Field::TRACESTATE); traced && isPlain(state))
        context.trace->tracestate = state;
    if (traced)
        context.trace->traceparent = parent;
    if (carries)
        context.trace->baggage = baggage;
}

[[noreturn]] void missing(std::string_view key)
{
    throw RpcException(ErrorKind::MISSING_META, "every request needs \"" + std::string(key) + "\" in its params._meta");
}

void fixModern(const IncomingMessage& incoming, const Meta& meta, RequestContext& context, std::string_view header,
               std::optional<ProtocolVersion> headerVersion)
{
    context.version = NEWEST;
    if (!context.hasMeta)
    {
        context.hasMeta = true; // it is a modern request, whatever it lacks
        context.meta = JsonDocument::Element();
        missing(VERSION_KEY);
    }
    JsonDocument::Element value;
    const auto version = meta.text(VERSION);
    if (version.empty())
        missing(VERSION_KEY);
    if (!meta.find(CAPABILITIES, value) || !value.is_object())
        missing(CAPABILITIES_KEY);
    if (simdjson::dom::object(value).size() != 0) // most say that they have none
        context.client = ClientCapabilities::read(value, context.version);
    if (incoming.headers && header != version)
        headerMismatch("MCP-Protocol-Version", header, version);
    const auto known = header == version ? headerVersion : versionOf(version);
    if (!known || !isModern(*known))
    {
        std::string data = "{\"supported\":" + std::string(SUPPORTED_VERSIONS_JSON) + ",\"requested\":";
        base::JsonWriter::appendString(data, version);
        throw RpcException(ErrorKind::UNSUPPORTED_VERSION,
                           known ? "Unsupported protocol version: revisions before 2026-07-28 begin with initialize"
                                 : "Unsupported protocol version",
                           data + '}');
    }
    context.version = *known;
    if (meta.find(LOG_LEVEL, value) && !value.is_null())
    {
        std::string_view level;
        if (value.get_string().get(level))
            throw RpcException(ErrorKind::INVALID_PARAMS, "\"" + std::string(LOG_LEVEL_KEY) + "\" must be a string");
        context.logLevel = logLevelOf(level);
    }
    readMeta(incoming, meta, context);
}

} // namespace

SessionPtr sessionOf(Protocol& protocol, const IncomingMessage& incoming)
{
    if (incoming.session)
        return incoming.session;
    return protocol.sessions.find(incoming.principal, headerOf(incoming, Field::SESSION_ID));
}

SessionPtr requireSession(Protocol& protocol, const IncomingMessage& incoming)
{
    const auto header = headerOf(incoming, Field::PROTOCOL_VERSION);
    if (!header.empty() && !versionOf(header))
        throw RpcException(ErrorKind::BAD_VERSION_HEADER, "MCP-Protocol-Version '" + std::string(header) +
                                                              "' is unknown; known are 2026-07-28, "
                                                              "2025-11-25, 2025-06-18, 2025-03-26 and 2024-11-05");
    auto session = sessionOf(protocol, incoming);
    if (session)
    {
        session->touch();
        return session;
    }
    if (incoming.sessionAsked == Asked::NO_ANSWER)
        throw RpcException(ErrorKind::LIMIT, "the session cannot be looked up now; try again");
    if (headerOf(incoming, Field::SESSION_ID).empty())
        throw RpcException(ErrorKind::SESSION_REQUIRED,
                           "send the header Mcp-Session-Id that initialize gave, or the _meta fields of 2026-07-28");
    throw RpcException(ErrorKind::SESSION_NOT_FOUND, "Session not found; initialize a new one");
}

SessionPtr notifier(Protocol& protocol, const IncomingMessage& incoming, const jsonrpc::Message& message)
{
    if (incoming.session)
        return incoming.session;
    const auto known = versionOf(headerOf(incoming, Field::PROTOCOL_VERSION));
    JsonDocument::Element meta;
    const bool modern =
        (known && isModern(*known)) || (message.hasParams && findMember(message.params, "_meta", meta) &&
                                        !base::textMember(meta, VERSION_KEY).empty());
    return modern ? nullptr : requireSession(protocol, incoming);
}

bool fixVersion(Protocol& protocol, const IncomingMessage& incoming, RequestContext& context)
{
    context.transport = incoming.transport;
    context.principal = incoming.principal;
    context.headers = incoming.headers;
    context.mayBlock = incoming.mayBlock;
    Meta meta;
    context.hasMeta = context.param(RequestParams::META, context.meta) && meta.read(context.meta);

    const auto header = headerOf(incoming, Field::PROTOCOL_VERSION);
    const auto headerVersion = versionOf(header);
    const bool saysModern = !meta.text(VERSION).empty();
    const bool headerLegacy = header.empty() || (headerVersion && !isModern(*headerVersion));
    // A header that names no known revision counts as modern: only modern clients can be told what there is.
    if (saysModern || !headerLegacy)
    {
        context.session = incoming.session; // the connection, on stdio
        fixModern(incoming, meta, context, header, headerVersion);
        return true;
    }

    context.version = NEWEST_LEGACY;
    if (context.method == "initialize")
    {
        readMeta(incoming, meta, context);
        return false;
    }
    context.session = requireSession(protocol, incoming);
    if (!context.session->initialized())
    {
        if (context.method != "ping")
            throw RpcException(ErrorKind::INVALID_REQUEST, "send initialize first, or the _meta fields of 2026-07-28");
    }
    else
    {
        context.version = context.session->version();
        context.client = context.session->client();
    }
    readMeta(incoming, meta, context);
    return true;
}

void checkRoutingHeaders(const RequestContext& context, bool named)
{
    if (!context.modern() || !context.headers)
        return;
    std::string_view sent = context.headers->header(Field::METHOD);
    if (sent != context.method || sent.empty())
        headerMismatch("Mcp-Method", sent, context.method);
    if (!named)
        return;
    sent = context.headers->header(Field::NAME);
    if (sent != context.about || sent.empty() || !isPlain(sent) || sent.starts_with(ENCODED_PREFIX)) // few
        checkNameHeader(*context.headers, context.about);
}

} // namespace tenon::mcp
