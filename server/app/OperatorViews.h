#pragma once

#include "mcp/dispatch/Dispatcher.h"
#include "net/NetSettings.h"
#include "net/front/AccessListener.h"
#include "ops/AccessLog.h"
#include "ops/SessionsView.h"
#include "ops/StatusSource.h"
#include "plugin/manager/PluginManager.h"

#include <Poco/Timestamp.h>

#include <atomic>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::app
{

/// What the room ops asks about the server as a whole.
///
/// Threading: any thread.
/// Ownership: borrows plugins and settings.
class ServerStatus : public ops::StatusSource
{
public:
    /// Shape: `required` names the plugins without which the server is not ready.
    ServerStatus(const plugin::PluginManager& plugins, const net::NetSettings& http, std::vector<std::string> required);

    void enter(Phase phase) { _phase = phase; }

    [[nodiscard]] Phase phase() const override { return _phase; }
    [[nodiscard]] std::vector<std::string> missingPlugins() const override;
    [[nodiscard]] Offer offer() const override;
    [[nodiscard]] std::vector<Plugin> plugins() const override;
    [[nodiscard]] std::vector<std::pair<std::string, std::size_t>> queues() const override;
    [[nodiscard]] std::vector<Endpoint> endpoints() const override;
    [[nodiscard]] Poco::Timestamp startedAt() const override { return _startedAt; }

private:
    const plugin::PluginManager& _plugins;
    const net::NetSettings& _http;
    const std::vector<std::string> _required;
    const Poco::Timestamp _startedAt;
    std::atomic<Phase> _phase{Phase::STARTING};
};

/// The sessions of the room mcp, for the room ops.
///
/// Threading: any thread.
/// Ownership: borrows the dispatcher.
class DispatcherSessions : public ops::SessionsView
{
public:
    explicit DispatcherSessions(mcp::Dispatcher& dispatcher) : _dispatcher(dispatcher) {}

    [[nodiscard]] std::vector<ops::SessionInfo> sessions() const override;
    [[nodiscard]] std::size_t callsInFlight() const override { return _dispatcher.callsInFlight(); }
    bool end(std::string_view id) override;
    std::size_t broadcast(const ops::Broadcast& message) override;

private:
    mcp::Dispatcher& _dispatcher;
};

/// Writes what the front answered into the access log.
///
/// Threading: any thread.
class AccessLogger : public net::AccessListener
{
public:
    /// Errors: Poco::FileException if the log cannot be opened.
    explicit AccessLogger(const base::Settings& settings) : _log(settings) {}

    [[nodiscard]] bool on() const { return _log.on(); }
    void answered(const net::AccessEntry& entry) override;

private:
    ops::AccessLog _log;
};

} // namespace tenon::app
