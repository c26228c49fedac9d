#pragma once

#include "mcp/Services.h"
#include "mcp/cluster/Errands.h"
#include "mcp/cluster/Letter.h"
#include "mcp/cluster/Membership.h"
#include "mcp/cluster/SharedSessions.h"
#include "mcp/cluster/SureLetters.h"
#include "mcp/sessions/Sessions.h"
#include "mcp/subscriptions/Subscriptions.h"

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::mcp
{

/// Does what letters of other instances say.
///
/// Threading: `take` on the bus' thread, in the order of the letters; it does not block. The rest on any.
/// Ownership: borrows all.
class Inbox
{
public:
    /// Takes what another instance was POSTed for a stream of this one; the fields are the transport's own.
    using Post = std::function<void(const std::vector<std::string>& fields, const ResponseSinkPtr& sink)>;
    using Handle = std::function<void(const IncomingMessage&, const ResponseSinkPtr&)>;

    /// What letters are about.
    struct Parts
    {
        Services& services;
        Sessions& sessions;
        Subscriptions& subscriptions;
        SharedSessions& sharedSessions;
        Membership& membership;
        Errands& errands;
        SureLetters& surely;
    };
    explicit Inbox(const Parts& parts) : _parts(parts) {}

    /// Before the first letter.
    void onMessage(Handle handle) { _handle = std::move(handle); }
    void onPost(Post post);

    void take(const std::string& from, std::string_view message);

private:
    struct Received
    {
        const std::string& from;
        const Letter& letter;
        const std::function<void()>& has; ///< to be called once what the letter is about holds
    };
    using ToAll = void (Inbox::*)(const Received&);
    using ToSession = void (Inbox::*)(const Received&, const SessionPtr&);
    [[nodiscard]] static ToAll toAll(std::string_view kind);
    [[nodiscard]] static ToSession toSession(std::string_view kind);

    void aboutSession(const Received& received);

    // Errands: `has` is nothing to them, and nothing to news.
    void message(const Received& received);
    void resume(const Received& received);
    void post(const Received& received);
    void end(const Received& received);

    void lists(const Received& received);
    void updated(const Received& received);
    void task(const Received& received);
    void broadcast(const Received& received);
    void here(const Received& received);

    void ended(const Received& received, const SessionPtr& session);
    void listens(const Received& received, const SessionPtr& session);
    void notify(const Received& received, const SessionPtr& session);
    void level(const Received& received, const SessionPtr& session);
    void cancel(const Received& received, const SessionPtr& session);
    void subscribed(const Received& received, const SessionPtr& session);
    void answer(const Received& received, const SessionPtr& session);

    const Parts _parts;
    Handle _handle; ///< constant after `onMessage`

    std::mutex _mutex; // guards all below
    Post _post;
};

} // namespace tenon::mcp
