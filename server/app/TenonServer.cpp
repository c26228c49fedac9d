#include "app/TenonServer.h"

#include "app/Server.h"
#include "app/cli/Commands.h"
#include "app/log/Logging.h"
#include "app/process/PidFile.h"
#include "app/process/Signals.h"
#include "base/json/JsonWriter.h"
#include "base/text/Reason.h"
#include "plugin/manager/PluginManager.h"
#if !defined(_WIN32)
#include "app/control/ControlFolder.h"
#include "app/control/ControlServer.h"

#include <csignal>
#include <unistd.h>
#endif

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/Logger.h>
#include <Poco/Process.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <iostream>
#include <thread>

namespace tenon::app
{

namespace
{

using namespace std::chrono_literals;

/// What the end may take beside the time that calls are given. It is over within five seconds, whatever hangs: the rest
/// is for the last lines of the log, and for the system to take back what the process had.
constexpr auto ENDING = 3500ms;
constexpr auto LAST_LINES = 400ms;
/// For calls that were cancelled since the client over stdio has gone.
constexpr auto CANCELLED_CALLS = 300ms;
constexpr auto RELOAD_PATIENCE = 15s;

Poco::Logger& serverLog()
{
    return Poco::Logger::get("tenon.app");
}

} // namespace

#if defined(_WIN32)
/// On Windows the service manager gives the orders.
class ControlServer
{
};
#endif

TenonServer::TenonServer(ServeOptions options, base::SettingsPtr settings, net::ProtocolDescriptors descriptors,
                         Daemon daemon)
    : _options(std::move(options)), _settings(std::move(settings)), _own(Settings::read(*_settings)),
      _descriptors(std::move(descriptors)), _daemon(std::move(daemon))
{
#if !defined(_WIN32)
    setUnixOptions(true);
#endif
}

TenonServer::~TenonServer() = default;

void TenonServer::defineOptions(Poco::Util::OptionSet& options)
{
    ServerApplication::defineOptions(options);
    // POCO tells Windows that a service runs when its options are read, before initialize(), and that it failed if this
    // throws: what "running" promises has to be there by then.
    if (config().getBool("application.runAsService", false))
    {
        prepare();
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

int TenonServer::main(const std::vector<std::string>&)
{
    try
    {
        if (!_server)
            prepare();
        return _options.stdio ? serveStdio() : serveHttp();
    }
    catch (const Poco::Exception& exc)
    {
        refuse(base::reasonOf(exc));
    }
    catch (const std::exception& exc)
    {
        refuse(exc.what());
    }
    return EXIT_UNAVAILABLE;
}

/// Tells the log, and whoever started this process and does not see the log.
void TenonServer::refuse(const std::string& why)
{
    if (_logging)
        serverLog().fatal("cannot start: " + why);
    if (!_logging || !_logging->onConsole())
        reportFault("tenon: cannot start: " + why);
}

void TenonServer::prepare()
{
    _logging = std::make_unique<Logging>(_own.log, *_settings);
    if (!_options.pidFile.empty())
        _pidFile = std::make_unique<PidFile>(_options.pidFile);
    for (const std::string& line : _options.warnings)
        serverLog().warning(line);
    _signals = std::make_unique<Signals>([this](const std::string& why) { leave(why); }, _options.stdio);
}

void TenonServer::startHttp()
{
    auto server = std::make_unique<Server>(_settings, *_logging);
    server->listen();
    _server = std::move(server);
    listenForOrders();
    _server->start();
    _signals->setPatience(_own.lameDuck + _own.drain + ENDING);
    // For whoever started it and waits for the port; the log may be elsewhere.
    std::cout << "Listening on " << _server->url() << std::endl;
    _daemon.started();
}

int TenonServer::serveStdio()
{
    _server = std::make_unique<Server>(_settings, *_logging);
    _server->start();
    listenForOrders();
    _signals->onStop([this] { _server->interruptStdio(); });
    _server->serveStdio(std::move(_descriptors));
    _signals->onStop({});
    // A client that closed its end waits for the answers to what it asked; who sent a signal does not.
    _server->drain(_signals->stopping() ? CANCELLED_CALLS : _own.drain);
    _control.reset();
    if (!_server->stop())
        leave({});
    _server.reset();
    return EXIT_OK;
}

int TenonServer::serveHttp()
{
    if (!_server)
        startHttp();
    waitForEnd();
    lameDuck();
    serverLog().information("stopping: running calls have timeouts.drainMs to finish");
    _server->drain(_own.drain);
    _control.reset();
    const bool clean = _server->stop();
    serverLog().information("stopped");
    if (!clean)
        leave({});
    _server.reset();
    return EXIT_OK;
}

void TenonServer::lameDuck()
{
    if (_own.lameDuck == 0ms || _hurry)
        return;
    _server->leave();
    serverLog().information("stopping: /ready returns 503, and the server keeps serving for timeouts.lameDuckMs");
    std::this_thread::sleep_for(_own.lameDuck); // a second signal ends the process from another thread
}

void TenonServer::waitForEnd()
{
#if defined(_WIN32)
    waitForTerminationRequest();
#else
    for (;;)
    {
        const Signals::Order order = _signals->next();
        if (order.kind == Signals::Kind::RELOAD)
            reload(order.done);
        else
        {
            _hurry = order.hurry;
            return;
        }
    }
#endif
}

void TenonServer::reload(const std::function<void(const std::string&)>& done)
{
    std::string fault;
    try
    {
        const std::string file = _options.settings.text("config");
        if (!file.empty() && Poco::File(file).exists() && !Poco::File(file).isFile())
            throw Poco::FileException(file + " is not a regular file, so it cannot be read again");
        const CheckedSettings checked = reloadSettings(_options.settings);
        _server->reload(checked.settings);
        for (const std::string& line : checked.warnings)
            serverLog().warning(line);
    }
    catch (const Poco::Exception& exc)
    {
        fault = exc.message();
        serverLog().error("the settings were not reloaded: " + exc.displayText());
    }
    if (done)
        done(fault);
}

std::string TenonServer::statusJson() const
{
    std::string json;
    base::JsonWriter writer(json);
    writer.beginObject()
        .member("version", TENON_VERSION)
        .member("pid", std::int64_t(Poco::Process::id()))
        .member("config", _options.settings.text("config"))
        .member("transport", _options.stdio ? "stdio" : "http");
    _server->describe(writer);
    writer.endObject();
    return json;
}

#if defined(_WIN32)
void TenonServer::listenForOrders() {}
#else
void TenonServer::listenForOrders()
{
    if (!_own.control)
        return;
    const auto stop = [this](const std::string&)
    {
        ::kill(::getpid(), SIGTERM);
        const auto patience = _own.lameDuck + _own.drain + ENDING;
        return "{\"patienceMs\":" + std::to_string(patience.count()) + '}';
    };
    const auto reloadNow = [this](const std::string&) -> std::string
    {
        const auto fault = std::make_shared<std::promise<std::string>>();
        auto told = fault->get_future();
        _signals->give({Signals::Kind::RELOAD, false, [fault](const std::string& text) { fault->set_value(text); }});
        if (told.wait_for(RELOAD_PATIENCE) != std::future_status::ready)
            throw Poco::TimeoutException("the server has not read the settings yet; its log says when it has");
        if (const std::string text = told.get(); !text.empty())
            throw Poco::DataFormatException(text);
        return "{}";
    };
    try
    {
        _controlPath = controlSocket(makeControlFolder(_own.controlDirectory), ::getpid());
        _control = std::make_unique<ControlServer>(
            _controlPath,
            std::map<std::string, ControlServer::Order>{{"status", [this](const std::string&) { return statusJson(); }},
                                                        {ControlServer::STOP, stop},
                                                        {"reload", reloadNow},
                                                        {"plugin-restart",
                                                         [this](const std::string& name)
                                                         {
                                                             _server->plugins().restart(name);
                                                             return std::string("{}");
                                                         }},
                                                        {"plugin-reload", [this](const std::string& name)
                                                         {
                                                             _server->plugins().reload(name);
                                                             return std::string("{}");
                                                         }}});
    }
    catch (const Poco::Exception& exc)
    {
        serverLog().information("there is no control socket, so `tenon status` does not see this server: " +
                                exc.displayText());
    }
}
#endif

/// Ends the process without waiting for what does not end; what destructors would remove is removed here.
void TenonServer::leave(const std::string& why)
{
    if (!why.empty())
        serverLog().fatal(why);
    if (_pidFile)
        _pidFile->remove();
#if !defined(_WIN32)
    if (!_controlPath.empty())
        ::unlink(_controlPath.c_str());
#endif
    if (_logging)
        _logging->queue().flush(LAST_LINES);
    std::_Exit(why.empty() ? EXIT_OK : EXIT_SOFTWARE);
}

} // namespace tenon::app
