#pragma once

#include "base/json/JsonDocument.h"
#include "base/limits/Budget.h"
#include "base/limits/HolderBudgets.h"
#include "base/limits/Quota.h"
#include "base/metrics/Metrics.h"
#include "net/Settings.h"
#include "net/connection/ConnectionTable.h"
#include "net/http/AnswerPacker.h"
#include "net/http/HeadMemory.h"
#include "net/http/HeadParser.h"
#include "net/http/RequestHead.h"
#include "net/io/Poller.h"
#include "net/io/UnreadAnswers.h"
#include "net/route/AccessListener.h"
#include "net/route/AdmissionControl.h"
#include "net/route/Router.h"

#include <Poco/Net/HTTPServerParams.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace tenon::net
{

/// What a thread of the front reads into. One a thread, so that a connection needs none.
struct Scratch
{
    static constexpr std::size_t BYTES = 65536;
    static constexpr std::size_t HEADS = 16; // a thread has few clients that send much

    /// The head that came last on a connection, or on another one that has the same place.
    [[nodiscard]] HeadMemory& headOf(const void* connection)
    {
        constexpr std::uint64_t SPREAD = 0x9E3779B97F4A7C15;
        return heads[(reinterpret_cast<std::uintptr_t>(connection) * SPREAD >> 32) % HEADS];
    }

    /// Others wait, and this connection has been served for as long as is fair.
    [[nodiscard]] bool turnIsOver() const
    {
        return turnEnds.time_since_epoch().count() != 0 && std::chrono::steady_clock::now() >= turnEnds;
    }

    std::unique_ptr<char[]> buffer{new char[BYTES + base::JsonDocument::PADDING]};
    RequestHead head;
    std::array<HeadMemory, HEADS> heads;
    guard::Admission admission; ///< of the request at hand; what it says may stand for the next one
    ExchangePtr spare;          ///< of a request that is over, to be used again
    ExchangePtr left; ///< of a connection that another thread has taken from this one: keeps it until this is out of it
    std::atomic<ConnectionRef> serving{0};          ///< the last that this thread became the owner of
    std::chrono::steady_clock::time_point turnEnds; ///< of the connection that is served; the epoch: nobody else waits
    bool mayBlock = true;                           ///< false: this thread must come back at once, all others are busy
    bool inLane = false;                            ///< this thread is one of the few that serve large messages
};

/// The histogram of times from a client's request to its answer, over any transport.
[[nodiscard]] base::Histogram& requestDurations(base::MetricsRegistry& registry);

/// Puts in how long something took that `began` then and ends now.
void observeSince(base::Histogram& histogram, std::chrono::steady_clock::time_point began) noexcept;

/// The front's numbers.
struct FrontMetrics
{
    explicit FrontMetrics(base::MetricsRegistry& registry);

    /// Counts a refusal. Shape: `reason` is one of a few literals.
    void refused(std::string_view reason);

    base::MetricsRegistry& registry;
    base::Counter& failedLogins;

    base::Gauge& connections;
    base::Counter& connectionsTotal;
    base::Counter& connectionsRefused;
    base::Gauge& streams;
    base::Counter& requests;
    base::Counter& overloads;
    base::Counter& bytesReceived;
    base::Counter& bytesSent;
    base::Counter& eventsSent;
    base::Counter& slowReaders;
    base::Histogram& durations;
    base::Gauge& threads;
    base::Gauge& queued;
};

/// Runs what connections need run on a thread of the front.
///
/// Threading: any thread.
class FrontScheduler
{
public:
    virtual ~FrontScheduler() = default;

    /// Has somebody look at the connection soon.
    virtual void kick(ConnectionRef ref, std::uint8_t bits) = 0;

    /// Has what waits in the connection's queue written soon, in turn with requests.
    virtual void flushLater(ConnectionRef ref) = 0;

    /// Takes a place in the queue of complete requests; false: it is full. Given back if nothing is parked after all.
    virtual bool reservePark() = 0;
    virtual void cancelPark() = 0;
};

/// What all connections of a front share.
struct FrontState
{
    FrontState(const Settings& netSettings, Router& routes, AdmissionControl& control, base::MetricsRegistry& registry,
               base::Budget& memory);
    ~FrontState();
    FrontState(const FrontState&) = delete;
    FrontState& operator=(const FrontState&) = delete;

    /// Little memory is left: who holds some of it and gets no further has to go.
    [[nodiscard]] bool pressed() const { return budget.used() >= budget.limit() / 2; }

    /// Has peers go that hold much of it and do not read, if hardly any is left. May be called within a turn.
    void makeRoom() noexcept;

    // Constant after construction.
    const Settings settings;
    const HeadParser::Limits headLimits;
    Router& router;
    AdmissionControl& admission;
    const Poco::Net::HTTPServerParams::Ptr params; ///< the limits that POCO has words for; read, not only shown
    const std::uint32_t mostRequests;              ///< of a connection: the one of this number is its last
    const std::unique_ptr<Endpoint> handlers;      ///< serves every route that has no endpoint of its own
    FrontScheduler* scheduler = nullptr;           ///< set before the first connection
    AccessListener* access = nullptr;              ///< the same; null: none

    // Synchronised by themselves.
    base::Budget& budget;
    base::HolderBudgets bodies; ///< of the budget: what comes in and is not served yet
    FrontMetrics metrics;
    ConnectionTable table;
    Poller poller;
    AnswerPacker packer;
    base::Quota connections;             ///< by holder, as guard::Admission names it
    base::Quota streams;                 ///< the same
    std::atomic<std::uint32_t> nowMs{1}; ///< since the start; as coarse as the sweeper's interval
    std::atomic<bool> leaving{false};    ///< soon: connections close after their answers, new ones are taken
    std::atomic<bool> draining{false};   ///< connections close after their answers
    UnreadAnswers unread;                ///< of the budget: what goes out and is not taken yet
    base::Counter& stalled;              ///< connections that were closed because their peers did not read
};

} // namespace tenon::net
