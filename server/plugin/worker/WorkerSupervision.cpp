// The thread that looks after a worker.
#include "base/RandomId.h"
#include "plugin/call/PluginLog.h"
#include "plugin/worker/WorkerInstance.h"
#include "plugin/worker/channel/OfferFields.h"
#include "plugin/worker/child/RemoteCall.h"
#include "plugin/worker/process/WorkerOutput.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <utility>

namespace tenon::plugin
{

namespace
{

using namespace std::chrono_literals;

constexpr auto SWEEP_BUSY = 20ms;
constexpr auto SWEEP_IDLE = 100ms;
constexpr auto STOP_TIMEOUT = 3000ms;
constexpr auto FIRST_PAUSE = 100ms;
constexpr auto LONGEST_PAUSE = 10000ms;
constexpr std::size_t MAX_UNREAD = std::size_t(256) << 20; // bytes that wait for a worker

} // namespace

void WorkerInstance::supervise()
{
    for (;;)
    {
        std::string cause;
        try
        {
            cause = runOnce();
        }
        catch (const Poco::Exception& exc)
        {
            cause = exc.displayText();
        }
        catch (const std::exception& exc) // memory, say
        {
            cause = exc.what();
        }
        bool stopping = false, everLoaded = false;
        {
            std::lock_guard lock(_mutex);
            stopping = _stopping;
            // What refuses to start the first time will refuse again.
            everLoaded = (_offerFresh || _startWanted) && (_refusedBecause.empty() || _everRan);
            _channel.reset();
            _processId = 0;
            if (!stopping)
                _state = everLoaded ? State::DOWN : State::REFUSED;
            _reason = cause;
            _changed.notify_all();
        }
        if (stopping || !everLoaded)
            break;
        failInFlight(cause);

        std::string reason;
        Clock::duration pause{};
        if (!mayRestart(reason, pause))
        {
            logOfPlugin(name(), TENON_LOG_CRITICAL, reason);
            setState(State::QUARANTINED, reason);
            endWaiting("the plugin '" + name() + "' has crashed too often and is not available");
            _threads->tell([&](InstanceOwner& owner) { owner.quarantined(name(), reason); });
            break;
        }
        std::unique_lock lock(_mutex);
        if (_changed.wait_for(lock, pause, [this] { return _stopping; }))
            break;
        _state = State::LOADING;
        ++_restarts;
    }
    endWaiting("the plugin '" + name() + "' is being stopped");
}

/// Runs one worker from its start to its end, and says why it ended.
std::string WorkerInstance::runOnce()
{
    _splitter = FrameSplitter();
    _refusedBecause.clear();
    _killedBecause.clear();
    const auto [ours, theirs] = FrameChannel::makePair();
    const auto channel = std::make_shared<FrameChannel>(ours, FrameChannel::WhenFull::KEEP);
    auto theirEnd = std::make_unique<FrameChannel>(theirs, FrameChannel::WhenFull::KEEP);
    WorkerOutput output(name());
    WorkerProcess process(_executable, name(), theirs, _image->descriptor(), output.standardOutput(),
                          output.standardError());
    theirEnd.reset(); // or the worker's end would not be seen
    output.started();
    const std::uint64_t printedBefore = status().printedBytes;
    const auto begin = Clock::now();
    {
        std::lock_guard lock(_mutex);
        _channel = channel;
        _processId = process.id();
        if (_stopping)
            channel->send(FrameType::STOP, 0);
    }
    sendInit();

    bool closed = false;
    Clock::time_point swept = begin, stopSince{};
    while (!closed)
    {
        const auto pause = _inFlight.size() > 0 ? SWEEP_BUSY : SWEEP_IDLE;
        channel->wait(static_cast<int>(pause.count()));
        if (channel->keepsSomething())
            channel->flush();
        const auto [data, size] = _splitter.space();
        std::size_t got = 0;
        switch (channel->receive(data, size, got))
        {
        case FrameChannel::Received::CLOSED:
            closed = true;
            continue;
        case FrameChannel::Received::SOME:
            _splitter.received(got);
            for (Frame frame; channel->keptBytes() <= MAX_UNREAD && _splitter.next(frame);)
                handle(frame);
            break;
        case FrameChannel::Received::NOTHING:
            break;
        }
        const auto now = Clock::now();
        if (now - swept < SWEEP_BUSY)
            continue;
        swept = now;
        output.take();
        sweep(process);
        std::lock_guard lock(_mutex);
        _printedBytes = printedBefore + output.printedBytes();
        if (_stopping && stopSince == Clock::time_point{})
            stopSince = now;
        if (_stopping && now - stopSince > STOP_TIMEOUT)
            process.kill();
        if (_state != State::RUNNING && _state != State::LOADED &&
            now - begin > std::chrono::milliseconds(_config.loadTimeoutMs))
        {
            _killedBecause = "it took too long to load";
            process.kill();
        }
    }
    if (!process.wait(1000ms))
    {
        process.kill();
        process.wait(1000ms);
    }
    output.finish();
    std::lock_guard lock(_mutex);
    _printedBytes = printedBefore + output.printedBytes();
    if (!_refusedBecause.empty())
        return _refusedBecause;
    if (!_killedBecause.empty())
        return _killedBecause;
    return (_startWanted ? "its worker crashed: " : "it crashed while it was loaded: ") + process.end();
}

void WorkerInstance::sendInit()
{
    std::string body;
    FieldWriter out(body);
    out.number(std::max<std::size_t>(_config.maxConcurrent, 1));
    out.text(_image->descriptor() >= 0 ? std::string() : _image->path());
    for (const auto limit :
         {_config.limits.memoryBytes, _config.limits.cpuSeconds, _config.limits.descriptors, _config.limits.processes})
        out.number(limit);
    out.number(_config.sandbox.enabled).number(_config.sandbox.network).number(_config.sandbox.processes);
    for (const auto* paths : {&_config.sandbox.read, &_config.sandbox.write})
    {
        out.number(paths->size());
        for (const auto& path : *paths)
            out.text(path);
    }
    out.number(_config.settings.size());
    for (const auto& [key, value] : _config.settings)
        out.text(key).text(value);
    channel()->send(FrameType::INIT, 0, body);
}

/// `_mutex` is held.
void WorkerInstance::sendStart()
{
    _state = State::STARTING;
    std::string body;
    const auto handover = std::move(_handover);
    FieldWriter(body)
        .number(handover != nullptr)
        .text(handover ? handover->version : std::string())
        .text(handover ? handover->state : std::string());
    _channel->send(FrameType::START, 0, body);
}

void WorkerInstance::ready(const Frame& frame)
{
    FieldReader in(frame.body);
    Offer offer = readOffer(in);
    bool changed = false;
    {
        std::lock_guard lock(_mutex);
        // A worker that was started again may offer something else.
        changed = _state == State::LOADING && _startWanted && !(offer == _offer);
        _offer = std::move(offer);
        _offerFresh = true;
        if (_state == State::LOADING)
        {
            _state = State::LOADED;
            if (_startWanted)
                sendStart();
        }
        _changed.notify_all();
    }
    if (changed)
        _threads->tell([&](InstanceOwner& owner) { owner.listChanged(name()); });
}

void WorkerInstance::started()
{
    std::deque<Waiting> waiting;
    std::set<std::string> subscribed;
    {
        std::lock_guard lock(_mutex);
        _state = State::RUNNING;
        _everRan = true;
        waiting.swap(_waiting);
        subscribed = _subscribed;
        _changed.notify_all();
    }
    for (const auto& uri : subscribed)
    {
        std::string body;
        FieldWriter(body).text(uri);
        channel()->send(FrameType::SUBSCRIBE, 0, body);
    }
    for (const auto& call : waiting)
        if (!call.call->isCancelled())
            sendCall(call.target, call.index, call.call, _inFlight.add(call.call, shared_from_this()));
        else
            call.call->fail(TENON_ERROR_CANCELLED, "cancelled");
}

void WorkerInstance::handle(const Frame& frame)
{
    FieldReader in(frame.body);
    switch (frame.type)
    {
    case FrameType::READY:
        ready(frame);
        break;
    case FrameType::STARTED:
        started();
        break;
    case FrameType::SAVED:
    {
        std::lock_guard lock(_mutex);
        _saved = frame.body;
        break;
    }
    case FrameType::REFUSED:
        _refusedBecause = frame.body;
        break;
    case FrameType::DONE:
    {
        std::lock_guard lock(_mutex);
        const auto request = _requests.find(frame.id);
        if (request != _requests.end())
            request->second = static_cast<tenon_status>(in.signedNumber());
        _changed.notify_all();
        break;
    }
    case FrameType::HOST_LOG:
    {
        const auto level = static_cast<tenon_log_level>(in.signedNumber());
        logOfPlugin(name(), level, in.text());
        break;
    }
    case FrameType::LIST_CHANGED:
        _threads->tell([&](InstanceOwner& owner) { owner.listChanged(name()); });
        break;
    case FrameType::UPDATED:
        _threads->tell([&](InstanceOwner& owner) { owner.resourceUpdated(frame.body); });
        break;
    default:
        try
        {
            handleCall(frame);
        }
        catch (const std::exception& exc)
        {
            logOfPlugin(name(), TENON_LOG_ERROR, std::string("a message of its worker was dropped: ") + exc.what());
        }
    }
}

void WorkerInstance::handleCall(const Frame& frame)
{
    const bool ends =
        frame.type == FrameType::FINISH || frame.type == FrameType::FAIL || frame.type == FrameType::RETURNED;
    std::shared_ptr<void> keep;
    const CallBackendPtr call = ends ? _inFlight.take(frame.id, keep) : _inFlight.find(frame.id);
    if (!call)
        return;
    FieldReader in(frame.body);
    switch (frame.type)
    {
    case FrameType::FINISH:
        // Checked again: the plugin may have damaged the memory of the worker that checked it.
        if (call->finish(std::string(frame.body), false) == TENON_ERROR_INVALID)
            call->fail(TENON_ERROR_FAILED, "the plugin '" + name() + "' gave a result that is no JSON object");
        break;
    case FrameType::FAIL:
    {
        const auto status = static_cast<tenon_status>(in.signedNumber());
        call->fail(status, in.text());
        break;
    }
    case FrameType::RETURNED:
    {
        const auto status = static_cast<tenon_status>(in.signedNumber());
        if (status == TENON_INPUT_PENDING)
            call->inputPending();
        else
            call->fail(status < TENON_OK ? status : TENON_ERROR_FAILED, {});
        break;
    }
    case FrameType::PROGRESS:
    {
        const double done = in.real(), total = in.real();
        call->progress(done, total, in.text());
        break;
    }
    case FrameType::LOG:
    {
        const auto level = static_cast<tenon_log_level>(in.signedNumber());
        const auto logger = in.text();
        call->log(level, logger, in.text());
        break;
    }
    case FrameType::REMEMBER:
    {
        const auto key = in.text();
        call->remember(key, in.text());
        break;
    }
    case FrameType::RELEASE:
        call->releaseStream(static_cast<std::uint32_t>(in.number()));
        break;
    case FrameType::ASK:
        handleQuestion(*call, frame, in);
        break;
    default:
        break;
    }
}

void WorkerInstance::handleQuestion(CallBackend& call, const Frame& frame, FieldReader& in)
{
    const auto question = static_cast<Question>(in.number());
    const auto key = in.text();
    const auto text = in.text();
    tenon_status status = TENON_ERROR_FAILED;
    std::string answer;
    if (question == Question::INPUT)
    {
        const InputOutcome outcome = call.requestInput(key, text);
        status = outcome.status;
        if (status == TENON_OK)
            answer = base::toJson(outcome.answer->root());
    }
    else if (question == Question::RECALL)
    {
        std::string_view value;
        status = call.recall(key, value) ? TENON_OK : TENON_ERROR_NOT_FOUND;
        answer = value;
    }
    else if (question == Question::BEGIN_TASK)
        status = call.beginTask();
    std::string body;
    FieldWriter(body).signedNumber(status).text(answer);
    channel()->send(FrameType::ANSWER, frame.id, body);
}

/// Tells the worker of calls that nobody waits for any more, and kills it if one does not end.
void WorkerInstance::sweep(WorkerProcess& process)
{
    const auto overdue = _inFlight.overdue(Clock::now(), std::chrono::milliseconds(_config.graceMs));
    const auto to = channel();
    for (const auto id : overdue.cancelled)
        to->send(FrameType::CANCEL, id);
    if (!_killedBecause.empty())
        return;
    if (overdue.hopeless)
        _killedBecause = "its worker was killed: a call had not ended " + std::to_string(_config.graceMs) +
                         " ms after its deadline or cancellation";
    else if (to->keptBytes() > MAX_UNREAD)
        _killedBecause = "its worker was killed: it does not read what it is sent";
    else if (const auto limit = _config.limits.residentBytes; limit != 0 && residentBytesOf(process.id()) > limit)
        _killedBecause = "its worker was killed: it held more than " + std::to_string(limit >> 20) + " MB of memory";
    if (_killedBecause.empty())
        return;
    process.kill();
    std::lock_guard lock(_mutex);
    ++_kills;
}

void WorkerInstance::failInFlight(const std::string& cause)
{
    std::vector<std::shared_ptr<void>> kept;
    const auto calls = _inFlight.takeAll(kept);
    const std::string id = base::randomId(8);
    logOfPlugin(name(), TENON_LOG_ERROR,
                cause + "; " + std::to_string(calls.size()) + " calls were inside [" + id + "]");
    for (const auto& call : calls)
        call->fail(TENON_ERROR_FAILED, "the plugin '" + name() + "' crashed (error id " + id + ")");
}

void WorkerInstance::endWaiting(const std::string& message)
{
    std::deque<Waiting> waiting;
    {
        std::lock_guard lock(_mutex);
        waiting.swap(_waiting);
    }
    for (const auto& call : waiting)
        call.call->fail(TENON_ERROR_FAILED, message);
}

/// Counts a crash. False, with the reason, if there were too many; else `pause` is how long to wait: not at all the
/// first time, then longer and longer.
bool WorkerInstance::mayRestart(std::string& reason, Clock::duration& pause)
{
    const auto now = Clock::now();
    const std::chrono::milliseconds window(_config.crashWindowMs);
    _crashTimes.push_back(now);
    while (now - _crashTimes.front() > window)
        _crashTimes.pop_front();
    {
        std::lock_guard lock(_mutex);
        ++_crashes;
        if (_crashTimes.size() >= _config.maxCrashes)
        {
            reason = "quarantined after " + std::to_string(_crashTimes.size()) + " crashes within " +
                     std::to_string(window.count()) + " ms; the last one: " + _reason;
            return false;
        }
    }
    pause = {};
    if (_crashTimes.size() > 1)
        pause = std::min<Clock::duration>(FIRST_PAUSE * (1 << std::min<std::size_t>(_crashTimes.size() - 2, 10)),
                                          LONGEST_PAUSE);
    return true;
}

} // namespace tenon::plugin
