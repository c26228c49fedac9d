#include "TryingServer.h"

#include <Poco/Pipe.h>
#include <Poco/PipeStream.h>
#include <Poco/Process.h>
#include <Poco/StreamCopier.h>

#include <thread>

namespace tenon::tests
{

namespace
{

constexpr const char* PLUGINS = "--plugins.directory=" TENON_TEST_CONFORMANCE;

} // namespace

TryingServer::TryingServer() : _server(ServerProcess::serve({PLUGINS})) {}

std::string TryingServer::url() const
{
    return "http://127.0.0.1:" + std::to_string(_server->port()) + "/mcp";
}

std::vector<std::string> TryingServer::command()
{
    return {"--", TENON_TEST_BINARY, "--stdio", PLUGINS};
}

Outcome TryingServer::run(std::vector<std::string> arguments, const std::string& input) const
{
    Poco::Pipe in, out, err;
    const Poco::Process::Env environment{{"HOME", _home.path()}, {"XDG_CONFIG_HOME", _home.path("config")}};
    auto handle = Poco::Process::launch(TENON_TEST_BINARY, arguments, _home.path(), &in, &out, &err, environment);
    Outcome outcome;
    std::thread reading(
        [&]
        {
            Poco::PipeInputStream stream(err);
            Poco::StreamCopier::copyToString(stream, outcome.err);
        });
    if (!input.empty())
        in.writeBytes(input.data(), static_cast<int>(input.size()));
    in.close(Poco::Pipe::CLOSE_WRITE);
    Poco::PipeInputStream stream(out);
    Poco::StreamCopier::copyToString(stream, outcome.out);
    reading.join();
    outcome.status = handle.wait();
    return outcome;
}

std::unique_ptr<Terminal> TryingServer::start(std::vector<std::string> arguments) const
{
    return std::make_unique<Terminal>(TENON_TEST_BINARY, arguments,
                                      std::vector<std::string>{"HOME=" + _home.path(), "TERM=xterm",
                                                               "XDG_CONFIG_HOME=" + _home.path("config"),
                                                               "XDG_STATE_HOME=" + _home.path("state")});
}

} // namespace tenon::tests
