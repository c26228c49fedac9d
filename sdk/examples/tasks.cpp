#include <tenon/plugin.hpp>

#include <chrono>
#include <thread>

TENON_PLUGIN("tasks", "1.0.0", plugin)
{
    // A client that knows tasks gets one at once and comes back for the result; the others wait.
    plugin.tool("compute", "Computes for a while")
        .param<double>("seconds", "How long", tenon::range(0.0, 60.0))
        .taskSupport(tenon::TaskSupport::Optional)
        .concurrency(tenon::Concurrency::Session)
        .maxConcurrent(4)
        .handle(
            [](tenon::Call& call, double seconds)
            {
                const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
                while (std::chrono::steady_clock::now() < end)
                {
                    call.throwIfCancelled();
                    std::this_thread::sleep_for(std::chrono::milliseconds(10));
                }
                return "computed";
            });

    // Asks first, and becomes a task with the answer.
    plugin.tool("delete_all", "Deletes everything")
        .annotations(tenon::destructive())
        .taskSupport(tenon::TaskSupport::Optional)
        .taskOnDemand()
        .handle(
            [](tenon::Call& call)
            {
                const auto sure = call.elicit<bool>("sure", "Delete everything?");
                if (!sure || !*sure)
                    return "kept";
                call.beginTask();
                return "deleted";
            });
}
