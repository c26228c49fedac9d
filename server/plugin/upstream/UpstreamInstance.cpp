#include "plugin/upstream/UpstreamInstance.h"

#include "base/json/JsonWriter.h"
#include "base/text/RandomId.h"
#include "plugin/call/PluginLog.h"
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
constexpr std::size_t FAILURES_UNTIL_CLOSED =
    3; // requests without an answer; a session that does not open counts at once

std::string wordsOf(const std::exception& exc)
{
    const auto* poco = dynamic_cast<const Poco::Exception*>(&exc);
    return poco ? poco->message() : exc.what();
}

std::string seconds(UpstreamInstance::Clock::duration time)
{
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

} // namespace

UpstreamInstance::UpstreamInstance(UpstreamConfig config, std::shared_ptr<PluginThreads> threads,
                                   const std::shared_ptr<PluginLimit>& limit)
    : _config(std::move(config)), _threads(std::move(threads)), _limit(limit),
      _entries(std::make_shared<EntryQueue>(EntryQueue::Concurrency::PARALLEL, 0, _config.offer.maxQueued, limit)),
      _orders(
          std::make_shared<SubscriptionOrders>(_threads, limit, _config.offer.maxQueued, _config.offer.orderTimeout())),
      _main(std::make_shared<UpstreamLink>(_config, std::string(), static_cast<UpstreamLink::News&>(*this))),
      _offer(emptyOffer(_config.offer.name)),
      _crashes(_config.offer.maxCrashes, std::chrono::milliseconds(_config.offer.crashWindowMs))
{
}

UpstreamInstance::~UpstreamInstance()
{
    std::map<std::string, LinkPtr> links;
    {
        const std::lock_guard lock(_mutex);
        links.swap(_links);
    }
    for (const auto& [key, link] : links)
        link->close();
    _main->close();
}

// ---- being connected

void UpstreamInstance::connect()
{
    refresh();
}

/// A session of the link, opened if there is none; waits for the server.
///
/// Errors: ClientException.
std::shared_ptr<client::ClientSession> UpstreamInstance::open(UpstreamLink& link)
{
    if (auto session = link.client().sessionIfOpen())
        return session;
    if (const std::string why = refusal(); !why.empty())
        throw client::ClientException(client::Fault::UNREACHABLE, why);
    std::shared_ptr<client::ClientSession> session;
    try
    {
        session = link.client().session();
    }
    catch (const client::ClientException& exc)
    {
        noteFailure(exc.message());
        throw;
    }
    {
        const std::lock_guard lock(_mutex);
        _failures = 0;
        _why.clear();
        ++_restarts;
    }
    if (!session->modern() && !_config.logLevel.empty() && session->peer().has("logging"))
    {
        std::string level;
        base::JsonWriter(level).beginObject().member("level", _config.logLevel).endObject();
        (void)session->start("logging/setLevel", level, {}, [](const client::Outcome&) {});
    }
    if (&link == _main.get())
        listsChanged();
    return session;
}

void UpstreamInstance::noteFailure(const std::string& why)
{
    std::string line;
    {
        const std::lock_guard lock(_mutex);
        ++_failures;
        const auto pause = std::max<Clock::duration>(CrashHistory::pauseAfter(_failures), 1s);
        _retryAt = Clock::now() + pause;
        line = "it cannot be reached, and is tried again in " + seconds(pause) + ": " + why;
        _why = why;
    }
    logOfPlugin(name(), TENON_LOG_WARNING, line);
}

/// Why nothing is sent to it now; empty: something may be.
std::string UpstreamInstance::refusal() const
{
    const std::lock_guard lock(_mutex);
    if (_quarantined)
        return "the server '" + name() + "' is switched off: it ended too often";
    const auto now = Clock::now();
    if (now < _retryAt)
        return "the server '" + name() + "' cannot be reached now; it is tried again in " + seconds(_retryAt - now);
    return {};
}

/// Requests that get no answer close the way for a while, as sessions that do not open do.
void UpstreamInstance::answered(bool did)
{
    const std::lock_guard lock(_mutex);
    if (did)
    {
        _failures = 0;
        return;
    }
    if (++_failures >= FAILURES_UNTIL_CLOSED)
        _retryAt = Clock::now() + std::max<Clock::duration>(CrashHistory::pauseAfter(_failures), 1s);
}

