#include "Link.h"

#include "Text.h"

#include <algorithm>
#include <random>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace tenon::attach
{

namespace
{

using namespace std::chrono_literals;
using plugin::FieldReader;
using plugin::FieldWriter;
using plugin::Frame;
using plugin::FrameChannel;
using plugin::FrameType;

constexpr auto FIRST_PAUSE = 20ms, LONGEST_PAUSE = 2000ms, PAUSE_AFTER_REFUSAL = 10000ms;
constexpr std::size_t MAX_UNREAD = std::size_t(64) << 20; // bytes that wait for a server

std::uint64_t randomKey()
{
    std::random_device random;
    return std::uint64_t(random()) << 32 | random();
}

} // namespace

Link::Link(const tenon_plugin_entry& entry, Options options)
    : _options(std::move(options)), _key(randomKey()), _home(entry, _options.name, *this), _runner(_options.threads),
      _title(_options.title)
{
}

Link::~Link()
{
    close();
}

tenon_status Link::open()
{
    if (const tenon_status status = _home.create(); status != TENON_OK)
        return status;
    if (const tenon_status status = _home.start(); status != TENON_OK)
        return status;
    _offer = _home.readOffer();
    _runs = true;
    if (startThread([this] { run(); }))
        return TENON_OK;
    _runs = false;
    return TENON_ERROR_RESOURCES;
}

void Link::close()
{
    _closing.store(true, std::memory_order_release);
    _news.raise();
    {
        std::unique_lock lock(_mutex);
        _changed.wait(lock, [this] { return !_runs; });
    }
    _runner.stop();
    _home.stop();
}

void Link::run()
{
    auto wait = FIRST_PAUSE;
    while (!_closing.load(std::memory_order_acquire))
    {
        std::string reason;
        int socket = -1;
        for (const auto& place : placesOfServers(_options.socket))
            if (socket < 0)
                socket = connectTo(place, reason);
        if (socket < 0)
            setState(TENON_ATTACH_CONNECTING, std::move(reason));
        else
        {
            const auto connection = std::make_shared<Connection>(socket);
            setConnection(connection);
            if (serve(connection))
                wait = FIRST_PAUSE;
            setConnection(nullptr);
            connection->abandon();
        }
        const bool refused = state() == TENON_ATTACH_REFUSED;
        if (!pause(refused ? PAUSE_AFTER_REFUSAL : wait))
            break;
        wait = std::min<std::chrono::milliseconds>(wait * 2, LONGEST_PAUSE);
    }
    const std::lock_guard lock(_mutex);
    _runs = false;
    _changed.notify_all();
}

/// Serves one connection until its end; gives whether the server took the program.
bool Link::serve(const std::shared_ptr<Connection>& connection)
{
    bool attached = false;
    plugin::FrameSplitter splitter;
    sendHello(*connection);
    try
    {
        for (FrameChannel& channel = connection->channel; !_closing.load(std::memory_order_acquire);)
        {
            const short wanted = static_cast<short>(POLLIN | (channel.keepsSomething() ? POLLOUT : 0));
            pollfd ready[] = {{channel.descriptor(), wanted, 0}, {_news.descriptor(), POLLIN, 0}};
            ::poll(ready, 2, -1);
            if (ready[1].revents != 0)
                _news.lower();
            channel.flush();
            const auto [data, size] = splitter.space();
            std::size_t got = 0;
            if (channel.receive(data, size, got) == FrameChannel::Received::CLOSED || channel.keptBytes() > MAX_UNREAD)
                break;
            splitter.received(got);
            for (Frame frame; splitter.next(frame);)
                handle(connection, frame);
            attached = attached || state() == TENON_ATTACH_ATTACHED;
        }
    }
    catch (const std::exception& exc)
    {
        logged(TENON_LOG_ERROR, std::string("the connection to the server is given up: ") + exc.what());
    }
    if (state() != TENON_ATTACH_REFUSED)
        setState(TENON_ATTACH_CONNECTING, "the server has gone");
    return attached;
}

void Link::sendHello(Connection& connection)
{
    std::string body;
    const std::lock_guard lock(_mutex);
    FieldWriter(body)
        .text(plugin::ATTACH_GREETING)
        .number(plugin::ATTACH_VERSION)
        .number(plugin::ATTACH_VERSION)
        .text(_options.name)
        .text(_title)
        .number(_key)
        .number(static_cast<std::uint64_t>(getpid()))
        .text(TENON_VERSION)
        .text(_offer);
    _greetedTitle = _title;
    _greetedOffer = _offer;
    connection.channel.send(FrameType::HELLO, 0, body);
}

/// What changed between HELLO and WELCOME could not be said.
void Link::welcomed()
{
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

void Link::handle(const std::shared_ptr<Connection>& connection, const Frame& frame)
{
    FieldReader in(frame.body);
    switch (frame.type)
    {
    case FrameType::WELCOME:
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
        take(connection, frame);
        break;
    case FrameType::CANCEL:
        connection->cancel(frame.id);
        break;
    case FrameType::ANSWER:
    {
        const auto status = static_cast<tenon_status>(in.signedNumber());
        connection->answer(frame.id, status, in.text());
        break;
    }
    default: // of a later version
        break;
    }
}

void Link::take(const std::shared_ptr<Connection>& connection, const Frame& frame)
{
    const auto call = Call::make(connection, frame);
    if (!call)
    {
        std::string body;
        FieldWriter(body).signedNumber(TENON_ERROR_INVALID).text("the program does not understand the call");
        connection->channel.send(FrameType::FAIL, frame.id, body);
        return;
    }
    const bool onMainThread = _options.mainThreadOnly || _home.wantsMainThread(*call);
    post(
        [this, call, onMainThread]
        {
            if (call->taken(onMainThread))
                _home.enter(*call);
            _news.raise();
        },
        onMainThread);
}

void Link::post(Runner::Work work, bool onMainThread)
{
    onMainThread ? _runner.postToMain(std::move(work)) : _runner.post(std::move(work));
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
    post(
        [this]
        {
            _offerStale.store(false);
            std::string offer = _home.readOffer();
            {
                const std::lock_guard lock(_mutex);
                _offer = std::move(offer);
            }
            tellOffer();
        },
        _options.mainThreadOnly);
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
    std::shared_ptr<Connection> connection;
    {
        const std::lock_guard lock(_mutex);
        if (_state == TENON_ATTACH_ATTACHED)
            connection = _connection;
    }
    if (!connection)
        return;
    connection->channel.send(type, 0, body);
    if (connection->channel.keepsSomething())
        _news.raise();
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

void Link::setConnection(std::shared_ptr<Connection> connection)
{
    const std::lock_guard lock(_mutex);
    _connection = std::move(connection);
}

/// False if the link is being closed.
bool Link::pause(std::chrono::milliseconds time)
{
    const auto until = std::chrono::steady_clock::now() + time;
    for (;;)
    {
        if (_closing.load(std::memory_order_acquire))
            return false;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left <= 0ms)
            return true;
        pollfd ready{_news.descriptor(), POLLIN, 0};
        ::poll(&ready, 1, static_cast<int>(left.count()));
        _news.lower();
    }
}

} // namespace tenon::attach
