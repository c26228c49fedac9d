#include "app/process/Memory.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <new>
#include <optional>
#include <sstream>

#if defined(_WIN32)
#include <windows.h>
#else
#include <unistd.h>
#endif

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace tenon::app
{

namespace
{

std::string contentOf(const std::string& path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The number in a limit's file; 0 for "max" or none. Version 1 writes a huge number for "no limit".
std::uint64_t limitIn(const std::string& path)
{
    constexpr std::uint64_t NO_LIMIT = std::uint64_t(1) << 60;
    const std::string text = contentOf(path);
    std::uint64_t bytes = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), bytes);
    return parsed.ec == std::errc() && bytes < NO_LIMIT ? bytes : 0;
}

/// The least limit of a group and of those it lies in.
std::uint64_t leastUpwards(const std::string& root, std::string group, const char* file)
{
    std::uint64_t least = 0;
    for (;;)
    {
        if (const auto limit = limitIn(root + group + '/' + file); limit > 0)
            least = least == 0 ? limit : std::min(least, limit);
        if (group.empty())
            return least;
        group.erase(group.find_last_of('/'));
    }
}

#if defined(__GLIBC__)
/// Memory of its own that the process really has.
struct Own
{
    std::size_t used = 0;
    /// What was returned stays in the allocator's books, and what is used again and given back between two looks is
    /// resident all the same: so it is the system that says it.
    std::size_t beyondUse = 0;
};

std::optional<Own> lookAtOwn() noexcept
{
    try
    {
        std::size_t size = 0, resident = 0, shared = 0;
        std::istringstream(contentOf("/proc/self/statm")) >> size >> resident >> shared;
        const std::size_t own = (resident - shared) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
        const auto books = mallinfo2();
        const std::size_t used = books.uordblks + books.hblkhd;
        return Own{used, own - std::min(own, used)};
    }
    catch (const std::bad_alloc&)
    {
        return {}; // and looks again later
    }
}
#endif

} // namespace

std::uint64_t memoryOfGroup(const std::string& membership, const std::string& root)
{
    std::istringstream lines(membership);
    for (std::string line; std::getline(lines, line);)
    {
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (second == std::string::npos || second + 1 >= line.size() || line[second + 1] != '/')
            continue;
        std::string group = line.substr(second + 1);
        if (group == "/")
            group.clear();
        if (line.starts_with("0::"))
        {
            if (const auto limit = leastUpwards(root, group, "memory.max"); limit > 0)
                return limit;
        }
        else if (line.substr(first + 1, second - first - 1) == "memory")
        {
            if (const auto limit = leastUpwards(root + "/memory", group, "memory.limit_in_bytes"); limit > 0)
                return limit;
        }
    }
    return 0;
}

std::uint64_t memoryOfMachine()
{
#if defined(_WIN32)
    MEMORYSTATUSEX status{};
    status.dwLength = sizeof status;
    return GlobalMemoryStatusEx(&status) ? status.ullTotalPhys : 0;
#else
    const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    const std::uint64_t machine =
        pages > 0 && size > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size) : 0;
    const std::uint64_t group = memoryOfGroup(contentOf("/proc/self/cgroup"), "/sys/fs/cgroup");
    return group == 0 ? machine : machine == 0 ? group : std::min(machine, group);
#endif
}

void boundFreeMemory() noexcept
{
#if defined(__GLIBC__)
    constexpr int FEWEST_PARTS = 4;
    // Much more than most calls need, so that none pays for growing the heap again.
    mallopt(M_TRIM_THRESHOLD, 512 << 10);
    // A part of the heap for each processor and some that wait, not eight for each: what stays of a peak, a block here and
    // there, holds the fewer pages.
    mallopt(M_ARENA_MAX, std::max(FEWEST_PARTS, static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)) + 2));
    // What is larger comes and goes by itself: between small blocks that stay it would leave holes that hold as much.
    mallopt(M_MMAP_THRESHOLD, 256 << 10);
#endif
}

void returnFreeMemory() noexcept
{
#if defined(__GLIBC__)
    constexpr std::size_t MUCH = std::size_t(256) << 10;
    static Own settled; // when all was returned that could be; what was left are stacks, tables, holes
    const auto now = lookAtOwn();
    if (!now)
        return;
    settled.beyondUse = std::min(settled.beyondUse, now->beyondUse);
    // Holes between what was in use then can be returned once that is not in use any more.
    if (now->beyondUse < settled.beyondUse + MUCH && now->used + MUCH > settled.used)
        return;
    malloc_trim(0);
    settled = lookAtOwn().value_or(*now);
#endif
}

} // namespace tenon::app
