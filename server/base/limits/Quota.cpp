#include "base/limits/Quota.h"

#include "base/limits/QuotaShare.h"
#include "base/threads/RecyclingAllocator.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace tenon::base
{

Quota::Quota() : _table(std::make_shared<Table>()) {}

/// What is held counts in the table, so that taking and giving back need no count of references besides.
Quota::~Quota()
{
    const std::lock_guard lock(_table->lock);
    if (_table->held > 0)
        _table->self = _table;
}

Quota::Held::~Held()
{
    std::shared_ptr<Table> last;
    decltype(_table.counts)::node_type gone; // freed without the lock
    const std::lock_guard lock(_table.lock);
    if (--_table.held == 0)
        last = std::move(_table.self);
    if (--_entry.second > 0)
        return;
    if (_table.idle < Table::IDLE_KEYS)
        ++_table.idle;
    else
        gone = _table.counts.extract(_entry.first);
}

Quota::HeldPtr Quota::take(std::string_view key, std::size_t most)
{
    Table& table = *_table;
    std::size_t held = 0;
    // The key's entry, with one more; null if it holds that many already.
    const auto takeOf = [&](std::size_t limit) -> Entry*
    {
        const std::lock_guard lock(table.lock);
        auto found = table.counts.find(key);
        held = found == table.counts.end() ? 0 : found->second;
        if (held >= limit)
            return nullptr;
        if (found == table.counts.end())
            found = table.counts.emplace(key, 0).first;
        else if (found->second == 0)
            --table.idle;
        ++found->second;
        ++table.held;
        return &*found;
    };
    Entry* entry = takeOf(table.share ? table.share->atOnce(most) : most);
    if (!entry && table.share && held < most)
        entry = takeOf(std::min(most, table.share->here(key, most, held)));
    if (!entry)
        return nullptr;
    try
    {
        return std::allocate_shared<const Held>(RecyclingAllocator<Held>(), table, *entry);
    }
    catch (...)
    {
        const Held givenBack(table, *entry);
        throw;
    }
}

void Quota::share(std::shared_ptr<QuotaShare> share)
{
    _table->share = std::move(share);
}

std::size_t Quota::Counts::operator()(std::string_view key) const
{
    const auto table = _table.lock();
    if (!table)
        return 0;
    const std::lock_guard lock(table->lock);
    const auto found = table->counts.find(key);
    return found == table->counts.end() ? 0 : found->second;
}

std::size_t Quota::keys() const
{
    const std::lock_guard lock(_table->lock);
    return _table->counts.size() - _table->idle;
}

} // namespace tenon::base
