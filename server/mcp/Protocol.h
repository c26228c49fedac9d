#pragma once

#include "mcp/CallTable.h"
#include "mcp/CatalogueView.h"
#include "mcp/RequestState.h"
#include "mcp/Results.h"
#include "mcp/Services.h"
#include "mcp/Sessions.h"
#include "mcp/Subscriptions.h"
#include "mcp/Tasks.h"

#include <atomic>
#include <memory>
#include <mutex>

namespace tenon::mcp
{

/// What the methods work with: the services below this room, and the room's own parts.
///
/// Threading: any thread.
class Protocol
{
public:
    explicit Protocol(Services& services);
    ~Protocol();

    Services& services;
    const Options& options;
    const ResultMeta meta;
    const StateSealer sealer;
    CallTable calls;
    Sessions sessions;
    Subscriptions subscriptions;
    Tasks tasks;
    std::atomic<bool> draining{false};

    /// The current catalogue with what is derived from it; no lock unless it has changed.
    [[nodiscard]] CatalogueViewPtr view();

private:
    std::mutex _viewMutex; // guards _view
    CatalogueViewPtr _view;
    base::Timers::Id _clock;
};

} // namespace tenon::mcp
