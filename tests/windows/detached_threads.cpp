// Whether every thread of base::startDetached runs: several begin at once, and end at once.
#include "base/threads/DetachedThread.h"

#include <chrono>
#include <cstdio>
#include <future>
#include <thread>
#include <vector>

int main()
{
    constexpr int ROUNDS = 150;
    constexpr int BESIDE = 16;
    for (int round = 0; round < ROUNDS; ++round)
    {
        std::vector<std::thread> starters;
        std::vector<std::promise<void>> ran(BESIDE);
        starters.reserve(BESIDE);
        for (auto& one : ran)
            starters.emplace_back([&one] { tenon::base::startDetached([&one] { one.set_value(); }); });
        for (auto& starter : starters)
            starter.join();
        for (auto& one : ran)
            if (one.get_future().wait_for(std::chrono::seconds(20)) != std::future_status::ready)
            {
                std::printf("a thread did not run, in round %d\n", round);
                std::fflush(stdout);
                std::_Exit(1);
            }
    }
    std::puts("all ran");
    return 0;
}
