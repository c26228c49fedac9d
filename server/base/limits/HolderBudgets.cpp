#include "base/limits/HolderBudgets.h"

#include <algorithm>

namespace tenon::base
{

namespace
{

/// What a holder may have however small the server is: a few messages of the usual size.
constexpr std::uint64_t A_FEW_MESSAGES = 16 * 1024 * 1024;

std::uint64_t mostOf(std::uint64_t whole, std::uint64_t part, unsigned percent)
{
    return percent >= 100 ? part : std::min(part, std::max(whole / 100 * percent, A_FEW_MESSAGES));
}

} // namespace

HolderBudgets::HolderBudgets(Budget& whole, unsigned parts)
    : _table(std::make_shared<Table>(whole, std::max<std::uint64_t>(whole.limit() / parts, 1)))
{
}

HolderShare HolderBudgets::shareOf(std::string_view holder, const HolderLimits& limits)
{
    if (holder.empty())
        return HolderShare({_table, &_table->part});
    std::string name(holder);
    const std::lock_guard lock(_table->mutex);
    auto& known = _table->budgets[name];
    if (auto budget = known.lock())
        return HolderShare(std::move(budget));
    struct Own
    {
        Own(std::shared_ptr<Table> all, std::string id, std::uint64_t most)
            : table(std::move(all)), holder(std::move(id)), budget(most, &table->part)
        {
        }
        ~Own()
        {
            const std::lock_guard guard(table->mutex);
            // Another one may have been made for the same holder meanwhile.
            const auto own = table->budgets.find(holder);
            if (own != table->budgets.end() && own->second.expired())
                table->budgets.erase(own);
        }
        const std::shared_ptr<Table> table;
        const std::string holder;
        Budget budget;
    };
    const auto own = std::make_shared<Own>(_table, std::move(name),
                                           mostOf(_table->whole.limit(), _table->part.limit(), limits.sharePercent));
    std::shared_ptr<Budget> budget(own, &own->budget);
    known = budget;
    return HolderShare(std::move(budget));
}

bool HolderBudgets::full(std::uint64_t bytes) const noexcept
{
    const auto lacks = [bytes](const Budget& budget)
    { return budget.used() >= budget.limit() || bytes > budget.limit() - budget.used(); };
    return lacks(_table->part) || lacks(_table->whole);
}

std::size_t HolderBudgets::holders() const
{
    const std::lock_guard lock(_table->mutex);
    return _table->budgets.size();
}

} // namespace tenon::base
