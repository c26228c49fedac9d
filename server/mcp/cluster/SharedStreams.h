#pragma once

#include "mcp/Services.h"
#include "mcp/sessions/Session.h"

#include <cstdint>
#include <functional>
#include <string>

namespace tenon::mcp
{

/// Streams of instances that are gone, from the archive: what was sent is replayed, and a request that was never answered
/// gets an error in its answer's place, once, whoever asks first.
///
/// Threading: any thread. Nothing blocks.
class SharedStreams
{
public:
    explicit SharedStreams(Services& services) : _services(services) {}

    /// Replays on `sink` what follows `index` of the stream `streamId`, and finishes it; a stream that answers nothing goes
    /// on at this instance. Whatever was lost on the way, the answer is not: where events are missing the rest is replayed,
    /// and the numbers say so.
    ///
    /// Shape: `gone`: the instance that had the stream is no more, so if there is no answer there will be none.
    void resume(const SessionPtr& session, const std::string& streamId, std::uint64_t index, bool gone,
                const ResponseSinkPtr& sink);

private:
    void replay(const SessionPtr& session, const std::string& streamId, const store::ArchivedStream& stream,
                const ResponseSinkPtr& sink);
    void seal(const SessionPtr& session, const std::string& streamId, std::uint64_t index, bool gone,
              const std::string& answers, const ResponseSinkPtr& sink);

    Services& _services;
};

/// An error that answers nothing: the status of a GET.
void refuseStream(ResponseSink& sink, jsonrpc::ErrorKind kind, std::string_view why);

} // namespace tenon::mcp
