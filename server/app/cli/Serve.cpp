#include "app/cli/Serve.h"

#include <Poco/Path.h>
#include <Poco/Util/OptionException.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace tenon::app
{

namespace
{

constexpr std::array<std::string_view, 4> TRANSPORTS = {"http", "streamable-http", "sse", "stdio"};

Command makeCommand()
{
    Command command;
    command.summary =
        "Serves the tools, resources and prompts of the libraries in plugins.directory: Streamable HTTP at "
        "http.mcpPath, HTTP+SSE at http.ssePath, or stdio.";
    command.takesSettings = true;
    const auto add = [&](const Poco::Util::Option& one) { command.options.addOption(one); };
    add(option("stdio", "speak over standard input and output, no HTTP"));
    add(option("transport", "http, sse (both listen) or stdio", "NAME"));
    add(option("host", "address to listen on; the same as --http.host=", "ADDRESS"));
    add(option("port", "port to listen on, 0 for a free one; the same as --http.port=", "PORT"));
    add(option("daemon", "run in the background; returns once it serves, or with the reason why not"));
    add(option("pidfile", "write the process id there, and refuse to start beside another one", "FILE"));
    add(option("umask", "umask of the files it creates, in octal", "MASK"));
    add(option("version", "print the version", {}, "V"));
    return command;
}

void checkUmask(const std::string& mask)
{
    if (mask.size() > 4 || mask.find_first_not_of("01234567") != std::string::npos)
        throw Poco::Util::InvalidArgumentException("--umask=" + mask + " is not an octal number");
}

} // namespace

const Command& serveCommand()
{
    static const Command command = makeCommand();
    return command;
}

ServeOptions serveOptions(const Arguments& arguments)
{
    ServeOptions options;
    options.settings = arguments;
    const auto config = options.settings.options.find("config");
    if (config != options.settings.options.end())
        config->second = Poco::Path(config->second).makeAbsolute().toString(); // a daemon changes its folder
    const auto set = [&](const char* name, const char* key)
    {
        if (!arguments.has(name))
            return;
        if (const auto given = arguments.settings.find(key);
            given != arguments.settings.end() && given->second != arguments.text(name))
            throw Poco::Util::IncompatibleOptionsException(std::string("--") + name + " and --" + key +
                                                           " set the same, to different values");
        options.settings.settings[key] = arguments.text(name);
    };
    set("host", "http.host");
    set("port", "http.port");
    const std::string transport = arguments.text("transport", "http");
    if (std::find(TRANSPORTS.begin(), TRANSPORTS.end(), transport) == TRANSPORTS.end())
        throw Poco::Util::InvalidArgumentException("--transport=" + transport + " is not http, sse or stdio");
    options.stdio = arguments.has("stdio") || transport == "stdio";
    if (arguments.has("stdio") && arguments.has("transport") && transport != "stdio")
        throw Poco::Util::IncompatibleOptionsException("--stdio and --transport=" + transport);
    for (const char* name : {"host", "port"})
        if (options.stdio && arguments.has(name))
            throw Poco::Util::IncompatibleOptionsException(std::string("--stdio and --") + name);
    options.daemon = arguments.has("daemon");
    if (arguments.has("pidfile"))
        options.pidFile = Poco::Path(arguments.text("pidfile")).makeAbsolute().toString();
    options.umask = arguments.text("umask");
    checkUmask(options.umask);
    if (options.daemon && options.stdio)
        throw Poco::Util::IncompatibleOptionsException("--daemon and --stdio");
    return options;
}

} // namespace tenon::app
