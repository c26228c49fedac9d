// A program that lends what a plugin library offers, under a name: attached LIBRARY NAME [idle].
//
// It prints when it began to attach, in nanoseconds of the monotonic clock. With `idle` it lends a tool of its own instead, waits
// until it is attached, and prints what the library takes of an idle program: kB resident, the library's own file among them,
// threads, wake-ups in three seconds.
#include <tenon/attach.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <dlfcn.h>
#include <fstream>
#include <string>
#include <sys/prctl.h>
#include <thread>
#include <unistd.h>

namespace
{

long valueOf(const std::string& file, const std::string& key)
{
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);)
        if (line.compare(0, key.size(), key) == 0)
            return std::stol(line.substr(key.size()));
    return 0;
}

/// All that is resident; the system's status has it only about.
long residentKb()
{
    return valueOf("/proc/self/smaps_rollup", "Rss:");
}

/// What is resident of the file of the library.
long libraryKb()
{
    std::ifstream lines("/proc/self/smaps");
    long sum = 0;
    bool isLibrary = false;
    for (std::string line; std::getline(lines, line);)
        if (line.compare(0, 4, "Rss:") == 0)
            sum += isLibrary ? std::stol(line.substr(4)) : 0;
        else if (line.find(" r") != std::string::npos) // a mapping and its rights
            isLibrary = line.find("libtenon-attach") != std::string::npos;
    return sum;
}

/// Calls `work(file)` for the status of each thread but the first.
template <typename Work>
void forEachOtherThread(Work work)
{
    DIR* tasks = opendir("/proc/self/task");
    if (!tasks)
        return;
    for (const dirent* entry = readdir(tasks); entry; entry = readdir(tasks))
        if (entry->d_name[0] != '.' && std::to_string(getpid()) != entry->d_name)
            work(std::string("/proc/self/task/") + entry->d_name + "/status");
    closedir(tasks);
}

long switches()
{
    long sum = 0;
    forEachOtherThread([&](const std::string& file) { sum += valueOf(file, "voluntary_ctxt_switches:"); });
    return sum;
}

} // namespace

int main(int argc, char** argv)
{
    void* library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : nullptr;
    const auto* entry = library ? static_cast<const tenon_plugin_entry*>(dlsym(library, "tenon_entry")) : nullptr;
    if (!entry)
    {
        std::fprintf(stderr, "attached: no plugin: %s\n", dlerror());
        return 2;
    }
    tenon_attach_options options{};
    options.struct_size = sizeof options;
    options.entry = entry;
    options.name = argc > 2 ? argv[2] : "bench";
    prctl(PR_SET_PDEATHSIG, SIGTERM); // it ends with who started it
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    std::printf("%lld\n", static_cast<long long>(std::chrono::steady_clock::now().time_since_epoch().count()));
    std::fflush(stdout);
    tenon_attachment* attachment = nullptr;
    if (argc < 4)
    {
        if (tenon_attach(&options, &attachment) != TENON_OK)
            return 1;
        int ended = 0;
        sigwait(&ends, &ended);
        tenon_detach(attachment);
        return 0;
    }
    const long loaded = libraryKb(); // with the program
    const long before = residentKb() - loaded;
    const auto fail = [](void*, std::uint32_t, tenon_call*) -> tenon_status { return TENON_ERROR_FAILED; };
    if (tenon_attach_tools(&options, R"({"name":"bench","version":"1"})",
                           R"([{"name":"idle","description":"Does nothing","inputSchema":{"type":"object"}}])", fail,
                           &attachment) != TENON_OK)
        return 1;
    if (tenon_attach_wait(attachment, 20000) != TENON_ATTACH_ATTACHED)
        return 1;
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const long resident = residentKb() - before;
    const long earlier = switches();
    std::this_thread::sleep_for(std::chrono::seconds(3));
    int threads = 0;
    forEachOtherThread([&](const std::string&) { ++threads; });
    std::printf("%ld %d %ld\n", resident, threads, switches() - earlier);
    tenon_detach(attachment);
    return 0;
}
