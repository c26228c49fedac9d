#include "base/websocket/WebSocketFrame.h"

#include "base/text/Base64.h"

#include <Poco/SHA1Engine.h>

#include <algorithm>
#include <cstring>

namespace tenon::base
{

namespace
{

constexpr std::string_view GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3
constexpr unsigned FINAL = 0x80, RESERVED = 0x70, OPCODE = 0x0F, MASKED = 0x80, LENGTH = 0x7F;
constexpr unsigned LENGTH_16 = 126, LENGTH_64 = 127;

bool isKnown(unsigned opcode)
{
    return opcode <= WebSocketFrame::BINARY || (opcode >= WebSocketFrame::CLOSE && opcode <= WebSocketFrame::PONG);
}

std::uint64_t numberAt(std::string_view bytes, std::size_t at, std::size_t size)
{
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < size; ++i)
        number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
    return number;
}

void appendNumber(std::string& out, std::uint64_t number, std::size_t size)
{
    for (std::size_t i = size; i-- > 0;)
        out.push_back(static_cast<char>(number >> (8 * i) & 0xFFU));
}

} // namespace

WebSocketFrame::Found WebSocketFrame::read(std::string_view bytes, WebSocketFrame& frame, std::string_view& fault)
{
    if (bytes.size() < 2)
        return Found::NOTHING;
    const auto first = static_cast<unsigned char>(bytes[0]), second = static_cast<unsigned char>(bytes[1]);
    const auto refuse = [&](std::string_view why)
    {
        fault = why;
        return Found::FAULT;
    };
    if ((first & RESERVED) != 0)
        return refuse("a reserved bit is set, and no extension was agreed upon");
    if (!isKnown(first & OPCODE))
        return refuse("the opcode is reserved");
    frame.opcode = static_cast<std::uint8_t>(first & OPCODE);
    frame.final = (first & FINAL) != 0;
    frame.masked = (second & MASKED) != 0;
    const unsigned length = second & LENGTH;
    if (frame.control() && (!frame.final || length > MAX_CONTROL_BYTES))
        return refuse("a control frame must be whole, and hold at most 125 bytes");

    const std::size_t lengthBytes = length == LENGTH_16 ? 2 : length == LENGTH_64 ? 8 : 0;
    frame.headBytes = 2 + lengthBytes + (frame.masked ? frame.mask.size() : 0);
    if (bytes.size() < frame.headBytes)
        return Found::NOTHING;
    frame.payloadBytes = lengthBytes == 0 ? length : numberAt(bytes, 2, lengthBytes);
    if (lengthBytes == 8 && frame.payloadBytes >> 63U != 0)
        return refuse("the length of a frame has 63 bits");
    if (frame.masked)
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(2 + lengthBytes), frame.mask.size(),
                    frame.mask.begin());
    return Found::HEAD;
}

void WebSocketFrame::append(std::string& out) const
{
    out.push_back(static_cast<char>((final ? FINAL : 0U) | opcode));
    const unsigned bit = masked ? MASKED : 0U;
    if (payloadBytes < LENGTH_16)
        out.push_back(static_cast<char>(bit | payloadBytes));
    else
    {
        const bool wide = payloadBytes > 0xFFFF;
        out.push_back(static_cast<char>(bit | (wide ? LENGTH_64 : LENGTH_16)));
        appendNumber(out, payloadBytes, wide ? 8 : 2);
    }
    if (masked)
        out.append(mask.data(), mask.size());
}

void maskWebSocket(std::span<char> bytes, const WebSocketFrame::Mask& mask)
{
    std::uint64_t word = 0;
    std::array<char, 8> twice{};
    std::copy(mask.begin(), mask.end(), twice.begin());
    std::copy(mask.begin(), mask.end(), twice.begin() + 4);
    std::memcpy(&word, twice.data(), sizeof word);
    std::size_t at = 0;
    for (; at + sizeof word <= bytes.size(); at += sizeof word)
    {
        std::uint64_t part = 0;
        std::memcpy(&part, bytes.data() + at, sizeof part);
        part ^= word;
        std::memcpy(bytes.data() + at, &part, sizeof part);
    }
    for (; at < bytes.size(); ++at)
        bytes[at] = static_cast<char>(bytes[at] ^ mask[at % mask.size()]);
}

std::string webSocketFrame(WebSocketFrame::Opcode opcode, std::string_view payload)
{
    WebSocketFrame frame;
    frame.opcode = opcode;
    frame.payloadBytes = payload.size();
    std::string bytes;
    frame.append(bytes);
    return bytes.append(payload);
}

std::string webSocketClosePayload(std::uint16_t code, std::string_view reason)
{
    std::string payload;
    appendNumber(payload, code, 2);
    return payload.append(reason.substr(0, WebSocketFrame::MAX_CONTROL_BYTES - payload.size()));
}

std::string webSocketAccept(std::string_view key)
{
    Poco::SHA1Engine engine;
    engine.update(key.data(), key.size());
    engine.update(GUID.data(), GUID.size());
    const auto& digest = engine.digest();
    return toBase64(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

} // namespace tenon::base
