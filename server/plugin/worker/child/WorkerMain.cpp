#include "plugin/worker/child/WorkerMain.h"

#include "base/threads/DetachedThread.h"
#include "plugin/call/LoadException.h"
#include "plugin/worker/channel/OfferFields.h"
#include "plugin/worker/child/Confinement.h"
#include "plugin/worker/child/CrashReport.h"
#include "plugin/worker/child/WorkerSystem.h"
#include "plugin/worker/process/WorkerProcess.h"

#include <Poco/Exception.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

namespace tenon::plugin
{

namespace
{

constexpr int EXIT_SERVER_GONE = 0;
constexpr int EXIT_REFUSED = 2;
constexpr int EXIT_BY_PLUGIN = 3;
constexpr int EXIT_NO_RESOURCES = 75; // EX_TEMPFAIL: not the plugin's fault
constexpr int IDLE_THREAD_MS = 10000;

} // namespace

WorkerMain::WorkerMain(std::string name, int channel)
    : _name(std::move(name)), _channel(channel, FrameChannel::WhenFull::WAIT)
{
}

void WorkerMain::run()
{
    installCrashReport(_name);
    // What it prints goes into the log, a line at a time.
    std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
    // A plugin that calls exit must not wait for the threads of this process, nor run their objects' destructors.
    std::atexit([] { leaveWorker(EXIT_BY_PLUGIN); });
    Frame init;
    while (!_splitter.next(init))
    {
        _channel.wait(-1);
        (void)receive();
    }
    try
    {
        load(init);
        sendOffer();
    }
    catch (const Poco::Exception& exc)
    {
        _channel.send(FrameType::REFUSED, 0, exc.message());
        leaveWorker(EXIT_REFUSED);
    }
    serve();
}

void WorkerMain::load(const Frame& init)
{
    FieldReader in(init.body);
    _maxRunning = in.number();
    const std::string path(in.text());
    WorkerLimits limits;
    for (auto* limit : {&limits.memoryBytes, &limits.cpuSeconds, &limits.descriptors, &limits.processes})
        *limit = in.number();
    Sandbox sandbox;
    sandbox.enabled = in.number() != 0;
    sandbox.network = in.number() != 0;
    sandbox.processes = in.number() != 0;
    for (auto* paths : {&sandbox.read, &sandbox.write})
        for (auto count = in.number(); count > 0 && in.good(); --count)
            paths->emplace_back(in.text());
    OwnSettings settings;
    for (auto count = in.number(); count > 0 && in.good(); --count)
    {
        const std::string key(in.text());
        settings.values[key] = in.text();
        if (const std::string folder(in.text()); !folder.empty())
            settings.folders[key] = folder;
    }
    if (init.type != FrameType::INIT || !in.good())
        throw LoadException("the worker was not told what to do");

    try
    {
        _arrivals = std::make_unique<Arrivals>();
        _arrivals->watch(_channel.stream());
    }
    catch (const std::system_error& exc)
    {
        throw LoadException(exc.what());
    }
    // Before the library is loaded: its static initialisation is the plugin's code too.
    if (sandbox.enabled)
        confine(sandbox);
    limitWorker(limits);
    _plugin =
        std::make_unique<LoadedPlugin>(LibraryImage::inherit(path.empty() ? WorkerProcess::IMAGE_DESCRIPTOR : -1, path),
                                       _name, std::move(settings), *this);
}

void WorkerMain::sendOffer()
{
    std::string body;
    FieldWriter out(body);
    writeOffer(out, _plugin->offer());
    _channel.send(FrameType::READY, 0, body);
}

void WorkerMain::serve()
{
    provideSignalStack();
    if (!startListening())
        leaveWorker(EXIT_NO_RESOURCES);
    for (;;)
        _main.take()();
}

/// One more thread that listens; false if the system has none.
bool WorkerMain::startListening()
{
    try
    {
        base::startDetached([this] { listen(); });
        return true;
    }
    catch (const std::system_error&)
    {
        return false;
    }
}

/// Waits for frames or for a call to run, until there is nothing to do for long.
void WorkerMain::listen()
{
    provideSignalStack();
    for (;;)
    {
        while (runNext())
            continue;
        {
            std::lock_guard lock(_mutex);
            ++_listening;
        }
        const auto news = _arrivals->wait(IDLE_THREAD_MS);
        {
            std::lock_guard lock(_mutex);
            --_listening;
            if (news == Arrivals::News::NOTHING && _listening > 0)
                return;
            if (news == Arrivals::News::HELP)
                _helpCalled = false;
        }
        if (news == Arrivals::News::FRAMES)
            takeFrames();
    }
}

void WorkerMain::takeFrames()
{
    do
    {
        std::lock_guard lock(_receiving);
        for (bool more = true; more;)
        {
            more = receive() || _arrivals->hasEnded();
            for (Frame frame; _splitter.next(frame);)
                handle(frame);
        }
        _splitter.trim();
    } while (!_arrivals->taken());
}

/// Takes what there is; true if there may be more.
bool WorkerMain::receive()
{
    const auto [data, size] = _splitter.space();
    std::size_t got = 0;
    const auto received = _channel.receive(data, size, got);
    if (received == FrameChannel::Received::CLOSED)
        leaveWorker(EXIT_SERVER_GONE);
    _splitter.received(got);
    return got == size;
}

/// Nothing here enters the plugin: the thread that reads must come back.
void WorkerMain::handle(const Frame& frame)
{
    FieldReader in(frame.body);
    switch (frame.type)
    {
    case FrameType::CALL:
    {
        auto call = std::make_shared<RemoteCall>(_channel, _calls, frame);
        std::lock_guard lock(_mutex);
        _queue.push_back(std::move(call));
        break;
    }
    case FrameType::CANCEL:
        _calls.cancel(frame.id);
        break;
    case FrameType::ANSWER:
    {
        const auto status = static_cast<tenon_status>(in.signedNumber());
        _calls.answer(frame.id, status, in.text());
        break;
    }
    case FrameType::START:
        _main.post([this, handover = std::string(frame.body)] { start(handover); });
        break;
    case FrameType::OFFER:
        _main.post([this] { sendOffer(); });
        break;
    case FrameType::STOP:
        _main.post([this] { stop(); });
        break;
    default:
        break;
    }
}

void WorkerMain::start(const std::string& handover)
{
    FieldReader in(handover);
    const bool hasState = in.number() != 0;
    const auto version = in.text();
    const auto state = in.text();
    try
    {
        if (hasState)
            _plugin->loadState(version, state);
        _plugin->start();
    }
    catch (const Poco::Exception& exc)
    {
        _channel.send(FrameType::REFUSED, 0, exc.message());
        leaveWorker(EXIT_REFUSED);
    }
    _channel.send(FrameType::STARTED, 0);
}

/// The server sends this when no call is inside any more.
void WorkerMain::stop()
{
    std::string state;
    _plugin->stop(&state);
    _channel.send(FrameType::SAVED, 0, state);
    _plugin.reset();
    std::fflush(nullptr); // what the plugin printed
    leaveWorker(0);
}

/// Runs the next waiting call, if there is one and the limit allows it.
bool WorkerMain::runNext()
{
    CallPtr call = takeNext();
    if (!call)
        return false;
    runCall(call);
    call.reset();
    std::lock_guard lock(_mutex);
    --_running;
    return true;
}

/// The next call that may run now, on the calling thread, while another one listens.
WorkerMain::CallPtr WorkerMain::takeNext()
{
    std::unique_lock lock(_mutex);
    if (_queue.empty() || _running >= _maxRunning)
        return nullptr;
    if (_listening == 0 && !startListening())
    {
        // Who listens must not run calls: those that run will take it on, or there is nobody.
        if (_running > 0)
            return nullptr;
        const CallPtr refused = std::move(_queue.front());
        _queue.pop_front();
        lock.unlock();
        (void)refused->fail(TENON_ERROR_RESOURCES, "the plugin's worker has no thread for the call");
        return nullptr;
    }
    CallPtr call = std::move(_queue.front());
    _queue.pop_front();
    ++_running;
    if (_listening > 0 && !_queue.empty() && !std::exchange(_helpCalled, true))
        _arrivals->callHelp();
    return call;
}

void WorkerMain::runCall(const CallPtr& call)
{
    const auto status = _plugin->enter(static_cast<Target>(call->target), call->index, call, nullptr);
    if (status != TENON_OK && status != TENON_ASYNC)
        call->returned(status);
}

void WorkerMain::logged(tenon_log_level level, std::string_view message)
{
    std::string body;
    FieldWriter(body).signedNumber(level).text(message);
    _channel.send(FrameType::HOST_LOG, 0, body);
}

void WorkerMain::listChanged(tenon_list_kind list)
{
    std::string body;
    FieldWriter(body).signedNumber(list);
    _channel.send(FrameType::LIST_CHANGED, 0, body);
}

void WorkerMain::resourceUpdated(std::string_view uri)
{
    _channel.send(FrameType::UPDATED, 0, uri);
}

void WorkerMain::lacking(std::string_view what)
{
    _channel.send(FrameType::LACKS, 0, what);
}

} // namespace tenon::plugin
