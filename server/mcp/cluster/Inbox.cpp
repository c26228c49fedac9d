#include "mcp/cluster/Inbox.h"

#include "jsonrpc/Error.h"
#include "mcp/cluster/KeptMessage.h"
#include "mcp/cluster/Later.h"
#include "mcp/cluster/Records.h"
#include "mcp/cluster/SharedStreams.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <map>
#include <utility>

namespace tenon::mcp
{

namespace
{

template <typename Table>
typename Table::mapped_type in(const Table& table, std::string_view kind)
{
    const auto found = table.find(kind);
    return found == table.end() ? nullptr : found->second;
}

} // namespace

/// What is said to the instance as a whole.
Inbox::ToAll Inbox::toAll(std::string_view kind)
{
    static const std::map<std::string_view, ToAll> TABLE = {
        {"message", &Inbox::message},     {"resume", &Inbox::resume},   {"post", &Inbox::post},
        {"lists", &Inbox::lists},         {"updated", &Inbox::updated}, {"task", &Inbox::task},
        {"broadcast", &Inbox::broadcast}, {"here", &Inbox::here},       {"end", &Inbox::end},
    };
    return in(TABLE, kind);
}

/// What is about a session, whose id is the first field.
Inbox::ToSession Inbox::toSession(std::string_view kind)
{
    static const std::map<std::string_view, ToSession> TABLE = {
        {"ended", &Inbox::ended},   {"listens", &Inbox::listens}, {"notify", &Inbox::notify},
        {"level", &Inbox::level},   {"cancel", &Inbox::cancel},   {"subscribed", &Inbox::subscribed},
        {"answer", &Inbox::answer},
    };
    return in(TABLE, kind);
}

void Inbox::onPost(Post post)
{
    std::lock_guard lock(_mutex);
    _post = std::move(post);
}

void Inbox::take(const std::string& from, std::string_view message)
{
    Letter letter;
    (void)Letter::read(message, letter);
    Letter inner;
    if (std::function<void()> has; _parts.surely.received(from, letter, inner, has))
    {
        if (has)
            aboutSession({from, inner, has});
        return;
    }
    if (_parts.errands.received(from, letter))
        return;
    const std::function<void()> nobodyWaits = [] {};
    if (const auto take = toAll(letter.kind()))
        (this->*take)({from, letter, nobodyWaits});
    else
        aboutSession({from, letter, nobodyWaits});
}

void Inbox::aboutSession(const Received& received)
{
    const auto& kind = received.letter.kind();
    const auto take = toSession(kind);
    if (!take)
    {
        // An instance of a later version writes what this one does not know.
        if (_parts.membership.isStrange(received.from))
            Poco::Logger::get("tenon.mcp")
                .warning("the instance " + received.from +
                         " writes letters that this version does not understand; what it tells is known here in part "
                         "only until both are of one version");
        return received.has(); // sending it again would not help
    }
    const auto& id = received.letter.field(0);
    if (take == &Inbox::ended)
        _parts.sharedSessions.over(id); // before it is looked for: it may come just now
    if (const auto session = _parts.sessions.find(id))
        (this->*take)(received, session);
    else
        received.has();
}

// ---- errands

void Inbox::message(const Received& received)
{
    const auto kept = std::make_shared<KeptMessage>(received.letter, 2);
    const auto sink = _parts.errands.farEnd(received.from, received.letter, received.letter.flag(1));
    (void)later(
        _parts.services, [this, kept, sink] { _handle(kept->message(), sink); }, sink);
}

void Inbox::post(const Received& received)
{
    Post take;
    {
        std::lock_guard lock(_mutex);
        take = _post;
    }
    const auto sink = _parts.errands.farEnd(received.from, received.letter, false);
    if (take) // else nobody takes it: the sink's end says so
        (void)later(
            _parts.services, [take, fields = received.letter.fields(2), sink] { take(fields, sink); }, sink);
}

void Inbox::resume(const Received& received)
{
    const auto& letter = received.letter;
    const auto session = _parts.sessions.find(letter.field(2));
    const auto stream =
        session && session->principal->id == letter.field(3) ? session->stream(letter.field(4)) : nullptr;
    if (!stream)
        return _parts.errands.returnTo(received.from, letter);
    session->touch();
    const auto sink = _parts.errands.farEnd(received.from, letter, true);
    try
    {
        (void)stream->resume(letter.number(5), sink);
    }
    catch (const Poco::NotFoundException&)
    {
        refuseStream(*sink, jsonrpc::ErrorKind::INVALID_REQUEST,
                     "Last-Event-ID names no stream that this session can resume; open a new one");
    }
}

void Inbox::end(const Received& received)
{
    const auto session = _parts.sessions.find(received.letter.field(2));
    if (!session)
        return _parts.errands.returnTo(received.from, received.letter);
    const auto sink = _parts.errands.farEnd(received.from, received.letter, false);
    (void)later(
        _parts.services,
        [this, session, sink]
        {
            _parts.sessions.end(session);
            sink->finish({});
        },
        sink);
}

// ---- news

void Inbox::here(const Received& received)
{
    _parts.membership.arrived(received.from); // before the next look at who is there
}

void Inbox::updated(const Received& received)
{
    _parts.subscriptions.tellUpdate(received.letter.field(0));
}

void Inbox::lists(const Received& received)
{
    (void)later(
        _parts.services,
        [this, letter = received.letter]
        { _parts.subscriptions.tellLists(letter.flag(0), letter.flag(1), letter.flag(2)); },
        nullptr);
}

void Inbox::task(const Received& received)
{
    const auto& letter = received.letter;
    store::TaskRecord task;
    if (readRecord({store::RecordKind::TASK, letter.field(0), letter.field(1), 0, letter.field(2), 0}, task) ==
        store::Outcome::FOUND)
        _parts.subscriptions.tellTask(task);
}

void Inbox::broadcast(const Received& received)
{
    (void)later(
        _parts.services,
        [this, body = received.letter.field(0)] { (void)_parts.subscriptions.broadcast(Broadcast(body)); }, nullptr);
}

// ---- about a session

void Inbox::ended(const Received& received, const SessionPtr& session)
{
    (void)later(
        _parts.services,
        [this, session, has = received.has]
        {
            _parts.sessions.end(session);
            has();
        },
        nullptr);
}

void Inbox::listens(const Received& received, const SessionPtr& session)
{
    session->listensAt(received.from);
    received.has();
}

void Inbox::notify(const Received& received, const SessionPtr& session)
{
    (void)session->notifyHere(std::make_shared<const std::string>(received.letter.field(1)));
    received.has();
}

void Inbox::level(const Received& received, const SessionPtr& session)
{
    session->logLevel = static_cast<int>(received.letter.number(1));
    received.has();
}

void Inbox::cancel(const Received& received, const SessionPtr& session)
{
    const auto request = session->running(received.letter.field(1));
    if (!request ||
        later(
            _parts.services, [request, reason = received.letter.field(2)] { request->withdraw(reason); }, nullptr))
        received.has();
}

void Inbox::subscribed(const Received& received, const SessionPtr& session)
{
    const auto& uri = received.letter.field(1);
    if (!received.letter.flag(2))
    {
        if (later(
                _parts.services, [this, session, uri] { _parts.subscriptions.releaseToo(*session, uri); }, nullptr))
            received.has();
        return;
    }
    session->subscribedElsewhere(uri, true);
    if (!session->hasStandalone())
        return received.has();
    (void)later( // it is told here, so it is held here
        _parts.services,
        [this, session, uri, has = received.has]
        {
            _parts.subscriptions.holdToo(session, uri);
            has();
        },
        nullptr);
}

void Inbox::answer(const Received& received, const SessionPtr& session)
{
    const auto respond = [session, text = received.letter.field(1)]
    {
        const auto document = base::JsonDocument::parse(text);
        (void)session->respond(jsonrpc::Message::read(document->root()), document);
    };
    if (later(_parts.services, respond, nullptr)) // else it is sent again
        received.has();
}

} // namespace tenon::mcp
