#include "base/limits/Quota.h"

#include "base/threads/RecyclingAllocator.h"

#include <mutex>
#include <utility>

namespace tenon::base
{

Quota::Quota() : _table(std::make_shared<Table>()) {}

Quota::Held::~Held()
{
    decltype(_table->counts)::node_type gone; // freed without the lock
    const std::lock_guard lock(_table->lock);
    if (--_entry.second > 0)
        return;
    if (_table->idle < Table::IDLE_KEYS)
        ++_table->idle;
    else
        gone = _table->counts.extract(_entry.first);
}

Quota::HeldPtr Quota::take(std::string_view key, std::size_t most)
{
    if (most == 0)
        return nullptr;
    Table& table = *_table;
    Entry* entry = nullptr;
    {
        const std::lock_guard lock(table.lock);
        auto found = table.counts.find(key);
        if (found == table.counts.end())
            found = table.counts.emplace(key, 0).first;
        else if (found->second == 0)
            --table.idle;
        entry = &*found;
        if (entry->second >= most)
            return nullptr;
        ++entry->second;
    }
    try
    {
        return std::allocate_shared<const Held>(RecyclingAllocator<Held>(), _table, *entry);
    }
    catch (...)
    {
        const Held givenBack(_table, *entry);
        throw;
    }
}

std::size_t Quota::keys() const
{
    const std::lock_guard lock(_table->lock);
    return _table->counts.size() - _table->idle;
}

} // namespace tenon::base
