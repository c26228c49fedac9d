#include "Link.h"

#include "Errand.h"
#include "Text.h"
#include "system/Places.h"

#include <algorithm>
#include <random>
#include <utility>

namespace tenon::attach
{

namespace
{

using namespace std::chrono_literals;
using plugin::Arrivals;
using plugin::FieldReader;
using plugin::FieldWriter;
using plugin::Frame;
using plugin::FrameChannel;
using plugin::FrameType;

constexpr auto FIRST_PAUSE = 20ms, LONGEST_PAUSE = 2000ms, PAUSE_AFTER_REFUSAL = 10000ms;
constexpr std::size_t SPACE = 4 << 10; // for what the server sends: an idle program should hardly be larger for it
constexpr std::size_t MAX_UNREAD = std::size_t(64) << 20; // bytes that wait for a server

std::uint64_t randomKey()
{
    std::random_device random;
    return std::uint64_t(random()) << 32 | random();
}

} // namespace

Link::Link(const tenon_plugin_entry& entry, Options options)
    : _options(std::move(options)), _key(randomKey()), _home(entry, _options.name, *this), _runner(_options.threads),
      _pause(FIRST_PAUSE), _title(_options.title)
{
}

Link::~Link()
{
    close();
}

tenon_status Link::open()
{
    const Preparation before = askForPreparation(_options.socket, whoItIs());
    _home.settings().take(before.settings);
    if (const tenon_status status = _home.create(); status != TENON_OK)
        return status;
    if (before.state)
        _home.load(*before.state);
    if (const tenon_status status = _home.start(); status != TENON_OK)
        return status;
    _offer = _home.readOffer();
    return _runner.start(*this) ? TENON_OK : TENON_ERROR_RESOURCES;
}

void Link::close()
{
    _closing.store(true, std::memory_order_release);
    callReader();
    _runner.waitForEnd();
    _runner.stop();
    const auto state = _home.stop();
    if (state && _everAttached.load(std::memory_order_acquire) && !leaveState(_options.socket, whoItIs(), *state))
        logged(TENON_LOG_WARNING, "the server does not keep the program's state");
}

/// Waits for what the server sends, or until it is time to connect, and takes it if no other thread does.
Link::Waited Link::wait(int timeoutMs)
{
    const auto news = _arrivals.wait(untilTry(timeoutMs));
    if (news == Arrivals::News::NOTHING && Clock::now() < _nextTry.load(std::memory_order_acquire))
        return Waited::NOTHING;
    if (news == Arrivals::News::HELP && !_readerCalled.exchange(false, std::memory_order_acq_rel))
        return Waited::SOMETHING;
    if (news != Arrivals::News::FRAMES && !_arrivals.demand())
        return Waited::SOMETHING;
    do
    {
        if (!read())
            return Waited::END;
    } while (!_arrivals.taken());
    return Waited::SOMETHING;
}

/// The same, or less if it is time to connect before.
int Link::untilTry(int timeoutMs) const
{
    const auto next = _nextTry.load(std::memory_order_acquire);
    if (next == NEVER)
        return timeoutMs;
    const auto left = std::max(std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()), 0ms);
    const int untilThen = static_cast<int>(left.count());
    return timeoutMs < 0 ? untilThen : std::min(timeoutMs, untilThen);
}

/// Gets a thread to look after the connection.
void Link::callReader()
{
    _readerCalled.store(true, std::memory_order_release);
    _arrivals.callHelp();
}

/// Does what is next: connects, or takes what has come. False once the link is being closed.
bool Link::read()
{
    if (_closing.load(std::memory_order_acquire))
    {
        leaveServer();
        return false;
    }
    try
    {
        if (_splitter)
            receive();
        else if (_nextTry.load(std::memory_order_relaxed) <= Clock::now())
            connect();
    }
    catch (const std::exception& exc)
    {
        logged(TENON_LOG_ERROR, std::string("the connection to the server is given up: ") + exc.what());
        leaveServer();
    }
    return true;
}

