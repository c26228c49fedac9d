// bench_load MEASUREMENT ARGUMENT...
//
//   calls PORT COUNT modern|legacy                exactly so many calls, one after the other
//   churn PORT USERS SECONDS TOOL ARGUMENTS       sessions opened, used once and deleted
//   startup RUNS TOOL ARGUMENTS COMMAND...        exec to first answer; idle memory
//   streams PORT PID COUNT                        idle event streams, and a broadcast to all of them
//   blocked PORT CALLS                            /health while so many calls hold a thread
//   steady PORT PID STREAMS PER_MINUTE SECONDS    HTTP+SSE clients that call now and then
#include "Commands.h"

#include <cstdio>
#include <exception>
#include <map>

int main(int argc, char** argv)
{
    const std::map<std::string, void (*)(const bench::Arguments&)> commands{
        {"calls", bench::calls},     {"churn", bench::churn},     {"startup", bench::startup},
        {"streams", bench::streams}, {"blocked", bench::blocked}, {"steady", bench::steady}};
    const auto command = commands.find(argc > 1 ? argv[1] : "");
    if (command == commands.end())
    {
        std::fprintf(stderr, "bench_load calls|churn|startup|streams|blocked|steady ARGUMENT...\n");
        return 2;
    }
    try
    {
        command->second(bench::Arguments(argv + 2, argv + argc));
        return 0;
    }
    catch (const std::exception& exc)
    {
        std::fprintf(stderr, "bench_load %s: %s\n", argv[1], exc.what());
        return 1;
    }
}
