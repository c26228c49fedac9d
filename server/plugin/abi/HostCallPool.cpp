#include "plugin/abi/HostCallPool.h"

#include <memory>
#include <new>
#include <vector>

namespace tenon::plugin
{

namespace
{
// They stay for ever: each by itself, among memory that comes and goes, would keep a page.
constexpr std::size_t SIDE_BY_SIDE = 16;
} // namespace

struct HostCallPool::OwnStore
{
    std::vector<HostCall*> calls;

    ~OwnStore()
    {
        for (HostCall* call : calls)
            give(call, true);
    }
};

HostCall* HostCallPool::take()
{
    auto& own = ofThisThread().calls;
    if (!own.empty())
    {
        HostCall* call = own.back();
        own.pop_back();
        return call;
    }
    HostCallPool& pool = common();
    {
        std::lock_guard lock(pool._mutex);
        if (pool._resting.size() > MIN_RESTING)
        {
            HostCall* call = pool._resting.front();
            pool._resting.pop_front();
            return call;
        }
    }
    own.reserve(MAX_OWN);
    HostCall* const calls = std::make_unique<HostCall[]>(SIDE_BY_SIDE).release();
    for (std::size_t index = 1; index < SIDE_BY_SIDE; ++index)
        own.push_back(calls + index);
    return calls;
}

void HostCallPool::give(HostCall* call, bool suspicious) noexcept
{
    try
    {
        if (!suspicious)
        {
            auto& own = ofThisThread().calls;
            if (own.size() < MAX_OWN)
            {
                own.push_back(call);
                return;
            }
        }
        HostCallPool& pool = common();
        std::lock_guard lock(pool._mutex);
        pool._resting.push_back(call);
    }
    catch (const std::bad_alloc&)
    {
        // It rests for ever: its plugin may still hold it.
    }
}

HostCallPool& HostCallPool::common()
{
    // Never destroyed: threads of plugins may outlive main.
    static HostCallPool& pool = *new HostCallPool;
    return pool;
}

HostCallPool::OwnStore& HostCallPool::ofThisThread()
{
    thread_local OwnStore store;
    return store;
}

} // namespace tenon::plugin
