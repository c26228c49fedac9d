#include "mcp/cluster/SureLetters.h"

#include "base/threads/SteadyClock.h"

#include <utility>
#include <vector>

namespace tenon::mcp
{

namespace
{

constexpr std::int64_t PATIENCE_MS = 1'000; ///< of who waits for all to have one
constexpr std::int64_t AGAIN_MS = 2'000;
constexpr std::int64_t GONE_MS = 60'000;

// Of letters that nobody takes the oldest go: Redis has been away for long then.
constexpr std::size_t MOST = 20'000;
constexpr std::size_t MOST_BYTES = 16 * 1024 * 1024;

} // namespace

void SureLetters::send(const std::string& tag, const Letter& letter, std::function<void()> then)
{
    put(tag, letter, true, nullptr, std::move(then));
}

void SureLetters::sendAll(const std::vector<std::string>& tags, const Letter& letter, bool again,
                          std::function<void()> then)
{
    const Waiter waiter(nullptr,
                        [then = std::move(then)](void*)
                        {
                            if (then)
                                then();
                        });
    for (const auto& tag : tags)
        put(tag, letter, again, waiter, nullptr);
}

void SureLetters::put(const std::string& tag, const Letter& letter, bool again, Waiter waiter,
                      std::function<void()> then)
{
    Letter sure("sure");
    std::string text;
    std::vector<Waiter> dropped; // let go without the lock
    std::uint64_t number = 0;
    {
        std::lock_guard lock(_mutex);
        number = _next++;
        text = sure.addNumber(number).add(letter.text()).text();
        const auto now = base::steadyMs();
        _waiting.emplace(number, Waiting{tag, text, again, std::move(waiter), now, now, now});
        _bytes += text.size();
        while (_waiting.size() > MOST || _bytes > MOST_BYTES)
            dropped.push_back(erase(_waiting.begin()));
    }
    _bus.send(tag, std::move(text),
              [this, number, then = std::move(then)](bool taken)
              {
                  if (!taken)
                      refused(number);
                  if (then)
                      then();
              });
}

/// Nobody of that name is there, or the bus is away: who waits need not wait for that.
void SureLetters::refused(std::uint64_t number)
{
    Waiter gone; // let go without the lock
    std::lock_guard lock(_mutex);
    const auto found = _waiting.find(number);
    if (found != _waiting.end())
        gone = found->second.again ? std::move(found->second.waiter) : erase(found);
}

SureLetters::Waiter SureLetters::erase(std::map<std::uint64_t, Waiting>::iterator waiting)
{
    auto waiter = std::move(waiting->second.waiter);
    _bytes -= waiting->second.text.size();
    _waiting.erase(waiting);
    return waiter;
}

bool SureLetters::received(const std::string& from, const Letter& letter, Letter& inner, std::function<void()>& has)
{
    if (letter.kind() == "sure")
    {
        (void)Letter::read(letter.field(1), inner);
        has = [this, from, number = letter.field(0)]
        {
            Letter back("arrived");
            _bus.send(from, back.add(number).text(), nullptr);
        };
        return true;
    }
    if (letter.kind() != "arrived")
        return false;
    Waiter gone; // let go without the lock
    std::lock_guard lock(_mutex);
    if (const auto found = _waiting.find(letter.number(0)); found != _waiting.end() && found->second.to == from)
        gone = erase(found);
    return true;
}

void SureLetters::sendAgain(const std::set<std::string, std::less<>>& alive)
{
    std::vector<std::pair<std::string, std::string>> again;
    std::vector<Waiter> gone; // let go without the lock
    {
        std::lock_guard lock(_mutex);
        const auto now = base::steadyMs();
        for (auto next = _waiting.begin(); next != _waiting.end();)
        {
            const auto at = next++;
            auto& waiting = at->second;
            const bool there = alive.count(waiting.to) != 0;
            if (there)
                waiting.seenMs = now;
            const bool late = now - waiting.firstMs >= PATIENCE_MS;
            if (now - waiting.seenMs > GONE_MS || (late && !waiting.again))
            {
                gone.push_back(erase(at));
                continue;
            }
            if (late)
                gone.push_back(std::move(waiting.waiter));
            if (there && now - waiting.sentMs >= AGAIN_MS)
            {
                waiting.sentMs = now;
                again.emplace_back(waiting.to, waiting.text);
            }
        }
    }
    for (auto& [to, text] : again)
        _bus.send(to, std::move(text), nullptr);
}

std::size_t SureLetters::waiting() const
{
    std::lock_guard lock(_mutex);
    return _waiting.size();
}

} // namespace tenon::mcp
