#include "mcp/sessions/Session.h"

#include "base/text/PercentCoding.h"
#include "base/text/RandomId.h"
#include "mcp/sessions/StreamId.h"

#include <algorithm>
#include <utility>

namespace tenon::mcp
{

Session::Session(std::string sessionId, base::PrincipalPtr owner, Transport way, ResponseSinkPtr stream,
                 store::InstanceId maker, OtherInstances* others)
    : id(std::move(sessionId)), principal(std::move(owner)), transport(way), connection(std::move(stream)),
      _maker(std::move(maker)), _others(others), _lastUsed(base::steadyMs()),
      _eventsSent(std::make_shared<std::atomic<std::uint64_t>>())
{
}

bool Session::initialize(ProtocolVersion version, const ClientCapabilities& client, std::string clientName)
{
    std::lock_guard lock(_mutex);
    if (_initialized.load(std::memory_order_relaxed))
        return false;
    _version = version;
    _client = client;
    _clientName = std::move(clientName);
    _initialized.store(true, std::memory_order_release);
    return true;
}

void Session::add(const std::string& requestId, const std::shared_ptr<RunningRequest>& request)
{
    std::lock_guard lock(_mutex);
    _running.insert_or_assign(requestId, Running{request.get(), request});
}

void Session::remove(const std::string& requestId, const RunningRequest& request)
{
    std::shared_ptr<SessionStream> dropped; // destroyed without the lock
    std::lock_guard lock(_mutex);
    dropped = takeOldest(MAX_STREAMS + 1); // here, as nobody waits for an answer any more
    const auto found = _running.find(requestId);
    if (found != _running.end() && found->second.request == &request)
        _running.erase(found);
}

std::shared_ptr<RunningRequest> Session::running(const std::string& requestId) const
{
    std::lock_guard lock(_mutex);
    const auto found = _running.find(requestId);
    return found == _running.end() ? nullptr : found->second.held.lock();
}

std::string Session::expectResponse(Responder responder)
{
    std::lock_guard lock(_mutex);
    std::string requestId = std::to_string(_nextRequest++);
    if (_maker.named()) // whoever gets the answer has to know whose it is
        requestId = '"' + _maker.idOf(requestId + '.' + base::randomId(8)) + '"';
    _awaited.emplace(requestId, std::move(responder));
    return requestId;
}

void Session::forgetResponse(const std::string& requestId)
{
    Responder dropped; // let go without the lock: it may be the last that keeps its call
    std::lock_guard lock(_mutex);
    const auto found = _awaited.find(requestId);
    if (found == _awaited.end())
        return;
    dropped = std::move(found->second);
    _awaited.erase(found);
}

bool Session::respond(const jsonrpc::Message& message, const base::JsonDocumentPtr& document)
{
    Responder responder;
    {
        std::lock_guard lock(_mutex);
        const auto found = _awaited.find(message.id);
        if (found == _awaited.end())
            return false;
        responder = std::move(found->second);
        _awaited.erase(found);
    }
    responder(message, document);
    return true;
}

std::shared_ptr<SessionStream> Session::newStream(store::EventStore& events, std::uint32_t retryMs,
                                                  const std::string& answers)
{
    std::string streamId = streamIdOf(_maker, _nextStream++, answers), key;
    key.reserve(id.size() + 1 + streamId.size());
    key.append(id).append(1, '/').append(streamId);
    events.begin(key, answers);
    return std::make_shared<SessionStream>(events, std::move(key), std::move(streamId),
                                           _version >= ProtocolVersion::V2025_11_25, retryMs, _eventsSent);
}

/// The oldest finished stream, if there are `many`.
std::shared_ptr<SessionStream> Session::takeOldest(std::size_t many)
{
    std::shared_ptr<SessionStream> oldest;
    if (_streams.size() < many)
        return oldest;
    const auto found =
        std::find_if(_streams.begin(), _streams.end(), [](const auto& stream) { return stream->finished(); });
    if (found == _streams.end())
        return oldest;
    oldest = std::move(*found);
    _streams.erase(found);
    return oldest;
}

std::shared_ptr<SessionStream> Session::openStream(store::EventStore& events, std::uint32_t retryMs,
                                                   const ResponseSinkPtr& sink, const std::string& answers)
{
    std::shared_ptr<SessionStream> opened;
    std::shared_ptr<SessionStream> dropped; // destroyed without the lock
    {
        std::lock_guard lock(_mutex);
        opened = newStream(events, retryMs, answers);
        dropped = takeOldest(MAX_STREAMS + AWAITED_STREAMS);
        _streams.push_back(opened);
    }
    opened->attach(sink);
    return opened;
}

std::shared_ptr<SessionStream> Session::openStandalone(store::EventStore& events, std::uint32_t retryMs,
                                                       const ResponseSinkPtr& sink)
{
    std::shared_ptr<SessionStream> opened, dropped;
    {
        std::lock_guard lock(_mutex);
        opened = newStream(events, retryMs, {});
        _listensAt.clear();
        if (_standalone.size() >= MAX_STANDALONE)
        {
            const auto left = std::find_if(_standalone.begin(), _standalone.end(),
                                           [](const auto& stream) { return !stream->hasPeer(); });
            const auto going = left == _standalone.end() ? _standalone.begin() : left;
            dropped = std::move(*going);
            _standalone.erase(going);
        }
        _standalone.push_back(opened);
    }
    if (dropped)
        dropped->close(0);
    opened->attach(sink);
    return opened;
}

std::shared_ptr<SessionStream> Session::stream(const std::string& streamId) const
{
    std::lock_guard lock(_mutex);
    for (const auto* streams : {&_standalone, &_streams})
        for (const auto& candidate : *streams)
            if (candidate->id() == streamId)
                return candidate;
    return nullptr;
}

bool Session::notify(const std::shared_ptr<const std::string>& message)
{
    return send(message, true);
}

bool Session::notifyHere(const std::shared_ptr<const std::string>& message)
{
    return send(message, false);
}

bool Session::send(const std::shared_ptr<const std::string>& message, bool anywhere)
{
    if (_ended || !initialized())
        return false;
    if (connection)
    {
        _eventsSent->fetch_add(1, std::memory_order_relaxed);
        return connection->send(message, {});
    }
    std::shared_ptr<SessionStream> chosen;
    std::string elsewhere;
    {
        // The newest that is listened to; while the client is away the newest keeps it.
        std::lock_guard lock(_mutex);
        elsewhere = _listensAt;
        const auto listened = std::find_if(_standalone.rbegin(), _standalone.rend(),
                                           [](const auto& stream) { return stream->hasPeer(); });
        if (!elsewhere.empty())
            chosen = nullptr; // the client has gone on to another instance
        else if (listened != _standalone.rend())
            chosen = *listened;
        else if (!_standalone.empty())
            chosen = _standalone.back();
    }
    if (!elsewhere.empty())
        return anywhere && _others && _others->notify(elsewhere, *this, message);
    return chosen && chosen->send(message, {});
}

void Session::listensAt(std::string tag)
{
    std::lock_guard lock(_mutex);
    _listensAt = std::move(tag);
}

std::string Session::listensAt() const
{
    std::lock_guard lock(_mutex);
    return _listensAt;
}

bool Session::hasStandalone() const
{
    std::lock_guard lock(_mutex);
    return !_standalone.empty() && _listensAt.empty();
}

bool Session::subscribe(const std::string& uri, base::HolderShare share)
{
    std::lock_guard lock(_mutex);
    return _subscriptions.add(uri, std::move(share));
}

bool Session::unsubscribe(const std::string& uri)
{
    std::lock_guard lock(_mutex);
    (void)_subscriptionsElsewhere.remove(uri);
    return _subscriptions.remove(uri);
}

bool Session::subscribeToo(const std::string& uri, base::HolderShare share)
{
    std::lock_guard lock(_mutex);
    return !_subscriptionsElsewhere.formOf(base::normalUri(uri)).empty() && _subscriptions.add(uri, std::move(share));
}

std::string Session::subscribedAs(std::string_view normal) const
{
    std::lock_guard lock(_mutex);
    const auto form = _subscriptions.formOf(normal);
    return std::string(form.empty() ? _subscriptionsElsewhere.formOf(normal) : form);
}

void Session::subscribedElsewhere(const std::string& uri, bool is)
{
    std::lock_guard lock(_mutex);
    if (is)
        (void)_subscriptionsElsewhere.add(uri);
    else
        (void)_subscriptionsElsewhere.remove(uri);
}

std::vector<std::string> Session::subscriptionsElsewhere() const
{
    std::lock_guard lock(_mutex);
    return _subscriptionsElsewhere.forms();
}

std::size_t Session::subscriptionCount() const
{
    std::lock_guard lock(_mutex);
    return _subscriptions.size();
}

std::vector<std::string> Session::subscriptions() const
{
    std::lock_guard lock(_mutex);
    return _subscriptions.forms();
}

void Session::closeStandalone(std::uint32_t retryMs)
{
    decltype(_standalone) standalone;
    {
        std::lock_guard lock(_mutex);
        standalone.swap(_standalone);
    }
    for (const auto& open : standalone)
    {
        open->leave(); // elsewhere, if there is an elsewhere
        open->close(retryMs);
    }
}

void Session::end(std::uint32_t retryMs)
{
    close(retryMs, false);
}

void Session::leave(std::uint32_t retryMs)
{
    close(retryMs, true);
}

void Session::close(std::uint32_t retryMs, bool leaving)
{
    if (_ended.exchange(true))
        return;
    decltype(_running) running;
    decltype(_awaited) awaited;
    decltype(_streams) streams, standalone;
    {
        std::lock_guard lock(_mutex);
        running.swap(_running);
        awaited.swap(_awaited);
        streams.swap(_streams);
        standalone.swap(_standalone);
    }
    for (const auto& [requestId, request] : running)
        if (const auto held = request.held.lock())
            held->abandon(leaving ? jsonrpc::ErrorKind::LIMIT : jsonrpc::ErrorKind::SESSION_NOT_FOUND,
                          leaving ? "the server that ran it stops" : "the session ended before the answer was there");
    for (const auto* all : {&streams, &standalone})
        for (const auto& open : *all)
        {
            if (leaving)
                open->leave();
            open->close(retryMs);
        }
    if (connection)
        connection->close(retryMs);
}

bool Session::busy() const
{
    if (hasOpenStream())
        return true;
    std::lock_guard lock(_mutex);
    return !_running.empty();
}

bool Session::hasOpenStream() const
{
    if (connection)
        return !connection->closed();
    std::lock_guard lock(_mutex);
    const auto open = [](const auto& stream) { return stream->hasPeer(); };
    return std::any_of(_standalone.begin(), _standalone.end(), open) ||
           std::any_of(_streams.begin(), _streams.end(), open);
}

} // namespace tenon::mcp
