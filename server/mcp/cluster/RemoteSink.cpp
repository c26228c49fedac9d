#include "mcp/cluster/RemoteSink.h"

#include <array>

namespace tenon::mcp
{

// Kinds of letters: "open", "send", "finish", "close"; the first field is the errand.

RemoteSink::RemoteSink(std::string errand, bool streams, Post post, std::function<void()> ended)
    : _errand(std::move(errand)), _streams(streams), _post(std::move(post)), _ended(std::move(ended))
{
}

RemoteSink::~RemoteSink()
{
    close(0); // whoever dropped it owes the client an end
}

Letter RemoteSink::letter(std::string_view what) const
{
    Letter letter(what);
    letter.add(_errand);
    return letter;
}

void RemoteSink::gone()
{
    std::vector<std::weak_ptr<DisconnectListener>> listeners;
    {
        std::lock_guard lock(_mutex);
        if (_closed)
            return;
        _closed = _gone = true;
        listeners.swap(_listeners);
    }
    for (const auto& weak : listeners)
        if (const auto listener = weak.lock())
            listener->disconnected();
}

void RemoteSink::openStream(std::string_view primingId, std::uint32_t retryMs)
{
    std::lock_guard lock(_mutex);
    if (!_closed)
        _post(std::move(letter("open").add(primingId).addNumber(retryMs)));
}

bool RemoteSink::send(std::string_view message, std::string_view eventId)
{
    std::lock_guard lock(_mutex);
    if (_closed)
        return false;
    _post(std::move(letter("send").add(message).add(eventId)));
    return true;
}

bool RemoteSink::send(const std::shared_ptr<const std::string>& message, std::string_view eventId)
{
    return send(std::string_view(*message), eventId);
}

void RemoteSink::end(Letter&& last)
{
    {
        std::lock_guard lock(_mutex);
        if (_closed)
            return;
        _closed = true;
        _post(std::move(last));
    }
    if (_ended)
        _ended();
}

void RemoteSink::finish(const Answer& answer)
{
    std::string text;
    for (const auto part : answer.parts)
        text += part;
    end(std::move(letter("finish")
                      .add(text)
                      .addNumber(static_cast<std::uint64_t>(answer.error))
                      .addFlag(answer.modern)
                      .add(answer.sessionId)
                      .add(answer.eventId)));
}

void RemoteSink::close(std::uint32_t retryMs)
{
    end(std::move(letter("close").addNumber(retryMs)));
}

bool RemoteSink::closed() const
{
    std::lock_guard lock(_mutex);
    return _closed;
}

void RemoteSink::onDisconnect(std::weak_ptr<DisconnectListener> listener)
{
    {
        std::lock_guard lock(_mutex);
        if (!_gone)
        {
            if (!_closed)
                _listeners.push_back(std::move(listener));
            return;
        }
    }
    if (const auto told = listener.lock())
        told->disconnected();
}

bool isLast(const Letter& letter)
{
    return letter.kind() == "finish" || letter.kind() == "close";
}

bool carryOut(const Letter& letter, ResponseSink& sink)
{
    if (letter.kind() == "open")
        sink.openStream(letter.field(1), static_cast<std::uint32_t>(letter.number(2)));
    else if (letter.kind() == "send")
        return sink.send(letter.field(1), letter.field(2));
    else if (letter.kind() == "close")
        sink.close(static_cast<std::uint32_t>(letter.number(1)));
    else
    {
        const std::array<std::string_view, 1> parts = {letter.field(1)};
        Answer answer;
        if (!letter.field(1).empty())
            answer.parts = parts;
        answer.error = static_cast<jsonrpc::ErrorKind>(letter.number(2));
        answer.modern = letter.flag(3);
        answer.sessionId = letter.field(4);
        answer.eventId = letter.field(5);
        sink.finish(answer);
    }
    return true;
}

} // namespace tenon::mcp
