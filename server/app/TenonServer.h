#pragma once

#include "app/Settings.h"
#include "app/cli/Serve.h"
#include "app/process/Daemon.h"
#include "base/settings/Settings.h"
#include "net/stdio/ProtocolDescriptors.h"

#include <Poco/Util/ServerApplication.h>

#include <functional>
#include <memory>
#include <string>

namespace tenon::app
{

class ControlServer;
class Logging;
class PidFile;
class Server;
class Signals;

/// The process: Windows service by Poco::Util::ServerApplication, signals, log, process id, control socket, and the life
/// of `Server`.
class TenonServer : public Poco::Util::ServerApplication
{
public:
    /// Shape: settings are read and checked before a daemon leaves its terminal, so that faults are seen.
    ///        `descriptors` are the protocol's, with --stdio.
    TenonServer(ServeOptions options, base::SettingsPtr settings, net::ProtocolDescriptors descriptors, Daemon daemon);
    ~TenonServer() override;

protected:
    void defineOptions(Poco::Util::OptionSet& options) override;
    void handleOption(const std::string& name, const std::string& value) override;
    int main(const std::vector<std::string>& arguments) override;

private:
    void prepare();
    void startHttp();
    int serveHttp();
    int serveStdio();
    void waitForEnd();
    void lameDuck();
    void reload(const std::function<void(const std::string&)>& done);
    void listenForOrders();
    [[nodiscard]] std::string statusJson() const;
    void refuse(const std::string& why);
    [[noreturn]] void leave(const std::string& why);

    const ServeOptions _options;
    const base::SettingsPtr _settings;
    const Settings _own;
    net::ProtocolDescriptors _descriptors;
    Daemon _daemon;

    // In the order of their making.
    std::unique_ptr<Logging> _logging;
    std::unique_ptr<PidFile> _pidFile;
    std::unique_ptr<Signals> _signals;
    std::unique_ptr<Server> _server;
    std::unique_ptr<ControlServer> _control;
    std::string _controlPath;
    bool _hurry = false; ///< somebody at a terminal waits for the end
};

} // namespace tenon::app
