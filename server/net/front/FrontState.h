#pragma once

#include "base/JsonDocument.h"
#include "base/Metrics.h"
#include "base/Quota.h"
#include "net/NetSettings.h"
#include "net/front/AccessListener.h"
#include "net/front/AdmissionControl.h"
#include "net/front/ConnectionTable.h"
#include "net/front/Router.h"
#include "net/http/HeadParser.h"
#include "net/http/RequestHead.h"
#include "net/io/Poller.h"

#include <Poco/Net/HTTPServerParams.h>

#include <atomic>
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

    std::unique_ptr<char[]> buffer{new char[BYTES + base::JsonDocument::PADDING]};
    RequestHead head;
    bool mayBlock = true; ///< false: this thread must come back at once, all others are busy
};

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

    /// Takes a place in the queue of complete requests; false: it is full.
    virtual bool reservePark() = 0;
};

/// What all connections of a front share.
struct FrontState
{
    FrontState(const NetSettings& netSettings, const Router& routes, AdmissionControl& control,
               base::MetricsRegistry& registry);

    // Constant after construction.
    const NetSettings settings;
    const HeadParser::Limits headLimits;
    const Router& router;
    AdmissionControl& admission;
    Poco::Net::HTTPServerParams::Ptr serverParams;
    FrontScheduler* scheduler = nullptr; ///< set before the first connection
    AccessListener* access = nullptr;    ///< the same; null: none

    // Synchronised by themselves.
    FrontMetrics metrics;
    ConnectionTable table;
    Poller poller;
    base::Quota connections;             ///< by holder, as guard::Admission names it
    base::Quota streams;                 ///< the same
    std::atomic<std::uint32_t> nowMs{1}; ///< since the start; as coarse as the sweeper's interval
    std::atomic<bool> draining{false};   ///< connections close after their answers
    std::atomic<std::int64_t> busy{0};   ///< exchanges that are not complete, streams among them
};

} // namespace tenon::net
