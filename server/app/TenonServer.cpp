#include "app/TenonServer.h"

#include "app/Server.h"
#include "app/cli/Commands.h"
#include "app/log/Logging.h"

#include <Poco/File.h>
#include <Poco/Logger.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <thread>

#if !defined(_WIN32)
#include <csignal>
#include <pthread.h>
#endif

namespace tenon::app
{

namespace
{

Poco::Logger& serverLog()
{
    return Poco::Logger::get("tenon.app");
}

#if !defined(_WIN32)
sigset_t awaitedSignals()
{
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGINT, SIGQUIT, SIGTERM, SIGHUP})
        sigaddset(&signals, number);
    return signals;
}
#endif

} // namespace

TenonServer::TenonServer(ServeOptions options, base::SettingsPtr settings, net::ProtocolDescriptors descriptors)
    : _options(std::move(options)), _settings(std::move(settings)), _descriptors(std::move(descriptors))
{
#if !defined(_WIN32)
    setUnixOptions(true);
#endif
}

TenonServer::~TenonServer() = default;

void TenonServer::blockSignals()
{
#if !defined(_WIN32)
    const sigset_t signals = awaitedSignals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
#endif
}

void TenonServer::defineOptions(Poco::Util::OptionSet& options)
{
    ServerApplication::defineOptions(options);
    // POCO tells Windows that a service runs when its options are read, before initialize(), and that it failed if this
    // throws: what "running" promises has to be there by then.
    if (config().getBool("application.runAsService", false))
    {
        configureLogging(*_settings);
        startHttp();
    }
}

void TenonServer::handleOption(const std::string& name, const std::string& value)
{
    ServerApplication::handleOption(name, value);
    // The service is registered with the path of the program, between quotation marks, and nothing more; its settings
    // belong to it.
    if (name == "registerService" && _options.settings.has("config"))
        config().setString("application.path", config().getString("application.path") +
                                                   "\" \"--config=" + _options.settings.text("config"));
}

void TenonServer::initialize(Poco::Util::Application& self)
{
    ServerApplication::initialize(self);
    if (!_server)
        configureLogging(*_settings);
}

int TenonServer::main(const std::vector<std::string>&)
{
    try
    {
        return _options.stdio ? serveStdio() : serveHttp();
    }
    catch (const Poco::Exception& exc)
    {
        serverLog().fatal("cannot start: " + exc.displayText());
        return EXIT_UNAVAILABLE;
    }
}

int TenonServer::serveStdio()
{
    Server server(_settings, Server::Mode::STDIO);
    server.start();
    server.serveStdio(std::move(_descriptors));
    server.drain();
    if (!server.stop())
        leave(EXIT_OK);
    return EXIT_OK;
}

void TenonServer::startHttp()
{
    auto server = std::make_unique<Server>(_settings, Server::Mode::HTTP);
    server->start();
    _server = std::move(server);
    // For whoever started it and waits for the port; the log may be elsewhere.
    std::cout << "Listening on " << _server->url() << std::endl;
}

int TenonServer::serveHttp()
{
    if (!_server)
        startHttp();
    waitForEnd();

    serverLog().information("stopping: running calls have timeouts.drainMs to finish");
    const auto done = std::make_shared<std::atomic<bool>>(false); // the thread below may outlive this function
#if !defined(_WIN32)
    // A second signal does not wait for anything.
    std::thread(
        [this, done]
        {
            const sigset_t signals = awaitedSignals();
            int number = 0;
            while (sigwait(&signals, &number) == 0 && number == SIGHUP)
            {
            }
            if (!*done)
                leave(EXIT_OK);
        })
        .detach();
#endif
    _server->drain();
    const bool clean = _server->stop();
    *done = true;
    serverLog().information("stopped");
    if (!clean)
        leave(EXIT_OK);
    _server.reset();
    return EXIT_OK;
}

void TenonServer::waitForEnd()
{
#if defined(_WIN32)
    waitForTerminationRequest();
#else
    const sigset_t signals = awaitedSignals();
    for (;;)
    {
        int number = 0;
        if (sigwait(&signals, &number) != 0)
            continue;
        if (number != SIGHUP)
            return;
        try
        {
            _server->reload(loadSettings(_options.settings));
        }
        catch (const Poco::Exception& exc)
        {
            serverLog().error("the settings stay as they were: " + exc.displayText());
        }
    }
#endif
}

/// Ends the process without waiting for calls that do not end; what destructors would remove is removed here.
void TenonServer::leave(int status)
{
    if (!_options.pidFile.empty())
    {
        try
        {
            Poco::File(_options.pidFile).remove();
        }
        catch (const Poco::Exception&)
        {
            // Somebody else removed it.
        }
    }
    std::_Exit(status);
}

} // namespace tenon::app
