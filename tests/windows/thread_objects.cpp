// A plugin that keeps an object for each thread, and says at the end of a thread whether the object's memory was still
// its own.
#include <tenon/plugin.hpp>

#include <cstdio>
#include <string>
#include <vector>

namespace
{

const std::string MARK(40, 'm');

struct Kept
{
    std::vector<std::string> marks;

    ~Kept()
    {
        const bool whole = marks.size() == 1 && marks.front() == MARK;
        std::fprintf(stderr, "the object of a thread was %s\n", whole ? "whole" : "gone");
        std::fflush(stderr);
    }
};

thread_local Kept kept;

} // namespace

TENON_PLUGIN("thread_objects", "1.0.0", plugin)
{
    plugin.tool("keep", "Keeps a mark for the thread that runs the call")
        .handle(
            []
            {
                kept.marks.assign(1, MARK);
                return "kept";
            });
}
