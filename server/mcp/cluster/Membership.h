#pragma once

#include "store/Bus.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::mcp
{

/// Who there is, as this instance has heard.
///
/// Threading: any thread.
class Membership
{
public:
    using Tags = std::set<std::string, std::less<>>;

    explicit Membership(std::string own) : _own(std::move(own)) {}

    /// From here on others are expected.
    void start();

    /// What has changed with the bus' last word.
    struct Change
    {
        Tags there;         ///< by now
        bool first = false; ///< the first such word
        bool fewer = false; ///< somebody has gone
    };
    [[nodiscard]] Change update(const std::vector<store::Member>& members);

    /// One says that it is here, before the bus does.
    void arrived(const std::string& tag);

    /// One that is there writes what this version does not know. True the first time.
    [[nodiscard]] bool isStrange(const std::string& tag);

    [[nodiscard]] bool alive(std::string_view tag) const;

    /// Whether it was there in the last minute, or this instance has not been there for so long itself.
    [[nodiscard]] bool mayBeAlive(std::string_view tag) const;

    [[nodiscard]] Tags there() const;
    [[nodiscard]] std::vector<std::string> others() const;
    /// Those that were there in the last minute.
    [[nodiscard]] std::vector<std::string> othersOfLate() const;
    /// As the bus describes them.
    [[nodiscard]] std::vector<store::Member> members() const;

private:
    const std::string _own; ///< this instance's tag

    mutable std::mutex _mutex;   // guards all below
    std::int64_t _startedAt = 0; ///< base::steadyMs
    std::vector<store::Member> _members;
    Tags _alive;
    std::map<std::string, std::int64_t, std::less<>> _lastAlive; ///< base::steadyMs, by tag; of the last minute
    std::set<std::string> _strange;
};

} // namespace tenon::mcp
