#include "mcp/cluster/Cluster.h"

#include "base/json/JsonWriter.h"
#include "base/threads/SteadyClock.h"
#include "jsonrpc/Error.h"
#include "mcp/cluster/Later.h"

#include <Poco/Exception.h>

#include <chrono>
#include <utility>

namespace tenon::mcp
{

using jsonrpc::ErrorKind;
using store::Outcome;

namespace
{

constexpr auto CLOCK = std::chrono::milliseconds(500);

/// Of an errand that brings no message back.
class Done final : public ResponseSink
{
public:
    explicit Done(std::function<void(Outcome)> then) : _then(std::move(then)) {}
    [[nodiscard]] bool streams() const override { return false; }
    void openStream(std::string_view, std::uint32_t) override {}
    bool send(std::string_view, std::string_view) override { return false; }
    bool send(const std::shared_ptr<const std::string>&, std::string_view) override { return false; }
    void finish(const Answer&) override { _then(Outcome::FOUND); }
    void close(std::uint32_t) override { _then(Outcome::FOUND); }
    [[nodiscard]] bool closed() const override { return false; }
    void onDisconnect(std::weak_ptr<DisconnectListener>) override {}

private:
    const std::function<void(Outcome)> _then;
};

Asked askedOf(Outcome outcome)
{
    return outcome == Outcome::AWAY ? Asked::NO_ANSWER : Asked::KNOWN;
}

} // namespace

Cluster::Cluster(Services& services)
    : _services(services), _errands(services.bus ? std::make_shared<Errands>(*services.bus) : nullptr),
      _surely(services.bus ? std::make_unique<SureLetters>(*services.bus) : nullptr),
      _membership(services.instance.tag())
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
    if (_services.bus)
        _inbox = std::make_unique<Inbox>(
            Inbox::Parts{_services, sessions, subscriptions, *_sharedSessions, _membership, *_errands, *_surely});
    tasks.onBegin([this](const store::TaskRecord& task, std::function<void()> then)
                  { _sharedTasks->keep(task, std::move(then)); });
}

void Cluster::start(Hands hands)
{
    _hands = std::move(hands);
    if (!_services.bus)
        return;
    _inbox->onMessage(_hands.handle);
    _services.archive->onReturn([this] { returned(); });
    _services.bus->describe(_hands.describe());
    _membership.start();
    _services.bus->start(*this);
    _clock = _services.timers.every(CLOCK, [this] { tick(); });
}

/// Whatever was lost or overtaken, it is noticed here.
void Cluster::tick()
{
    _services.bus->describe(_hands.describe());
    const auto there = _membership.there();
    _surely->sendAgain(there);
    if (_services.archive->away()) // nobody will answer
        return _errands->giveUp();
    if (there.empty()) // nobody has been seen yet
        return;
    _errands->instancesAre(there); // one may have been sent to who was just going
    _errands->compare();
}

void Cluster::onPost(Inbox::Post post)
{
    if (_inbox)
        _inbox->onPost(std::move(post));
}

