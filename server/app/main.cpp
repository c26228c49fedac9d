#include "app/Logging.h"
#include "app/Subcommands.h"
#include "app/TenonServer.h"
#include "net/stdio/ProtocolDescriptors.h"
#include "plugin/worker/Worker.h"
#include "plugin/worker/Workers.h"

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

int run(const std::vector<std::string>& arguments, const std::string& program)
{
    using Poco::Util::Application;
    using namespace tenon::app;
    try
    {
        CommandLine line = CommandLine::read(arguments);
        if (line.help)
        {
            std::cout << helpText();
            return Application::EXIT_OK;
        }
        if (line.version)
        {
            std::cout << "tenon " TENON_VERSION "\n";
            return Application::EXIT_OK;
        }
#if defined(_WIN32)
        // Services are often started without arguments: settings beside the program are its own, as is the habit there.
        const Poco::Path beside(Poco::Path(tenon::plugin::ownExecutable()).setFileName("tenon.properties"));
        if (line.configFile.empty() && Poco::File(beside).exists())
            line.configFile = beside.toString();
#endif
        if (!line.subcommand.empty())
            return runSubcommand(line);

        const auto settings = loadSettings(line);
        // Set apart before anything can print: descriptor 1 is the protocol's over stdio.
        auto descriptors =
            line.stdio ? tenon::net::ProtocolDescriptors::takeStandard() : tenon::net::ProtocolDescriptors();
        TenonServer::blockSignals();
        TenonServer server(line, settings, std::move(descriptors));
        std::vector<std::string> rest{program};
        rest.insert(rest.end(), line.forPoco.begin(), line.forPoco.end());
#if defined(_WIN32)
        return server.run(rest);
#else
        std::vector<char*> pointers; // this form of run() makes the daemon
        for (auto& argument : rest)
            pointers.push_back(argument.data());
        return server.run(static_cast<int>(pointers.size()), pointers.data());
#endif
    }
    catch (const Poco::Util::OptionException& exc)
    {
        tenon::app::reportFault("tenon: " + exc.displayText() + "\nsee tenon --help");
        return Application::EXIT_USAGE;
    }
    catch (const Poco::Exception& exc)
    {
        tenon::app::reportFault(exc.message());
        return Application::EXIT_CONFIG;
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
    return run({argv + 1, argv + argc}, argv[0]);
}
#endif
