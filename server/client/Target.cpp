#include "client/Target.h"

#include <Poco/Exception.h>

namespace tenon::client
{

Target Target::ofUrl(const std::string& url)
{
    Target target;
    target.url = Poco::URI(url.find("://") == std::string::npos ? "http://" + url : url);
    if (target.url.getScheme() == "ws" || target.url.getScheme() == "wss")
    {
        target.kind = Kind::WEBSOCKET;
        target.url.setScheme(target.url.getScheme() == "ws" ? "http" : "https");
    }
    if ((target.url.getScheme() != "http" && target.url.getScheme() != "https") || target.url.getHost().empty())
        throw Poco::SyntaxException(url + " is not an http, https, ws or wss URL");
    target.url.setFragment("");
    return target;
}

Target Target::ofCommand(std::string program, std::vector<std::string> arguments)
{
    Target target;
    target.kind = Kind::STDIO;
    target.command.program = std::move(program);
    target.command.arguments = std::move(arguments);
    return target;
}

std::string Target::text() const
{
    if (kind == Kind::STDIO)
    {
        std::string all = command.program;
        for (const std::string& argument : command.arguments)
            all += ' ' + argument;
        return all;
    }
    Poco::URI shown(url);
    shown.setUserInfo("");
    shown.setRawQuery("");
    if (kind == Kind::WEBSOCKET)
        shown.setScheme(url.getScheme() == "http" ? "ws" : "wss");
    return shown.toString();
}

} // namespace tenon::client
