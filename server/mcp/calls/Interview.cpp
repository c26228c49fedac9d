#include "mcp/calls/Interview.h"

#include "base/json/JsonWriter.h"
#include "mcp/revisions/LegacyRequest.h"

namespace tenon::mcp
{

Interview::Interview(const CallServices& services, const RequestContext& context, CallLife& life, CallStream& stream,
                     Questions& questions)
    : _services(services), _context(context), _life(life), _stream(stream), _questions(questions)
{
}

std::string Interview::result() const
{
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject().member("resultType", "input_required").key("inputRequests").beginObject();
    for (const auto& [key, request] : _questions.open())
        writer.rawMember(key, request);
    writer.endObject().member("requestState", _questions.seal(_life.elapsedMs()));
    writer.key("_meta").beginObject().raw(_services.meta.serverInfo()).endObject().endObject();
    return text;
}

void Interview::listenOn(const SessionPtr& session, const ResponseSinkPtr& stream)
{
    const Listening before = listening(); // let go without the lock
    std::lock_guard lock(_mutex);
    _listening = {session, stream};
}

Interview::Listening Interview::listening() const
{
    std::lock_guard lock(_mutex);
    return _listening;
}

bool Interview::put(const Answered& answered)
{
    if (_life.ended())
        return true;
    const bool task = _stream.isTask();
    const bool own = !task && _stream.streams();
    auto [session, stream] = task ? listening() : Listening();
    if (!stream || stream->closed())
    {
        session = _context.session;
        stream = nullptr;
    }
    const auto responder = [&answered](const std::string& key) -> Session::Responder {
        return [answered, key](const jsonrpc::Message& message, const base::JsonDocumentPtr&)
        { answered(key, message); };
    };
    bool reached = true;
    for (const auto& question : _questions.take(session, responder))
    {
        const auto text = legacyRequest(_context.version, question.requestId, question.request,
                                        task ? _stream.taskId() : std::string());
        const bool sent = own      ? _stream.ask(text)
                          : stream ? stream->send(text, {})
                                   : session->notify(std::make_shared<const std::string>(text));
        if (!sent)
            _questions.takeBack(question);
        reached = reached && sent;
    }
    if (reached || !task)
        return reached;
    // The client of a task comes for what it was not told, with tasks/result; and if it came just now, it found the
    // questions asked already.
    const auto now = listening().stream;
    return now && now != stream && !now->closed() && put(answered);
}

} // namespace tenon::mcp