void Link::connect()
{
    NoConnection why;
    plugin::ByteStreamPtr stream = connectToServer(_options.socket, why);
    if (!stream)
    {
        setState(TENON_ATTACH_CONNECTING, std::move(why.reason));
        tryLater(_pause);
        return;
    }
    const auto made = std::make_shared<Connection>(std::move(stream), [this] { callReader(); });
    _splitter = std::make_unique<plugin::FrameSplitter>(plugin::FrameSplitter::MAX_UNFINISHED, SPACE);
    sendHello(*made);
    {
        const std::lock_guard lock(_mutex);
        _connection = made;
    }
    _nextTry.store(NEVER, std::memory_order_release);
    _arrivals.watch(made->channel.stream());
}

void Link::tryLater(std::chrono::milliseconds pause)
{
    _nextTry.store(Clock::now() + pause, std::memory_order_release);
    _pause = std::min<std::chrono::milliseconds>(_pause * 2, LONGEST_PAUSE);
}

/// Gives the connection up, and tries again a little later.
void Link::leaveServer()
{
    std::shared_ptr<Connection> left;
    {
        const std::lock_guard lock(_mutex);
        left.swap(_connection);
    }
    _arrivals.unwatch();
    _splitter.reset();
    const bool refused = state() == TENON_ATTACH_REFUSED;
    if (!refused)
        setState(TENON_ATTACH_CONNECTING, "the server has gone");
    if (left)
        left->abandon();
    tryLater(refused ? PAUSE_AFTER_REFUSAL : _pause);
    _arrivals.callHelp(); // who waits does not know of this time
}

/// Takes what the server has sent.
void Link::receive()
{
    const auto from = connection();
    FrameChannel& channel = from->channel;
    if (channel.keepsSomething())
        channel.flush();
    _arrivals.watchRoom(channel.keepsSomething());
    for (bool more = true; more;)
    {
        const auto [data, size] = _splitter->space();
        std::size_t got = 0;
        const auto received = channel.receive(data, size, got);
        const bool hasEnded = received == FrameChannel::Received::CLOSED ||
                              (received == FrameChannel::Received::NOTHING && _arrivals.hasEnded());
        if (hasEnded || channel.keptBytes() > MAX_UNREAD)
            return leaveServer();
        _splitter->received(got);
        for (Frame frame; _splitter->next(frame);)
            handle(frame);
        more = got == size || _arrivals.hasEnded();
    }
    _splitter->trim();
}

/// What every first frame begins with. `_mutex` is held, or there are no other threads.
std::string Link::whoItIs() const
{
    std::string body;
    FieldWriter(body)
        .text(plugin::ATTACH_GREETING)
        .number(plugin::ATTACH_VERSION)
        .number(plugin::ATTACH_VERSION)
        .text(_options.name)
        .text(_title)
        .number(_key)
        .number(ownProcess());
    return body;
}

void Link::sendHello(Connection& connection)
{
    const std::lock_guard lock(_mutex);
    std::string body = whoItIs();
    FieldWriter(body).text(TENON_VERSION).text(_offer).number(_options.mainThreadOnly);
    _greetedTitle = _title;
    _greetedOffer = _offer;
    connection.channel.send(FrameType::HELLO, 0, body);
}

/// What changed between HELLO and WELCOME could not be said.
void Link::welcomed()
{
    _pause = FIRST_PAUSE;
    _everAttached.store(true, std::memory_order_release);
    setState(TENON_ATTACH_ATTACHED, {});
    bool title = false, offer = false;
    {
        const std::lock_guard lock(_mutex);
        title = _title != _greetedTitle;
        offer = _offer != _greetedOffer;
        _greetedTitle = _greetedOffer = std::string();
    }
    if (title)
        tellTitle();
    if (offer)
        tellOffer();
}

