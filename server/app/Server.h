#pragma once

#include "base/settings/Settings.h"
#include "base/threads/Timers.h"
#include "net/Settings.h"
#include "net/stdio/ProtocolDescriptors.h"

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

namespace tenon::base
{
class JsonWriter;
}
namespace tenon::net
{
class StdioServer;
}
namespace tenon::plugin
{
class PluginManager;
}

namespace tenon::app
{

class Core;
class HttpSide;
class Logging;

/// The assembled server: all rooms, wired, started and stopped in order.
///
/// Threading: `start`, `drain`, `stop` and `reload` by one thread at a time.
class Server
{
public:
    /// Ownership: `logging` outlives the server.
    Server(base::SettingsPtr settings, Logging& logging);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Listens over HTTP, and says that it is starting; left out for stdio. Errors: Poco::Exception, worded for the operator.
    void listen();

    /// Loads the plugins and begins to serve. Errors: as `listen`.
    void start();

    /// Serves over stdio until the input ends, or `interruptStdio`.
    void serveStdio(net::ProtocolDescriptors descriptors);

    /// Ends `serveStdio`, now or to come, without waiting for calls. Any thread.
    void interruptStdio();

    /// `/ready` says 503 from now on; everything else goes on.
    void leave();

    /// Stops taking work and lets what runs finish, `patience` at most. True if all of it did.
    bool drain(std::chrono::milliseconds patience);

    /// Ends everything. False if something is left that does not end (calls, plugins, who waits for the network): the process
    /// should then leave without waiting for that, and without taking apart what its threads use.
    bool stop();

    /// Takes over the settings that may change while running; logs which of the others differ.
    void reload(const base::SettingsPtr& settings);

    /// "http://127.0.0.1:8080/mcp"; empty over stdio.
    [[nodiscard]] std::string url() const;

    /// For `tenon status`, members of an object: {"status":…,"url":…,"uptimeSeconds":…,"sessions":…,
    /// "callsInFlight":…,"cluster":{…},"plugins":[{"name":…,"state":…,"reason":…}]}. Any thread, from `listen` (stdio: `start`) to `stop`.
    void describe(base::JsonWriter& writer) const;

    [[nodiscard]] plugin::PluginManager& plugins();

private:
    void watch();

    base::SettingsPtr _settings;
    const net::Settings _http;
    Logging& _logging;
    std::unique_ptr<Core> _core;
    std::unique_ptr<HttpSide> _httpSide; ///< null over stdio; goes before the core, which it borrows
    base::Timers::Id _watchdog = 0;
    bool _stopped = false;

    std::mutex _stdioMutex; // guards:
    net::StdioServer* _stdio = nullptr;
    bool _stdioInterrupted = false;
};

} // namespace tenon::app
