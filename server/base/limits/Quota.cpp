#include "base/limits/Quota.h"

namespace tenon::base
{

Quota::Quota() : _table(std::make_shared<Table>()) {}

Quota::Held::~Held()
{
    const std::lock_guard lock(_table->mutex);
    const auto count = _table->counts.find(_key);
    // A key that holds nothing leaves nothing behind: there may be as many keys as there are addresses.
    if (count != _table->counts.end() && --count->second == 0)
        _table->counts.erase(count);
}

Quota::HeldPtr Quota::take(std::string_view key, std::size_t most)
{
    std::string name(key);
    {
        const std::lock_guard lock(_table->mutex);
        std::size_t& count = _table->counts[name];
        if (count >= most)
        {
            if (count == 0)
                _table->counts.erase(name);
            return nullptr;
        }
        ++count;
    }
    return std::make_shared<const Held>(_table, std::move(name));
}

std::size_t Quota::keys() const
{
    const std::lock_guard lock(_table->mutex);
    return _table->counts.size();
}

} // namespace tenon::base
