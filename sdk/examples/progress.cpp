#include <tenon/plugin.hpp>

#include <chrono>
#include <thread>

TENON_PLUGIN("progress", "1.0.0", plugin)
{
    plugin.tool("count", "Counts slowly")
        .param<int>("to", "The last number", tenon::range(1, 1000))
        .timeout(std::chrono::minutes(2))
        .handle(
            [](tenon::Call& call, int to)
            {
                call.log(tenon::LogLevel::Info, "counting begins");
                for (int i = 1; i <= to; ++i)
                {
                    // The client cancelled, the connection went, or the deadline passed: ends the handler.
                    call.throwIfCancelled();
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                    call.progress(i, to, "at " + std::to_string(i));
                }
                return "counted to " + std::to_string(to);
            });
}
