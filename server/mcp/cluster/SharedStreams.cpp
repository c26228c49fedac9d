#include "mcp/cluster/SharedStreams.h"

#include "jsonrpc/Error.h"
#include "mcp/sessions/StreamId.h"

#include <array>

namespace tenon::mcp
{

using jsonrpc::ErrorKind;
using store::Outcome;

namespace
{

std::string keyOf(const Session& session, const std::string& streamId)
{
    return session.id + '/' + streamId;
}

} // namespace

void refuseStream(ResponseSink& sink, ErrorKind kind, std::string_view why)
{
    std::string text;
    jsonrpc::appendError(text, {}, kind, false, why);
    const std::array<std::string_view, 1> parts = {text};
    Answer answer;
    answer.parts = parts;
    answer.error = kind;
    sink.finish(answer);
}

void SharedStreams::resume(const SessionPtr& session, const std::string& streamId, std::uint64_t index, bool gone,
                           const ResponseSinkPtr& sink)
{
    _services.archive->after(
        keyOf(*session, streamId), index,
        [this, session, streamId, index, gone, sink](Outcome outcome, const store::ArchivedStream& stream)
        {
            if (outcome == Outcome::AWAY || (outcome == Outcome::UNKNOWN && _services.archive->settling()))
                return refuseStream(*sink, ErrorKind::LIMIT, "the stream cannot be looked up now; try again");
            const auto answers = gone && stream.answers.empty() ? answersIn(streamId) : stream.answers;
            if (!answers.empty() && !stream.finished && (gone || outcome == Outcome::FOUND))
                return seal(session, streamId, index, gone, answers, sink);
            if (outcome == Outcome::FOUND || (!answers.empty() && stream.finished))
                return replay(session, streamId, stream, sink);
            refuseStream(*sink, ErrorKind::INVALID_REQUEST,
                         "Last-Event-ID names no stream that this session can resume; open a new one");
        });
}

void SharedStreams::seal(const SessionPtr& session, const std::string& streamId, std::uint64_t index, bool gone,
                         const std::string& answers, const ResponseSinkPtr& sink)
{
    std::string error;
    jsonrpc::appendError(error, answers, ErrorKind::INTERNAL, false,
                         "the instance that ran it is gone; whether it was done is not known");
    _services.archive->seal(keyOf(*session, streamId), index, answers, std::move(error), _services.options.sessionMs,
                            std::string(gone ? store::tagOf(streamId) : std::string_view()),
                            [this, session, streamId, index, gone, sink](Outcome outcome)
                            {
                                if (outcome == Outcome::AWAY)
                                    return refuseStream(*sink, ErrorKind::LIMIT,
                                                        "the stream cannot be looked up now; try again");
                                resume(session, streamId, index, gone, sink); // it is finished now, by whomever
                            });
}

void SharedStreams::replay(const SessionPtr& session, const std::string& streamId, const store::ArchivedStream& stream,
                           const ResponseSinkPtr& sink)
{
    if (stream.events.empty() && !stream.answers.empty())
        return sink->finish({});         // the client has everything: no stream that it would come back to
    std::shared_ptr<SessionStream> next; ///< of what answers nothing: it goes on here
    if (stream.answers.empty())
    {
        next = session->openStandalone(_services.events, _services.options.streamRetryMs, sink);
        next->openStream({}, 0);
    }
    else
        sink->openStream("", 0);
    for (const auto& event : stream.events)
        if (!event.message.empty())
            sink->send(event.message, streamId + '_' + std::to_string(event.index));
    if (!next)
        return sink->close(0);
    if (session->ended()) // meanwhile: nobody else would close it
        next->close(0);
}

} // namespace tenon::mcp
