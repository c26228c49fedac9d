#include "net/mcp/WebSocketSession.h"

#include "base/json/JsonScan.h"
#include "base/websocket/WebSocketFrame.h"
#include "jsonrpc/Error.h"
#include "jsonrpc/Message.h"
#include "net/connection/FrontState.h"
#include "net/mcp/McpEndpoint.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <new>
#include <utility>

namespace tenon::net
{

namespace
{

using base::WebSocketReader;

constexpr std::size_t MAX_OPEN = 256;    // messages that are not answered
constexpr std::size_t OPEN_BYTES = 1024; // of a message that waits, beside its text

} // namespace

/// The answer to one message: nothing of a request follows it.
class WebSocketSession::Reply final : public mcp::ResponseSink
{
public:
    explicit Reply(std::shared_ptr<WebSocketSession> session) : _session(std::move(session)) { ++_session->_open; }
    ~Reply() override { --_session->_open; }
    Reply(const Reply&) = delete;
    Reply& operator=(const Reply&) = delete;

    [[nodiscard]] bool streams() const override { return true; }
    void openStream(std::string_view, std::uint32_t) override {}
    bool send(std::string_view message, std::string_view eventId) override
    {
        const std::lock_guard lock(_order);
        return !_done && _session->send(message, eventId);
    }
    bool send(const std::shared_ptr<const std::string>& message, std::string_view eventId) override
    {
        const std::lock_guard lock(_order);
        return !_done && _session->send(message, eventId);
    }
    void finish(const mcp::Answer& answer) override
    {
        const std::lock_guard lock(_order);
        if (std::exchange(_done, true))
            return;
        if (!answer.parts.empty())
            observeSince(_session->_services.durations, _began);
        _session->finish(answer);
    }
    void close(std::uint32_t) override
    {
        const std::lock_guard lock(_order);
        _done = true;
    }
    [[nodiscard]] bool closed() const override
    {
        const std::lock_guard lock(_order);
        return _done || _session->closed();
    }
    void onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener) override
    {
        _session->onDisconnect(std::move(listener));
    }

private:
    const std::shared_ptr<WebSocketSession> _session;
    const std::chrono::steady_clock::time_point _began = std::chrono::steady_clock::now();
    mutable std::mutex _order; // guards `_done`, and is held while something is sent
    bool _done = false;
};

WebSocketSession::WebSocketSession(const Services& services, const Request& request, ExchangePtr exchange)
    : _services(services), _exchange(std::move(exchange)), _principal(request.admission.principal),
      _address(request.admission.clientAddress), _holder(request.admission.holder), _limits(request.admission.limits),
      _reader(WebSocketReader::From::CLIENT, services.maxMessageBytes)
{
}

void WebSocketSession::begin(std::shared_ptr<mcp::Session> session)
{
    const std::lock_guard lock(_mutex);
    _session = std::move(session);
}

bool WebSocketSession::take(std::span<char> bytes)
{
    const bool kept = _kept != nullptr;
    if (kept)
    {
        if (!_kept->append(bytes, _reader.wanted()))
            return end(WebSocketReader::POLICY, "limits.memoryMb is used up; try again later");
        bytes = _kept->bytes();
    }
    std::span<char> rest = bytes;
    bool more = true, wants = true;
    while (more)
    {
        if (_exchange->closed())
            return false;
        if (_exchange->congested())
        {
            wants = more = false;
            continue;
        }
        const auto event = _reader.next(rest);
        more = event.kind != WebSocketReader::Kind::NOTHING;
        if (more && !use(event))
            return false;
    }
    if (kept)
        _kept->drop(bytes.size() - rest.size());
    if (!keep(kept ? std::span<char>() : rest))
        return end(WebSocketReader::POLICY, "limits.memoryMb is used up; try again later");
    if (!wants || (rest.empty() && !_reader.inMessage()))
        _sinceMs = 0; // what waits for the peer to read is not late
    else if (_sinceMs == 0)
        _sinceMs = _exchange->nowMs();
    return wants;
}

/// Counts what is not complete, and keeps `rest` of it.
bool WebSocketSession::keep(std::span<char> rest)
{
    if (_kept && _kept->bytes().empty())
        _kept.reset();
    if (!_fragments && _reader.heldBytes() > 0)
        _fragments = _exchange->keepsFor(_holder, _limits);
    if (!_fragments.tryResize(_reader.inMessage() ? _reader.heldBytes() : 0))
        return false;
    if (rest.empty())
        return true;
    _kept = std::make_unique<KeptBytes>(_exchange->keepsFor(_holder, _limits));
    return _kept->append(rest, _reader.wanted());
}

bool WebSocketSession::use(const WebSocketReader::Event& event)
{
    switch (event.kind)
    {
    case WebSocketReader::Kind::MESSAGE:
        return message(event.data, !event.joined);
    case WebSocketReader::Kind::PING:
        return _exchange->sendControl(base::webSocketFrame(base::WebSocketFrame::PONG, event.data));
    case WebSocketReader::Kind::CLOSE:
        return end(event.status == WebSocketReader::NO_STATUS ? WebSocketReader::NORMAL : event.status, {}, "client");
    case WebSocketReader::Kind::FAULT:
        return end(event.status, event.data);
    case WebSocketReader::Kind::PONG:
    case WebSocketReader::Kind::NOTHING:
        return true;
    }
    return true;
}

