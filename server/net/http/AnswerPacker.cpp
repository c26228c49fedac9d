#include "net/http/AnswerPacker.h"

#include "net/http/Gzip.h"
#include "net/http/ResponseHead.h"

#include <memory>
#include <string>
#include <utility>

#if defined(__linux__)
#include <sys/resource.h>
#endif

namespace tenon::net
{

namespace
{

/// An answer that outlives the call that gave it.
struct Kept
{
    explicit Kept(base::Budget& budget, const mcp::Answer& given)
        : share(budget), answer(given), sessionId(given.sessionId), eventId(given.eventId)
    {
        text.reserve(sizeOf(given.parts));
        for (const std::string_view& piece : given.parts)
            text.append(piece);
        share.resize(text.size());
        part = text;
        answer.parts = std::span(&part, 1);
        answer.sessionId = sessionId;
        answer.eventId = eventId;
    }
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;

    base::BudgetShare share;
    mcp::Answer answer;
    std::string sessionId, eventId, text;
    std::string_view part;
};

/// Linux has a priority for each thread.
void stepBack() noexcept
{
#if defined(__linux__)
    constexpr int NICE = 5; // a third of what serving threads get when all want to run: behind them, never starved
    thread_local const int done = ::setpriority(PRIO_PROCESS, 0, NICE);
    (void)done;
#endif
}

} // namespace

bool AnswerPacker::post(const mcp::Answer& answer, Then then) noexcept
{
    try
    {
        _threads.post(
            [kept = std::make_shared<const Kept>(_budget, answer), then = std::move(then)]
            {
                stepBack();
                then(kept->answer, gzip(kept->answer.parts));
            });
        return true;
    }
    catch (...)
    {
        return false;
    }
}

} // namespace tenon::net
