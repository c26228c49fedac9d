#pragma once

#include "base/websocket/WebSocketFrame.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tenon::base
{

/// Makes messages of the frames that one peer sends: joins fragments, with control frames between them, and sees to what
/// the protocol demands of them.
///
/// Frames are unmasked where they lie; only a message in fragments is copied, as they come. A peer that sends nothing
/// costs this object alone.
///
/// Errors:    a FAULT with the status the connection is to be closed with; nothing may be read after it. std::bad_alloc.
/// Threading: one thread at a time.
/// Spec:      RFC 6455, 5 and 8.1, without extensions.
class WebSocketReader
{
public:
    // Statuses of the RFC, 7.4.1.
    static constexpr std::uint16_t NORMAL = 1000, GOING_AWAY = 1001, PROTOCOL = 1002, NOT_TEXT = 1003, NO_STATUS = 1005,
                                   BAD_TEXT = 1007, POLICY = 1008, TOO_BIG = 1009;

    enum class From : std::uint8_t
    {
        CLIENT, ///< every frame has a mask
        SERVER  ///< none has
    };

    enum class Kind : std::uint8_t
    {
        NOTHING, ///< more bytes are needed
        MESSAGE, ///< a whole text in UTF-8
        PING,    ///< to be answered with a pong of the same data
        PONG,
        CLOSE, ///< `status` is the peer's, NO_STATUS if it gave none; nothing follows
        FAULT
    };

    struct Event
    {
        Kind kind = Kind::NOTHING;
        std::string_view data; ///< borrows the bytes, or this until the next call; of a FAULT a literal that says why
        std::uint16_t status = 0;
        bool joined = false; ///< `data` does not lie in the bytes
    };

    WebSocketReader(From from, std::size_t maxMessageBytes) : _maxMessageBytes(maxMessageBytes), _from(from) {}

    /// Takes the next thing off the front of `bytes`, which begin where the last left them.
    [[nodiscard]] Event next(std::span<char>& bytes);

    /// Bytes of a message that has begun.
    [[nodiscard]] std::size_t heldBytes() const { return _message.capacity(); }
    [[nodiscard]] bool inMessage() const { return _inMessage; }

    /// After NOTHING: how many bytes the frame at hand has in all, as far as that is known.
    [[nodiscard]] std::size_t wanted() const { return _wanted; }

private:
    [[nodiscard]] Event refuse(std::uint16_t status, std::string_view why);
    [[nodiscard]] Event data(const WebSocketFrame& frame, std::string_view payload);
    [[nodiscard]] Event control(const WebSocketFrame& frame, std::string_view payload);
    [[nodiscard]] Event closing(std::string_view payload);

    const std::size_t _maxMessageBytes;
    std::string _message;     ///< its fragments so far
    std::size_t _checked = 0; ///< of `_message`, known to be UTF-8
    std::size_t _wanted = 0;
    const From _from;
    bool _inMessage = false;
    bool _delivered = false; ///< `_message` was handed out
};

/// Whether a peer may close the connection with that status. Spec: RFC 6455, 7.4.
[[nodiscard]] bool isWebSocketStatus(std::uint16_t status) noexcept;

} // namespace tenon::base
