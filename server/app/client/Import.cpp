#include "app/client/Import.h"

#include "app/client/ServerConfigs.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/Util/OptionException.h>

#include <algorithm>
#include <cctype>
#include <iostream>
#include <set>

namespace tenon::app
{

namespace
{

/// A name that can be a segment of a settings key.
std::string nameFor(const std::string& given, std::set<std::string>& taken)
{
    std::string name = given;
    std::replace_if(
        name.begin(), name.end(),
        [](unsigned char byte) { return !(std::isalnum(byte) || byte == '_' || byte == '-'); }, '-');
    const std::string plain = name.empty() ? "server" : name;
    name = plain;
    for (int number = 2; !taken.insert(name).second; ++number)
        name = plain + '-' + std::to_string(number);
    return name;
}

/// A word of a command line, quoted where it has to be.
std::string quoted(const std::string& word)
{
    if (!word.empty() && word.find_first_of(" \t'\"") == std::string::npos)
        return word;
    const char mark = word.find('"') == std::string::npos ? '"' : '\'';
    return mark + word + mark;
}

/// What a value of the settings file cannot hold: the rest of a line, read as it stands.
bool fitsOnALine(const std::string& text)
{
    return text.find_first_of("\r\n\\") == std::string::npos;
}

class Importer
{
public:
    Importer(std::ostream& settings, std::ostream& remarks) : _settings(settings), _remarks(remarks) {}

    bool take(const ConfiguredServer& server)
    {
        if (!server.fault.empty())
            return refuse(server.name, server.fault);
        const std::string name = nameFor(server.name, _taken);
        if (name != server.name)
            _remarks << server.name << ": it is called " << name << " in the settings\n";
        const std::string at = "upstream." + name + '.';
        const bool taken =
            server.target.kind == client::Target::Kind::STDIO ? takeCommand(server, at) : takeUrl(server, at);
        if (taken && !server.project.empty())
            _remarks << server.name << ": there it is for the project " << server.project << " alone\n";
        if (taken && server.disabled)
        {
            set(at + "enabled", "false");
            _remarks << server.name << ": it is switched off, as it is there\n";
        }
        if (taken && !server.variablesFile.empty())
            _remarks << server.name << ": the variables in " << server.variablesFile << " are left out\n";
        if (taken)
            _settings << '\n';
        return taken;
    }

private:
    bool refuse(const std::string& name, const std::string& why)
    {
        _remarks << name << ": not taken over: " << why << '\n';
        return false;
    }

    void set(const std::string& key, const std::string& value) { _settings << key << " = " << value << '\n'; }

    bool takeCommand(const ConfiguredServer& server, const std::string& at)
    {
        const auto& command = server.target.command;
        std::string line = quoted(command.program);
        bool fits = fitsOnALine(line) && fitsOnALine(command.folder);
        for (const auto& argument : command.arguments)
        {
            fits = fits && fitsOnALine(argument) &&
                   (argument.find('"') == std::string::npos || argument.find('\'') == std::string::npos);
            line += ' ' + quoted(argument);
        }
        for (const auto& [name, value] : command.environment)
            fits = fits && fitsOnALine(value);
        if (!fits)
            return refuse(server.name,
                          "an argument or variable has a line break, a backslash, or both kinds of quotes");
        set(at + "command", line);
        if (!command.folder.empty())
            set(at + "cwd", command.folder);
        for (const auto& [name, value] : command.environment)
            if (name.find('.') == std::string::npos)
                set(at + "env." + name, value);
            else
                _remarks << server.name << ": the variable " << name << " has a dot in its name and is left out\n";
        return true;
    }

    bool takeUrl(const ConfiguredServer& server, const std::string& at)
    {
        Poco::URI url = server.target.url;
        if (server.target.kind == client::Target::Kind::WEBSOCKET)
            url.setScheme(url.getScheme() == "http" ? "ws" : "wss");
        set(at + "url", url.toString());
        if (server.target.kind == client::Target::Kind::SSE)
            set(at + "sse", "true");
        for (const auto& [name, value] : server.headers)
            if (fitsOnALine(value))
                set(at + "headers." + name, value);
            else
                _remarks << server.name << ": the header " << name << " has a backslash and is left out\n";
        return true;
    }

    std::ostream& _settings;
    std::ostream& _remarks;
    std::set<std::string> _taken;
};

} // namespace

std::size_t importServers(const std::string& file, std::ostream& settings, std::ostream& remarks)
{
    Importer importer(settings, remarks);
    std::size_t taken = 0;
    for (const auto& server : serversIn(file, {}, References::KEPT))
        taken += importer.take(server) ? 1 : 0;
    return taken;
}

int importCommand(const Arguments& arguments)
{
    if (arguments.rest.size() != 1)
        throw Poco::Util::MissingArgumentException("import FILE: the configuration of an MCP client");
    const std::size_t taken = importServers(arguments.rest.front(), std::cout, std::cerr);
    std::cerr << taken << (taken == 1 ? " server" : " servers") << " taken over\n";
    return taken > 0 ? 0 : 1;
}

} // namespace tenon::app
