// A program that lends one tool, which notes every call in a file before it answers: teller FILE [TITLE].
#include <tenon/attach.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>

namespace
{
std::atomic<bool> running{true};
}

int main(int argc, char** argv)
{
    std::signal(SIGTERM, [](int) { running = false; });
    std::mutex mutex;
    std::ofstream notes(argc > 1 ? argv[1] : "/dev/null", std::ios::app);
    tenon::AttachOptions options;
    options.title = argc > 2 ? argv[2] : "teller";
    tenon::Attachment attachment(
        "teller", "1.0.0",
        [&](tenon::Plugin& plugin)
        {
            plugin.tool(
                "tell", "Notes a call and tells its id",
                [&](std::string id)
                {
                    const std::lock_guard lock(mutex);
                    notes << id << '\n' << std::flush;
                    return id;
                },
                tenon::arg("id", "Of the call"));
        },
        options);
    while (running)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
}
