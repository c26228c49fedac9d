#include "app/control/ControlServer.h"

#include "base/json/JsonWriter.h"
#include "base/text/Reason.h"
#include "base/threads/ThreadRoot.h"

#include <Poco/Error.h>
#include <Poco/Exception.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace tenon::app
{

namespace
{

/// For a request to come: one that does not must not keep others from theirs.
constexpr std::chrono::seconds PATIENCE{1};

} // namespace

ControlServer::ControlServer(std::string path, std::map<std::string, Order> orders)
    : _path(std::move(path)), _orders(std::move(orders)), _listener(LocalSocket::listen(_path))
{
    if (pipe2(_wake, O_CLOEXEC) != 0)
        throw Poco::IOException(_path, Poco::Error::getMessage(errno));
    _thread = std::thread([this] { base::steadyThreadRoot("the control socket", [this] { run(); }); });
}

ControlServer::~ControlServer()
{
    close(_wake[1]);
    _thread.join();
    close(_wake[0]);
    unlink(_path.c_str());
}

void ControlServer::run()
{
    for (;;)
    {
        pollfd ready[2] = {{_wake[0], POLLIN, 0}, {_listener.descriptor(), POLLIN, 0}};
        if (poll(ready, 2, -1) < 0)
            continue;
        if (ready[0].revents != 0)
            return;
        if (ready[1].revents != 0)
            serve(_listener.accept());
    }
}

void ControlServer::serve(LocalSocket connection)
{
    if (!connection.peerMayCommand())
        return;
    const std::string line = connection.readLine(PATIENCE);
    if (line.empty())
        return;
    connection.writeLine(obey(line));
    if (line == STOP)
        connection.keep();
}

std::string ControlServer::obey(const std::string& line) const
{
    const auto space = line.find(' ');
    const std::string name = line.substr(0, space);
    const std::string what = space == std::string::npos ? std::string() : line.substr(space + 1);
    std::string fault;
    try
    {
        const auto order = _orders.find(name);
        if (order != _orders.end())
            return order->second(what);
        fault = "this server does not know the order '" + name + "'";
    }
    catch (const Poco::Exception& exc)
    {
        fault = base::reasonOf(exc);
    }
    std::string json;
    base::JsonWriter(json).beginObject().member("error", fault).endObject();
    return json;
}

} // namespace tenon::app
