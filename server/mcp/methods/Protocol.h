#pragma once

#include "base/limits/HolderBudgets.h"
#include "base/threads/ReadMostly.h"
#include "mcp/Services.h"
#include "mcp/calls/CallServices.h"
#include "mcp/cluster/Cluster.h"
#include "mcp/offer/CatalogueView.h"
#include "mcp/offer/OperationFigures.h"
#include "mcp/revisions/Results.h"
#include "mcp/sessions/Sessions.h"
#include "mcp/subscriptions/Subscriptions.h"
#include "mcp/tasks/Tasks.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace tenon::mcp
{

/// What the methods work with: the services below this room, and the room's own parts.
///
/// Threading: any thread.
class Protocol
{
    /// Makes the view of each catalogue. Nothing but calls keeps that of one that was replaced, or its plugins would never
    /// stop.
    class Views : public plugin::CatalogueListener
    {
    public:
        explicit Views(Services& services);
        ~Views() override;

        base::ReadMostly<CatalogueView> current;

        void catalogueChanged(const plugin::CataloguePtr& catalogue, bool, bool, bool) override;
        void resourceUpdated(std::string_view) override {}

    private:
        Services& _services;
        std::mutex _mutex; // held while `current` is set
    };

public:
    explicit Protocol(Services& services);
    ~Protocol();

    Services& services;
    const Options& options;

private:
    base::Budget _unlimited{base::Budget::UNLIMITED}; ///< where nobody counts

public:
    /// Of what clients make calls and subscriptions keep.
    base::HolderBudgets memory;

private:
    base::HolderBudgets _keptTasks;
    Views _views; ///< told before the subscriptions, whose clients ask for the new lists

public:
    const ResultMeta meta;
    const StateSealer sealer;
    OperationFigures figures;
    CallTable calls;
    LargeResults large;
    const std::unique_ptr<Cluster> cluster; ///< null: nothing outlives this process, and there are no others
    Sessions sessions;
    Subscriptions subscriptions;
    Tasks tasks;
    const CallServices callServices; ///< of the above
    std::atomic<bool> draining{false};

    /// Ends a session wherever it is: its client, or an operator, wants it. `then` learns whether that is certain by now; if
    /// not, the client should ask again.
    void endSession(const SessionPtr& session, std::function<void(bool certain)> then = nullptr);

    /// Sends what an operator says to all who are meant, here and at other instances, which have it later. Gives how many
    /// it reached here. Shape: `body` is a Broadcast's. Errors: Poco::DataFormatException.
    std::size_t broadcast(const std::string& body);

    /// Documents up to this are not counted: calls are, too. Units: bytes, as JsonDocument::bytes.
    static constexpr std::size_t SMALL_DOCUMENT = 4096;

    /// A message's document, counted in `memory` as long as anybody keeps it, unless it is small.
    ///
    /// Errors: RpcException: LIMIT (all together keep too much) or QUOTA (this sender does).
    [[nodiscard]] base::JsonDocumentPtr counted(base::JsonDocumentPtr document, const Allowance& sender);

    /// What other instances see of this one: a JSON object.
    [[nodiscard]] std::string describe() const;

    // See Dispatcher.
    void drain(std::uint32_t retryMs);
    void endAll(std::uint32_t retryMs);

    /// The current catalogue with what is derived from it.
    [[nodiscard]] CatalogueViewPtr view() const { return _views.current.get(); }

private:
    void taskChanged(const store::TaskRecord& task);

    base::Timers::Id _clock;
};

} // namespace tenon::mcp
