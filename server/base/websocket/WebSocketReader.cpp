#include "base/websocket/WebSocketReader.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

namespace tenon::base
{

namespace
{

constexpr std::string_view NO_TEXT = "the text is not UTF-8";

bool isUtf8(std::string_view text)
{
    return simdjson::validate_utf8(text.data(), text.size());
}

/// Bytes of `text` without a character at its end that is not complete.
std::size_t completeBytes(std::string_view text)
{
    constexpr std::size_t LONGEST = 4;
    for (std::size_t back = 1; back <= std::min(LONGEST, text.size()); ++back)
    {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xC0U) == 0x80U)
            continue; // inside a character
        const std::size_t length = byte >= 0xF0U ? 4 : byte >= 0xE0U ? 3 : byte >= 0xC0U ? 2 : 1;
        return length > back ? text.size() - back : text.size();
    }
    return text.size();
}

} // namespace

bool isWebSocketStatus(std::uint16_t status) noexcept
{
    constexpr std::uint16_t RESERVED = 1004, NONE_GIVEN = 1005, LOST = 1006, LAST = 1014;
    if (status >= 3000)
        return status < 5000; // registered, and private
    return status >= WebSocketReader::NORMAL && status <= LAST && status != RESERVED && status != NONE_GIVEN &&
           status != LOST;
}

WebSocketReader::Event WebSocketReader::refuse(std::uint16_t status, std::string_view why)
{
    return {Kind::FAULT, why, status, false};
}

WebSocketReader::Event WebSocketReader::next(std::span<char>& bytes)
{
    if (std::exchange(_delivered, false))
    {
        std::string().swap(_message); // an assignment would keep its room
        _checked = 0;
    }
    for (;;)
    {
        WebSocketFrame frame;
        std::string_view fault;
        const auto found = WebSocketFrame::read({bytes.data(), bytes.size()}, frame, fault);
        if (found == WebSocketFrame::Found::FAULT)
            return refuse(PROTOCOL, fault);
        if (found == WebSocketFrame::Found::NOTHING)
        {
            _wanted = WebSocketFrame::MAX_HEAD_BYTES;
            return {};
        }
        if (frame.masked != (_from == From::CLIENT))
            return refuse(PROTOCOL, frame.masked ? "a server's frames have no mask" : "a client's frames have a mask");
        if (frame.opcode == WebSocketFrame::BINARY)
            return refuse(NOT_TEXT, "messages are text");
        if (!frame.control() && (frame.opcode == WebSocketFrame::CONTINUATION) != _inMessage)
            return refuse(PROTOCOL, _inMessage ? "a message began before the last one ended"
                                               : "there is no message to be continued");
        if (!frame.control() && frame.payloadBytes > _maxMessageBytes - _message.size())
            return refuse(TOO_BIG, "the message is larger than limits.maxMessageBytes");
        _wanted = frame.headBytes + static_cast<std::size_t>(frame.payloadBytes);
        if (bytes.size() < _wanted)
            return {};
        const std::span<char> payload = bytes.subspan(frame.headBytes, _wanted - frame.headBytes);
        bytes = bytes.subspan(_wanted);
        if (frame.masked)
            maskWebSocket(payload, frame.mask);
        const std::string_view text(payload.data(), payload.size());
        const Event event = frame.control() ? control(frame, text) : data(frame, text);
        if (event.kind != Kind::NOTHING)
            return event;
    }
}

WebSocketReader::Event WebSocketReader::data(const WebSocketFrame& frame, std::string_view payload)
{
    if (!_inMessage && frame.final)
        return isUtf8(payload) ? Event{Kind::MESSAGE, payload, 0, false} : refuse(BAD_TEXT, NO_TEXT);
    _message.append(payload);
    _inMessage = !frame.final;
    // Checked as it comes: whoever sends no text hears of it before the message is complete.
    const std::string_view fresh = std::string_view(_message).substr(_checked);
    const std::size_t complete = frame.final ? fresh.size() : completeBytes(fresh);
    if (!isUtf8(fresh.substr(0, complete)))
        return refuse(BAD_TEXT, NO_TEXT);
    _checked += complete;
    if (!frame.final)
        return {};
    _delivered = true;
    return {Kind::MESSAGE, _message, 0, true};
}

WebSocketReader::Event WebSocketReader::control(const WebSocketFrame& frame, std::string_view payload)
{
    if (frame.opcode == WebSocketFrame::CLOSE)
        return closing(payload);
    return {frame.opcode == WebSocketFrame::PING ? Kind::PING : Kind::PONG, payload, 0, false};
}

WebSocketReader::Event WebSocketReader::closing(std::string_view payload)
{
    if (payload.empty())
        return {Kind::CLOSE, {}, NO_STATUS, false};
    if (payload.size() < 2)
        return refuse(PROTOCOL, "the status of a close frame has two bytes");
    const auto status = static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8U |
                                                   static_cast<unsigned char>(payload[1]));
    if (!isWebSocketStatus(status))
        return refuse(PROTOCOL, "this status must not be sent in a close frame");
    payload.remove_prefix(2);
    if (!isUtf8(payload))
        return refuse(BAD_TEXT, NO_TEXT);
    return {Kind::CLOSE, payload, status, false};
}

} // namespace tenon::base
