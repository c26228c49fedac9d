#pragma once

#include "mcp/messages/IncomingMessage.h"
#include "mcp/messages/ResponseSink.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::mcp
{

struct Services;
class Protocol;

/// The protocol, seen from a transport: takes messages, gives answers to sinks.
///
/// Threading: any thread, all functions.
/// Errors:    none is thrown; whatever is wrong with a message is an answer.
class Dispatcher
{
public:
    /// Ownership: `services` and all it names outlive the dispatcher.
    explicit Dispatcher(Services& services);
    ~Dispatcher();
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    /// Handles one message or batch.
    ///
    /// Shape: a request, or a batch with requests, is answered by `sink->finish`, perhaps before the return, perhaps much
    ///        later on another thread. Notifications and responses end with an answer without a body, at once.
    ///        On STDIO and HTTP_SSE what needs no answer gives `finish` no body either.
    Handled handle(const IncomingMessage& message, const ResponseSinkPtr& sink);

    /// GET on the MCP endpoint: the session's stream for messages that belong to no request, or, with `lastEventId`, the
    /// rest of the stream it names. The sink is opened, or finished with an error.
    ///
    /// Spec: 2025-11-25, Transports, Listening for Messages; Resumability and Redelivery.
    void openSessionStream(const base::PrincipalPtr& principal, std::string_view sessionId,
                           std::string_view protocolVersion, std::string_view lastEventId, const ResponseSinkPtr& sink);

    /// DELETE on the MCP endpoint: ends the session with all its calls and streams. The sink gets an answer without a
    /// body, or an error.
    void endSession(const base::PrincipalPtr& principal, std::string_view sessionId, const ResponseSinkPtr& sink);

    /// A new session of a transport where connection and session are one: HTTP+SSE (`stream` is its event stream),
    /// WebSocket, and stdio (`stream` writes lines). It ends with `endConnectionSession`, or when the sweeper finds `stream` closed.
    ///
    /// Errors: null if `limits.maxSessions` or the sender's allowance is reached.
    [[nodiscard]] std::shared_ptr<Session> openConnectionSession(Transport transport,
                                                                 const base::PrincipalPtr& principal,
                                                                 const ResponseSinkPtr& stream,
                                                                 const Allowance& allowance = {});

    /// After `openConnectionSession` gave null: whether there is room for the sessions of others, so that the sender has as
    /// many as it may.
    [[nodiscard]] bool takesSessions() const;

    /// The session of a HTTP+SSE connection, by id; null if it is unknown or not this principal's.
    [[nodiscard]] std::shared_ptr<Session> findConnectionSession(const base::PrincipalPtr& principal,
                                                                 std::string_view sessionId) const;

    void endConnectionSession(const std::shared_ptr<Session>& session);

    /// What was POSTed for the stream of a connection session that is not here, for the instance that has it.
    ///
    /// Shape: `fields` are the transport's own; each instance that was asked has an answer for the sink that `sinkFor`
    ///        makes: `finish` if it took it, `close` if not. Gives how many were asked; 0: there are none.
    std::size_t postElsewhere(std::string_view sessionId, const std::vector<std::string>& fields,
                              const std::function<ResponseSinkPtr()>& sinkFor);

    /// Who takes what other instances were POSTed; null: nobody any more. Called on the executor.
    void takePosts(std::function<void(const std::vector<std::string>& fields, const ResponseSinkPtr& sink)> taker);

    /// Draining: from now on no new sessions; listening streams end with their result, session streams with `retry:`.
    void drain(std::uint32_t retryMs);

    /// Answers all calls with an error, and ends all sessions, their streams after `retry:`. The last step before the
    /// transports close.
    void endAllSessions(std::uint32_t retryMs);

    /// Calls that have not yet ended.
    [[nodiscard]] std::size_t callsInFlight() const;

    /// The room's inside, for operators: sessions and subscriptions. Lives as long as the dispatcher.
    [[nodiscard]] Protocol& protocol();

private:
    struct Impl;
    std::unique_ptr<Impl> _impl;
};

/// The id of a session, for transports that tell it to the client themselves.
[[nodiscard]] const std::string& idOf(const Session& session);

} // namespace tenon::mcp
