#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tenon::base
{

/// Counts what each key holds at a time, up to a limit that is given with each taking.
///
/// Threading: any thread.
/// Ownership: what was taken may outlive the quota.
class Quota
{
    struct Table;

public:
    Quota();

    /// One of what a key may hold; given back when it goes.
    class Held
    {
    public:
        Held(std::shared_ptr<Table> table, std::string key) : _table(std::move(table)), _key(std::move(key)) {}
        ~Held();
        Held(const Held&) = delete;
        Held& operator=(const Held&) = delete;

        [[nodiscard]] const std::string& key() const { return _key; }

    private:
        const std::shared_ptr<Table> _table;
        const std::string _key;
    };
    using HeldPtr = std::shared_ptr<const Held>;

    /// Takes one for `key`; null if it holds `most` already.
    [[nodiscard]] HeldPtr take(std::string_view key, std::size_t most);

    /// How many keys hold something.
    [[nodiscard]] std::size_t keys() const;

private:
    struct Table
    {
        std::mutex mutex; // guards the map
        std::unordered_map<std::string, std::size_t> counts;
    };
    const std::shared_ptr<Table> _table;
};

} // namespace tenon::base
