#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tenon::base
{

/// The header of a WebSocket frame.
///
/// Spec: RFC 6455, 5.2.
struct WebSocketFrame
{
    enum Opcode : std::uint8_t // by the numbers of the RFC
    {
        CONTINUATION = 0,
        TEXT = 1,
        BINARY = 2,
        CLOSE = 8,
        PING = 9,
        PONG = 10
    };
    using Mask = std::array<char, 4>;

    enum class Found : std::uint8_t
    {
        NOTHING, ///< more bytes are needed
        HEAD,
        FAULT ///< no frame of the protocol without extensions
    };

    static constexpr std::size_t MAX_HEAD_BYTES = 14;
    static constexpr std::size_t MAX_CONTROL_BYTES = 125; ///< of payload

    std::uint8_t opcode = TEXT;
    bool final = true;
    bool masked = false;
    Mask mask{};
    std::uint64_t payloadBytes = 0;
    std::size_t headBytes = 0; ///< set by `read`

    [[nodiscard]] bool control() const { return (opcode & 8U) != 0; }

    /// Reads the head that `bytes` begins with. Shape: after FAULT `fault` is a literal that says why.
    [[nodiscard]] static Found read(std::string_view bytes, WebSocketFrame& frame, std::string_view& fault);

    /// Appends the head as bytes.
    void append(std::string& out) const;
};

/// Masks `bytes` in place, or takes the mask off. Shape: `bytes` are the payload from its beginning.
void maskWebSocket(std::span<char> bytes, const WebSocketFrame::Mask& mask);

/// A complete frame without a mask, as servers send them.
[[nodiscard]] std::string webSocketFrame(WebSocketFrame::Opcode opcode, std::string_view payload);

/// The payload of a close frame; `reason` is cut to what such a frame may carry.
[[nodiscard]] std::string webSocketClosePayload(std::uint16_t code, std::string_view reason);

/// What a server answers to the `Sec-WebSocket-Key` of a client.
[[nodiscard]] std::string webSocketAccept(std::string_view key);

} // namespace tenon::base