bool UpstreamInstance::restart()
{
    {
        const std::lock_guard lock(_mutex);
        _quarantined = false;
        _failures = 0;
        _retryAt = {};
        _why.clear();
        _crashes.forget();
    }
    postSafely(
        [weak = weak_from_this()]
        {
            if (const auto self = weak.lock())
            {
                self->_main->client().rest();
                self->connect();
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
    postSafely(
        [weak = weak_from_this()]
        {
            if (const auto self = weak.lock())
            {
                self->_refreshing = false;
                if (self->_refreshAgain.exchange(false))
                    self->refresh();
            }
        });
}

/// Reads all lists, and says so if they have changed.
void UpstreamInstance::refresh()
{
    UpstreamOffer read;
    try
    {
        (void)open(*_main);
        _refreshAgain = false;
        read = readUpstream(_main->client());
        if (!_config.pins.empty())
            holdToPins(read, name(), _config.pins);
        bool listens = false;
        {
            const std::lock_guard lock(_mutex);
            listens = std::exchange(_listening, true);
        }
        if (!listens)
            _main->client().listen({});
    }
    catch (const std::exception& exc)
    {
        const std::lock_guard lock(_mutex);
        if (_why.empty())
            _why = "its lists cannot be read: " + wordsOf(exc);
        if (Clock::now() >= _retryAt)
            _retryAt = Clock::now() + std::max<Clock::duration>(CrashHistory::pauseAfter(++_failures), 1s);
        return;
    }
    std::string remarks;
    for (const auto& remark : read.remarks)
        remarks += (remarks.empty() ? "" : "; ") + remark;
    bool changed = false;
    {
        const std::lock_guard lock(_mutex);
        Offer offer = _numbers.rewrite(read.offer, name(), {});
        changed = offer != _offer;
        _offer = std::move(offer);
        _safe = std::move(read.safe);
        _tasksOnly = std::move(read.tasksOnly);
        _listed = true;
        if (remarks == _remarks)
            remarks.clear();
        else
            _remarks = remarks;
    }
    if (!remarks.empty())
        logOfPlugin(name(), TENON_LOG_ERROR, remarks);
    if (changed)
        _threads->tell([&](InstanceOwner& owner) { owner.listChanged(name()); });
}

Offer UpstreamInstance::offer()
{
    const std::lock_guard lock(_mutex);
    return _offer;
}

void UpstreamInstance::resourceUpdated(std::string_view uri)
{
    _threads->tell([&](InstanceOwner& owner) { owner.resourceUpdated(uri); });
}

void UpstreamInstance::linkGone(UpstreamLink&, const std::string& why)
{
    bool off = false;
    {
        const std::lock_guard lock(_mutex);
        ++_crashed;
        _crashes.add(Clock::now());
        _why = why;
        _quarantined = off = _config.stdio && _crashes.tooMany();
        _retryAt = Clock::now() + _crashes.pause();
    }
    logOfPlugin(name(), TENON_LOG_ERROR, why);
    if (off)
        _threads->tell([&](InstanceOwner& owner)
                       { owner.quarantined(name(), "the server ended too often, the last time: " + why); });
}

// ---- calls

UpstreamRequest UpstreamInstance::requestFor(Target target, std::uint32_t index, const CallBackend& call) const
{
    UpstreamRequest request;
    request.logLevel = _config.logLevel;
    request.safe = target != Target::TOOL;
    base::JsonWriter out(request.params);
    if (target == Target::TOOL || target == Target::PROMPT)
    {
        const std::lock_guard lock(_mutex);
        request.name = _numbers.nameOf(target, index);
        request.safe = request.safe || _safe.contains(request.name);
        request.needsTask = target == Target::TOOL && _tasksOnly.contains(request.name);
    }
    switch (target)
    {
    case Target::TOOL:
        request.method = "tools/call";
        request.arguments = base::toJson(call.arguments());
        out.beginObject().member("name", request.name).rawMember("arguments", request.arguments).endObject();
        break;
    case Target::PROMPT:
        request.method = "prompts/get";
        out.beginObject().member("name", request.name).member("arguments", call.arguments()).endObject();
        break;
    case Target::COMPLETION:
        request.method = "completion/complete";
        out.value(call.arguments());
        break;
    default:
        request.method = "resources/read";
        request.name = base::textMember(call.arguments(), "uri");
        out.beginObject().member("uri", request.name).endObject();
    }
    return request;
}

tenon_status UpstreamInstance::enter(Target target, std::uint32_t index, const CallBackendPtr& call)
{
    if (target == Target::SUBSCRIBE || target == Target::UNSUBSCRIBE)
    {
        order(target, call);
        return TENON_OK;
    }
    std::string_view remembered;
    const bool again = call->recall(REMEMBERED, remembered);
    if (again && remembered.starts_with(PARKED) && resumeParked(remembered.substr(PARKED.size()), call))
        return TENON_ASYNC;
    UpstreamRequest request = requestFor(target, index, *call);
    if (again && remembered.starts_with('{'))
        request.round = remembered;
    const auto entered =
        std::make_shared<UpstreamCall>(static_cast<UpstreamCall::Host&>(*this), std::move(request), call);
    const LinkPtr link = linkFor(entered->session());
    if (!link)
        entered->fail("the server '" + name() + "' has as many sessions as it may have; try again later");
    else
        run(link, entered);
    return TENON_ASYNC;
}

/// True: the call goes on, or has ended.
bool UpstreamInstance::resumeParked(std::string_view token, const CallBackendPtr& call)
{
    std::shared_ptr<UpstreamCall> waiting;
    {
        const std::lock_guard lock(_mutex);
        const auto found = _parked.find(std::string(token));
        if (found != _parked.end())
        {
            waiting = found->second;
            _parked.erase(found);
        }
    }
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
    const auto session = link->client().sessionIfOpen();
    if (session && !call->request().needsTask)
    {
        const std::string why = refusal();
        return why.empty() ? call->send(link->client(), session) : call->fail(why);
    }
    const auto again = [weak = weak_from_this(), link, call]
    {
        if (const auto self = weak.lock())
            self->openAndSend(link, call);
    };
    try
    {
        _threads->postCall(again);
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
        const std::string why = refusal();
        call->fail(why.empty() ? "the server '" + name() + "' cannot be reached" : why);
        if (why.empty())
            logOfPlugin(name(), TENON_LOG_WARNING, exc.message());
    }
}

void UpstreamInstance::restart(const std::shared_ptr<UpstreamCall>& call)
{
    if (const LinkPtr link = linkFor(call->session()))
        postSafely([self = shared_from_this(), link, call] { self->openAndSend(link, call); });
    else
        call->fail("the server '" + name() + "' has as many sessions as it may have; try again later");
}

std::string UpstreamInstance::park(const std::shared_ptr<UpstreamCall>& call)
{
    const std::string token = base::randomId();
    const std::lock_guard lock(_mutex);
    _parked[token] = call;
    return token;
}

void UpstreamInstance::ended(UpstreamCall& call)
{
    std::vector<LinkPtr> links{_main};
    {
        const std::lock_guard lock(_mutex);
        for (const auto& [key, link] : _links)
            links.push_back(link);
        std::erase_if(_parked, [&](const auto& entry) { return entry.second.get() == &call; });
    }
    for (const auto& link : links)
        link->remove(call);
}

void UpstreamInstance::postSafely(std::function<void()> work)
{
    try
    {
        _threads->postCall(std::move(work));
    }
    catch (const Poco::Exception& exc)
    {
        logOfPlugin(name(), TENON_LOG_ERROR, exc.message());
    }
}

InstanceStatus UpstreamInstance::status() const
{
    InstanceStatus status;
    const bool open = _main->client().sessionIfOpen() != nullptr;
    status.processId = _main->processId();
    const std::lock_guard lock(_mutex);
    const auto health = _main->client().health();
    status.state = _quarantined ? "quarantined" : !_why.empty() && !open ? "away" : !_listed ? "restarting" : "running";
    if (status.state == "running" && open && health.state == client::Health::State::DEGRADED)
    {
        status.state = "degraded";
        status.reason = health.reason;
    }
    else if (status.state != "running")
        status.reason = _why;
    status.workers = 1 + _links.size();
    status.workersRunning = open ? 1 : 0;
    status.callsInside = _main->calls();
    for (const auto& [key, link] : _links)
    {
        status.workersRunning += link->client().sessionIfOpen() ? 1 : 0;
        status.callsInside += link->calls();
    }
    status.crashes = _crashed;
    status.kills = _killed;
    status.restarts = _restarts > 0 ? _restarts - 1 : 0;
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
            client::Interest interest;
            {
                const std::lock_guard lock(self->_mutex);
                wanted ? (void)self->_subscribed.insert(uri) : (void)self->_subscribed.erase(uri);
                interest.uris.assign(self->_subscribed.begin(), self->_subscribed.end());
                self->_listening = true;
            }
            try
            {
                const auto session = self->open(*self->_main);
                self->_main->client().listen(interest);
                if (!wanted && !session->modern())
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

// ---- sessions

/// The session for calls of a client's session or of a principal; null if there would be too many.
UpstreamInstance::LinkPtr UpstreamInstance::linkFor(const std::string& session)
{
    if (_config.sessions == UpstreamConfig::Sessions::SHARED || session.empty())
        return _main;
    LinkPtr evicted;
    const std::lock_guard lock(_mutex);
    if (const auto found = _links.find(session); found != _links.end())
        return found->second;
    if (_links.size() >= _config.maxSessions)
    {
        const auto now = Clock::now();
        auto oldest = _links.end();
        for (auto link = _links.begin(); link != _links.end(); ++link)
            if (link->second->calls() == 0 &&
                (oldest == _links.end() || link->second->unused(now) > oldest->second->unused(now)))
                oldest = link;
        if (oldest == _links.end())
            return nullptr;
        closeLater(std::move(oldest->second));
        _links.erase(oldest);
    }
    const auto link = std::make_shared<UpstreamLink>(_config, session, static_cast<UpstreamLink::News&>(*this));
    _links.emplace(session, link);
    return link;
}

void UpstreamInstance::closeLater(LinkPtr link)
{
    postSafely([self = shared_from_this(), link = std::move(link)] { link->close(); });
}

void UpstreamInstance::look(Clock::time_point now)
{
    std::vector<LinkPtr> links{_main};
    {
        const std::lock_guard lock(_mutex);
        for (const auto& [key, link] : _links)
            links.push_back(link);
    }
    for (const auto& link : links)
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
    std::vector<LinkPtr> idle;
    bool rests = false;
    {
        const std::lock_guard lock(_mutex);
        std::erase_if(_links,
                      [&](const auto& entry)
                      {
                          if (entry.second->unused(now) < _config.idle)
                              return false;
                          idle.push_back(entry.second);
                          return true;
                      });
        rests = _config.stdio && _subscribed.empty() && !_refreshing && _main->unused(now) >= _config.idle;
    }
    for (auto& link : idle)
        closeLater(std::move(link));
    if (rests && _main->client().sessionIfOpen())
        postSafely(
            [self = shared_from_this()]
            {
                if (self->_main->unused(Clock::now()) >= self->_config.idle)
                    self->_main->client().rest();
            });
}

void UpstreamInstance::boundMemory(Clock::time_point now)
{
    const auto limit = _config.offer.limits.residentBytes;
    std::vector<LinkPtr> links{_main};
    {
        const std::lock_guard lock(_mutex);
        if (limit == 0 || now - _weighedAt < BETWEEN_WEIGHINGS)
            return;
        _weighedAt = now;
        for (const auto& [key, link] : _links)
            links.push_back(link);
    }
    for (const auto& link : links)
    {
        const int id = link->processId();
        if (id == 0 || residentBytesOfAll(id) <= limit)
            continue;
        logOfPlugin(name(), TENON_LOG_ERROR,
                    "it is ended: it held more than " + std::to_string(limit >> 20) + " MB of memory");
        {
            const std::lock_guard lock(_mutex);
            ++_killed;
        }
        postSafely([self = shared_from_this(), link] { link->client().rest(); });
    }
}

/// A server whose lists were never read, or whose news somebody waits for, is tried again without being asked.
void UpstreamInstance::retry(Clock::time_point now)
{
    {
        const std::lock_guard lock(_mutex);
        if (_quarantined || now < _retryAt || (_listed && _subscribed.empty()))
            return;
    }
    if (!_main->client().sessionIfOpen())
        listsChanged();
}

} // namespace tenon::plugin
