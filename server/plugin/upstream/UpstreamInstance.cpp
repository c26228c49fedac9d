#include "plugin/upstream/UpstreamInstance.h"

#include "base/json/JsonWriter.h"
#include "base/text/Reason.h"
#include "plugin/call/PluginLog.h"
#include "plugin/upstream/CallerToken.h"
#include "plugin/upstream/JailedCommand.h"
#include "plugin/upstream/UpstreamRound.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace tenon::plugin
{

namespace
{

using namespace std::chrono_literals;

constexpr auto BETWEEN_WEIGHINGS = 500ms;
constexpr int PROBE_MS = 5000;
constexpr std::size_t MAX_WORKING = 8; ///< threads that wait for the server, beside those in tasks

} // namespace

UpstreamInstance::UpstreamInstance(UpstreamConfig config, std::shared_ptr<PluginThreads> threads,
                                   const std::shared_ptr<PluginLimit>& limit)
    : _config(std::move(config)), _threads(std::move(threads)), _limit(limit),
      _entries(std::make_shared<EntryQueue>(EntryQueue::Concurrency::PARALLEL, 0, _config.offer.maxQueued, limit)),
      _orders(
          std::make_shared<SubscriptionOrders>(_threads, limit, _config.offer.maxQueued, _config.offer.orderTimeout())),
      _links(_config, static_cast<UpstreamLink::News&>(*this)),
      _reach(_config.offer.maxCrashes, std::chrono::milliseconds(_config.offer.crashWindowMs)), _lists(_config),
      _work(MAX_WORKING), _tasks(_config.offer.maxConcurrent)
{
}

UpstreamInstance::~UpstreamInstance()
{
    _links.close();
}

// ---- being connected

void UpstreamInstance::connect(std::function<void()> done)
{
    _refreshAgain = true;
    const bool posted = postSafely(
        [self = shared_from_this(), done]
        {
            self->refreshWhileAsked();
            done();
        });
    if (posted)
        return;
    _refreshing = false;
    done();
}

/// A session of the link, opened if there is none; waits for the server.
///
/// Errors: ClientException.
std::shared_ptr<client::ClientSession> UpstreamInstance::open(UpstreamLink& link)
{
    link.awaitRest();
    if (auto session = link.client().sessionIfOpen())
        return session;
    if (const std::string why = _reach.refusal(name()); !why.empty())
        throw client::ClientException(client::Fault::UNREACHABLE, why);
    std::shared_ptr<client::ClientSession> session;
    try
    {
        session = link.client().session();
    }
    catch (const client::ClientException& exc)
    {
        // A caller whom the server does not let in says nothing about the others.
        if (exc.fault() != client::Fault::NOT_ALLOWED || &link == _links.main().get())
            noteFailure(exc.message());
        throw;
    }
    if (!link.meets(session))
        return session; // somebody else opened it, while this one waited
    _reach.opened();
    if (!session->modern() && !_config.logLevel.empty() && session->peer().has("logging"))
    {
        std::string level;
        base::JsonWriter(level).beginObject().member("level", _config.logLevel).endObject();
        (void)session->start("logging/setLevel", level, {}, [](const client::Outcome&) {});
    }
    if (&link == _links.main().get())
        listsChanged();
    return session;
}

void UpstreamInstance::noteFailure(const std::string& why)
{
    const auto pause = _reach.failed(why);
    logOfPlugin(name(), TENON_LOG_WARNING,
                "it cannot be reached, and is tried again in " + secondsText(pause) + ": " + why);
}

/// Requests that get no answer close the way for a while, as sessions that do not open do.
void UpstreamInstance::answered(bool did)
{
    if (_reach.answered(did))
        listsChanged(); // it may be another one
}

bool UpstreamInstance::restart()
{
    _reach.forget();
    postSafely(
        [weak = weak_from_this()]
        {
            if (const auto self = weak.lock())
            {
                self->_links.main()->client().rest();
                self->listsChanged();
            }
        });
    return true;
}

// ---- its lists

void UpstreamInstance::listsChanged()
{
    _refreshAgain = true;
    if (_refreshing.exchange(true))
        return;
    const bool posted = postSafely(
        [weak = weak_from_this()]
        {
            if (const auto self = weak.lock())
                self->refreshWhileAsked();
        });
    if (!posted)
        _refreshing = false;
}

/// One thread reads the lists, however often the server says that they have changed, and however long it takes.
void UpstreamInstance::refreshWhileAsked()
{
    do
    {
        while (_refreshAgain.exchange(false))
            refresh();
        _refreshing = false;
    } while (_refreshAgain && !_refreshing.exchange(true)); // asked for in between
}

/// Reads all lists, and says so if they have changed.
void UpstreamInstance::refresh()
{
    UpstreamOffer read;
    // Lists that take longer than idleMs would never be read otherwise.
    const UpstreamLink::Hold hold(*_links.main());
    try
    {
        const auto session = open(*_links.main());
        _refreshAgain = false;
        auto& client = _links.main()->client();
        read = readUpstream(client.peer(), [&client](client::ListKind kind) { return client.list(kind); });
        if (!_config.pins.empty())
            holdToPins(read, name(), _config.pins);
        if (!session->modern() || !session->hasHeaders())
            client.forgetLists(); // nothing of tools goes into headers
        if (_interests.beginListening())
            client.listen({});
    }
    catch (const std::exception& exc)
    {
        return _reach.unreadable("its lists cannot be read: " + base::reasonOf(exc));
    }
    const UpstreamLists::News news = _lists.take(std::move(read));
    if (!news.remarks.empty())
        logOfPlugin(name(), TENON_LOG_ERROR, news.remarks);
    if (news.changed)
        _threads->tell([&](InstanceOwner& owner) { owner.listChanged(name()); });
}

void UpstreamInstance::resourceUpdated(std::string_view uri)
{
    _threads->tell([&](InstanceOwner& owner) { owner.resourceUpdated(uri); });
}

void UpstreamInstance::linkGone(UpstreamLink&, const std::string& why)
{
    const bool off = _reach.crashed(why, _config.stdio);
    logOfPlugin(name(), TENON_LOG_ERROR, why);
    if (off)
        _threads->tell([&](InstanceOwner& owner)
                       { owner.quarantined(name(), "the server ended too often, the last time: " + why); });
}

// ---- calls

/// Whether the caller has a token for the server, where it needs one of its own.
bool UpstreamInstance::letsIn(const CallBackend& call) const
{
    return _config.forwardTo.empty() || isMadeOutTo(call.token().get(), _config.forwardTo);
}

tenon_status UpstreamInstance::enter(Target target, std::uint32_t index, const CallBackendPtr& call)
{
    if (!letsIn(*call))
    {
        call->fail(TENON_ERROR_FAILED, "the server '" + name() + "' accepts only callers whose token was issued for " +
                                           _config.forwardTo + " (aud) too");
        return TENON_ASYNC;
    }
    if (target == Target::SUBSCRIBE || target == Target::UNSUBSCRIBE)
    {
        order(target, call);
        return TENON_OK;
    }
    std::string_view remembered;
    const bool again = call->recall(REMEMBERED, remembered);
    if (again && remembered.starts_with(PARKED) && resumeParked(remembered.substr(PARKED.size()), call))
        return TENON_ASYNC;
    UpstreamRequest request = _lists.requestFor(target, index, *call);
    if (again && remembered.starts_with('{'))
        request.round = remembered;
    const auto entered = std::make_shared<UpstreamCall>(static_cast<UpstreamCall::Host&>(*this), std::move(request),
                                                        call, _config.forwardTo.empty() ? nullptr : call->token());
    const LinkPtr link = linkFor(*entered);
    if (!link)
        entered->fail("the server '" + name() + "' has as many sessions as it may have; try again later");
    else
        run(link, entered);
    return TENON_ASYNC;
}

/// True: the call goes on, or has ended.
bool UpstreamInstance::resumeParked(std::string_view token, const CallBackendPtr& call)
{
    const auto waiting = _parked.take(token);
    if (waiting)
        waiting->resume(call);
    else
        call->fail(TENON_ERROR_FAILED,
                   "the server '" + name() + "' does not wait for this answer any more; call again");
    return true;
}

void UpstreamInstance::run(const LinkPtr& link, const std::shared_ptr<UpstreamCall>& call)
{
    link->add(call);
    const auto session = link->resting() ? nullptr : link->client().sessionIfOpen();
    if (session && !call->request().needsTask)
    {
        const std::string why = _reach.refusal(name());
        return why.empty() ? call->send(link->client(), session) : call->fail(why);
    }
    openLater(link, call);
}

void UpstreamInstance::openLater(const LinkPtr& link, const std::shared_ptr<UpstreamCall>& call)
{
    const auto again = [weak = weak_from_this(), link, call]
    {
        if (const auto self = weak.lock())
            self->openAndSend(link, call);
    };
    try
    {
        (call->request().needsTask ? _tasks : _work).post(again);
    }
    catch (const Poco::Exception&)
    {
        call->fail("the server has no thread left; try again later");
    }
}

void UpstreamInstance::openAndSend(const LinkPtr& link, const std::shared_ptr<UpstreamCall>& call)
{
    try
    {
        if (const auto gone = call->takeGone())
            link->client().drop(gone, client::ClientException(client::Fault::SESSION_GONE, "its session ended"));
        const auto session = open(*link);
        call->send(link->client(), session);
    }
    catch (const client::ClientException& exc)
    {
        const std::string why = _reach.refusal(name());
        const bool denied = exc.fault() == client::Fault::NOT_ALLOWED;
        call->fail(!why.empty()
                       ? why
                       : "the server '" + name() + (denied ? "' does not let this call in" : "' cannot be reached"));
        if (why.empty())
            logOfPlugin(name(), TENON_LOG_WARNING, exc.message());
    }
    catch (const std::exception& exc) // no memory, no thread
    {
        call->fail("the server '" + name() + "' cannot be reached");
        logOfPlugin(name(), TENON_LOG_ERROR, base::reasonOf(exc));
    }
}

void UpstreamInstance::restart(const std::shared_ptr<UpstreamCall>& call)
{
    if (const LinkPtr link = linkFor(*call))
        openLater(link, call);
    else
        call->fail("the server '" + name() + "' has as many sessions as it may have; try again later");
}

void UpstreamInstance::ended(UpstreamCall& call)
{
    _parked.remove(call);
    for (const auto& link : _links.all())
        link->remove(call);
}

/// False: there is no thread for it, and none can be made.
bool UpstreamInstance::postSafely(std::function<void()> work)
{
    try
    {
        _work.post(std::move(work));
        return true;
    }
    catch (const Poco::Exception& exc)
    {
        logOfPlugin(name(), TENON_LOG_ERROR, exc.message());
        return false;
    }
}

InstanceStatus UpstreamInstance::status() const
{
    InstanceStatus status;
    const bool open = _links.main()->client().sessionIfOpen() != nullptr;
    status.processId = _links.main()->processId();
    const UpstreamReach::Figures reach = _reach.figures();
    const auto health = _links.main()->client().health();
    status.state = reach.switchedOff             ? "quarantined"
                   : !reach.why.empty() && !open ? "away"
                   : !_lists.known()             ? "restarting"
                                                 : "running";
    if (status.state == "running" && open && health.state == client::Health::State::DEGRADED)
    {
        status.state = "degraded";
        status.reason = health.reason;
    }
    else if (status.state == "running" && !reach.why.empty())
    {
        status.state = "degraded";
        status.reason = reach.why;
    }
    else if (status.state != "running")
        status.reason = reach.why;
    for (const auto& link : _links.all())
    {
        ++status.workers;
        status.workersRunning += link->client().sessionIfOpen() ? 1 : 0;
        status.callsInside += link->calls();
    }
    status.crashes = reach.crashed;
    status.kills = _killed;
    status.restarts = reach.opened > 0 ? reach.opened - 1 : 0;
    if (status.processId != 0)
        status.residentBytes = residentBytesOfAll(status.processId);
    return status;
}

// ---- resources

void UpstreamInstance::subscribe(std::string uri, OrderDone done)
{
    _orders->subscribe(shared_from_this(), std::move(uri), std::move(done));
}

void UpstreamInstance::unsubscribe(std::string uri)
{
    _orders->unsubscribe(shared_from_this(), std::move(uri));
}

/// What clients want to know of a resource goes over the session that news come over, and is said again on the next.
void UpstreamInstance::order(Target target, const CallBackendPtr& call)
{
    postSafely(
        [self = shared_from_this(), wanted = target == Target::SUBSCRIBE, call,
         uri = std::string(base::textMember(call->arguments(), "uri"))]
        {
            client::Client& client = self->_links.main()->client();
            const UpstreamLink::Hold hold(*self->_links.main());
            try
            {
                const auto session = self->open(*self->_links.main());
                if (wanted && !session->peer().has("resources", "subscribe"))
                    throw client::ClientException(client::Fault::PROTOCOL, "it does not report updates");
                const auto interest = self->_interests.with(uri, wanted);
                if (wanted)
                    return client.listen(interest, [self, uri, call](const client::Outcome& outcome)
                                         { self->subscribed(uri, call, outcome); });
                client.listen(interest);
                if (!session->modern())
                {
                    std::string params;
                    base::JsonWriter(params).beginObject().member("uri", uri).endObject();
                    (void)session->start("resources/unsubscribe", params, {}, [](const client::Outcome&) {});
                }
                call->finish("{}", nullptr);
            }
            catch (const client::ClientException& exc)
            {
                call->fail(TENON_ERROR_FAILED, exc.message());
            }
        });
}

/// The server has answered a subscription: so do we.
void UpstreamInstance::subscribed(const std::string& uri, const CallBackendPtr& call, const client::Outcome& outcome)
{
    if (!outcome.fault)
    {
        call->finish("{}", nullptr);
        return;
    }
    _interests.forget(uri);
    call->fail(TENON_ERROR_FAILED, outcome.fault->message());
}

// ---- sessions

UpstreamInstance::LinkPtr UpstreamInstance::linkFor(const UpstreamCall& call)
{
    LinkPtr evicted;
    LinkPtr link = _links.linkFor(call.session(), call.token(), evicted);
    if (evicted)
        closeLater(std::move(evicted));
    return link;
}

void UpstreamInstance::closeLater(LinkPtr link)
{
    postSafely([self = shared_from_this(), link = std::move(link)] { link->close(); });
}

void UpstreamInstance::look(Clock::time_point now)
{
    for (const auto& link : _links.all())
        link->look(now);
    endIdle(now);
    boundMemory(now);
    retry(now);
}

/// Ends what nobody has used for long: the sessions of clients, and a program that can be started again.
void UpstreamInstance::endIdle(Clock::time_point now)
{
    if (_config.idle.count() == 0)
        return;
    for (auto& link : _links.takeIdle(now, _config.idle))
        closeLater(std::move(link));
    const bool rests = _config.stdio && _interests.empty() && _links.main()->unused(now) >= _config.idle;
    if (rests && _links.main()->client().sessionIfOpen())
        postSafely([self = shared_from_this()] { self->_links.main()->restIfUnused(self->_config.idle); });
}

void UpstreamInstance::boundMemory(Clock::time_point now)
{
    const auto limit = _config.offer.limits.residentBytes;
    if (limit == 0 || now - _weighedAt < BETWEEN_WEIGHINGS)
        return;
    _weighedAt = now;
    for (const auto& link : _links.all())
    {
        const int id = link->processId();
        if (id == 0 || residentBytesOfAll(id) <= limit)
            continue;
        logOfPlugin(name(), TENON_LOG_ERROR,
                    "it is ended: it held more than " + std::to_string(limit >> 20) + " MB of memory");
        ++_killed;
        postSafely([self = shared_from_this(), link] { link->client().rest(); });
    }
}

/// A server that is said to be away, whose lists were never read, or whose news somebody waits for, is tried again
/// without being asked: where `/ready` keeps callers away, nobody asks.
void UpstreamInstance::retry(Clock::time_point now)
{
    const bool wanted = !_lists.known() || !_interests.empty();
    const bool due = _reach.takeTry(now);
    if (!due && !(wanted && _reach.mayTry(now)))
        return;
    if (!_links.main()->client().sessionIfOpen())
        listsChanged();
    else if (due)
        probe();
}

/// Hears whether the server answers again.
void UpstreamInstance::probe()
{
    postSafely(
        [self = shared_from_this()]
        {
            const auto session = self->_links.main()->client().sessionIfOpen();
            if (!session)
                return;
            client::RequestOptions options;
            options.timeoutMs = PROBE_MS;
            (void)session->start(session->modern() ? "server/discover" : "ping", "", options,
                                 [weak = self->weak_from_this()](const client::Outcome& outcome)
                                 {
                                     const auto fault = outcome.fault ? outcome.fault->fault() : client::Fault::RPC;
                                     if (const auto one = weak.lock())
                                         one->answered(fault != client::Fault::UNREACHABLE &&
                                                       fault != client::Fault::TIMEOUT);
                                 });
        });
}

} // namespace tenon::plugin