std::size_t Cluster::post(std::string_view sessionId, const std::vector<std::string>& fields,
                          const std::function<ResponseSinkPtr()>& sinkFor)
{
    if (!_errands || _services.archive->away())
        return 0;
    const std::string_view owner = store::tagOf(sessionId);
    auto asked = _membership.others();
    if (!owner.empty())
        std::erase_if(asked, [owner](const std::string& tag) { return tag != owner; });
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

void Cluster::toOthers(const Letter& letter)
{
    if (_services.bus)
        _services.bus->sendToOthers(letter.text());
}

void Cluster::surelyToOthers(const Letter& letter, bool again, std::function<void()> then)
{
    if (!_surely)
        return then ? then() : void();
    _surely->sendAll(again ? _membership.othersOfLate() : _membership.others(), letter, again, std::move(then));
}

void Cluster::again(const KeptMessagePtr& kept, const ResponseSinkPtr& sink)
{
    (void)later(
        _services, [this, kept, sink] { _hands.handle(kept->message(), sink); }, sink);
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
            if (session && _membership.alive(record.listensAt) && record.listensAt != _services.instance.tag())
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

void Cluster::endElsewhere(const std::string& sessionId, std::function<void(Outcome)> then)
{
    _sharedSessions->look(sessionId,
                          [this, sessionId, then = std::move(then)](Outcome outcome)
                          {
                              if (outcome == Outcome::FOUND)
                                  ended(sessionId, then);
                              else if (outcome == Outcome::UNKNOWN)
                                  askOwnerToEnd(sessionId, then);
                              else
                                  then(outcome);
                          });
}

/// A session over HTTP+SSE has no record: it is where its stream is.
void Cluster::askOwnerToEnd(const std::string& sessionId, const std::function<void(Outcome)>& then)
{
    const std::string owner(store::tagOf(sessionId));
    if (!_errands || _services.instance.made(sessionId) || !_membership.alive(owner))
        return then(Outcome::UNKNOWN);
    _errands->send(
        owner, "end", [&](Letter& letter) { letter.add(sessionId); }, std::make_shared<Done>(then),
        [then](bool, bool returned) { then(returned ? Outcome::UNKNOWN : Outcome::AWAY); });
}

void Cluster::opened(const SessionPtr& session)
{
    _sharedSessions->keep(session);
    Letter letter("listens");
    letter.add(session->id);
    toOthers(letter);
    if (!session->subscriptionsElsewhere().empty())
        (void)later(
            _services, [this, session] { holdHere(session); }, nullptr);
}

void Cluster::respond(const Session& session, const jsonrpc::Message& message, std::function<void()> then)
{
    std::string_view id = message.id;
    id = id.size() < 2 || id.front() != '"' ? std::string_view() : id.substr(1, id.size() - 2);
    const std::string to(store::tagOf(id));
    if (!_surely || to.empty() || _services.instance.made(id) || !_membership.mayBeAlive(to))
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
    if (own || !_membership.alive(owner))
        return _sharedStreams->resume(session, streamId, index, !own, sink);
    const auto unreachable = [sink]
    { refuseStream(*sink, ErrorKind::LIMIT, "the stream cannot be reached now; try again"); };
    if (_services.archive->away())
        return unreachable();
    const auto fill = [&](Letter& letter)
    { letter.add(session->id).add(session->principal->id).add(streamId).addNumber(index); };
    const auto lost = [this, session, streamId, index, sink, owner, unreachable](bool begun, bool returned)
    {
        const bool gone = !_membership.alive(owner);
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
    if (!_membership.alive(tag) || _services.archive->away())
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
        _sharedTasks->look(id,
                           [this, kept, sink](Outcome outcome)
                           {
                               if (outcome == Outcome::AWAY && doubtful())
                                   kept->task = Asked::NO_ANSWER;
                               again(kept, sink);
                           });
        return true;
    }
    if (_services.instance.made(id) || _services.tasks.get(id))
        return false;
    const std::string owner(store::tagOf(id));
    const auto kept = std::make_shared<KeptMessage>(incoming);
    if (!_membership.alive(owner))
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
    if (_membership.alive(owner)) // the way to it is lost, not the instance
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
    _inbox->take(from, message);
}

void Cluster::members(const std::vector<store::Member>& members)
{
    const auto change = _membership.update(members);
    if (change.first)
        toOthers(Letter("here")); // whoever gets a message for a stream here must not have to wait to know of it
    if (!change.fewer)
        return;
    for (const auto& session : _sessions->all())
        if (const auto at = session->listensAt(); !at.empty() && change.there.count(at) == 0)
            session->listensAt({});
    _errands->instancesAre(change.there);
}

/// Whether others may have taken over what is this instance's.
bool Cluster::unsure() const
{
    return _services.bus && (_services.bus->silent() || base::steadyMs() < _unsureUntil);
}

/// Whether this instance did not run meanwhile. One that ran, and found no Redis, may speak for its tasks: others find none
/// either, unless this one alone is cut off.
bool Cluster::doubtful() const
{
    return _services.bus->stalled() || (_stalled && base::steadyMs() < _unsureUntil);
}

void Cluster::lapsed()
{
    constexpr std::int64_t LOOKING_MS = 5'000; // by then all tasks have been looked at
    _stalled = _services.bus->stalled();
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