void Link::handle(const Frame& frame)
{
    FieldReader in(frame.body);
    switch (frame.type)
    {
    case FrameType::WELCOME:
        (void)in.number(); // there is one version
        (void)in.text();
        _home.settings().take(in.text());
        welcomed();
        break;
    case FrameType::DENIED:
    {
        std::string reason(in.text());
        logged(TENON_LOG_ERROR, "the server does not take this program: " + reason);
        setState(TENON_ATTACH_REFUSED, std::move(reason));
        break;
    }
    case FrameType::CALL:
        take(frame);
        break;
    case FrameType::CANCEL:
        connection()->cancel(frame.id);
        break;
    case FrameType::ANSWER:
    {
        const auto status = static_cast<tenon_status>(in.signedNumber());
        connection()->answer(frame.id, status, in.text());
        break;
    }
    default: // of a later version
        break;
    }
}

void Link::take(const Frame& frame)
{
    const auto from = connection();
    const auto call = Call::make(from, frame);
    if (!call)
    {
        std::string body;
        FieldWriter(body).signedNumber(TENON_ERROR_INVALID).text("the program does not understand the call");
        from->send(FrameType::FAIL, frame.id, body);
        return;
    }
    const bool onMainThread = _options.mainThreadOnly || _home.wantsMainThread(*call);
    auto work = [this, call, onMainThread]
    {
        if (call->taken(onMainThread))
            _home.enter(*call);
    };
    onMainThread ? _runner.postToMain(std::move(work)) : _runner.add(std::move(work));
}

void Link::logged(tenon_log_level level, std::string_view message)
{
    if (_options.log)
        _options.log(_options.userData, level, toText(message));
    std::string body;
    FieldWriter(body).signedNumber(level).text(message);
    send(FrameType::HOST_LOG, body);
}

void Link::listChanged()
{
    if (_offerStale.exchange(true))
        return;
    auto work = [this]
    {
        _offerStale.store(false);
        std::string offer = _home.readOffer();
        {
            const std::lock_guard lock(_mutex);
            _offer = std::move(offer);
        }
        tellOffer();
    };
    _options.mainThreadOnly ? _runner.postToMain(std::move(work)) : _runner.post(std::move(work));
}

void Link::resourceUpdated(std::string_view uri)
{
    send(FrameType::UPDATED, uri);
}

void Link::setTitle(std::string title)
{
    {
        const std::lock_guard lock(_mutex);
        _title = std::move(title);
    }
    tellTitle();
}

void Link::tellTitle()
{
    const std::lock_guard telling(_telling);
    std::string body;
    {
        const std::lock_guard lock(_mutex);
        FieldWriter(body).text(_title);
    }
    send(FrameType::TITLE, body);
}

void Link::tellOffer()
{
    const std::lock_guard telling(_telling);
    std::string body;
    {
        const std::lock_guard lock(_mutex);
        body = _offer;
    }
    send(FrameType::READY, body);
}

/// To the server, if the program is attached.
void Link::send(FrameType type, std::string_view body)
{
    std::shared_ptr<Connection> to;
    {
        const std::lock_guard lock(_mutex);
        if (_state == TENON_ATTACH_ATTACHED)
            to = _connection;
    }
    if (to)
        to->send(type, 0, body);
}

tenon_attach_state Link::state(std::string* reason) const
{
    const std::lock_guard lock(_mutex);
    if (reason)
        *reason = _reason;
    return _state;
}

tenon_attach_state Link::wait(std::chrono::milliseconds timeout)
{
    std::unique_lock lock(_mutex);
    _changed.wait_for(lock, timeout, [this] { return _state != TENON_ATTACH_CONNECTING; });
    return _state;
}

void Link::setState(tenon_attach_state state, std::string reason)
{
    const std::lock_guard lock(_mutex);
    _state = state;
    _reason = std::move(reason);
    _changed.notify_all();
}

std::shared_ptr<Connection> Link::connection() const
{
    const std::lock_guard lock(_mutex);
    return _connection;
}

} // namespace tenon::attach
