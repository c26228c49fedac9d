#include "app/control/RunningServer.h"

#include "app/control/ControlFolder.h"
#include "app/control/LocalSocket.h"
#include "base/json/JsonDocument.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>

namespace tenon::app
{

namespace
{

constexpr std::chrono::seconds STATUS_PATIENCE{5};

} // namespace

std::string RunningServer::member(std::string_view name) const
{
    if (status.empty())
        return {};
    const auto document = base::JsonDocument::parse(status);
    return std::string(base::textMember(document->root(), name));
}

std::int64_t RunningServer::number(std::string_view name) const
{
    if (status.empty())
        return 0;
    const auto document = base::JsonDocument::parse(status);
    simdjson::dom::element value;
    std::int64_t found = 0;
    if (!base::findMember(document->root(), name, value) || value.get(found) != simdjson::SUCCESS)
        return 0;
    return found;
}

std::uint16_t RunningServer::port() const
{
    const std::string url = member("url");
    return url.empty() ? 0 : Poco::URI(url).getPort();
}

std::vector<RunningServer> runningServers(const std::string& configured)
{
    std::vector<RunningServer> all;
    for (const auto& [pid, socket] : controlSockets(configured))
        if (auto status = ask(socket, "status", STATUS_PATIENCE))
            all.push_back({pid, socket, std::move(*status)});
    return all;
}

std::optional<std::string> ask(const std::string& socket, const std::string& order, std::chrono::milliseconds patience)
{
    try
    {
        const LocalSocket connection = LocalSocket::connect(socket);
        if (!connection.writeLine(order))
            return std::nullopt;
        return connection.readLine(patience);
    }
    catch (const Poco::IOException&)
    {
        return std::nullopt; // of a process that ended
    }
}

} // namespace tenon::app
