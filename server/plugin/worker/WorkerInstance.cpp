#include "plugin/worker/WorkerInstance.h"

#include "plugin/call/LoadException.h"
#include "plugin/worker/Workers.h"
#include "plugin/worker/child/RemoteCall.h"

#include <utility>

namespace tenon::plugin
{

namespace
{

using namespace std::chrono_literals;

constexpr auto REQUEST_TIMEOUT = 5s;

} // namespace

std::shared_ptr<ManagedInstance> makeWorkerInstance(const PluginConfig& config,
                                                    const std::shared_ptr<LibraryImage>& image,
                                                    const std::shared_ptr<PluginThreads>& threads,
                                                    const std::string& executable)
{
    return threads->adopt(std::make_unique<WorkerInstance>(config, image, threads, executable));
}

WorkerInstance::WorkerInstance(const PluginConfig& config, std::shared_ptr<LibraryImage> image,
                               std::shared_ptr<PluginThreads> threads, std::string executable)
    : _config(config), _image(std::move(image)), _threads(std::move(threads)), _executable(std::move(executable)),
      _supervisor([this] { supervise(); })
{
}

WorkerInstance::~WorkerInstance()
{
    {
        std::lock_guard lock(_mutex);
        _stopping = true;
        if (_channel)
            _channel->send(FrameType::STOP, 0);
        _changed.notify_all();
    }
    _supervisor.join();
}

Offer WorkerInstance::offer()
{
    std::unique_lock lock(_mutex);
    if (_state == State::RUNNING)
    {
        _offerFresh = false;
        _channel->send(FrameType::OFFER, 0);
    }
    const auto known = [this] { return _offerFresh || _state == State::REFUSED || _state == State::QUARANTINED; };
    if (!_changed.wait_for(lock, std::chrono::milliseconds(_config.loadTimeoutMs), known))
        throw LoadException("it took longer than " + std::to_string(_config.loadTimeoutMs) +
                            " ms to list what it offers");
    if (!_offerFresh)
        throw LoadException(_reason);
    return _offer;
}

void WorkerInstance::start(const Handover* before)
{
    std::unique_lock lock(_mutex);
    _startWanted = true;
    if (before)
        _handover = std::make_unique<Handover>(*before);
    if (_state == State::LOADED)
        sendStart();
    const auto known = [this]
    { return _state == State::RUNNING || _state == State::REFUSED || _state == State::QUARANTINED; };
    if (!_changed.wait_for(lock, std::chrono::milliseconds(_config.loadTimeoutMs), known))
        throw LoadException("it took longer than " + std::to_string(_config.loadTimeoutMs) + " ms to start");
    if (_state != State::RUNNING)
        throw LoadException(_reason);
}

std::string WorkerInstance::stopAndSave()
{
    std::unique_lock lock(_mutex);
    if (_state != State::RUNNING || _stopping)
        return {};
    _stopping = true;
    _channel->send(FrameType::STOP, 0);
    _changed.wait_for(lock, REQUEST_TIMEOUT, [this] { return _channel == nullptr; });
    return _saved;
}

InstanceStatus WorkerInstance::status() const
{
    InstanceStatus status;
    std::lock_guard lock(_mutex);
    status.state = _state == State::RUNNING ? "running" : _state == State::QUARANTINED ? "quarantined" : "restarting";
    status.processId = _processId;
    status.crashes = _crashes;
    status.kills = _kills;
    status.restarts = _restarts;
    status.residentBytes = residentBytesOf(_processId);
    status.printedBytes = _printedBytes;
    status.callsWaiting = _waiting.size();
    status.callsInside = _inFlight.size();
    return status;
}

tenon_status WorkerInstance::enter(Target target, std::uint32_t index, const CallBackendPtr& call)
{
    std::shared_ptr<FrameChannel> channel;
    std::uint64_t id = 0;
    {
        std::lock_guard lock(_mutex);
        if (_state == State::RUNNING)
        {
            channel = _channel;
            // In the lock: from here on a crash ends this call too.
            id = _inFlight.add(call, shared_from_this());
        }
        else if (_state != State::QUARANTINED && _state != State::REFUSED && _waiting.size() < _config.maxQueued)
        {
            _waiting.push_back({target, index, call, shared_from_this()});
            return TENON_ASYNC;
        }
    }
    if (!channel)
    {
        call->fail(TENON_ERROR_FAILED, "the plugin '" + name() + "' has crashed and is not available now");
        return TENON_OK;
    }
    sendCall(target, index, call, id);
    return TENON_ASYNC;
}

void WorkerInstance::sendCall(Target target, std::uint32_t index, const CallBackendPtr& call, std::uint64_t id)
{
    thread_local std::string body;
    body.clear();
    FieldWriter out(body);
    out.number(static_cast<std::uint64_t>(target)).number(index).number(featuresOf(*call)).number(call->deadlineMs());
    out.text(call->principalName()).text(call->sessionId());
    out.text(call->traceparent()).text(call->tracestate()).text(call->baggage());
    out.text(base::toJson(call->arguments()));
    out.text(call->hasMeta() ? base::toJson(call->meta()) : std::string());
    if (const auto to = channel())
        to->send(FrameType::CALL, id, body);
}

tenon_status WorkerInstance::subscribe(std::string_view uri)
{
    std::unique_lock lock(_mutex);
    if (_state != State::RUNNING)
        return TENON_ERROR_FAILED;
    const std::uint64_t request = ++_lastRequest;
    _requests[request] = TENON_ASYNC;
    std::string body;
    FieldWriter(body).text(uri);
    _channel->send(FrameType::SUBSCRIBE, request, body);
    _changed.wait_for(lock, REQUEST_TIMEOUT,
                      [&] { return _requests[request] != TENON_ASYNC || _state != State::RUNNING; });
    const tenon_status status = std::exchange(_requests[request], TENON_ERROR_FAILED);
    _requests.erase(request);
    if (status == TENON_OK)
        _subscribed.insert(std::string(uri));
    return status == TENON_ASYNC ? TENON_ERROR_FAILED : status;
}

void WorkerInstance::unsubscribe(std::string_view uri)
{
    std::lock_guard lock(_mutex);
    _subscribed.erase(std::string(uri));
    std::string body;
    FieldWriter(body).text(uri);
    if (_state == State::RUNNING)
        _channel->send(FrameType::UNSUBSCRIBE, 0, body);
}

std::shared_ptr<FrameChannel> WorkerInstance::channel() const
{
    std::lock_guard lock(_mutex);
    return _channel;
}

void WorkerInstance::setState(State state, const std::string& reason)
{
    std::lock_guard lock(_mutex);
    _state = state;
    _reason = reason;
    _changed.notify_all();
}

} // namespace tenon::plugin
