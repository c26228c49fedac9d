#pragma once

#include "unit/mcp/TestServer.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace tenon::tests
{

/// The server of many interleavings: a plugin whose calls end at once, later, after questions, or as tasks.
///
/// Threading: any thread.
class Playground
{
public:
    Playground();

    TestServer server;
    std::shared_ptr<plugin::EntryQueue> serial; ///< of the tool that runs once at a time
    std::atomic<int> insideSerial{0};
    std::atomic<bool> serialBroken{false};

    /// A call that the plugin kept; null if there is none.
    [[nodiscard]] plugin::CallBackendPtr take(std::uint32_t which);
    [[nodiscard]] plugin::CallBackendPtr look(std::uint32_t which);
    void changeLists(std::uint32_t detail);

    /// Calls that the plugin has seen and that are still there: after an interleaving, none.
    [[nodiscard]] std::size_t callsAlive();

private:
    void keep(const plugin::CallBackendPtr& call);
    void seen(const plugin::CallBackendPtr& call);

    std::mutex _mutex; // guards all below
    std::vector<plugin::CallBackendPtr> _kept;
    std::vector<std::weak_ptr<plugin::CallBackend>> _seen;
    std::mutex _catalogueMutex; // one change at a time, as the source promises
};

} // namespace tenon::tests
