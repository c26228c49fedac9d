#include "net/connection/ConnectionTable.h"

#include "net/connection/Connection.h"

#include <functional>
#include <random>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::uint32_t INDEX_BITS = 24;

std::uint32_t indexOf(ConnectionRef ref)
{
    return static_cast<std::uint32_t>(ref & ((1U << INDEX_BITS) - 1));
}

std::uint32_t generationOf(ConnectionRef ref)
{
    return static_cast<std::uint32_t>(ref >> INDEX_BITS);
}

constexpr std::uint64_t BITS = 0xff;

std::uint32_t generation(std::uint64_t state)
{
    return static_cast<std::uint32_t>(state >> 8);
}

} // namespace

ConnectionTable::ConnectionTable() : _salt((std::uint64_t(std::random_device()()) << 32) | std::random_device()()) {}
ConnectionTable::~ConnectionTable() = default;

ConnectionRef ConnectionTable::insert(std::shared_ptr<Connection> connection)
{
    const std::lock_guard lock(_mutex);
    std::uint32_t index;
    if (!_free.empty())
    {
        index = _free.back();
        _free.pop_back();
    }
    else
    {
        index = _used.load(std::memory_order_relaxed);
        if (index == CHUNK * CHUNKS)
            return 0;
        if (!_chunks[index / CHUNK])
        {
            _free.reserve(index + CHUNK); // so that to erase one takes no memory
            _chunks[index / CHUNK] = std::make_unique<Slot[]>(CHUNK);
        }
        _used.store(index + 1, std::memory_order_release);
    }
    Slot& entry = slot(index);
    entry.connection = std::move(connection);
    entry.flow.store(0, std::memory_order_relaxed);
    _flows[0].connections.fetch_add(1, std::memory_order_relaxed);
    // Generation 0 is never used, so that no ref is 0.
    std::uint32_t next = generation(entry.state.load(std::memory_order_relaxed)) + 1;
    if (next == 0)
        next = 1;
    _size.fetch_add(1, std::memory_order_relaxed);
    entry.state.store(std::uint64_t(next) << 8, std::memory_order_release);
    return (std::uint64_t(next) << INDEX_BITS) | index;
}

ConnectionTable::Claimed ConnectionTable::claim(ConnectionRef ref, std::uint8_t& bits)
{
    Slot& entry = slot(indexOf(ref));
    std::atomic<std::uint64_t>& state = entry.state;
    std::uint64_t seen = state.load(std::memory_order_acquire);
    for (;;)
    {
        if (generation(seen) != generationOf(ref) || (seen & VACANT) != 0)
            return {Claim::GONE};
        if ((seen & OWNED) != 0)
        {
            if (state.compare_exchange_weak(seen, seen | bits, std::memory_order_acq_rel, std::memory_order_acquire))
                return {Claim::NOTED};
        }
        else if (state.compare_exchange_weak(seen, (seen & ~BITS) | OWNED, std::memory_order_acq_rel,
                                             std::memory_order_acquire))
        {
            bits = static_cast<std::uint8_t>(bits | (seen & BITS));
            return {Claim::OWNED, entry.connection.get()};
        }
    }
}

bool ConnectionTable::release(ConnectionRef ref, std::uint8_t& bits)
{
    std::atomic<std::uint64_t>& state = slot(indexOf(ref)).state;
    std::uint64_t seen = (std::uint64_t(generationOf(ref)) << 8) | OWNED;
    if (state.compare_exchange_strong(seen, seen & ~BITS, std::memory_order_acq_rel, std::memory_order_acquire))
        return true;
    seen = state.fetch_and(~BITS | OWNED, std::memory_order_acq_rel);
    bits = static_cast<std::uint8_t>(seen & BITS & ~std::uint64_t(OWNED));
    return false;
}

Connection& ConnectionTable::owned(ConnectionRef ref) const
{
    return *slot(indexOf(ref)).connection;
}

ConnectionTable::Link& ConnectionTable::link(ConnectionRef ref) const
{
    return slot(indexOf(ref)).link;
}

void ConnectionTable::moveTo(Slot& entry, std::uint16_t flow, std::uint32_t mark)
{
    _flows[entry.flow.load(std::memory_order_relaxed)].connections.fetch_sub(1, std::memory_order_relaxed);
    if (_flows[flow].connections.fetch_add(1, std::memory_order_relaxed) == 0)
        _flows[flow].mark.store(mark, std::memory_order_relaxed);
    entry.flow.store(flow, std::memory_order_relaxed);
}

void ConnectionTable::setHolder(ConnectionRef ref, std::string_view holder)
{
    constexpr std::uint64_t GOLDEN = 0x9E3779B97F4A7C15U;
    const std::uint64_t mixed = (std::hash<std::string_view>()(holder) ^ _salt) * GOLDEN;
    const auto one = static_cast<std::uint16_t>((mixed >> 48) % FLOWS);
    const auto other = static_cast<std::uint16_t>((mixed >> 32) % FLOWS);
    const auto mark = static_cast<std::uint32_t>(mixed);
    Slot& entry = slot(indexOf(ref));
    const std::uint16_t now = entry.flow.load(std::memory_order_relaxed);
    if (now == one || now == other)
        return;
    // A holder with two flows would have two turns.
    const auto others = [&](std::uint16_t flow)
    {
        const FlowUse& use = _flows[flow];
        const std::uint32_t connections = use.connections.load(std::memory_order_relaxed);
        return use.mark.load(std::memory_order_relaxed) == mark ? 0 : connections;
    };
    moveTo(entry, others(one) <= others(other) ? one : other, mark);
}

std::uint16_t ConnectionTable::flow(ConnectionRef ref) const
{
    return slot(indexOf(ref)).flow.load(std::memory_order_relaxed);
}

std::shared_ptr<Connection> ConnectionTable::find(ConnectionRef ref) const
{
    const std::lock_guard lock(_mutex);
    const Slot& entry = slot(indexOf(ref));
    const std::uint64_t state = entry.state.load(std::memory_order_acquire);
    if (generation(state) != generationOf(ref) || (state & VACANT) != 0)
        return nullptr;
    return entry.connection;
}

std::shared_ptr<Connection> ConnectionTable::erase(ConnectionRef ref)
{
    const std::lock_guard lock(_mutex);
    Slot& entry = slot(indexOf(ref));
    std::shared_ptr<Connection> connection = std::move(entry.connection);
    entry.connection.reset();
    _flows[entry.flow.load(std::memory_order_relaxed)].connections.fetch_sub(1, std::memory_order_relaxed);
    entry.state.store((std::uint64_t(generationOf(ref)) << 8) | VACANT, std::memory_order_release);
    _free.push_back(indexOf(ref));
    _size.fetch_sub(1, std::memory_order_relaxed);
    return connection;
}

ConnectionRef ConnectionTable::at(std::uint32_t index) const
{
    const std::uint64_t state = slot(index).state.load(std::memory_order_acquire);
    return (state & VACANT) != 0 ? 0 : (std::uint64_t(generation(state)) << INDEX_BITS) | index;
}

} // namespace tenon::net
