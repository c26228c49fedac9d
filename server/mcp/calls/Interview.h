#pragma once

#include "mcp/calls/CallLife.h"
#include "mcp/calls/CallServices.h"
#include "mcp/calls/CallStream.h"
#include "mcp/calls/Questions.h"
#include "mcp/messages/RequestContext.h"

#include <functional>
#include <mutex>
#include <string>

namespace tenon::mcp
{

/// How the questions of one call travel: in its result to a modern client, which comes back with the answers; as requests
/// on a stream to a legacy one.
///
/// Threading: any thread.
/// Ownership: borrows what it is made of, parts of the same call.
class Interview
{
public:
    /// A legacy client has answered the question of this key.
    using Answered = std::function<void(const std::string& key, const jsonrpc::Message& message)>;

    Interview(const CallServices& services, const RequestContext& context, CallLife& life, CallStream& stream,
              Questions& questions);

    /// The result of type `input_required`.
    [[nodiscard]] std::string result() const;

    /// Sends what no legacy client has been asked yet: on the stream of the call, of `tasks/result`, or of the session.
    /// False if some of it reached nobody.
    ///
    /// Ownership: `answered` is kept by the session until the question is answered or dropped.
    bool put(const Answered& answered);

    /// Of a task: the session and stream of a `tasks/result` that waits; null: nobody waits any more.
    void listenOn(const SessionPtr& session, const ResponseSinkPtr& stream);

private:
    struct Listening
    {
        SessionPtr session;
        ResponseSinkPtr stream;
    };
    [[nodiscard]] Listening listening() const;

    const CallServices& _services;
    const RequestContext& _context;
    CallLife& _life;
    CallStream& _stream;
    Questions& _questions;

    mutable std::mutex _mutex; // guards _listening
    Listening _listening;
};

} // namespace tenon::mcp
