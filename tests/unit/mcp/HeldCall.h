#pragma once

#include "unit/mcp/TestServer.h"

#include <cppunit/TestAssert.h>

#include <mutex>
#include <utility>

namespace tenon::tests
{

/// A question that a function asks its client.
inline const std::string ASK =
    R"({"method":"elicitation/create","params":{"message":"m","requestedSchema":{"type":"object","properties":{}}}})";

/// The call that a FakePlugin's function leaves to the test to end; the last one if there were several.
///
/// Threading: any thread; a call is dropped outside of the lock, as that may answer it.
class HeldCall
{
public:
    /// A function that does nothing but `keep` its call.
    [[nodiscard]] FakePlugin::Function keeping()
    {
        return [this](const plugin::CallBackendPtr& call) { return keep(call); };
    }
    /// For functions that do more first.
    tenon_status keep(const plugin::CallBackendPtr& call)
    {
        auto former = call; // outside of the lock
        std::lock_guard lock(_mutex);
        former.swap(_call);
        return TENON_ASYNC;
    }

    /// Until a call is held.
    void wait() const
    {
        CPPUNIT_ASSERT(TestServer::eventually([this] { return get() != nullptr; }));
    }
    /// Null if none is held.
    [[nodiscard]] plugin::CallBackendPtr get() const
    {
        std::lock_guard lock(_mutex);
        return _call;
    }
    /// There must be one.
    plugin::CallBackendPtr operator->() const
    {
        const auto call = get();
        CPPUNIT_ASSERT(call);
        return call;
    }

    /// There must be one; none is held afterwards.
    [[nodiscard]] plugin::CallBackendPtr take()
    {
        std::lock_guard lock(_mutex);
        CPPUNIT_ASSERT(_call);
        return std::exchange(_call, nullptr);
    }
    void drop()
    {
        plugin::CallBackendPtr dropped; // outside of the lock
        std::lock_guard lock(_mutex);
        dropped.swap(_call);
    }

private:
    mutable std::mutex _mutex; // guards all below
    plugin::CallBackendPtr _call;
};

} // namespace tenon::tests
