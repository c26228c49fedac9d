#include "base/limits/Budget.h"

namespace tenon::base
{

bool Budget::tryTake(std::uint64_t bytes) noexcept
{
    const std::uint64_t most = limit();
    std::uint64_t before = used();
    do
    {
        // Not `before + bytes`: a size that somebody claims may be any number.
        if (before > most || bytes > most - before)
            return false;
    } while (!_used.compare_exchange_weak(before, before + bytes, std::memory_order_relaxed));
    if (!_whole || _whole->tryTake(bytes))
        return true;
    _used.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
}

void Budget::take(std::uint64_t bytes) noexcept
{
    _used.fetch_add(bytes, std::memory_order_relaxed);
    if (_whole)
        _whole->take(bytes);
}

void Budget::give(std::uint64_t bytes) noexcept
{
    _used.fetch_sub(bytes, std::memory_order_relaxed);
    if (_whole)
        _whole->give(bytes);
}

BudgetShare& BudgetShare::operator=(BudgetShare&& other) noexcept
{
    if (this != &other)
    {
        resize(0);
        _budget = std::exchange(other._budget, nullptr);
        _bytes = std::exchange(other._bytes, 0);
    }
    return *this;
}

bool BudgetShare::tryResize(std::uint64_t bytes) noexcept
{
    if (_budget && bytes > _bytes && !_budget->tryTake(bytes - _bytes))
        return false;
    if (_budget && bytes < _bytes)
        _budget->give(_bytes - bytes);
    _bytes = bytes;
    return true;
}

void BudgetShare::resize(std::uint64_t bytes) noexcept
{
    if (_budget && bytes > _bytes)
        _budget->take(bytes - _bytes);
    else if (_budget && bytes < _bytes)
        _budget->give(_bytes - bytes);
    _bytes = bytes;
}

} // namespace tenon::base
