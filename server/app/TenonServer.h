#pragma once

#include "app/cli/Serve.h"
#include "base/Settings.h"
#include "net/stdio/ProtocolDescriptors.h"

#include <Poco/Util/ServerApplication.h>

#include <memory>

namespace tenon::app
{

class Server;

/// The process: daemon or Windows service by Poco::Util::ServerApplication, signals, and the life of `Server`.
class TenonServer : public Poco::Util::ServerApplication
{
public:
    /// Shape: settings are read and checked before a daemon leaves its terminal, so that faults are seen.
    ///        `descriptors` are the protocol's, with --stdio.
    TenonServer(ServeOptions options, base::SettingsPtr settings, net::ProtocolDescriptors descriptors);
    ~TenonServer() override;

    /// Blocks the signals that `main` waits for. Called before any thread is made: all of them inherit it.
    static void blockSignals();

protected:
    void defineOptions(Poco::Util::OptionSet& options) override;
    void handleOption(const std::string& name, const std::string& value) override;
    void initialize(Poco::Util::Application& self) override;
    int main(const std::vector<std::string>& arguments) override;

private:
    void startHttp();
    int serveHttp();
    int serveStdio();
    void waitForEnd();
    [[noreturn]] void leave(int status);

    const ServeOptions _options;
    const base::SettingsPtr _settings;
    net::ProtocolDescriptors _descriptors;
    std::unique_ptr<Server> _server; // of HTTP mode, while it serves
};

} // namespace tenon::app
