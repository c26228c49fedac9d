#include "app/Subcommands.h"

#include "app/AppSettings.h"
#include "guard/jwt/JwtSetup.h"
#include "guard/login/Password.h"
#include "mcp/Services.h"
#include "net/front/GateAdmission.h"
#include "net/io/TlsContext.h"
#include "net/mcp/SseProfile.h"
#include "ops/doctor/Doctor.h"
#include "plugin/tools/ToolMain.h"

#include <Poco/NumberParser.h>
#include <Poco/Util/Application.h>
#include <Poco/Util/OptionException.h>

#include <iostream>
#include <map>

#if defined(_WIN32)
#include <Poco/UnicodeConverter.h>

#include <cstdlib>
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
#if defined(_WIN32)
    // The narrow environment is in the system's code page, and empty in a program with wide arguments.
    for (wchar_t** entry = _wenviron; entry && *entry; ++entry)
    {
        std::string text;
        Poco::UnicodeConverter::toUTF8(*entry, text);
#else
    for (char** entry = environ; entry && *entry; ++entry)
    {
        const std::string text(*entry);
#endif
        if (text.rfind("TENON_", 0) == 0)
            variables[text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
    }
    return variables;
}

/// The value behind `--name=` among `arguments`, which loses it; `otherwise` if it is not there.
std::string take(std::vector<std::string>& arguments, const std::string& name, const std::string& otherwise = {})
{
    const std::string prefix = "--" + name + '=';
    for (auto argument = arguments.begin(); argument != arguments.end(); ++argument)
        if (argument->rfind(prefix, 0) == 0)
        {
            std::string value = argument->substr(prefix.size());
            arguments.erase(argument);
            return value;
        }
    return otherwise;
}

void refuseRest(const std::vector<std::string>& arguments)
{
    if (!arguments.empty())
        throw Poco::Util::UnknownOptionException(arguments.front());
}

/// What the rooms would say of settings that are well-formed each by itself, at the start.
void checkSettings(const base::Settings& settings)
{
    const net::NetSettings http(settings);
    guard::checkSettings(settings, net::bindOf(http));
    for (const std::string& profile : http.sseProfiles)
        (void)net::requireSseProfile(profile);
    if (http.tls)
        const net::TlsContext context(http);
    (void)mcp::Options::read(settings);
}

/// From standard input, so that it stands in no list of processes.
int hashPassword(const std::vector<std::string>& arguments)
{
    refuseRest(arguments);
    std::string password;
    std::cerr << "password: " << std::flush;
    if (!std::getline(std::cin, password) || password.empty())
        throw Poco::Util::MissingArgumentException("a password on standard input");
    std::cout << guard::hashPassword(password) << "\n";
    return Poco::Util::Application::EXIT_OK;
}

int mintToken(std::vector<std::string> arguments)
{
    guard::TokenRequest request;
    request.subject = take(arguments, "subject", "me");
    request.type = take(arguments, "type");
    request.scope = take(arguments, "scope");
    request.audience = take(arguments, "audience");
    request.privateKeyFile = take(arguments, "key");
    request.lifetimeSeconds = Poco::NumberParser::parse64(take(arguments, "seconds", "3600"));
    for (std::string permission = take(arguments, "permission"); !permission.empty();
         permission = take(arguments, "permission"))
        request.permissions.push_back(permission);
    CommandLine line = CommandLine::read(arguments); // --config and --KEY=VALUE
    if (!line.subcommand.empty())
        throw Poco::Util::UnknownOptionException(line.subcommand);
    std::cout << guard::mintToken(*loadSettings(line), request) << "\n";
    return Poco::Util::Application::EXIT_OK;
}

int doctor(std::vector<std::string> arguments)
{
    ops::DoctorOptions options;
    options.token = take(arguments, "token");
    if (arguments.size() != 1 || arguments.front().rfind('-', 0) == 0)
        throw Poco::Util::MissingArgumentException(
            "the URL of the MCP endpoint: tenon doctor http://127.0.0.1:8080/mcp");
    return ops::doctor(arguments.front(), options, std::cout) == 0 ? 0 : 1;
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
        checkSettings(*loadSettings(line));
        std::cout << "valid\n";
        return Poco::Util::Application::EXIT_OK;
    }
    if (line.subcommand == "print-config")
    {
        printSettings(std::cout);
        return Poco::Util::Application::EXIT_OK;
    }
    if (line.subcommand == "plugin")
        return plugin::toolMain(line.arguments);
    if (line.subcommand == "hash-password")
        return hashPassword(line.arguments);
    if (line.subcommand == "token")
        return mintToken(line.arguments);
    if (line.subcommand == "doctor")
        return doctor(line.arguments);
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
  plugin            new, check, run, list, lock, diff: the tools of plugin authors
  hash-password     read a password and print what auth.user.NAME.password takes
  token             mint a JWT for trying: --subject= --type= --scope= --audience= --permission=
                    --key=FILE --seconds=3600, and --config
  doctor URL        look at a running server from outside; --token=
)";
}

} // namespace tenon::app
