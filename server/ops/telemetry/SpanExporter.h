#pragma once

#include "base/metrics/Metrics.h"
#include "mcp/messages/Operation.h"
#include "ops/telemetry/SpanJson.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tenon::ops
{

/// Sends spans to a collector, in batches, on a thread of its own. Nobody waits for it: what does not fit while a batch
/// is under way is dropped and counted, and so is a batch that the collector does not take. After a failure it leaves
/// the collector alone for a while, longer each time.
///
/// Threading: any thread; construct after the process has gone to the background.
class SpanExporter
{
public:
    static constexpr std::size_t MAX_WAITING = 4096; ///< requests
    static constexpr std::size_t MAX_BATCH = 512;
    static constexpr std::chrono::milliseconds INTERVAL{1000}; ///< between batches that are not full

    struct Target
    {
        std::string url; ///< "http://127.0.0.1:4318/v1/traces"
        std::vector<std::pair<std::string, std::string>> headers;
    };

    /// Posts one body. Errors: Poco::Exception, worded for the operator.
    using Post = std::function<void(const std::string& body)>;

    SpanExporter(TelemetrySource source, Post post, base::MetricsRegistry& metrics);
    /// Sends what is there, a moment at most.
    ~SpanExporter();
    SpanExporter(const SpanExporter&) = delete;
    SpanExporter& operator=(const SpanExporter&) = delete;

    void add(const mcp::Operation& operation);

    /// Sends what is there, and then nothing more. False if the collector does not answer within `patience`: the destructor
    /// waits for it.
    [[nodiscard]] bool stop(std::chrono::milliseconds patience);

    /// Over HTTP or HTTPS, with a timeout of five seconds.
    [[nodiscard]] static Post over(Target target);

private:
    static constexpr std::chrono::seconds FIRST_PAUSE{1}, LAST_PAUSE{30};

    void run();
    [[nodiscard]] bool send(const std::vector<mcp::Operation>& batch);

    const TelemetrySource _source;
    const Post _post;
    base::Counter& _sent;
    base::Counter& _dropped;
    bool _failing = false; ///< of the thread alone

    std::mutex _mutex; // guards all below
    std::condition_variable _wake;
    std::vector<mcp::Operation> _waiting;
    bool _ending = false, _ended = false;
    std::thread _thread;
};

} // namespace tenon::ops
