#include "app/CommandLine.h"

#include <Poco/Util/OptionException.h>

namespace tenon::app
{

CommandLine CommandLine::read(const std::vector<std::string>& arguments)
{
    CommandLine line;
    bool ownArguments = false; // the subcommand reads what follows by itself
    for (const auto& argument : arguments)
    {
        if (ownArguments)
        {
            line.arguments.push_back(argument);
            continue;
        }
        const auto equals = argument.find('=');
        const std::string name = argument.substr(0, equals);
        const std::string value = equals == std::string::npos ? "" : argument.substr(equals + 1);
        const auto need = [&]
        {
            if (value.empty())
                throw Poco::Util::MissingArgumentException(name + "=FILE");
        };
        if (argument == "--help" || argument == "-h")
            line.help = true;
        else if (argument == "--version" || argument == "-V")
            line.version = true;
        else if (argument == "--stdio")
            line.stdio = true;
        else if (argument == "--daemon")
        {
            line.daemon = true;
            line.forPoco.push_back(argument);
        }
        else if (name == "--pidfile" || name == "--umask")
        {
            need();
            if (name == "--pidfile")
                line.pidFile = value;
            line.forPoco.push_back(argument);
        }
        else if (name == "--config")
        {
            need();
            line.configFile = value;
        }
        else if (argument.rfind("--", 0) == 0 && name.find('.') != std::string::npos)
        {
            if (equals == std::string::npos)
                throw Poco::Util::MissingArgumentException(name + "=VALUE");
            line.settings[name.substr(2)] = value;
        }
#if defined(_WIN32)
        else if (argument.rfind('/', 0) == 0)
            line.forPoco.push_back(argument);
#endif
        else if (argument.rfind('-', 0) == 0)
            throw Poco::Util::UnknownOptionException(argument);
        else
        {
            line.subcommand = argument;
            // validate-config takes the same options as the server itself.
            ownArguments = argument != "validate-config";
        }
    }
    return line;
}

} // namespace tenon::app
