#pragma once

#include "base/Settings.h"
#include "base/Timers.h"
#include "net/Settings.h"
#include "net/stdio/ProtocolDescriptors.h"

#include <memory>
#include <string>

namespace tenon::app
{

class Core;
class HttpSide;

/// The assembled server: all rooms, wired, started and stopped in order.
///
/// Threading: `start`, `drain`, `stop` and `reload` by one thread at a time.
class Server
{
public:
    enum class Mode
    {
        HTTP,
        STDIO
    };

    Server(base::SettingsPtr settings, Mode mode);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Listens, loads the plugins and begins to serve. Errors: Poco::Exception, worded for the operator.
    void start();

    /// STDIO: serves until the input ends.
    void serveStdio(net::ProtocolDescriptors descriptors);

    /// Stops taking work and lets what runs finish, `timeouts.drainMs` at most. True if all of it did.
    bool drain();

    /// Ends everything. False if calls are still running that do not end: the process should then leave without
    /// waiting for them.
    bool stop();

    /// Takes over the settings that may change while running; logs which of the others differ.
    void reload(const base::SettingsPtr& settings);

    /// "http://127.0.0.1:8080/mcp"; empty in STDIO mode.
    [[nodiscard]] std::string url() const;

private:
    void watch();

    base::SettingsPtr _settings;
    const Mode _mode;
    const net::Settings _http;
    std::unique_ptr<Core> _core;
    std::unique_ptr<HttpSide> _httpSide; ///< null in STDIO mode; goes before the core, which it borrows
    base::Timers::Id _watchdog = 0;
    bool _stopped = false;
};

} // namespace tenon::app
