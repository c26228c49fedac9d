#pragma once

#include "plugin/abi/HostCall.h"

#include <cstddef>
#include <deque>
#include <mutex>

namespace tenon::plugin
{

/// Call objects that wait to be used again. They are never freed: the pointer of a dead call, used by a faulty plugin,
/// still finds a call object, and one that says that it has ended.
///
/// Threading: any thread; each has a small store of its own for calls that ended as they should.
class HostCallPool
{
public:
    [[nodiscard]] static HostCall* take();

    /// `suspicious`: a plugin may still use the pointer; the object is used again only after many others.
    static void give(HostCall* call, bool suspicious) noexcept;

private:
    static constexpr std::size_t MAX_OWN = 64;
    static constexpr std::size_t MIN_RESTING = 1024;

    struct OwnStore;
    static HostCallPool& common();
    static OwnStore& ofThisThread();

    std::mutex _mutex; // guards all below
    std::deque<HostCall*> _resting;
};

} // namespace tenon::plugin
