#include "plugin/worker/RunningWorker.h"

#include "base/text/RandomId.h"
#include "base/text/Reason.h"
#include "plugin/call/PluginLog.h"
#include "plugin/worker/channel/OfferFields.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <new>
#include <utility>

namespace tenon::plugin
{

namespace
{

using namespace std::chrono_literals;

constexpr std::size_t MOST_LACK_BYTES = 4096;
constexpr auto LOOK_BUSY = 20ms;
constexpr auto LOOK_IDLE = 100ms;
constexpr auto STOP_TIMEOUT = 3000ms;
constexpr auto END_TIMEOUT = 1000ms;
constexpr auto KILL_TIMEOUT = 3000ms;
constexpr std::size_t MAX_UNREAD = std::size_t(256) << 20; // bytes that wait for a worker
constexpr std::size_t COUNTED_FROM = std::size_t(1) << 20; // smaller buffers are nobody's concern
constexpr const char* NO_RESOURCES = "exit status 75";     // as its keeper or itself says it

WorkerStart startOf(const WorkerPlan& plan, int theirs, const WorkerOutput& output)
{
    WorkerStart start;
    start.executable = plan.executable;
    start.plugin = plan.config.name;
    start.environment = plan.config.environment;
    start.apart = plan.config.sandbox.enabled;
    start.network = plan.config.sandbox.network;
    start.channel = theirs;
    start.image = plan.image->descriptor();
    start.standardOutput = output.standardOutput();
    start.standardError = output.standardError();
    return start;
}

} // namespace

RunningWorker::RunningWorker(std::shared_ptr<const WorkerPlan> plan, WorkerNews& news)
    : RunningWorker(std::move(plan), news, FrameChannel::makePair())
{
}

RunningWorker::RunningWorker(std::shared_ptr<const WorkerPlan> plan, WorkerNews& news, std::pair<int, int> ends)
    : _plan(std::move(plan)), _news(news), _channel(ends.first, FrameChannel::WhenFull::KEEP),
      _theirs(std::make_unique<FrameChannel>(ends.second, FrameChannel::WhenFull::KEEP)), _output(_plan->config.name),
      _process(startOf(*_plan, ends.second, _output)), _calls(_plan->config.name, _channel),
      _splitter(_plan->maxMessageBytes)
{
    _theirs.reset(); // or the worker's end would not be seen
    _output.started();
    if (_plan->budget)
        _held = base::BudgetShare(*_plan->budget);
    _processId = _process.id();
    sendInit();
}

void RunningWorker::sendInit()
{
    const auto& config = _plan->config;
    std::string body;
    FieldWriter out(body);
    out.number(std::max<std::size_t>(config.maxConcurrent, 1));
    out.text(_plan->image->descriptor() >= 0 ? std::string() : _plan->image->path());
    for (const auto limit :
         {config.limits.memoryBytes, config.limits.cpuSeconds, config.limits.descriptors, config.limits.processes})
        out.number(limit);
    out.number(config.sandbox.enabled).number(config.sandbox.network).number(config.sandbox.processes);
    for (const auto* paths : {&config.sandbox.read, &config.sandbox.write})
    {
        out.number(paths->size());
        for (const auto& path : *paths)
            out.text(path);
    }
    out.number(config.settings.values.size());
    for (const auto& [key, value] : config.settings.values)
    {
        const auto folder = config.settings.folders.find(key);
        out.text(key).text(value).text(folder == config.settings.folders.end() ? std::string() : folder->second);
    }
    _channel.send(FrameType::INIT, 0, body);
}

WorkerEnd RunningWorker::run()
{
    try
    {
        serve();
    }
    catch (const std::bad_alloc&)
    {
        endForWantOfMemory();
    }
    catch (const std::exception& exc)
    {
        const auto* poco = dynamic_cast<const Poco::Exception*>(&exc);
        kill(poco ? poco->displayText() : exc.what());
    }
    if (!_process.wait(END_TIMEOUT))
    {
        _process.kill();
        (void)_process.wait(KILL_TIMEOUT);
    }
    while (receive() == FrameChannel::Received::SOME) // its last words
        continue;
    _output.finish();
    WorkerEnd how = end();
    _printed = _output.printedBytes();
    _held.resize(0);
    return how;
}

/// Until the worker has ended, or can say nothing more.
void RunningWorker::serve()
{
    auto looked = _begin;
    bool open = true;
    while (open)
    {
        const auto pause = _calls.size() > 0 ? LOOK_BUSY : LOOK_IDLE;
        const bool told = _channel.wait(static_cast<int>(pause.count()), _process.endDescriptor());
        if (_channel.keepsSomething())
            _channel.flush();
        // Seen at the process, since others may hold its end of the channel: what it started, for one. Where the system
        // tells of it, it is not asked each time.
        const bool ended = (told || _process.endDescriptor() < 0) && _process.wait(0ms);
        open = receive() != FrameChannel::Received::CLOSED && !ended;
        const auto now = Clock::now();
        if (open && now - looked >= LOOK_BUSY)
        {
            looked = now;
            look(now);
        }
    }
}

/// Takes what there is now.
FrameChannel::Received RunningWorker::receive()
{
    const auto [data, size] = _splitter.space();
    std::size_t got = 0;
    const auto received = _channel.receive(data, size, got);
    if (received != FrameChannel::Received::SOME)
        return received;
    _splitter.received(got);
    try
    {
        for (Frame frame; _channel.keptBytes() <= MAX_UNREAD && _splitter.next(frame);)
            handle(frame);
    }
    catch (const std::bad_alloc&)
    {
        endForWantOfMemory();
        return FrameChannel::Received::CLOSED;
    }
    catch (const std::exception& exc)
    {
        kill(base::reasonOf(exc));
        return FrameChannel::Received::CLOSED;
    }
    count();
    endIfUsed();
    return received;
}

/// Where each call gets a process of its own, it ends with the call.
void RunningWorker::endIfUsed()
{
    if (!_plan->config.workers.fresh || _endsNow || _calls.size() > 0)
        return;
    std::lock_guard lock(_mutex);
    if (!_hadCall)
        return;
    _endsNow = true;
    _process.kill();
}

/// Counts what the worker makes the server hold.
void RunningWorker::count()
{
    if (_splitter.heldBytes() > COUNTED_FROM)
        _splitter.trim();
    const auto held = [this] { return _splitter.heldBytes() + _channel.keptBytes(); };
    if (held() < COUNTED_FROM)
        return _held.resize(0);
    // What is not whole yet is one call's: that one fails, and the others go on.
    while (!_held.tryResize(held()))
        if (!_splitter.dropLargest())
            return kill("its worker was killed: the server has no memory left for what it sends or does not read");
}

void RunningWorker::handle(const Frame& frame)
{
    FieldReader in(frame.body);
    switch (frame.type)
    {
    case FrameType::WORKER:
        _processId = static_cast<int>(frame.id);
        break;
    case FrameType::READY:
    {
        if (frame.droppedBytes > 0)
            return kill("its worker was killed: its lists have " + std::to_string(frame.droppedBytes) + " bytes");
        Offer offer = plugin::readOffer(in);
        {
            std::lock_guard lock(_mutex);
            if (_state == State::LOADING)
                _state = State::STARTING;
        }
        _news.ready(std::move(offer));
        break;
    }
    case FrameType::STARTED:
        setState(State::RUNNING);
        _news.started();
        break;
    case FrameType::SAVED:
        if (frame.droppedBytes > 0)
            logOfPlugin(_plan->config.name, TENON_LOG_ERROR,
                        "its state is lost: it has " + std::to_string(frame.droppedBytes) + " bytes");
        _news.saved(std::string(frame.body));
        break;
    case FrameType::REFUSED:
        _refusedBecause = frame.body;
        break;
    case FrameType::HOST_LOG:
    {
        const auto level = static_cast<tenon_log_level>(in.signedNumber());
        if (!_plan->trial || level >= TENON_LOG_ERROR)
            logOfPlugin(_plan->config.name, level, in.text());
        break;
    }
    case FrameType::LIST_CHANGED:
        _news.listChanged();
        break;
    case FrameType::UPDATED:
        _news.resourceUpdated(frame.body);
        break;
    case FrameType::LACKS:
        _news.lacking(std::string(frame.body.substr(0, MOST_LACK_BYTES)));
        break;
    default:
        _calls.handle(frame);
    }
}

void RunningWorker::look(Clock::time_point now)
{
    _output.take();
    _printed = _output.printedBytes();
    _news.looked();
    const auto& config = _plan->config;
    State state;
    {
        std::lock_guard lock(_mutex);
        state = _state;
    }
    if (state == State::ENDING && _stopSince == Clock::time_point{})
        _stopSince = now;
    if (_endsNow || (state == State::ENDING && now - _stopSince > STOP_TIMEOUT))
        _process.kill();
    else if (_calls.sweep(std::chrono::milliseconds(config.graceMs)))
        kill("its worker was killed: a call had not ended " + std::to_string(config.graceMs) +
             " ms after its deadline or cancellation");
    else if (_channel.keptBytes() > MAX_UNREAD)
        kill("its worker was killed: it does not read what it is sent");
    else if (const auto limit = config.limits.residentBytes; limit != 0 && residentBytesOf(processId()) > limit)
        kill("its worker was killed: it held more than " + std::to_string(limit >> 20) + " MB of memory");
    else if ((state == State::LOADING || state == State::STARTING) &&
             now - _begin > std::chrono::milliseconds(config.loadTimeoutMs))
        kill("it took too long to load");
}

/// What it said is lost with that. The plugin has no part in it.
void RunningWorker::endForWantOfMemory() noexcept
{
    _lacksMemory = true;
    _process.kill();
}

void RunningWorker::kill(const std::string& why)
{
    if (_killedBecause.empty())
        _killedBecause = why;
    _process.kill();
}

/// From here on no call enters.
WorkerEnd RunningWorker::end()
{
    bool ordered = false, everReady = false;
    {
        std::lock_guard lock(_mutex);
        ordered = _state == State::ENDING || _endsNow;
        everReady = _state != State::LOADING;
        _state = State::ENDED;
    }
    const bool hadCalls = _calls.size() > 0;
    const std::string ending = _process.wait(0ms) ? _process.end() : "it cannot be killed";
    if (!_refusedBecause.empty())
        return {WorkerEnd::Kind::REFUSED, _refusedBecause, hadCalls};
    if (_lacksMemory)
        return {WorkerEnd::Kind::UNAVAILABLE, "the server had no memory for what its worker said", hadCalls};
    if (!_killedBecause.empty())
        return {WorkerEnd::Kind::KILLED, _killedBecause, hadCalls};
    if (ordered)
        return {WorkerEnd::Kind::ORDERED, "it was stopped", hadCalls};
    if (ending == NO_RESOURCES)
        return {WorkerEnd::Kind::UNAVAILABLE, "the system refuses a process or thread for its worker", hadCalls};
    return {WorkerEnd::Kind::CRASHED,
            (everReady ? "its worker crashed: " : "it crashed while it was loaded: ") + ending, hadCalls,
            _output.crashReport()};
}

void RunningWorker::failCalls(const WorkerEnd& end)
{
    const auto& name = _plan->config.name;
    if (end.kind == WorkerEnd::Kind::ORDERED)
    {
        _calls.failAll("the plugin '" + name + "' is being stopped");
        return;
    }
    if (end.kind == WorkerEnd::Kind::UNAVAILABLE)
    {
        _calls.failAll("the plugin '" + name + "' was interrupted: " + end.cause + "; try again later");
        return;
    }
    const std::string id = base::randomId(8);
    const auto calls = _calls.failAll("the plugin '" + name + "' crashed (error id " + id + ")");
    logOfPlugin(name, TENON_LOG_ERROR, end.cause + "; " + std::to_string(calls) + " calls were inside [" + id + "]");
}

bool RunningWorker::enter(Target target, std::uint32_t index, const CallBackendPtr& call, std::shared_ptr<void> keep,
                          bool onlyOne)
{
    std::uint64_t id = 0;
    {
        std::lock_guard lock(_mutex);
        if (_state != State::RUNNING || (onlyOne && _hadCall))
            return false;
        // In the lock: from here on the worker's end ends this call too.
        id = _calls.add(call, std::move(keep));
        _hadCall = true;
    }
    _calls.send(target, index, call, id);
    return true;
}

void RunningWorker::start(const Handover* before)
{
    std::string body;
    FieldWriter(body)
        .number(before != nullptr)
        .text(before ? before->version : std::string())
        .text(before ? before->state : std::string());
    _channel.send(FrameType::START, 0, body);
}

void RunningWorker::readOffer()
{
    _channel.send(FrameType::OFFER, 0);
}

void RunningWorker::stop()
{
    setState(State::ENDING);
    _channel.send(FrameType::STOP, 0);
}

bool RunningWorker::isRunning() const
{
    std::lock_guard lock(_mutex);
    return _state == State::RUNNING;
}

void RunningWorker::setState(State state)
{
    std::lock_guard lock(_mutex);
    if (_state != State::ENDING && _state != State::ENDED)
        _state = state;
}

} // namespace tenon::plugin
