#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tenon::net
{

/// One form of the HTTP+SSE transport: its paths and the names it uses. All behaviour is SseTransport's; a
/// client written for another server needs a row here and no code.
///
/// Shape: event names that are empty leave the `event:` line out, so that clients read `message`.
struct SseProfile
{
    /// Where the id of the session travels.
    enum class IdPlace : std::uint8_t
    {
        QUERY, ///< `messagePath?idName=…`
        PATH,  ///< behind both paths; the client chooses it when it opens the stream
        BODY   ///< member `idName` of the message's body
    };

    /// How a message looks in the body of a POST, and in the data of an event.
    enum class Envelope : std::uint8_t
    {
        NONE,   ///< JSON-RPC as it is
        WRAPPED ///< in: the member `message`, what is JSON-RPC's own may be missing; out: {type, method, result|error,
                ///< timestamp}
    };

    std::string_view name;
    std::string_view streamPath;  ///< empty: http.ssePath
    std::string_view messagePath; ///< empty: http.messagePath
    IdPlace idPlace;
    std::string_view idName;
    Envelope envelope;

    std::string_view welcomeEvent; ///< the first one; empty: none
    std::string_view welcomeData;  ///< {id}: the session, {path}: for messages, {time}: now
    std::string_view responseEvent;
    std::string_view toolResultEvent; ///< of tools/call, and of its progress; events that its plugin emits have their
                                      ///< types as names then. Empty: as other responses
    std::string_view notificationEvent;
    std::string_view errorEvent;
    std::string_view heartbeat; ///< a whole event's text, sent steadily; empty: a comment after silence

    int acceptedStatus;
    std::string_view acceptedBody; ///< JSON; {id} as above; empty: none
    bool initializes; ///< clients may send requests without `initialize`: the server does it in their place

    // What some such servers do besides.
    std::string_view statusEvent = {}; ///< tells that the connection stands; empty: nothing does
    bool unknownToolIsMethod = false;  ///< an unknown tool is -32601, not -32602
    std::string_view errorNotice = {}; ///< an event that tells of an error besides its response; empty: nothing does
    bool resumes = false;              ///< events have ids; a client that comes back gets what it missed
    bool plainPost = false;            ///< POST on the MCP endpoint needs no session and no `initialize`

    // What such servers have beside the transport, and this one has elsewhere. Empty: not there.
    std::string_view pollPath = {}; ///< for clients that no stream reaches
    std::string_view statsPath = {};
    std::string_view broadcastPath = {};
    std::string_view pagePath = {}; ///< a page to try it with
    bool healthAtEndpoint = false;  ///< GET on the MCP endpoint that asks for no stream is answered as /health is
};

/// All profiles.
[[nodiscard]] std::span<const SseProfile> sseProfiles() noexcept;

/// The profile of a name; null if there is none.
[[nodiscard]] const SseProfile* findSseProfile(std::string_view name) noexcept;

/// As `findSseProfile`. Errors: Poco::InvalidArgumentException, worded for the operator.
[[nodiscard]] const SseProfile& requireSseProfile(std::string_view name);

} // namespace tenon::net
