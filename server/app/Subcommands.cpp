#include "app/Subcommands.h"

#include "app/AppSettings.h"

#include <Poco/Util/Application.h>
#include <Poco/Util/OptionException.h>

#include <iostream>
#include <map>

#if defined(_WIN32)
#include <stdlib.h>
#define environ _environ
#else
#include <unistd.h>
extern char** environ; // NOLINT: POSIX declares it nowhere
#endif

namespace tenon::app
{

namespace
{

std::map<std::string, std::string> environment()
{
    std::map<std::string, std::string> variables;
    for (char** entry = environ; entry && *entry; ++entry)
    {
        const std::string text(*entry);
        if (text.rfind("TENON_", 0) == 0)
            variables[text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
    }
    return variables;
}

} // namespace

base::SettingsPtr loadSettings(const CommandLine& line)
{
    return base::Settings::load({line.configFile, line.settings, environment()}, allSettings());
}

int runSubcommand(const CommandLine& line)
{
    if (line.subcommand == "validate-config")
    {
        (void)loadSettings(line);
        std::cout << "valid\n";
        return Poco::Util::Application::EXIT_OK;
    }
    if (line.subcommand == "print-config")
    {
        printSettings(std::cout);
        return Poco::Util::Application::EXIT_OK;
    }
    throw Poco::Util::UnknownOptionException(line.subcommand + " is no subcommand; see tenon --help");
}

std::string helpText()
{
    return R"(tenon, a native plugin server for the Model Context Protocol

usage: tenon [OPTION]... [--KEY=VALUE]...
       tenon SUBCOMMAND [ARGUMENT]...

Serves the tools, resources and prompts of the libraries in plugins.directory:
Streamable HTTP at http.mcpPath, HTTP+SSE at http.ssePath, or stdio.

options
  --config=FILE     settings file (conf/tenon.properties explains every key)
  --KEY=VALUE       a setting, instead of the file's: --http.port=0
  --stdio           speak over standard input and output, no HTTP
  --daemon          run in the background
  --pidfile=FILE    write the process id there
  --umask=MASK      of the daemon, octal
  --version         print the version
  --help            print this
)"
#if defined(_WIN32)
           R"(  /registerService  register the Windows service; /displayName=, /description=, /startup= go with it
  /unregisterService
)"
#endif
           R"(
The environment sets keys too: TENON_HTTP_PORT=9000 is --http.port=9000, which beats it.

subcommands
  validate-config   check the settings without starting; takes --config and --KEY=VALUE
  print-config      print a settings file with every key, its default and an explanation
)";
}

} // namespace tenon::app
