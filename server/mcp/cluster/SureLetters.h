#pragma once

#include "mcp/cluster/Letter.h"
#include "store/Bus.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace tenon::mcp
{

/// Letters that must arrive, such as a client's answer: the bus may lose what it took, so each is sent again until the other
/// instance has said that it has it. One may therefore arrive twice, and must mean the same then.
///
/// Threading: any thread.
/// Ownership: borrows the bus.
class SureLetters
{
public:
    explicit SureLetters(store::Bus& bus) : _bus(bus) {}

    /// `then` runs once, when the letter is in the other's inbox, or this instance knows that it has to be sent again.
    void send(const std::string& tag, const Letter& letter, std::function<void()> then);

    /// The same to several; `then` runs once, when all have it, or a second is over. Shape: `again` is false for what may
    /// come too late, such as a level that is set: it is given up after that second.
    void sendAll(const std::vector<std::string>& tags, const Letter& letter, bool again, std::function<void()> then);

    /// A letter of this class. Shape: false if it is none; else `inner` is what it carries, its kind empty if nothing, and
    /// `has`, to be called once the other may rely on it, says so.
    bool received(const std::string& from, const Letter& letter, Letter& inner, std::function<void()>& has);

    /// Sends again what has waited for long. What is for an instance that has been gone for a minute is given up.
    void sendAgain(const std::set<std::string, std::less<>>& alive);

    [[nodiscard]] std::size_t waiting() const;

private:
    using Waiter = std::shared_ptr<void>; ///< who waits is told when the last of them goes
    struct Waiting
    {
        std::string to, text;
        bool again = true;
        Waiter waiter;
        std::int64_t firstMs = 0; ///< base::steadyMs, as the next
        std::int64_t sentMs = 0;
        std::int64_t seenMs = 0; ///< when the other was last there
    };

    void put(const std::string& tag, const Letter& letter, bool again, Waiter waiter, std::function<void()> then);
    void refused(std::uint64_t number);
    Waiter erase(std::map<std::uint64_t, Waiting>::iterator waiting); // with _mutex

    store::Bus& _bus;

    mutable std::mutex _mutex; // guards all below
    std::uint64_t _next = 1;
    std::size_t _bytes = 0;
    std::map<std::uint64_t, Waiting> _waiting; ///< by number, so the oldest first
};

} // namespace tenon::mcp