/// What a POST goes through before its body is read, but for what holds for the connection.
bool WebSocketSession::message(std::string_view text, bool padded)
{
    if (expired())
        return expire(), false;
    const guard::Admission admission = _services.admission.again(_principal, _address);
    if (!admission.admitted())
        refuse(text, jsonrpc::ErrorKind::QUOTA, "too many requests; slow down");
    else
        hand(text, padded, admission);
    return true;
}

void WebSocketSession::hand(std::string_view text, bool padded, const guard::Admission& admission)
{
    mcp::IncomingMessage incoming;
    {
        const std::lock_guard lock(_mutex);
        incoming.session = _session;
    }
    if (!incoming.session)
        return; // it has ended meanwhile
    incoming.body = text;
    incoming.padding = padded ? base::JsonDocument::Padding::PRESENT : base::JsonDocument::Padding::NONE;
    incoming.transport = mcp::Transport::WEBSOCKET;
    incoming.principal = _principal;
    incoming.clientAddress = _address;
    incoming.allowance = {admission.holder, admission.limits};
    incoming.mayBlock = false;
    const auto reply = std::make_shared<Reply>(shared_from_this());
    if (_services.dispatcher.handle(incoming, reply) == mcp::Handled::WOULD_BLOCK)
        queue(incoming, reply, admission);
}

void WebSocketSession::queue(const mcp::IncomingMessage& incoming, const std::shared_ptr<Reply>& reply,
                             const guard::Admission& admission)
{
    constexpr auto LIMIT = jsonrpc::ErrorKind::LIMIT;
    if (_open.load() > MAX_OPEN)
        return refuse(incoming.body, LIMIT, "too many messages of this connection wait for their turn");
    const auto memory = std::make_shared<base::HolderShare>(_exchange->keepsFor(admission.holder, admission.limits));
    if (!memory->tryResize(incoming.body.size() + OPEN_BYTES))
        return refuse(incoming.body, LIMIT, "limits.memoryMb is used up; try again later");
    const auto work = [self = shared_from_this(), reply, memory, session = incoming.session,
                       body = std::string(incoming.body), holder = admission.holder, limits = admission.limits]
    {
        mcp::IncomingMessage again;
        again.body = body;
        again.transport = mcp::Transport::WEBSOCKET;
        again.principal = self->_principal;
        again.session = session;
        again.clientAddress = self->_address;
        again.allowance = {holder, limits};
        (void)self->_services.dispatcher.handle(again, reply);
    };
    try
    {
        _services.executor.post(work);
    }
    catch (const Poco::Exception&) // the system gives no thread
    {
        refuse(incoming.body, LIMIT, "the server has no thread left for this; try again later");
    }
}

/// Answers a request that was not read; what asks for no answer gets none.
void WebSocketSession::refuse(std::string_view text, jsonrpc::ErrorKind kind, std::string_view why)
{
    std::string id;
    try
    {
        const auto member = base::JsonDocument::parse(std::string(base::topLevelMember(text, "id")));
        if (base::topLevelMember(text, "method").empty() || !jsonrpc::readId(member->root(), id))
            return;
    }
    catch (const base::JsonException&)
    {
        return;
    }
    std::string refusal;
    jsonrpc::appendError(refusal, id, kind, false, why);
    send(refusal, {});
}

bool WebSocketSession::overdue(std::uint32_t nowMs, std::uint32_t limitMs) const
{
    return limitMs != 0 && _sinceMs != 0 && nowMs - _sinceMs >= limitMs;
}

void WebSocketSession::expire()
{
    end(WebSocketReader::POLICY, "the login has expired", "expired");
}

void WebSocketSession::tooLate()
{
    end(WebSocketReader::POLICY, "the rest of a message does not come");
}

void WebSocketSession::retire()
{
    if (_open.load() == 0)
        end(WebSocketReader::GOING_AWAY, "the server is shutting down", "drain");
}

bool WebSocketSession::end(std::uint16_t status, std::string_view reason, std::string_view why)
{
    _exchange->closeSocket(status, reason, why);
    lose();
    return false;
}

bool WebSocketSession::send(std::string_view message, std::string_view)
{
    return _exchange->sendText(std::span(&message, 1));
}

bool WebSocketSession::send(const std::shared_ptr<const std::string>& message, std::string_view eventId)
{
    return _exchange->send(message, eventId);
}

void WebSocketSession::finish(const mcp::Answer& answer)
{
    if (!answer.parts.empty())
        _exchange->sendText(answer.parts);
}

void WebSocketSession::close(std::uint32_t)
{
    end(WebSocketReader::GOING_AWAY, "the session has ended");
}

void WebSocketSession::onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener)
{
    _listeners.add(std::move(listener));
}

void WebSocketSession::lose()
{
    std::shared_ptr<mcp::Session> session;
    {
        const std::lock_guard lock(_mutex);
        if (std::exchange(_lost, true))
            return;
        session = std::move(_session);
    }
    _listeners.tell();
    if (session)
        _services.dispatcher.endConnectionSession(session);
}

} // namespace tenon::net
