#include "Sleeper.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

/// The tools that the figures of tests/bench/ are for.
TENON_PLUGIN("bench", "1.0.0", plugin)
{
    plugin.tool("echo", "Answers the text it is given")
        .param<std::string_view>("text", "What to answer")
        .annotations(tenon::readOnly())
        .handle([](std::string_view text) { return text; });

    plugin.tool("sleep", "Holds its thread for a time")
        .param<int>("ms", "How long, in milliseconds", tenon::range(0, 600000))
        .annotations(tenon::readOnly())
        .handle(
            [](tenon::Call& call, int ms)
            {
                call.progress(0, ms); // tells a test that it runs
                const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
                while (!call.cancelled() && std::chrono::steady_clock::now() < until)
                    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(
                        until - std::chrono::steady_clock::now(), std::chrono::milliseconds(50)));
                return "slept";
            });

    auto sleeper = std::make_shared<Sleeper>();
    plugin.tool("sleep_async", "Waits for a time without a thread")
        .param<int>("ms", "How long, in milliseconds", tenon::range(0, 600000))
        .annotations(tenon::readOnly())
        .handleAsync([sleeper](tenon::AsyncCall call, int ms)
                     { sleeper->add(std::move(call), std::chrono::milliseconds(ms)); });

    plugin.tool("text", "Answers a text of a given size")
        .param<int>("bytes", "How many letters", tenon::range(0, 10000000))
        .annotations(tenon::readOnly())
        .handle([](int bytes) { return std::string(static_cast<std::size_t>(bytes), 'x'); });
}
