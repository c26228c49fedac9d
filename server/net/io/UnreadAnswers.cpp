#include "net/io/UnreadAnswers.h"

#include <algorithm>
#include <mutex>

namespace tenon::net
{

namespace
{

constexpr std::uint64_t PARTS = 8;
constexpr std::uint64_t FULL = 7;   ///< parts of the budget: memory is short
constexpr std::uint64_t SPARED = 1; ///< parts that answers have in any case

} // namespace

UnreadAnswers::Place::Place(UnreadAnswers& all, ConnectionRef ref, std::uint16_t holder) : _all(all), _share(all._whole)
{
    _entry.ref = ref;
    _all.enter(_entry, holder);
}

UnreadAnswers::Place::~Place()
{
    _share.resize(0); // before the entry goes: what is given back is not asked of others
    _all.leave(_entry);
}

void UnreadAnswers::Place::add(std::uint64_t bytes) noexcept
{
    _share.resize(_share.bytes() + bytes);
    _all.change(_entry, _share.bytes(), false);
}

void UnreadAnswers::Place::took(std::uint64_t bytes) noexcept
{
    _share.resize(_share.bytes() - bytes);
    _all.change(_entry, _share.bytes(), true);
}

void UnreadAnswers::enter(Entry& entry, std::uint16_t holder)
{
    const std::lock_guard lock(_lock);
    entry.holder = &_holders[holder];
    entry.holder->id = holder;
    ++entry.holder->entries;
    putLast(entry);
}

void UnreadAnswers::leave(Entry& entry) noexcept
{
    const std::lock_guard lock(_lock);
    if (entry.mustGo.load(std::memory_order_relaxed))
        _going -= entry.bytes;
    else
    {
        takeOut(entry);
        _waiting -= entry.bytes;
    }
    if (--entry.holder->entries == 0)
        _holders.erase(entry.holder->id);
}

void UnreadAnswers::change(Entry& entry, std::uint64_t bytes, bool moves) noexcept
{
    const std::lock_guard lock(_lock);
    const bool goes = entry.mustGo.load(std::memory_order_relaxed);
    std::uint64_t& sum = goes ? _going : _waiting;
    sum = sum - entry.bytes + bytes;
    if (!goes)
        entry.holder->bytes = entry.holder->bytes - entry.bytes + bytes;
    entry.bytes = bytes;
    if (goes || !moves)
        return;
    takeOut(entry);
    putLast(entry);
}

void UnreadAnswers::putLast(Entry& entry) noexcept
{
    Holder& holder = *entry.holder;
    entry.before = holder.last;
    entry.behind = nullptr;
    (holder.last ? holder.last->behind : holder.first) = &entry;
    holder.last = &entry;
    holder.bytes += entry.bytes;
}

void UnreadAnswers::takeOut(Entry& entry) noexcept
{
    Holder& holder = *entry.holder;
    (entry.before ? entry.before->behind : holder.first) = entry.behind;
    (entry.behind ? entry.behind->before : holder.last) = entry.before;
    holder.bytes -= entry.bytes;
}

/// Shape: `going` bytes will soon be given back.
bool UnreadAnswers::isShort(std::uint64_t going) const noexcept
{
    const std::uint64_t used = _whole.used();
    return used - std::min(used, going) >= _whole.limit() / PARTS * FULL;
}

ConnectionRef UnreadAnswers::nextToGo() noexcept
{
    if (!isShort(0))
        return 0;
    const std::lock_guard lock(_lock);
    if (!isShort(_going) || _waiting <= _whole.limit() / PARTS * SPARED)
        return 0;
    const auto most =
        std::max_element(_holders.begin(), _holders.end(),
                         [](const auto& one, const auto& other) { return one.second.bytes < other.second.bytes; });
    Entry* first = most->second.first;
    while (first->bytes == 0) // it has only begun
        first = first->behind;
    Entry& entry = *first;
    takeOut(entry);
    entry.mustGo.store(true, std::memory_order_relaxed);
    _waiting -= entry.bytes;
    _going += entry.bytes;
    return entry.ref;
}

std::uint64_t UnreadAnswers::bytes() const noexcept
{
    const std::lock_guard lock(_lock);
    return _waiting + _going;
}

} // namespace tenon::net
