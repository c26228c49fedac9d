#pragma once

#include "base/threads/ThreadStore.h"
#include "plugin/abi/HostCall.h"

#include <cstddef>
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
    /// Errors: std::bad_alloc.
    [[nodiscard]] static HostCall* take()
    {
        HostCall* const own = base::ThreadStore<Own>::take();
        return own ? own : common().takeCommon();
    }

    /// `suspicious`: a plugin may still use the pointer; the object is used again only after many others.
    static void give(HostCall* call, bool suspicious) noexcept
    {
        if (suspicious || !base::ThreadStore<Own>::keep(call))
            common().giveCommon(call, suspicious);
    }

private:
    static constexpr std::size_t MIN_RESTING = 1024;

    /// Threads that serve come and go, and each leaves what it has to the next.
    struct Own
    {
        using Object = HostCall;
        static constexpr std::size_t MOST = 64;
        static void letGo(HostCall* call) noexcept { common().giveCommon(call, false); }
    };

    /// Calls one after the other, each in a link of its own: a list needs no memory, and keeps no page of its own for ever.
    class Line
    {
    public:
        void pushBack(HostCall* call) noexcept;
        /// Null if there is none.
        [[nodiscard]] HostCall* popFront() noexcept;
        [[nodiscard]] std::size_t size() const noexcept { return _size; }

    private:
        HostCall *_first = nullptr, *_last = nullptr;
        std::size_t _size = 0;
    };

    [[nodiscard]] static HostCallPool& common();
    [[nodiscard]] HostCall* takeCommon();
    void giveCommon(HostCall* call, bool suspicious) noexcept;

    std::mutex _mutex; // guards all below
    Line _idle;        ///< never used, or left by threads that have ended
    Line _resting;     ///< those that plugins may still use; the first has rested longest
};

} // namespace tenon::plugin
