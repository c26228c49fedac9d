#pragma once

#include <cstdint>
#include <span>

namespace tenon::net
{

class Connection;
class ConnectionInput;
class ConnectionOutput;
struct Scratch;

/// Receives the bytes of a connection that was upgraded from HTTP.
///
/// Errors:    std::bad_alloc, and whatever else ends the connection.
/// Threading: the owner of the connection; must not block.
class ByteTaker
{
public:
    virtual ~ByteTaker() = default;

    /// What is to become of the connection when it has been served.
    enum class Fed : std::uint8_t
    {
        ALL,     ///< nothing is left to do until something happens to it
        TURN,    ///< there may be more, but it is others' turn
        LINGERS, ///< all was said: what comes is dropped
        END
    };

    /// Has it take what comes, as long as its peer takes the answers.
    [[nodiscard]] Fed feed(const Connection* connection, ConnectionInput& input, ConnectionOutput& output,
                           Scratch& scratch);

    /// Takes what came, after what it has kept.
    ///
    /// Shape: false if it is over, or if its peer has to take some of its answers first; the output says which. Then it is
    ///        called again with nothing. `bytes` may be changed, and `base::JsonDocument::PADDING` readable ones follow.
    [[nodiscard]] virtual bool take(std::span<char> bytes) = 0;

    /// Whether a message has begun and does not come to its end. Shape: `limitMs` 0: there is no limit.
    [[nodiscard]] virtual bool overdue(std::uint32_t nowMs, std::uint32_t limitMs) const = 0;

    /// What proved its peer's identity has ended; it takes too long. Says so and ends.
    virtual void expire() = 0;
    virtual void tooLate() = 0;

    /// The server is about to stop: ends if nothing is under way.
    virtual void retire() = 0;
};

} // namespace tenon::net
