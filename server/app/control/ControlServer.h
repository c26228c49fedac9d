#pragma once

#include "app/control/LocalSocket.h"

#include <functional>
#include <map>
#include <string>
#include <thread>

namespace tenon::app
{

/// Takes orders from programs of the same user, or of root, on a local socket.
///
/// A request is a line: an order, and behind a space what it is for ("plugin-restart clock"). The answer is a line of JSON:
/// an object, with the member `error` if the order could not be obeyed. Who ordered the stop keeps its connection: its end
/// is the end of the process.
///
/// Threading: one thread of its own serves, one request after another; orders run on it.
class ControlServer
{
public:
    /// Gives the answer, an object. Errors: Poco::Exception, worded for who asked.
    using Order = std::function<std::string(const std::string& what)>;

    /// Shape:  listens at `path`. Errors: Poco::IOException.
    /// Ownership: what the orders use outlives this object.
    ControlServer(std::string path, std::map<std::string, Order> orders);

    /// Waits for an order that runs.
    ~ControlServer();
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

    /// The order whose connection is kept.
    static constexpr const char* STOP = "stop";

private:
    void run();
    void serve(LocalSocket connection);
    [[nodiscard]] std::string obey(const std::string& line) const;

    const std::string _path;
    const std::map<std::string, Order> _orders;
    const LocalSocket _listener;
    int _wake[2] = {-1, -1};
    std::thread _thread; // last: it uses all of the above
};

} // namespace tenon::app
