#pragma once

#include "net/io/Readiness.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace tenon::net
{

class Connection;

/// All connections, and who serves which: one thread at a time owns a connection. What happens meanwhile is noted as
/// bits and handed to the owner when it lets go, so that nothing is lost and the poll set need not be told twice.
///
/// A late event for a connection that has gone is recognised by its generation.
///
/// Threading: any thread.
class ConnectionTable
{
public:
    static constexpr std::uint16_t FLOWS = 4096;

    enum class Claim
    {
        OWNED, ///< the caller is the owner now
        NOTED, ///< somebody else is; the bits were left for them
        GONE
    };

    ConnectionTable();
    ~ConnectionTable();
    ConnectionTable(const ConnectionTable&) = delete;
    ConnectionTable& operator=(const ConnectionTable&) = delete;

    /// Adds a connection that nobody owns. Errors: 0 if there is no room.
    ConnectionRef insert(std::shared_ptr<Connection> connection);

    /// What came of a claim; the connection, if the caller owns it now.
    struct Claimed
    {
        Claim outcome;
        Connection* connection = nullptr;
    };

    /// Becomes the owner, or leaves `bits` for the owner. `bits` gets all that is to be looked at.
    [[nodiscard]] Claimed claim(ConnectionRef ref, std::uint8_t& bits);

    /// Lets go. False, with the bits, if something happened meanwhile: the caller is still the owner.
    bool release(ConnectionRef ref, std::uint8_t& bits);

    /// The connection of a ref that the caller owns already.
    [[nodiscard]] Connection& owned(ConnectionRef ref) const;

    /// Where whoever owns a connection keeps it in a queue: no memory is needed for that.
    struct Link
    {
        ConnectionRef next = 0;
        std::uint8_t bits = 0; ///< to be served when its turn comes
    };
    [[nodiscard]] Link& link(ConnectionRef ref) const;

    /// Says whose connection it is: who takes turns with others. By the owner, or before anybody knows the connection.
    void setHolder(ConnectionRef ref, std::string_view holder);
    /// Of the connection's holder: one of two that it may have, which others share only where both were taken.
    [[nodiscard]] std::uint16_t flow(ConnectionRef ref) const;

    /// Any connection; null if it has gone.
    [[nodiscard]] std::shared_ptr<Connection> find(ConnectionRef ref) const;

    /// Forgets an owned connection; the pointer is given back so that it dies outside every lock.
    std::shared_ptr<Connection> erase(ConnectionRef ref);

    [[nodiscard]] std::size_t size() const { return _size.load(std::memory_order_relaxed); }

    /// Slots ever used; `at` of each below is a connection or 0.
    [[nodiscard]] std::uint32_t slots() const { return _used.load(std::memory_order_acquire); }
    [[nodiscard]] ConnectionRef at(std::uint32_t index) const;

private:
    // `state` is (generation << 8 | bits); the topmost of the bits is OWNED, an empty slot has VACANT.
    static constexpr std::uint8_t OWNED = 128;
    static constexpr std::uint8_t VACANT = 64;
    static constexpr std::uint32_t CHUNK = 1024;
    static constexpr std::uint32_t CHUNKS = 1024;

    struct Slot
    {
        std::atomic<std::uint64_t> state{VACANT};
        std::shared_ptr<Connection> connection; ///< written under `_mutex`; the owner may read it
        std::atomic<std::uint16_t> flow{0};
        Link link; ///< the owner's
    };

    struct FlowUse
    {
        std::atomic<std::uint32_t> connections{0};
        std::atomic<std::uint32_t> mark{0}; ///< of the holder who was the first of those
    };

    void moveTo(Slot& entry, std::uint16_t flow, std::uint32_t mark);
    [[nodiscard]] Slot& slot(std::uint32_t index) const { return _chunks[index / CHUNK][index % CHUNK]; }

    const std::uint64_t _salt; ///< nobody outside knows whose flow is whose

    mutable std::mutex _mutex; // guards `_free`, and `connection` of slots that are not owned by the caller
    std::vector<std::uint32_t> _free;
    std::array<std::unique_ptr<Slot[]>, CHUNKS> _chunks;
    std::array<FlowUse, FLOWS> _flows;
    std::atomic<std::uint32_t> _used{0};
    std::atomic<std::size_t> _size{0};
};

} // namespace tenon::net
