#pragma once

#include "app/Core.h"
#include "base/settings/Settings.h"
#include "guard/Gate.h"
#include "net/Settings.h"
#include "net/front/HttpFront.h"
#include "net/mcp/SseTransport.h"
#include "net/route/GateAdmission.h"
#include "net/route/Router.h"
#include "ops/Operations.h"
#include "ops/health/ServerStatus.h"
#include "ops/live/AccessFan.h"
#include "ops/log/AccessLog.h"
#include "ops/stats/SessionsView.h"

#include <memory>
#include <optional>
#include <string>

namespace tenon::app
{

/// HTTP before the core: the gate, the routes, and the front that listens.
///
/// It listens as soon as it is made: while plugins are loaded, `/health` and `/ready` answer, all else gets 503.
///
/// Shape:     members in the order of their construction.
/// Threading: the owner.
/// Ownership: borrows the core.
class HttpSide
{
public:
    /// Errors: Poco::Exception, worded for the operator: settings that contradict each other, an address in use.
    HttpSide(Core& core, const base::Settings& settings, const net::Settings& http, ops::LogQueue& log);
    ~HttpSide();
    HttpSide(const HttpSide&) = delete;
    HttpSide& operator=(const HttpSide&) = delete;

    /// From now on everything is served.
    void open();

    /// `/ready` says 503 from now on, and connections end with their next answer; nothing else changes.
    void leave();

    /// Asks the network nothing more; false if an answer is still waited for, as the destructor would.
    [[nodiscard]] bool stop() { return _gate.stop(); }

    /// Takes over what may change while it serves. Errors: none; what cannot be used is logged.
    void reload(const base::Settings& settings);

    [[nodiscard]] net::HttpFront& front() { return *_front; }
    [[nodiscard]] const ops::ServerStatus& status() const { return _status; }

    /// Sessions and streams that are open.
    [[nodiscard]] std::size_t sessions() const { return _sessions.sessions().size(); }

    /// All instances; none: there is one.
    [[nodiscard]] std::optional<ops::Fleet> fleet() const { return _sessions.fleet(); }

    /// "http://127.0.0.1:8080/mcp".
    [[nodiscard]] std::string url() const;

private:
    [[nodiscard]] std::string urlAt(const std::string& host) const;
    [[nodiscard]] std::string localUrl() const; ///< at which this machine reaches it

    void route(Core& core);
    void listen(Core& core);

    const net::Settings _http;
    guard::Gate _gate;
    net::GateAdmission _admission;
    ops::ServerStatus _status;
    ops::SessionsView _sessions;
    ops::Operations _operations;
    ops::AccessLog _accessLog;
    ops::AccessFan _access;
    net::Router::Ptr _router;
    std::shared_ptr<net::SseTransport> _sse;
    std::unique_ptr<net::HttpFront> _front;
    bool _startsOpen = false; ///< serves nobody before `open`
    base::Timers& _timers;
    const base::Timers::Id _sampling; ///< of the console's figures
    const base::Timers::Id _feeding;  ///< of those who watch
};

} // namespace tenon::app
