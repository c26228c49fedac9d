#include "app/TenonServer.h"
#include "app/cli/Commands.h"
#include "app/cli/Serve.h"
#include "app/log/Logging.h"
#include "app/process/Daemon.h"
#include "app/process/Memory.h"
#include "app/process/Signals.h"
#include "net/stdio/ProtocolDescriptors.h"
#include "plugin/upstream/JailedCommand.h"
#include "plugin/worker/child/RunWorker.h"
#include "plugin/worker/process/WorkerProcess.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/Path.h>
#include <Poco/Util/Application.h>
#include <Poco/Util/OptionException.h>

#include <iostream>
#include <string>
#include <vector>

namespace
{

using namespace tenon::app;

#if defined(_WIN32)
constexpr const char* SERVICE_HELP = "\n/registerService registers the Windows service (/displayName=, /description=, "
                                     "/startup= go with it), /unregisterService removes it.\n";
#else
constexpr const char* SERVICE_HELP = "";
#endif

/// On Windows, what begins with a slash is for POCO.
std::vector<std::string> withoutServiceOptions(const std::vector<std::string>& arguments,
                                               [[maybe_unused]] std::vector<std::string>& forPoco)
{
#if defined(_WIN32)
    std::vector<std::string> rest;
    for (const auto& argument : arguments)
        (argument.starts_with('/') ? forPoco : rest).push_back(argument);
    return rest;
#else
    return arguments;
#endif
}

/// Goes to the background, if there is a log that somebody can read there.
Daemon background(const ServeOptions& options, const tenon::base::Settings& settings)
{
    if (Settings::read(settings).log.channel == "console")
        throw Poco::InvalidArgumentException(
            "--daemon needs log.file, or log.channel=syslog: nobody sees the console of a daemon");
    return Daemon::detach(options.umask);
}

int serve(ServeOptions options, std::vector<std::string> forPoco)
{
#if defined(_WIN32)
    // Services are often started without arguments: settings beside the program are its own, as is the habit there.
    const Poco::Path beside(Poco::Path(tenon::plugin::ownExecutable()).setFileName("tenon.properties"));
    if (!options.settings.has("config") && Poco::File(beside).exists())
        options.settings.options.emplace("config", beside.toString());
#endif
    boundFreeMemory();
    CheckedSettings checked = checkedSettings(options.settings, false);
    const auto settings = checked.settings;
    options.warnings = std::move(checked.warnings);
    // Set apart before anything can print: descriptor 1 is the protocol's over stdio.
    auto descriptors =
        options.stdio ? tenon::net::ProtocolDescriptors::takeStandard() : tenon::net::ProtocolDescriptors();
    Signals::block();
    Daemon daemon = options.daemon ? background(options, *settings) : Daemon();
    TenonServer server(std::move(options), settings, std::move(descriptors), std::move(daemon));
#if defined(_WIN32)
    return server.run(forPoco);
#else
    std::vector<char*> pointers;
    for (auto& argument : forPoco)
        pointers.push_back(argument.data());
    return server.run(static_cast<int>(pointers.size()), pointers.data());
#endif
}

int run(const std::vector<std::string>& arguments, const std::string& program)
{
    using Poco::Util::Application;
    try
    {
        std::vector<std::string> forPoco{program};
        const Command& root = serveCommand();
        std::vector<std::string> typed = withoutServiceOptions(arguments, forPoco);
        if (const auto at = static_cast<std::ptrdiff_t>(commandAt(root, typed));
            at < static_cast<std::ptrdiff_t>(typed.size()))
        {
            const std::vector<std::string> before(typed.begin(), typed.begin() + at);
            const std::vector<std::string> after(typed.begin() + at + 1, typed.end());
            const std::string name = typed[static_cast<std::size_t>(at)];
            if (name != "serve" && (name != "help" || typed.size() > 1))
                return runCommand(name, before, after);
            if (name == "serve")
                typed.erase(typed.begin() + at);
        }
        const bool asksForHelp = typed.size() == 1 && typed.front() == "help";
        const Arguments parsed = parseArguments(root, asksForHelp ? std::vector<std::string>{"--help"} : typed);
        if (parsed.has("help"))
        {
            printHelp(root, std::cout);
            std::cout
                << "\nThe environment sets keys too: TENON_HTTP_PORT=9000 is the same as --http.port=9000. The command "
                   "line overrides the environment, and that the settings file.\n"
                << SERVICE_HELP << "\nCommands; each has --help:\n"
                << listOfCommands();
            return Application::EXIT_OK;
        }
        if (parsed.has("version"))
        {
            std::cout << "tenon " TENON_VERSION "\n";
            return Application::EXIT_OK;
        }
        return serve(serveOptions(parsed), std::move(forPoco));
    }
    catch (const Poco::Util::OptionException& exc)
    {
        tenon::app::reportFault("tenon: " + exc.displayText() + "\nsee tenon --help");
        return Application::EXIT_USAGE;
    }
    catch (const Poco::Exception& exc)
    {
        tenon::app::reportFault(exc.message().empty() ? "tenon: " + exc.displayText() : exc.message());
        return Application::EXIT_CONFIG;
    }
    catch (const std::exception& exc)
    {
        tenon::app::reportFault(std::string("tenon: ") + exc.what());
        return Application::EXIT_SOFTWARE;
    }
}

} // namespace

#if defined(_WIN32)
#include <Poco/UnicodeConverter.h>

int wmain(int argc, wchar_t** argv)
{
    std::vector<std::string> arguments(static_cast<std::size_t>(argc));
    std::vector<char*> pointers;
    for (int index = 0; index < argc; ++index)
    {
        auto& argument = arguments[static_cast<std::size_t>(index)];
        Poco::UnicodeConverter::toUTF8(argv[index], argument);
        pointers.push_back(argument.data());
    }
    if (const auto status = tenon::plugin::runWorker(argc, pointers.data()))
        return *status;
    return run({arguments.begin() + 1, arguments.end()}, arguments[0]);
}
#else
int main(int argc, char** argv)
{
    if (const auto status = tenon::plugin::runWorker(argc, argv))
        return *status;
    if (const auto status = tenon::plugin::runUpstream(argc, argv))
        return *status;
    return run({argv + 1, argv + argc}, argv[0]);
}
#endif
