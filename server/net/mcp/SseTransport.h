#pragma once

#include "base/limits/Budget.h"
#include "base/limits/Quota.h"
#include "base/metrics/Metrics.h"
#include "base/threads/Executor.h"
#include "base/threads/Timers.h"
#include "mcp/dispatch/Dispatcher.h"
#include "net/Settings.h"
#include "net/mcp/SseProfile.h"
#include "net/mcp/SseReply.h"
#include "net/mcp/SseStreams.h"
#include "net/route/Router.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace tenon::net
{

struct SseMessage;

/// The HTTP+SSE transport: a stream a session, messages by POST, answers on the stream. One implementation for all
/// profiles.
///
/// A message is accepted before it is done, so that a client may send further ones (a cancellation, an answer) on the
/// same connection meanwhile: what may block runs on the executor.
///
/// Threading: any thread.
/// Ownership: `addTo` gives the router handlers that share this object.
/// Spec:      2024-11-05, Transports, HTTP with SSE.
class SseTransport final : public std::enable_shared_from_this<SseTransport>
{
public:
    /// What it stands on; all outlive it.
    struct Services
    {
        mcp::Dispatcher& dispatcher;
        base::Executor& executor;
        base::Timers& timers;
        base::Budget& budget;
        base::MetricsRegistry& metrics;
    };

    /// Errors: Poco::InvalidArgumentException for a profile that does not exist.
    SseTransport(const Services& services, const Settings& settings);

    /// Adds the routes of all profiles that are on.
    void addTo(Router& router);

    [[nodiscard]] std::size_t streams() const { return _streams->count(); }

private:
    class StreamHandler;
    class MessageHandler;

    void accept(const Request& request, const ExchangePtr& exchange, const SseProfile& profile);
    /// Before the first message of a stream, in `session`: initializes where the profile does so for its clients.
    void beginSession(SseStream& stream, const std::shared_ptr<mcp::Session>& session, const SseProfile& profile,
                      std::string_view method, const base::PrincipalPtr& principal, std::string_view clientAddress);
    /// 0, or the status of a refusal: 429 if too many wait already, 503 if there is no thread or no memory.
    int hand(const Request& request, const ExchangePtr& exchange, const SseStreamPtr& stream,
             const std::shared_ptr<SseReply>& reply, const SseMessage& message);

    /// Asks other instances to take it. False if there are none that may have the stream.
    bool handElsewhere(const Request& request, const ExchangePtr& exchange, const SseProfile& profile,
                       const SseMessage& message);
    /// Takes what another instance was asked.
    void acceptFor(const std::vector<std::string>& fields, const mcp::ResponseSinkPtr& sink);

    const Services _services;
    const std::string _mcpPath;
    const std::string _ssePath;
    const std::size_t _maxMessageBytes;
    const int _acceptedStatus; ///< 0: the profile's
    const std::shared_ptr<SseStreams> _streams;
    base::Histogram& _durations;
    std::vector<const SseProfile*> _profiles;
    base::Quota _waiting; ///< messages that were accepted and are not through, by session
};

} // namespace tenon::net
