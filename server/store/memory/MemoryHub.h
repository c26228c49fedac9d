#pragma once

#include "store/Bus.h"

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace tenon::store
{

/// Carries messages between instances in one process, as tests have them: they arrive when `deliver` is called.
///
/// Threading: any thread.
class MemoryHub
{
public:
    /// A bus of an instance of this tag. Ownership: borrows the hub.
    [[nodiscard]] std::unique_ptr<Bus> bus(const std::string& tag);

    /// Hands over what was sent, and what is sent meanwhile, until nothing is left. Gives how many messages it was.
    std::size_t deliver();

    /// Who there is, to all of them.
    void signOfLife();

    /// Plays a Redis that was restarted: what was not delivered yet is lost.
    void loseLetters();

    /// Plays an instance that is killed: it hears and says nothing any more, and is gone at the next sign of life.
    void kill(const std::string& tag);

    /// Plays one that was only stopped, and goes on.
    void revive(const std::string& tag);

private:
    class End;

    struct Letter
    {
        std::string from, to, text;
    };

    std::mutex _mutex;                                                 // guards all below
    std::map<std::string, std::pair<BusListener*, std::string>> _ends; ///< by tag: listener and state
    std::set<std::string>
        _listed; ///< who was there at the last sign of life: whoever is killed has an inbox until then
    std::map<std::string, std::pair<BusListener*, std::string>> _killed;
    std::deque<Letter> _letters;
};

} // namespace tenon::store
