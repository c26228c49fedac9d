#include "app/Server.h"

#include "app/Core.h"
#include "app/HttpSide.h"
#include "app/log/Logging.h"
#include "app/process/ServiceManager.h"
#include "net/stdio/StdioServer.h"

#include <Poco/Logger.h>

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
constexpr auto LAST_ANSWERS = 200ms;

/// Whoever started a process that speaks over stdio is its one user: the protocol has no authentication there.
base::PrincipalPtr stdioUser()
{
    auto principal = std::make_shared<base::Principal>();
    principal->id = principal->name = "anonymous";
    principal->type = "master";
    return principal;
}

} // namespace

Server::Server(base::SettingsPtr settings, Mode mode)
    : _settings(std::move(settings)), _mode(mode), _http(net::Settings::read(*_settings)),
      _core(std::make_unique<Core>(_settings, _http.maxThreads))
{
}

Server::~Server()
{
    if (!_stopped)
        stop();
}

void Server::start()
{
    if (_mode == Mode::HTTP)
        _httpSide = std::make_unique<HttpSide>(*_core, *_settings, _http);
    _core->startPlugins(*_settings);
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
                            _http.maxMessageBytes);
    server.run(std::chrono::milliseconds(_settings->integer("timeouts.drainMs")));
}

std::string Server::url() const
{
    return _httpSide ? _httpSide->url() : std::string();
}

bool Server::drain()
{
    service_manager::notify("STOPPING=1");
    auto& dispatcher = *_core->dispatcher;
    if (_httpSide)
        _httpSide->leave();
    dispatcher.drain(_core->services.options.streamRetryMs);
    if (_httpSide)
        _httpSide->front().drain();
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(_settings->integer("timeouts.drainMs"));
    while (dispatcher.callsInFlight() > 0 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(5ms);
    if (const auto left = dispatcher.callsInFlight())
    {
        logger().warning(std::to_string(left) + " calls did not finish within timeouts.drainMs and are left");
        return false;
    }
    if (_httpSide)
        _httpSide->front().awaitQuiet(LAST_ANSWERS);
    return true;
}

bool Server::stop()
{
    _stopped = true;
    if (!_core->quiet())
        return false;
    if (_httpSide)
        _httpSide->front().stop();
    _core->stop();
    return true;
}

void Server::reload(const base::SettingsPtr& settings)
{
    configureLogLevels(*settings);
    if (_httpSide)
        _httpSide->reload(*settings);
    for (const auto& spec : settings->specs())
        if (!spec.reloadable && spec.key.find('*') == std::string_view::npos &&
            settings->text(spec.key) != _settings->text(spec.key))
            logger().warning("'" + std::string(spec.key) + "' has changed; it takes effect at the next start");
    _settings = settings;
    logger().information("settings read again");
}

} // namespace tenon::app
