#pragma once

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
    [[nodiscard]] static HostCall* take();

    /// `suspicious`: a plugin may still use the pointer; the object is used again only after many others.
    static void give(HostCall* call, bool suspicious) noexcept;

private:
    static constexpr std::size_t MAX_OWN = 64;
    static constexpr std::size_t MIN_RESTING = 1024;

    /// Calls one after the other, each in a link of its own: a list needs no memory, and keeps no page of its own for ever.
    class Line
    {
    public:
        void pushFront(HostCall* call) noexcept;
        void pushBack(HostCall* call) noexcept;
        /// Null if there is none.
        [[nodiscard]] HostCall* popFront() noexcept;
        [[nodiscard]] std::size_t size() const noexcept { return _size; }

    private:
        HostCall *_first = nullptr, *_last = nullptr;
        std::size_t _size = 0;
    };

    struct OwnStore
    {
        Line calls;

        ~OwnStore();
    };
    static HostCallPool& common();
    static OwnStore& ofThisThread();
    /// Errors: std::bad_alloc.
    [[nodiscard]] HostCall* takeCommon();

    std::mutex _mutex; // guards all below
    Line _idle;        ///< never used, or left by threads that have ended
    Line _resting;     ///< those that plugins may still use; the first has rested longest
};

} // namespace tenon::plugin
