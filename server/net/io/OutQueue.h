#pragma once

#include "net/io/SocketChannel.h"
#include "net/io/UnreadAnswers.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tenon::net
{

/// What a peer has not taken yet. A connection has one only while there is something in it.
///
/// What waits counts among the unread answers. A text that others keep too counts as much less as there are of them.
///
/// Errors:    std::bad_alloc, also from the constructor; leaves the queue as it was.
/// Threading: one thread at a time.
class OutQueue
{
public:
    /// Shape: of the connection `ref`, whose holder the table knows by that number.
    OutQueue(UnreadAnswers& all, ConnectionRef ref, std::uint16_t holder) : _place(all, ref, holder) {}

    /// Copies what follows the first `skip` bytes of `parts`.
    void append(std::span<const std::string_view> parts, std::size_t skip = 0);

    /// Shares `text`.
    void append(std::shared_ptr<const std::string> text);

    /// Writes as much as the channel takes.
    SocketChannel::Io flush(SocketChannel& channel);

    [[nodiscard]] std::size_t bytes() const { return _bytes; }
    [[nodiscard]] bool empty() const { return _bytes == 0; }
    /// Memory is short, and the connection makes room.
    [[nodiscard]] bool mustGo() const noexcept { return _place.mustGo(); }

private:
    struct Chunk
    {
        std::string own;
        std::shared_ptr<const std::string> shared; ///< null: `own`
        std::size_t counted = 0;

        [[nodiscard]] std::string_view text() const { return shared ? std::string_view(*shared) : own; }
    };

    void put(Chunk chunk);

    UnreadAnswers::Place _place;
    std::deque<Chunk> _chunks;
    std::size_t _offset = 0; ///< sent of the first chunk
    std::size_t _bytes = 0;
};

} // namespace tenon::net
