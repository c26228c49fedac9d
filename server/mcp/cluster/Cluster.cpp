#include "mcp/cluster/Cluster.h"

#include "base/json/JsonWriter.h"
#include "base/threads/SteadyClock.h"
#include "jsonrpc/Error.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>
#include <Poco/NumberParser.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <utility>

namespace tenon::mcp
{

using jsonrpc::ErrorKind;
using store::Outcome;

namespace
{

constexpr auto CLOCK = std::chrono::milliseconds(500);

/// How long one that is gone may still come back: it was stopped, or cut off.
constexpr std::int64_t LATELY_MS = 60'000;

/// Kinds of letters about one session, beside those of errands and news.
constexpr std::string_view OF_SESSIONS[] = {"ended", "listens", "notify", "level", "cancel", "subscribed", "answer"};

Asked askedOf(Outcome outcome)
{
    return outcome == Outcome::AWAY ? Asked::NO_ANSWER : Asked::KNOWN;
}

} // namespace

Cluster::Cluster(Services& services)
    : _services(services), _errands(services.bus ? std::make_shared<Errands>(*services.bus) : nullptr),
      _surely(services.bus ? std::make_unique<SureLetters>(*services.bus) : nullptr)
{
}

Cluster::~Cluster()
{
    stop();
}

void Cluster::join(Sessions& sessions, Subscriptions& subscriptions, Tasks& tasks)
{
    _sessions = &sessions;
    _subscriptions = &subscriptions;
    _sharedSessions = std::make_unique<SharedSessions>(_services, sessions);
    _sharedStreams = std::make_unique<SharedStreams>(_services);
    _sharedTasks = std::make_unique<SharedTasks>(_services, tasks);
    tasks.onBegin([this](const store::TaskRecord& task, std::function<void()> then)
                  { _sharedTasks->keep(task, std::move(then)); });
}

void Cluster::start(Hands hands)
{
    _hands = std::move(hands);
    if (!_services.bus)
        return;
    _services.archive->onReturn([this] { returned(); });
    _services.bus->describe(_hands.describe());
    _startedAt = base::steadyMs();
    _services.bus->start(*this);
    _clock = _services.timers.every(CLOCK, [this] { tick(); });
}

/// Whatever was lost or overtaken, it is noticed here.
void Cluster::tick()
{
    _services.bus->describe(_hands.describe());
    std::set<std::string, std::less<>> there;
    {
        std::lock_guard lock(_mutex);
        there = _alive;
    }
    _surely->sendAgain(there);
    if (_services.archive->away()) // nobody will answer
        return _errands->giveUp();
    if (there.empty()) // nobody has been seen yet
        return;
    _errands->instancesAre(there); // one may have been sent to who was just going
    _errands->compare();
}

void Cluster::onPost(Post post)
{
    std::lock_guard lock(_mutex);
    _hands.post = std::move(post);
}

std::size_t Cluster::post(std::string_view sessionId, const std::vector<std::string>& fields,
                          const std::function<ResponseSinkPtr()>& sinkFor)
{
    if (!_errands || _services.archive->away())
        return 0;
    const std::string owner(store::tagOf(sessionId));
    std::vector<std::string> asked;
    {
        std::lock_guard lock(_mutex);
        for (const auto& tag : _alive)
            if (tag != _services.instance.tag() && (owner.empty() || tag == owner))
                asked.push_back(tag);
    }
    for (const auto& tag : asked)
    {
        const auto sink = sinkFor();
        const auto fill = [&fields](Letter& letter)
        {
            for (const auto& field : fields)
                letter.add(field);
        };
        _errands->send(tag, "post", fill, sink, [sink](bool, bool) { sink->close(0); });
    }
    return asked.size();
}

void Cluster::stop()
{
    const auto clock = std::exchange(_clock, 0);
    if (clock == 0)
        return;
    _services.timers.cancel(clock);
    _services.bus->stop();
    _errands->giveUp();
}

bool Cluster::alive(std::string_view tag) const
{
    std::lock_guard lock(_mutex);
    return _alive.find(tag) != _alive.end();
}

/// Whether it was there in the last minute, or this instance has not been there for so long itself.
bool Cluster::mayBeAlive(std::string_view tag) const
{
    std::lock_guard lock(_mutex);
    return _lastAlive.find(tag) != _lastAlive.end() || base::steadyMs() - _startedAt < LATELY_MS;
}

/// Work that may take a while, or begin plugins, runs on the executor.
void Cluster::post(std::function<void()> work, const ResponseSinkPtr& sink)
{
    try
    {
        _services.executor.post(std::move(work));
    }
    catch (const Poco::Exception&)
    {
        if (sink)
            refuseStream(*sink, ErrorKind::LIMIT, "the server has no thread left for this; try again later");
    }
}

void Cluster::toOthers(const Letter& letter)
{
    if (_services.bus)
        _services.bus->sendToOthers(letter.text());
}

void Cluster::surelyToOthers(const Letter& letter, bool again, std::function<void()> then)
{
    if (!_surely)
        return then ? then() : void();
    std::vector<std::string> others;
    {
        std::lock_guard lock(_mutex);
        for (const auto& [tag, last] : _lastAlive)
            if (tag != _services.instance.tag() && (again || _alive.count(tag) != 0))
                others.push_back(tag);
    }
    _surely->sendAll(others, letter, again, std::move(then));
}

void Cluster::again(const KeptMessagePtr& kept, const ResponseSinkPtr& sink)
{
    post([this, kept, sink] { _hands.handle(kept->message(), sink); }, sink);
}

// ---- sessions

bool Cluster::awaitsSession(const IncomingMessage& incoming, const ResponseSinkPtr& sink)
{
    std::string_view id;
    if (incoming.transport != Transport::STREAMABLE_HTTP || incoming.sessionAsked != Asked::NOT || !incoming.headers ||
        !incoming.headers->header("Mcp-Session-Id", id) || id.empty() || _sessions->find(id))
        return false;
    const auto kept = std::make_shared<KeptMessage>(incoming);
    fetch(incoming.principal, std::string(id), kept->allowance(),
          [this, kept, sink](Outcome outcome, const SessionPtr&)
          {
              kept->session = askedOf(outcome);
              _hands.handle(kept->message(), sink);
          });
    return true;
}

void Cluster::fetch(const base::PrincipalPtr& principal, const std::string& id, const Allowance& allowance,
                    std::function<void(Outcome, const SessionPtr&)> then)
{
    _sharedSessions->fetch(
        id, principal, allowance,
        [this, then = std::move(then)](Outcome outcome, const SessionPtr& session, const SessionRecord& record)
        {
            if (session && alive(record.listensAt) && record.listensAt != _services.instance.tag())
                session->listensAt(record.listensAt);
            try
            {
                _services.executor.post(
                    [this, then, outcome, session]
                    {
                        if (session && !_services.bus)
                            holdHere(session);
                        then(outcome, session);
                    });
            }
            catch (const Poco::Exception&) // the system gives no thread
            {
                then(Outcome::AWAY, nullptr);
            }
        });
}

/// Plugins of this instance tell of what the client subscribed to elsewhere.
void Cluster::holdHere(const SessionPtr& session)
{
    for (const auto& uri : session->subscriptionsElsewhere())
        _subscriptions->holdToo(session, uri);
}

void Cluster::levelChanged(const SessionPtr& session, std::function<void()> then)
{
    Letter letter("level");
    letter.add(session->id).addNumber(static_cast<std::uint64_t>(session->logLevel.load()));
    _sharedSessions->keep(session, [this, letter, then = std::move(then)] { surelyToOthers(letter, false, then); });
}

void Cluster::ended(const std::string& sessionId, std::function<void(Outcome)> then)
{
    Letter letter("ended");
    letter.add(sessionId);
    _sharedSessions->forget(sessionId,
                            [this, letter, then = std::move(then)](Outcome outcome)
                            {
                                surelyToOthers(letter, true,
                                               [then, outcome]
                                               {
                                                   if (then)
                                                       then(outcome);
                                               });
                            });
}

void Cluster::opened(const SessionPtr& session)
{
    _sharedSessions->keep(session);
    Letter letter("listens");
    letter.add(session->id);
    toOthers(letter);
    if (!session->subscriptionsElsewhere().empty())
        post([this, session] { holdHere(session); }, nullptr);
}

void Cluster::respond(const Session& session, const jsonrpc::Message& message, std::function<void()> then)
{
    std::string_view id = message.id;
    id = id.size() < 2 || id.front() != '"' ? std::string_view() : id.substr(1, id.size() - 2);
    const std::string to(store::tagOf(id));
    if (!_surely || to.empty() || _services.instance.made(id) || !mayBeAlive(to))
        return then(); // nobody waits for it
    std::string text;
    base::JsonWriter writer(text);
    const bool error = message.kind == jsonrpc::Message::Kind::ERROR_RESPONSE;
    writer.beginObject().member("jsonrpc", "2.0").rawMember("id", message.id);
    writer.member(error ? "error" : "result", message.result).endObject();
    Letter letter("answer");
    letter.add(session.id).add(text);
    _surely->send(to, letter, std::move(then));
}

void Cluster::cancel(const Session& session, std::string_view requestId, std::string_view reason)
{
    Letter letter("cancel");
    letter.add(session.id).add(requestId).add(reason);
    surelyToOthers(letter, true, nullptr);
}

void Cluster::resume(const SessionPtr& session, const std::string& streamId, std::uint64_t index,
                     const ResponseSinkPtr& sink)
{
    const std::string owner(store::tagOf(streamId));
    const bool own = owner == _services.instance.tag();
    if (own || !alive(owner))
        return _sharedStreams->resume(session, streamId, index, !own, sink);
    const auto unreachable = [sink]
    { refuseStream(*sink, ErrorKind::LIMIT, "the stream cannot be reached now; try again"); };
    if (_services.archive->away())
        return unreachable();
    const auto fill = [&](Letter& letter)
    { letter.add(session->id).add(session->principal->id).add(streamId).addNumber(index); };
    const auto lost = [this, session, streamId, index, sink, owner, unreachable](bool begun, bool returned)
    {
        const bool gone = !alive(owner);
        if (begun) // it comes back with what it has by now
            sink->close(_services.options.streamRetryMs);
        else if (gone || returned)
            _sharedStreams->resume(session, streamId, index, gone, sink);
        else // the way to it is lost, not the stream
            unreachable();
    };
    _errands->send(owner, "resume", fill, sink, lost);
}

bool Cluster::notify(const std::string& tag, const Session& session, const std::shared_ptr<const std::string>& message)
{
    if (!alive(tag) || _services.archive->away())
        return false;
    Letter letter("notify");
    letter.add(session.id).add(*message);
    _services.bus->send(tag, letter.text(), nullptr);
    return true;
}

// ---- tasks

void Cluster::keepTask(const store::TaskRecord& task, std::function<void()> then)
{
    _sharedTasks->keep(task, std::move(then));
}

bool Cluster::awaitsTask(std::string_view taskId, const IncomingMessage& incoming, const ResponseSinkPtr& sink)
{
    const std::string id(taskId);
    if (incoming.taskAsked != Asked::NOT)
        return false;
    if (_sharedTasks->unsettled(id))
    {
        const auto waiting = std::make_shared<KeptMessage>(incoming);
        if (_sharedTasks->settles(id, [this, waiting, sink] { again(waiting, sink); }))
            return true;
    }
    if (_services.instance.made(id) && unsure())
    {
        const auto kept = std::make_shared<KeptMessage>(incoming);
        kept->task = Asked::KNOWN;
        _sharedTasks->look(id, [this, kept, sink] { again(kept, sink); });
        return true;
    }
    if (_services.instance.made(id) || _services.tasks.get(id))
        return false;
    const std::string owner(store::tagOf(id));
    const auto kept = std::make_shared<KeptMessage>(incoming);
    if (!alive(owner))
    {
        takeTask(id, kept, sink);
        return true;
    }
    if (_services.archive->away())
    {
        kept->task = Asked::NO_ANSWER;
        again(kept, sink);
        return true;
    }
    _errands->send(
        owner, "message", [&](Letter& letter) { kept->write(letter); }, sink,
        [this, id, kept, sink](bool begun, bool)
        {
            if (begun)
                sink->close(_services.options.streamRetryMs);
            else
                takeTask(id, kept, sink);
        },
        true);
    return true;
}

void Cluster::takeTask(const std::string& id, const KeptMessagePtr& kept, const ResponseSinkPtr& sink)
{
    const std::string_view owner = store::tagOf(id);
    if (alive(owner)) // the way to it is lost, not the instance
    {
        kept->task = Asked::NO_ANSWER;
        return again(kept, sink);
    }
    _sharedTasks->takeOver(id,
                           [this, kept, sink](Outcome outcome)
                           {
                               kept->task = askedOf(outcome);
                               again(kept, sink);
                           });
}

// ---- news

void Cluster::listsChanged(bool tools, bool resources, bool prompts)
{
    Letter letter("lists");
    letter.addFlag(tools).addFlag(resources).addFlag(prompts);
    toOthers(letter);
}

void Cluster::updated(std::string_view uri)
{
    Letter letter("updated");
    letter.add(uri);
    toOthers(letter);
}

void Cluster::taskNews(const store::TaskRecord& task)
{
    const auto record = recordOf(task);
    Letter letter("task");
    letter.add(record.id).add(record.owner).add(record.text);
    toOthers(letter);
}

void Cluster::subscribed(const Session& session, const std::string& uri, bool is, std::function<void()> then)
{
    if (const auto held = _sessions->find(session.id))
        _sharedSessions->keep(held);
    Letter letter("subscribed");
    letter.add(session.id).add(uri).addFlag(is);
    surelyToOthers(letter, false, std::move(then));
}

void Cluster::broadcast(const std::string& body)
{
    Letter letter("broadcast");
    letter.add(body);
    toOthers(letter);
}

// ---- what others say

void Cluster::received(const std::string& from, std::string_view message)
{
    Letter letter;
    (void)Letter::read(message, letter);
    const auto& kind = letter.kind();
    if (kind == "here") // before the next look at who is there
    {
        std::lock_guard lock(_mutex);
        _alive.insert(from);
        _lastAlive.insert_or_assign(from, base::steadyMs());
        return;
    }
    Letter inner;
    if (std::function<void()> has; _surely->received(from, letter, inner, has))
        return has ? receivedOfSession(from, inner, has) : void();
    if (_errands->received(from, letter))
        return;
    if (kind == "message" || kind == "resume" || kind == "post")
        return receivedErrand(from, letter);
    if (kind == "lists" || kind == "updated" || kind == "task" || kind == "broadcast")
        return receivedNews(letter);
    receivedOfSession(from, letter, [] {});
}

/// What it is about holds when `has` is called.
void Cluster::receivedOfSession(const std::string& from, const Letter& letter, const std::function<void()>& has)
{
    const auto& kind = letter.kind();
    if (std::find(std::begin(OF_SESSIONS), std::end(OF_SESSIONS), kind) == std::end(OF_SESSIONS))
    {
        notUnderstood(from);
        return has(); // sending it again would not help
    }
    if (kind == "ended")
        _sharedSessions->over(letter.field(0)); // before it is looked for: it may come just now
    const auto session = _sessions->find(letter.field(0));
    if (!session)
        return has();
    if (kind == "ended")
        return post(
            [this, session, has]
            {
                _sessions->end(session);
                has();
            },
            nullptr);
    if (kind == "listens")
        session->listensAt(from);
    else if (kind == "notify")
        (void)session->notifyHere(std::make_shared<const std::string>(letter.field(1)));
    else if (kind == "level")
        session->logLevel = static_cast<int>(letter.number(1));
    else if (kind == "cancel")
    {
        if (const auto request = session->running(letter.field(1)))
            post([request, reason = letter.field(2)] { request->withdraw(reason); }, nullptr);
    }
    else if (kind == "subscribed")
    {
        const auto& uri = letter.field(1);
        if (letter.flag(2))
        {
            session->subscribedElsewhere(uri, true);
            if (session->hasStandalone()) // it is told here, so it is held here
                return post(
                    [this, session, uri, has]
                    {
                        _subscriptions->holdToo(session, uri);
                        has();
                    },
                    nullptr);
        }
        else
            post([this, session, uri] { _subscriptions->releaseToo(*session, uri); }, nullptr);
    }
    else if (kind == "answer")
        post(
            [session, text = letter.field(1)]
            {
                const auto document = base::JsonDocument::parse(text);
                (void)session->respond(jsonrpc::Message::read(document->root()), document);
            },
            nullptr);
    has();
}

/// An instance of a later version writes what this one does not know. Once for each, as long as it is there.
void Cluster::notUnderstood(const std::string& from)
{
    {
        std::lock_guard lock(_mutex);
        if (_alive.find(from) == _alive.end() || !_notUnderstood.insert(from).second)
            return;
    }
    Poco::Logger::get("tenon.mcp")
        .warning("the instance " + from +
                 " writes letters that this version does not understand; what it tells is "
                 "known here in part only until both are of one version");
}

void Cluster::receivedNews(const Letter& letter)
{
    const auto& kind = letter.kind();
    if (kind == "updated")
        return _subscriptions->tellUpdate(letter.field(0));
    if (kind == "lists")
        return post([this, letter] { _subscriptions->tellLists(letter.flag(0), letter.flag(1), letter.flag(2)); },
                    nullptr);
    if (kind == "task")
    {
        store::TaskRecord task;
        if (readRecord({store::RecordKind::TASK, letter.field(0), letter.field(1), 0, letter.field(2), 0}, task) ==
            Outcome::FOUND)
            _subscriptions->tellTask(task);
        return;
    }
    post([this, body = letter.field(0)] { (void)_subscriptions->broadcast(Broadcast(body)); }, nullptr);
}

void Cluster::receivedErrand(const std::string& from, const Letter& letter)
{
    if (letter.kind() == "resume")
        return resumeFor(from, letter);
    if (letter.kind() == "post")
    {
        Post take;
        {
            std::lock_guard lock(_mutex);
            take = _hands.post;
        }
        const auto sink = _errands->farEnd(from, letter, false);
        if (take)
            post([take, fields = letter.fields(2), sink] { take(fields, sink); }, sink);
        return; // nobody takes it: the sink's end says so
    }
    const auto kept = std::make_shared<KeptMessage>(letter, 2);
    again(kept, _errands->farEnd(from, letter, letter.flag(1)));
}

void Cluster::resumeFor(const std::string& from, const Letter& letter)
{
    const auto session = _sessions->find(letter.field(2));
    const auto stream =
        session && session->principal->id == letter.field(3) ? session->stream(letter.field(4)) : nullptr;
    if (!stream)
        return _errands->returnTo(from, letter);
    session->touch();
    const auto sink = _errands->farEnd(from, letter, true);
    try
    {
        (void)stream->resume(letter.number(5), sink);
    }
    catch (const Poco::NotFoundException&)
    {
        refuseStream(*sink, ErrorKind::INVALID_REQUEST,
                     "Last-Event-ID names no stream that this session can resume; open a new one");
    }
}

void Cluster::members(const std::vector<store::Member>& members)
{
    std::set<std::string, std::less<>> tags;
    bool fewer = false, first = false;
    {
        std::lock_guard lock(_mutex);
        first = _members.empty();
        for (const auto& member : members)
            tags.insert(member.tag);
        for (const auto& tag : _alive)
            fewer = fewer || tags.count(tag) == 0;
        _members = members;
        _alive = tags;
        const auto now = base::steadyMs();
        for (const auto& tag : tags)
            _lastAlive.insert_or_assign(tag, now);
        std::erase_if(_lastAlive, [now](const auto& entry) { return now - entry.second > LATELY_MS; });
        std::erase_if(_notUnderstood, [&tags](const auto& tag) { return tags.count(tag) == 0; });
    }
    if (first && !tags.empty())
        toOthers(Letter("here")); // whoever gets a message for a stream here must not have to wait to know of it
    if (!fewer)
        return;
    for (const auto& session : _sessions->all())
        if (const auto at = session->listensAt(); !at.empty() && tags.count(at) == 0)
            session->listensAt({});
    _errands->instancesAre(tags);
}

std::vector<store::Member> Cluster::members() const
{
    std::lock_guard lock(_mutex);
    return _members;
}

/// Whether others may have taken over what is this instance's.
bool Cluster::unsure() const
{
    return _services.bus && (_services.bus->silent() || base::steadyMs() < _unsureUntil);
}

void Cluster::lapsed()
{
    constexpr std::int64_t LOOKING_MS = 5'000; // by then all tasks have been looked at
    _unsureUntil = base::steadyMs() + LOOKING_MS;
    _sharedTasks->keepAll();
    _errands->giveUp(); // others have given up theirs
}

/// The archive is there again: perhaps empty, and what was on its way is lost.
void Cluster::returned()
{
    _errands->giveUp();
    _sharedSessions->keepAll();
    _sharedTasks->keepAll();
}

} // namespace tenon::mcp
