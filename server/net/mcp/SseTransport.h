#pragma once

#include "base/limits/Quota.h"
#include "base/threads/Executor.h"
#include "mcp/dispatch/Dispatcher.h"
#include "net/Settings.h"
#include "net/mcp/SseProfile.h"
#include "net/mcp/SseStream.h"
#include "net/route/Router.h"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::net
{

/// The HTTP+SSE transport: a stream a session, messages by POST, answers on the stream. One implementation for all
/// profiles.
///
/// A message is accepted before it is done, so that a client may send further ones (a cancellation, an answer) on the
/// same connection meanwhile: what may block runs on the executor.
///
/// Threading: any thread.
/// Ownership: borrows dispatcher and executor; `addTo` gives the router handlers that share this object.
/// Spec:      2024-11-05, Transports, HTTP with SSE.
class SseTransport final : public std::enable_shared_from_this<SseTransport>
{
public:
    /// Errors: Poco::InvalidArgumentException for a profile that does not exist.
    SseTransport(mcp::Dispatcher& dispatcher, base::Executor& executor, const Settings& settings);

    /// Adds the routes of all profiles that are on.
    void addTo(Router& router);

    [[nodiscard]] std::size_t streams() const;

private:
    class StreamHandler;
    class MessageHandler;

    struct Message; // what a POST holds

    void open(const Request& request, const ExchangePtr& exchange, const std::vector<const SseProfile*>& profiles);
    void accept(const Request& request, const ExchangePtr& exchange, const SseProfile& profile);
    bool read(const Request& request, const SseProfile& profile, Message& message, std::string& fault) const;
    void initialize(const SseStreamPtr& stream, const Request& request);
    /// 0, or the status of a refusal: 429 if too many wait already, 503 if there is no thread.
    int hand(const Request& request, const SseStreamPtr& stream, const std::shared_ptr<SseReply>& reply,
             const Message& message);
    void forget(SseStream& stream, const std::shared_ptr<mcp::Session>& session);
    [[nodiscard]] SseStreamPtr find(const base::PrincipalPtr& principal, const std::string& id) const;
    [[nodiscard]] std::string messagePath(const SseProfile& profile) const;

    mcp::Dispatcher& _dispatcher;
    base::Executor& _executor;
    const std::string _mcpPath;
    const std::string _ssePath;
    const std::string _messagePath;
    const std::size_t _maxMessageBytes;
    const int _acceptedStatus; ///< 0: the profile's
    std::vector<const SseProfile*> _profiles;
    base::Quota _waiting; ///< messages that were accepted and are not through, by session

    mutable std::mutex _mutex;                                 // guards all below
    std::map<std::string, SseStreamPtr, std::less<>> _streams; ///< by principal and id
};

} // namespace tenon::net
