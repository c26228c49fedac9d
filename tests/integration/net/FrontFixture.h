#pragma once

#include "StubDispatcher.h"
#include "base/limits/Budget.h"
#include "base/metrics/Metrics.h"
#include "base/threads/Executor.h"
#include "base/threads/Timers.h"
#include "net/front/HttpFront.h"
#include "net/mcp/SseTransport.h"
#include "net/route/AdmissionControl.h"
#include "net/route/Router.h"
#include "support/RawConnection.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace tenon::tests
{

/// A front on a free port with the MCP endpoint, the HTTP+SSE transport, `/health` (always), `/figures` (for who looks after
/// the server) and `/slow` (blocks until `services.release`) behind it.
class FrontFixture
{
public:
    using Settings = std::map<std::string, std::string>;

    explicit FrontFixture(Settings settings = {}, std::unique_ptr<net::AdmissionControl> admission = nullptr);
    ~FrontFixture();
    FrontFixture(const FrontFixture&) = delete;
    FrontFixture& operator=(const FrontFixture&) = delete;

    [[nodiscard]] std::uint16_t port() const { return front->port(); }

    mcp::Services services;
    mcp::Dispatcher dispatcher{services};
    base::Executor executor{8};
    base::Timers timers;
    base::MetricsRegistry metrics;
    base::Budget budget{base::Budget::UNLIMITED};
    std::unique_ptr<net::AdmissionControl> admission;
    std::unique_ptr<net::HttpFront> front;
};

/// A POST on the MCP endpoint with the headers clients send.
[[nodiscard]] std::string post(std::string_view body, const std::map<std::string, std::string>& more = {});

/// A GET for an event stream.
[[nodiscard]] std::string getStream(std::string_view path, const std::map<std::string, std::string>& more = {});

/// Waits for something to become true; false if it does not within ten seconds.
[[nodiscard]] bool eventually(const std::function<bool()>& condition);

/// The answer of the stand-in to "fixed".
[[nodiscard]] bool isFixed(const HttpReply& reply);

} // namespace tenon::tests
