#include "plugin/attach/AttachPeer.h"

#include "base/text/LogEscape.h"
#include "base/text/Reason.h"
#include "plugin/attach/AttachListener.h"
#include "plugin/call/PluginLog.h"
#include "plugin/worker/channel/OfferFields.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

namespace tenon::plugin
{

namespace
{

using namespace std::chrono_literals;

constexpr auto LOOK_BUSY = 20ms, LOOK_IDLE = 100ms;
constexpr auto BUSY_TIME = 5s; // after a call
constexpr auto GREETING_TIMEOUT = 5s;
constexpr auto LAST_WORDS = 200ms;
constexpr std::size_t MAX_UNREAD = std::size_t(64) << 20; // bytes that wait for a program
constexpr std::size_t COUNTED_FROM = std::size_t(1) << 20;
constexpr std::size_t MAX_LINE = 4096;
constexpr std::size_t NEWS_PER_SECOND = 200;

std::uint64_t microseconds(std::chrono::steady_clock::duration time)
{
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

bool isNews(FrameType type)
{
    return type == FrameType::HOST_LOG || type == FrameType::READY || type == FrameType::TITLE ||
           type == FrameType::UPDATED;
}

} // namespace

AttachPeer::AttachPeer(ByteStreamPtr stream, Process process, PeerNews& news, base::HolderShare held,
                       std::size_t maxMessageBytes)
    : _process(std::move(process)), _news(news), _channel(std::move(stream), FrameChannel::WhenFull::KEEP),
      _splitter(maxMessageBytes), _mostHeld(std::max(maxMessageBytes, MAX_UNREAD) + COUNTED_FROM),
      _held(std::move(held))
{
}

void AttachPeer::run()
{
    const auto begin = Clock::now();
    auto looked = begin;
    std::string why = "the program has gone";
    try
    {
        while (_open && !_leaving.load(std::memory_order_acquire))
        {
            waitForNews(begin);
            if (_channel.keepsSomething())
                _channel.flush();
            if (!receive())
                break;
            count();
            const auto now = Clock::now();
            if (_name.empty() && now - begin > GREETING_TIMEOUT)
                break;
            if (now - looked >= LOOK_BUSY)
            {
                looked = now;
                look(now);
                // What the process left behind may hold its end open.
                if (callsInside() > 0 && processHasEnded())
                    break;
            }
        }
    }
    catch (const std::exception& exc)
    {
        why = "its connection was given up: " + base::reasonOf(exc);
    }
    end(why);
}

/// Waits for the program, or until it is time to look after its calls; without end where there are none.
void AttachPeer::waitForNews(Clock::time_point begin)
{
    const auto now = Clock::now();
    if (callsInside() > 0)
        _lastBusy = now;
    std::chrono::milliseconds pause = callsInside() > 0 ? LOOK_BUSY : LOOK_IDLE;
    if (_name.empty())
        pause = std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(begin + GREETING_TIMEOUT - now));
    else if (now - _lastBusy > BUSY_TIME)
    {
        _asleep.store(true);
        if (callsInside() == 0) // again: who enters a call later sees that this thread sleeps, and wakes it
            pause = -1ms;
    }
    if (_channel.wait(static_cast<int>(pause.count()), _wake.descriptor()))
        _wake.lower();
    _asleep.store(false);
}

void AttachPeer::leave()
{
    _leaving.store(true, std::memory_order_release);
    _wake.raise();
}

/// False if the program has gone.
bool AttachPeer::receive()
{
    const auto [data, size] = _splitter.space();
    std::size_t got = 0;
    const auto received = _channel.receive(data, size, got);
    if (received != FrameChannel::Received::SOME)
        return received != FrameChannel::Received::CLOSED;
    _splitter.received(got);
    for (Frame frame; _open && _channel.keptBytes() <= MAX_UNREAD && _splitter.next(frame);)
        handle(frame);
    return true;
}

/// Counts what the program makes the server hold.
void AttachPeer::count()
{
    if (_splitter.heldBytes() > COUNTED_FROM)
        _splitter.trim();
    if (_channel.keptBytes() > MAX_UNREAD)
        throw Poco::RuntimeException("it does not read what it is sent");
    // What is not whole yet is one call's: that one fails, and the others go on.
    while (_splitter.heldBytes() > _mostHeld)
        if (!_splitter.dropLargest())
            throw Poco::RuntimeException("it does not finish what it began to send");
    const auto held = [this] { return _splitter.heldBytes() + _channel.keptBytes(); };
    if (held() < COUNTED_FROM)
        return _held.resize(0);
    while (!_held.tryResize(held()))
        if (!_splitter.dropLargest())
            throw Poco::RuntimeException("the server has no memory left for what it sends or does not read");
}

void AttachPeer::handle(const Frame& frame)
{
    if (isNews(frame.type) && ++_newsOfSecond > NEWS_PER_SECOND)
    {
        // It is read again when the second is over: what it says too fast waits with it.
        const auto rest = _second + 1s - Clock::now();
        if (rest > 0s)
            std::this_thread::sleep_for(rest);
        _second = Clock::now();
        _newsOfSecond = 0;
    }
    if (_name.empty())
        return begin(frame);
    if (frame.droppedBytes > 0 && isNews(frame.type))
        return say(TENON_LOG_WARNING, "a message of " + std::to_string(frame.droppedBytes) + " bytes was dropped");
    FieldReader in(frame.body);
    switch (frame.type)
    {
    case FrameType::READY:
    {
        Offer offer = readOffer(in);
        if (!in.good())
            break;
        {
            std::lock_guard lock(_mutex);
            _numbers = ProgramNumbers(offer);
        }
        _news.offered(*this, std::move(offer));
        break;
    }
    case FrameType::TITLE:
        _news.renamed(*this, oneLine(in.text(), MAX_TITLE));
        break;
    case FrameType::UPDATED:
        _news.resourceUpdated(frame.body);
        break;
    case FrameType::HOST_LOG:
    {
        const auto level = in.signedNumber();
        say(static_cast<tenon_log_level>(std::clamp<std::int64_t>(level, TENON_LOG_DEBUG, TENON_LOG_EMERGENCY)),
            in.text());
        break;
    }
    default:
    {
        const bool ends =
            frame.type == FrameType::FINISH || frame.type == FrameType::FAIL || frame.type == FrameType::RETURNED;
        if (ends || frame.type == FrameType::TAKEN)
        {
            std::unique_lock lock(_mutex);
            if (const auto untaken = _untaken.find(frame.id); untaken != _untaken.end())
            {
                const auto waited = microseconds(Clock::now() - untaken->second.since);
                _untaken.erase(untaken);
                lock.unlock();
                _news.taken(*this, waited);
            }
        }
        _calls->handle(frame);
    }
    }
}

/// What comes before the program is let in: a greeting, and before that one question at most.
void AttachPeer::begin(const Frame& frame)
{
    if (frame.droppedBytes > 0)
        throw Poco::RuntimeException("the server has no memory left for what it sends");
    const bool asks = frame.type == FrameType::PREPARE || frame.type == FrameType::SAVE;
    if (frame.type != FrameType::HELLO && (!asks || std::exchange(_asked, true)))
        return refuse("it did not say what it is");
    FieldReader in(frame.body);
    ProgramHello hello;
    if (const std::string fault = readWho(in, hello); !fault.empty())
        return refuse(fault);
    if (frame.type == FrameType::PREPARE)
        prepare(hello);
    else if (frame.type == FrameType::SAVE)
        keepState(in, hello);
    else
        greet(in, hello);
}

void AttachPeer::greet(FieldReader& in, ProgramHello& hello)
{
    if (const std::string fault = readOffered(in, hello); !fault.empty())
        return refuse(fault);
    _calls = std::make_unique<WorkerCalls>(hello.name, _channel);
    {
        std::lock_guard lock(_mutex);
        _numbers = ProgramNumbers(hello.offer);
        _allOnMainThread = hello.allOnMainThread;
        _gone = false;
    }
    _name = hello.name;
    _version = hello.version;
    if (const std::string reason = _news.greeted(shared_from_this(), hello); !reason.empty())
        refuse(reason);
}

void AttachPeer::prepare(const ProgramHello& hello)
{
    PeerNews::Preparation given;
    if (const std::string reason = _news.preparing(*this, hello, given); !reason.empty())
        return deny(reason); // the log has it when the program wants in
    std::string body;
    FieldWriter out(body);
    out.text(given.settings).number(given.state != nullptr);
    if (given.state)
        out.text(given.state->version).text(given.state->bytes);
    _channel.send(FrameType::PREPARED, 0, body);
}

void AttachPeer::keepState(FieldReader& in, const ProgramHello& hello)
{
    LeftState state{oneLine(in.text(), MAX_TITLE), std::string(in.text()), {}};
    std::string body;
    FieldWriter(body).number(in.good() && _news.leaving(*this, hello, std::move(state)));
    _channel.send(FrameType::KEPT, 0, body);
}

void AttachPeer::welcome(std::string_view settings)
{
    std::string body;
    FieldWriter(body).number(_version).text(TENON_VERSION).text(settings);
    _channel.send(FrameType::WELCOME, 0, body);
}

void AttachPeer::refuse(const std::string& reason)
{
    // Not under the program's name, which nobody has looked at: a logger is kept for ever.
    logOfPlugin("attach", TENON_LOG_WARNING,
                "process " + std::to_string(_process.id) + " of user " + _process.user +
                    " is not attached: " + base::forLog(reason));
    deny(reason);
}

void AttachPeer::deny(const std::string& reason)
{
    std::string body;
    FieldWriter(body).text(reason);
    _channel.send(FrameType::DENIED, 0, body);
    const auto until = Clock::now() + LAST_WORDS;
    while (_channel.keepsSomething() && Clock::now() < until)
    {
        _channel.wait(10);
        _channel.flush();
    }
    _open = false;
}

void AttachPeer::say(tenon_log_level level, std::string_view message)
{
    logOfPlugin(_name, level, oneLine(message, MAX_LINE));
}

AttachPeer::Entry AttachPeer::enter(Target target, const std::string& tool, const CallBackendPtr& call,
                                    std::shared_ptr<void> keep, const std::string* arguments)
{
    // The system knows of the end before this connection's thread does: a call must not go in where nobody is any more.
    if (hasEnded())
        return Entry::GONE;
    std::uint64_t id = 0;
    std::uint32_t index = 0;
    {
        std::lock_guard lock(_mutex);
        if (_gone)
            return Entry::GONE;
        const auto* number = _numbers.find(target, tool);
        if (!number)
            return Entry::UNKNOWN;
        index = *number;
        // In the lock: from here on the program's end ends this call too.
        id = _calls->add(call, std::move(keep));
        if (_allOnMainThread || (target == Target::TOOL && _numbers.onMainThread(tool)))
            _untaken[id] = {Clock::now(), call};
    }
    _calls->send(target, index, call, id, arguments);
    if (_asleep.load() || _channel.keepsSomething())
        _wake.raise();
    return Entry::INSIDE;
}

ThreadWait AttachPeer::threadWait() const
{
    const auto now = Clock::now();
    std::lock_guard lock(_mutex);
    ThreadWait wait;
    wait.calls = _untaken.size();
    for (const auto& [id, untaken] : _untaken)
        wait.longestUs = std::max(wait.longestUs, microseconds(now - untaken.since));
    return wait;
}

bool AttachPeer::processHasEnded() const
{
    return _process.id > 0 && !processExists(_process.id);
}

/// Tells the program of calls that nobody waits for any more. One that it never looked at is answered in its place.
void AttachPeer::look(Clock::time_point now)
{
    if (!_calls)
        return;
    std::vector<std::pair<std::uint64_t, std::chrono::seconds>> unseen;
    {
        std::lock_guard lock(_mutex);
        std::erase_if(_untaken,
                      [&](const auto& entry)
                      {
                          if (!entry.second.call->isCancelled())
                              return false;
                          unseen.emplace_back(entry.first,
                                              std::chrono::round<std::chrono::seconds>(now - entry.second.since));
                          return true;
                      });
    }
    (void)_calls->sweep(std::chrono::hours(24)); // what cannot be killed is never hopeless
    for (const auto& [id, waited] : unseen)
        _calls->fail(id, "the program '" + _name + "' has not looked at its calls for " +
                             std::to_string(waited.count()) + " s: it is busy, or waits for its user; try again later");
}

void AttachPeer::end(const std::string& why)
{
    {
        std::lock_guard lock(_mutex);
        _gone = true;
        _untaken.clear();
    }
    if (_name.empty())
        return;
    _news.ended(*this);
    const auto calls =
        _calls->failAll("the program '" + _name +
                        "' ended, or was restarted, while this call was inside: whether it took effect is "
                        "not known. It may be back in a few seconds.");
    if (_open || calls > 0)
        logOfPlugin(_name, TENON_LOG_NOTICE,
                    why + " (process " + std::to_string(_process.id) + "); " + std::to_string(calls) +
                        " calls were inside");
    _held.resize(0);
}

} // namespace tenon::plugin
