#include "app/Server.h"

#include "app/Core.h"
#include "app/HttpSide.h"
#include "app/log/Logging.h"
#include "app/process/ServiceManager.h"
#include "base/json/JsonWriter.h"
#include "net/connection/FrontState.h"
#include "net/stdio/StdioServer.h"
#include "ops/health/HealthHandlers.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace tenon::app
{

namespace
{

using namespace std::chrono_literals;

Poco::Logger& logger()
{
    return Poco::Logger::get("tenon.app");
}

/// For connections to take the last answers before they are closed.
constexpr auto LAST_ANSWERS = 1500ms; // with the second in which a request may still be on its way

/// Whoever started a process that speaks over stdio is its one user: the protocol has no authentication there.
base::PrincipalPtr stdioUser()
{
    auto principal = std::make_shared<base::Principal>();
    principal->id = principal->name = "anonymous";
    principal->type = "master";
    return principal;
}

} // namespace

Server::Server(base::SettingsPtr settings, Logging& logging)
    : _settings(std::move(settings)), _http(net::Settings::read(*_settings)), _logging(logging),
      _core(std::make_unique<Core>(_settings, _http.maxThreads))
{
    _core->metrics.counterFrom("tenon_log_lines_dropped_total", "Lines that did not get into a log.", {},
                               [&logging] { return static_cast<double>(logging.queue().dropped()); });
}

Server::~Server()
{
    _logging.tap().show(nullptr);
    if (!_stopped)
        stop();
}

void Server::listen()
{
    _core->startProtocol();
    _httpSide = std::make_unique<HttpSide>(*_core, *_settings, _http, _logging.queue());
    _logging.tap().show(&_core->live);
}

void Server::start()
{
    _core->startPlugins(*_settings);
    _core->startProtocol();
    if (!_httpSide)
        return;
    _httpSide->open();
    logger().information("Listening on " + url());
    service_manager::notify("READY=1\nSTATUS=Listening on " + url());
    watch();
}

void Server::watch()
{
    if (const long interval = service_manager::watchdogMs(); interval > 0)
        _watchdog =
            _core->timers.every(std::chrono::milliseconds(interval), [] { service_manager::notify("WATCHDOG=1"); });
}

void Server::serveStdio(net::ProtocolDescriptors descriptors)
{
    net::StdioServer server(*_core->dispatcher, _core->executor, std::move(descriptors), stdioUser(),
                            _http.maxMessageBytes, net::requestDurations(_core->metrics));
    {
        std::lock_guard lock(_stdioMutex);
        _stdio = &server;
        if (_stdioInterrupted)
            server.stop();
    }
    server.run(std::chrono::milliseconds(_settings->integer("timeouts.drainMs")));
    std::lock_guard lock(_stdioMutex);
    _stdio = nullptr;
}

void Server::interruptStdio()
{
    std::lock_guard lock(_stdioMutex);
    _stdioInterrupted = true;
    if (_stdio)
        _stdio->stop();
}

std::string Server::url() const
{
    return _httpSide ? _httpSide->url() : std::string();
}

void Server::leave()
{
    service_manager::notify("STOPPING=1");
    if (_httpSide)
        _httpSide->leave();
}

bool Server::drain(std::chrono::milliseconds patience)
{
    leave();
    auto& dispatcher = *_core->dispatcher;
    dispatcher.drain(_core->services.options.streamRetryMs);
    _core->live.end();
    if (_httpSide)
        _httpSide->front().drain();
    const auto until = std::chrono::steady_clock::now() + patience;
    while (dispatcher.callsInFlight() > 0 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(5ms);
    if (const auto left = dispatcher.callsInFlight())
    {
        logger().warning(std::to_string(left) + " calls did not finish within timeouts.drainMs and are abandoned");
        return false;
    }
    if (_httpSide)
        _httpSide->front().awaitQuiet(std::max(
            LAST_ANSWERS, std::chrono::duration_cast<std::chrono::milliseconds>(
                              until - std::chrono::steady_clock::now()))); // who reads an answer gets all of it
    return true;
}

bool Server::stop()
{
    _stopped = true;
    if (!_core->quiet())
        return false;
    if (_httpSide)
        _httpSide->front().stop();
    return _core->stop() && (!_httpSide || _httpSide->stop());
}

void Server::reload(const base::SettingsPtr& settings)
{
    _logging.setLevels(*settings);
    _logging.queue().reopen();
    if (_httpSide)
        _httpSide->reload(*settings);
    _core->plugins.applyUpstreams(settings);
    for (const auto& spec : settings->specs())
        if (!spec.reloadable && spec.key.find('*') == std::string_view::npos &&
            settings->text(spec.key) != _settings->text(spec.key))
            logger().warning("'" + std::string(spec.key) + "' has changed; it takes effect at the next start");
    _settings = settings;
    logger().information("settings reloaded");
}

void Server::describe(base::JsonWriter& writer) const
{
    const char* state = _httpSide ? ops::wordFor(_httpSide->status().readiness()) : "ready";
    writer.member("status", state).member("url", url());
    writer.member("callsInFlight", _core->dispatcher ? _core->dispatcher->callsInFlight() : 0);
    if (_httpSide)
        writer.member("uptimeSeconds", std::int64_t(_httpSide->status().uptime().count()))
            .member("sessions", _httpSide->sessions());
    if (const auto fleet = _httpSide ? _httpSide->fleet() : std::nullopt)
        writer.rawMember("cluster", ops::fleetJson(*fleet));
    writer.key("plugins").beginArray();
    for (const auto& plugin : _core->plugins.status())
    {
        writer.beginObject().member("name", plugin.name).member("state", plugin.state);
        if (!plugin.reason.empty())
            writer.member("reason", plugin.reason);
        if (!plugin.instance.programs.empty())
        {
            writer.key("programs").beginArray();
            for (const auto& program : plugin.instance.programs)
                writer.beginObject()
                    .member("title", program.title)
                    .member("processId", program.processId)
                    .member("user", program.user)
                    .endObject();
            writer.endArray();
        }
        writer.member("isolation", plugin.isolation).endObject();
    }
    writer.endArray();
}

plugin::PluginManager& Server::plugins()
{
    return _core->plugins;
}

} // namespace tenon::app
