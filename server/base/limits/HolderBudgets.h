#pragma once

#include "base/limits/Budget.h"
#include "base/limits/HolderLimits.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tenon::base
{

/// Bytes that one holder makes the server keep: counted for the holder, and for the whole. Gives them back when it goes.
///
/// Without a budget, a share neither counts nor refuses anything.
///
/// Threading: one thread at a time, as for the thing whose bytes it counts.
class HolderShare
{
public:
    HolderShare() = default;
    explicit HolderShare(std::shared_ptr<Budget> budget) : _budget(std::move(budget)), _share(*_budget) {}
    HolderShare(HolderShare&&) noexcept = default;
    HolderShare& operator=(HolderShare&& other) noexcept
    {
        _share = std::move(other._share); // what it gives back goes to the budget that goes next
        _budget = std::move(other._budget);
        return *this;
    }

    [[nodiscard]] bool tryResize(std::uint64_t bytes) noexcept { return _share.tryResize(bytes); }
    void resize(std::uint64_t bytes) noexcept { _share.resize(bytes); }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return _share.bytes(); }
    [[nodiscard]] explicit operator bool() const noexcept { return _budget != nullptr; }

private:
    std::shared_ptr<Budget> _budget; // before the share, which borrows it
    BudgetShare _share;
};

/// A part of the server's budget, for one kind of things that are refused when it is used up, and of that part what one
/// holder may have.
///
/// Things of other kinds, above all answers that wait to be sent, find room beside it: who takes all there is of one kind
/// does not end the others.
///
/// Threading: any thread.
/// Ownership: borrows the whole. Shares may outlive it, but not the whole.
class HolderBudgets
{
public:
    /// Shape: the part is one of `parts` of what `whole` is limited to now.
    HolderBudgets(Budget& whole, unsigned parts);

    /// A share of `holder`'s, with nothing in it. An empty holder is told apart from nobody, and has the whole part.
    [[nodiscard]] HolderShare shareOf(std::string_view holder, const HolderLimits& limits);

    /// Whether the part itself, or the whole, has no room for `bytes`: otherwise the holder has what it may have.
    [[nodiscard]] bool full(std::uint64_t bytes) const noexcept;

    /// What all holders hold.
    [[nodiscard]] std::uint64_t used() const noexcept { return _table->part.used(); }

    /// How many holders hold something.
    [[nodiscard]] std::size_t holders() const;

private:
    struct Table
    {
        explicit Table(Budget& budget, std::uint64_t limit) : whole(budget), part(limit, &budget) {}

        Budget& whole;
        Budget part;
        std::mutex mutex; // guards the map
        std::unordered_map<std::string, std::weak_ptr<Budget>> budgets;
    };
    const std::shared_ptr<Table> _table;
};

} // namespace tenon::base
