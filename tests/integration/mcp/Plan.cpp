#include "integration/mcp/Plan.h"

#include <random>

namespace tenon::tests
{

namespace
{

using Kind = Step::Kind;

/// Calls are frequent, ends of sessions and of time are rare.
constexpr struct
{
    Kind kind;
    unsigned weight;
} WEIGHTS[] = {{Kind::CALL, 30},          {Kind::CANCEL, 8},  {Kind::DISCONNECT, 10}, {Kind::RESUME, 12},
               {Kind::DELETE_SESSION, 2}, {Kind::LISTEN, 6},  {Kind::LIST_CHANGE, 4}, {Kind::RESOURCE_UPDATE, 3},
               {Kind::FINISH, 14},        {Kind::REPORT, 10}, {Kind::ANSWER, 12},     {Kind::UPDATE_TASK, 6},
               {Kind::TURN_CLOCK, 1}};

} // namespace

std::vector<std::vector<Step>> planOf(std::uint64_t seed, std::size_t threads)
{
    // Only what the standard fixes to the bit: distributions differ between libraries.
    std::mt19937_64 random(seed);
    unsigned sum = 0;
    for (const auto& [kind, weight] : WEIGHTS)
        sum += weight;
    std::vector<std::vector<Step>> plan(threads);
    for (auto& steps : plan)
    {
        steps.resize(3 + random() % 6);
        for (auto& step : steps)
        {
            auto chosen = static_cast<unsigned>(random() % sum);
            for (const auto& [kind, weight] : WEIGHTS)
            {
                step.kind = kind;
                if (chosen < weight)
                    break;
                chosen -= weight;
            }
            step.which = static_cast<std::uint32_t>(random());
            step.detail = static_cast<std::uint32_t>(random());
            step.pause = random() % 3 == 0;
        }
    }
    return plan;
}

} // namespace tenon::tests
