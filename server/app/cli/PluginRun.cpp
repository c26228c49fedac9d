#include "app/cli/PluginRun.h"

#include "app/client/ClientCommands.h"
#include "plugin/tools/Trial.h"
#include "plugin/worker/process/WorkerProcess.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/Path.h>
#include <Poco/StreamCopier.h>
#include <Poco/Util/OptionException.h>

namespace tenon::app
{

namespace
{

constexpr int USAGE = 2;
/// The tool's own deadline is the server's business; this one must not come before it.
constexpr const char* LONGER_THAN_ANY_TOOL = "86400";

std::string textOf(const std::string& path)
{
    std::string text;
    Poco::FileInputStream stream(path);
    Poco::StreamCopier::copyToString(stream, text);
    return text;
}

/// The server that holds the library and nothing else, as a command.
std::vector<std::string> serverFor(const std::string& file, const Arguments& arguments)
{
    const std::string name = plugin::Trial::nameOf(file);
    std::vector<std::string> command = {plugin::ownExecutable(),
                                        "--stdio",
                                        "--plugins.directory=" + Poco::Path(file).makeAbsolute().toString(),
                                        "--plugins.isolation=process",
                                        "--log.level=warning",
                                        "--log.level.plugin." + name + "=information"};
    for (const std::string& pair : arguments.texts("set"))
    {
        if (pair.find('=') == std::string::npos)
            throw Poco::Util::InvalidArgumentException("--set=KEY=VALUE, but found --set=" + pair);
        command.push_back("--plugin." + name + '.' + pair);
    }
    return command;
}

int run(const Arguments& arguments)
{
    if (arguments.rest.size() < 2)
        throw Poco::Util::MissingArgumentException("the file of a plugin and the name of a tool");
    const std::string& file = arguments.rest.front();
    if (!Poco::File(file).exists())
        throw Poco::Util::InvalidArgumentException("there is no file " + file);
    Arguments call;
    call.behind = serverFor(file, arguments);
    call.rest.assign(arguments.rest.begin() + 1, arguments.rest.end());
    if (call.rest.size() == 2 && call.rest.back().starts_with('{'))
    {
        call.options.emplace("json", call.rest.back());
        call.rest.pop_back();
    }
    call.options.emplace("timeout", LONGER_THAN_ANY_TOOL);
    call.options.emplace("stderr", "");
    if (arguments.has("json"))
        call.options.emplace("output", "json");
    if (arguments.has("answers"))
        call.options.emplace("answers", textOf(arguments.text("answers")));
    if (arguments.has("out"))
        call.options.emplace("out", arguments.text("out"));
    return callTool(call);
}

} // namespace

Command pluginRunCommand()
{
    Command command{
        "plugin run",
        "FILE TOOL [NAME=VALUE]... | JSON",
        "call one tool of a plugin",
        "The library runs in a worker of a server that has nothing else, with the tool's own deadline. What "
        "the tool asks is asked at the terminal, or answered from a file. What it logs, and what it prints, "
        "goes to standard error.",
        false,
        {},
        run,
        USAGE};
    for (const auto& one :
         {option("answers",
                 "answer what the tool asks: a JSON object, for every form, or an array of objects, one for "
                 "each question; \"decline\" and \"cancel\" are answers, too",
                 "FILE"),
          option("json", "print the result as JSON, for programs"),
          option("out", "save images, audio and other bytes in this folder", "FOLDER"),
          option("set", "a setting of the plugin; may be given several times", "KEY=VALUE")})
        command.options.addOption(one);
    return command;
}

} // namespace tenon::app
