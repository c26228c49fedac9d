#pragma once

#include "base/limits/HolderBudgets.h"
#include "mcp/Services.h"
#include "mcp/calls/CallServices.h"
#include "mcp/cluster/Cluster.h"
#include "mcp/offer/CatalogueView.h"
#include "mcp/offer/OperationFigures.h"
#include "mcp/revisions/Results.h"
#include "mcp/sessions/Sessions.h"
#include "mcp/subscriptions/Subscriptions.h"
#include "mcp/tasks/Tasks.h"

#include <array>
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

private:
    base::Budget _unlimited{base::Budget::UNLIMITED}; ///< where nobody counts

public:
    /// Of what clients make calls, tasks and subscriptions keep.
    base::HolderBudgets memory;
    const ResultMeta meta;
    const StateSealer sealer;
    OperationFigures figures;
    CallTable calls;
    const std::unique_ptr<Cluster> cluster; ///< null: nothing outlives this process, and there are no others
    Sessions sessions;
    Subscriptions subscriptions;
    Tasks tasks;
    const CallServices callServices; ///< of the above
    std::atomic<bool> draining{false};

    /// Ends a session wherever it is: its client, or an operator, wants it.
    void endSession(const SessionPtr& session);

    /// The current catalogue with what is derived from it.
    [[nodiscard]] CatalogueViewPtr view();

private:
    void taskChanged(const store::TaskRecord& task);

    /// Views of the current catalogue, one a cell, each thread using its own cell: asking must not cost threads a turn on
    /// a common lock. Nothing but calls keeps the view of a catalogue that was replaced, or its plugins would never stop.
    class Views : public plugin::CatalogueListener
    {
    public:
        explicit Views(Services& services);
        ~Views() override;
        [[nodiscard]] CatalogueViewPtr current();

        void catalogueChanged(const plugin::CataloguePtr&, bool, bool, bool) override;
        void resourceUpdated(std::string_view) override {}

    private:
        static constexpr std::size_t CELLS = 16;
        struct alignas(64) Cell
        {
            std::mutex mutex; // guards `view`
            CatalogueViewPtr view;
        };

        Services& _services;
        std::array<Cell, CELLS> _cells;
        Cell _shared; ///< the one that the cells are filled from; its mutex is taken under one of theirs
    };

    Views _views;
    base::Timers::Id _clock;
};

} // namespace tenon::mcp
