#pragma once

#include "base/text/TextMap.h"
#include "base/threads/ShortLock.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tenon::base
{

class QuotaShare;

/// Counts what each key holds at a time, up to a limit that is given with each taking.
///
/// Threading: any thread.
/// Ownership: what was taken may outlive the quota.
class Quota
{
    struct Table;
    using Entry = std::pair<const std::string, std::size_t>; ///< a key, and what it holds

public:
    Quota();
    ~Quota();
    Quota(const Quota&) = delete;
    Quota& operator=(const Quota&) = delete;

    /// One of what a key may hold; given back when it goes.
    class Held
    {
    public:
        Held(Table& table, Entry& entry) : _table(table), _entry(entry) {}
        ~Held();
        Held(const Held&) = delete;
        Held& operator=(const Held&) = delete;

        [[nodiscard]] const std::string& key() const { return _entry.first; }

    private:
        Table& _table; ///< stays while something of it is held
        Entry& _entry; ///< the table's, which keeps it while it holds something
    };
    using HeldPtr = std::shared_ptr<const Held>;

    /// Takes one for `key`; null if it holds `most` already.
    [[nodiscard]] HeldPtr take(std::string_view key, std::size_t most);

    /// How many keys hold something.
    [[nodiscard]] std::size_t keys() const;

    /// Others count too: `share` says what is to be had here. Before anything is taken.
    void share(std::shared_ptr<QuotaShare> share);

    /// What keys hold, of a quota that may be gone.
    class Counts
    {
    public:
        explicit Counts(const std::shared_ptr<Table>& table) : _table(table) {}
        [[nodiscard]] std::size_t operator()(std::string_view key) const;

    private:
        const std::weak_ptr<Table> _table;
    };
    [[nodiscard]] Counts counts() const { return Counts(_table); }

private:
    struct Table
    {
        /// Whoever comes and goes with every request finds its key again; but there may be as many keys as there are
        /// addresses.
        static constexpr std::size_t IDLE_KEYS = 64;

        ShortLock lock; // guards all below
        TextMap<std::size_t> counts;
        std::size_t idle = 0;        ///< keys that hold nothing
        std::size_t held = 0;        ///< by all keys
        std::shared_ptr<Table> self; ///< of a quota that is gone, until nothing is held

        std::shared_ptr<QuotaShare> share; ///< constant once something is taken; null: nobody else counts
    };

    const std::shared_ptr<Table> _table;
};

} // namespace tenon::base
