#include "app/control/ControlCommands.h"

#include "app/cli/Commands.h"
#include "app/control/LocalSocket.h"
#include "app/control/RunningServer.h"
#include "app/process/PidFile.h"
#include "base/json/JsonDocument.h"

#include <Poco/Exception.h>
#include <Poco/NumberParser.h>
#include <Poco/Path.h>
#include <Poco/Util/OptionException.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <iostream>
#include <thread>
#include <vector>

namespace tenon::app
{

namespace
{

using namespace std::chrono_literals;

constexpr auto ANSWER_PATIENCE = 5s;
constexpr auto ORDER_PATIENCE = 120s;
/// Beyond what the server says that its end takes.
constexpr auto MORE_PATIENCE = 2s;
constexpr auto UNKNOWN_PATIENCE = 60s;

/// A server that runs. Without a socket it is known by its file alone.
struct Found : RunningServer
{
    std::string pidFile;
};

/// Why a command ends before it has done anything.
struct Ended
{
    ControlStatus status;
    std::string message;
};

/// Where the settings say that the sockets are. Settings that cannot be used must not keep a server from being stopped.
std::string folderOf(const Arguments& arguments)
{
    return readableSettings(arguments)->text("control.directory");
}

/// The process that the command line names; 0: it names none.
long wantedPid(const Arguments& arguments)
{
    if (arguments.has("pid"))
    {
        int pid = 0;
        if (!Poco::NumberParser::tryParse(arguments.text("pid"), pid) || pid <= 0)
            throw Poco::Util::InvalidArgumentException("--pid=" + arguments.text("pid") + " is not a process id");
        return pid;
    }
    if (!arguments.has("pidfile"))
        return 0;
    const std::string file = arguments.text("pidfile");
    const auto holder = PidFile::look(file);
    if (!holder)
        throw Ended{NOT_RUNNING, "not running: no such file: " + file};
    if (holder->pid <= 0)
        throw Ended{UNCLEAR, file + " contains no process id"};
    if (!holder->lives)
        throw Ended{NOT_RUNNING,
                    "not running: process " + std::to_string(holder->pid) + " is gone and left behind " + file};
    return holder->pid;
}

Found find(const Arguments& arguments)
{
    const long wanted = wantedPid(arguments);
    const std::string config =
        arguments.has("config") ? Poco::Path(arguments.text("config")).makeAbsolute().toString() : std::string();
    std::vector<Found> all;
    bool silent = false;
    for (RunningServer& server : runningServers(folderOf(arguments)))
    {
        if (wanted != 0 && server.pid != wanted)
            continue;
        silent = silent || server.status.empty();
        if (!server.status.empty() && (wanted != 0 || config.empty() || server.member("config") == config))
            all.push_back({std::move(server), {}});
    }
    if (all.size() == 1)
        return all.front();
    if (all.empty() && arguments.has("pidfile"))
        return {{wanted, {}, {}}, arguments.text("pidfile")};
    if (all.empty() && silent)
        throw Ended{UNCLEAR, "a server is running but does not answer"};
    if (all.empty())
        throw Ended{NOT_RUNNING, "not running"};
    std::string pids;
    for (const Found& one : all)
        pids += ' ' + std::to_string(one.pid);
    throw Ended{UNCLEAR, "several servers are running; name one with --pid=, --pidfile= or --config=:" + pids};
}

int withServer(const Arguments& arguments, const std::function<int(const Found&)>& work)
{
    try
    {
        return work(find(arguments));
    }
    catch (const Ended& ended)
    {
        std::cerr << "tenon: " << ended.message << "\n";
        return ended.status;
    }
}

std::string duration(std::int64_t seconds)
{
    const auto part = [](std::int64_t count, const char* unit) { return std::to_string(count) + unit; };
    if (seconds < 120)
        return part(seconds, " s");
    if (seconds < 7200)
        return part(seconds / 60, " min");
    return seconds < 172'800 ? part(seconds / 3600, " h") : part(seconds / 86'400, " days");
}

/// The elements of an array that is a member; none if there is none.
std::vector<simdjson::dom::element> listIn(const simdjson::dom::element& object, std::string_view name)
{
    simdjson::dom::element member;
    simdjson::dom::array list;
    if (!base::findMember(object, name, member) || member.get(list) != simdjson::SUCCESS)
        return {};
    return {list.begin(), list.end()};
}

void printPlugins(const std::string& status)
{
    const auto document = base::JsonDocument::parse(status);
    for (const auto& plugin : listIn(document->root(), "plugins"))
    {
        std::cout << "  " << base::textMember(plugin, "name") << ": " << base::textMember(plugin, "state");
        if (const auto reason = base::textMember(plugin, "reason"); !reason.empty())
            std::cout << ", " << reason;
        std::cout << "\n";
    }
}

/// A line for each instance. False if there is one only.
bool printInstances(const std::string& status)
{
    const auto document = base::JsonDocument::parse(status);
    simdjson::dom::element cluster, state;
    if (!base::findMember(document->root(), "cluster", cluster))
        return false;
    bool away = false;
    simdjson::dom::element member;
    if (base::findMember(cluster, "away", member) && !member.get(away) && away)
        std::cout << "Redis is away; the others are as they were last seen\n";
    const auto number = [](const simdjson::dom::element& object, std::string_view name)
    {
        simdjson::dom::element value;
        std::int64_t found = 0;
        return base::findMember(object, name, value) && !value.get(found) ? found : std::int64_t(0);
    };
    for (const auto& instance : listIn(cluster, "instances"))
    {
        if (!base::findMember(instance, "state", state))
            continue;
        bool self = false;
        if (base::findMember(instance, "self", member) && member.get(self))
            self = false;
        std::cout << (self ? "* " : "  ") << base::textMember(instance, "tag") << ": tenon "
                  << base::textMember(state, "version") << ", " << number(state, "sessions") << " sessions, "
                  << number(state, "callsInFlight") << " calls in flight, " << number(state, "tools") << " tools, seen "
                  << number(instance, "ageMs") << " ms ago\n";
    }
    return true;
}

int status(const Arguments& arguments)
{
    return withServer(arguments,
                      [&](const Found& server)
                      {
                          if (server.status.empty())
                          {
                              std::cout << "process " << server.pid << " runs, but has no control socket\n";
                              return int(DONE);
                          }
                          const std::string word = server.member("status");
                          if (arguments.has("json"))
                              std::cout << server.status << "\n";
                          else if (arguments.has("cluster"))
                          {
                              if (!printInstances(server.status))
                                  std::cout << "one instance: cluster.redis is not set\n";
                          }
                          else
                          {
                              std::cout << "tenon " << server.member("version") << ", process " << server.pid << ": "
                                        << word;
                              if (const std::string url = server.member("url"); !url.empty())
                                  std::cout << "\n"
                                            << url << ", up " << duration(server.number("uptimeSeconds")) << ", "
                                            << server.number("sessions") << " sessions";
                              std::cout << ", " << server.number("callsInFlight") << " calls in flight\n";
                              printPlugins(server.status);
                          }
                          return int(word == "ready" ? DONE : NOT_READY);
                      });
}

/// A server without a control socket is told by a signal, and seen by its file.
int stopBySignal(const Found& server)
{
    ::kill(static_cast<pid_t>(server.pid), SIGTERM);
    const auto until = std::chrono::steady_clock::now() + UNKNOWN_PATIENCE;
    while (std::chrono::steady_clock::now() < until)
    {
        const auto holder = PidFile::look(server.pidFile);
        if (!holder || !holder->lives)
            return DONE;
        std::this_thread::sleep_for(50ms);
    }
    return FAILED;
}

int stopBySocket(const Found& server)
{
    const LocalSocket connection = LocalSocket::connect(server.socket);
    connection.writeLine("stop");
    const std::string answer = connection.readLine(ANSWER_PATIENCE);
    if (answer.empty())
        return UNCLEAR;
    return connection.awaitEnd(std::chrono::milliseconds(RunningServer{0, {}, answer}.number("patienceMs")) +
                               MORE_PATIENCE)
               ? DONE
               : FAILED;
}

int stop(const Arguments& arguments)
{
    return withServer(arguments,
                      [](const Found& server)
                      {
                          const int result = server.socket.empty() ? stopBySignal(server) : stopBySocket(server);
                          if (result == DONE)
                              std::cout << "process " << server.pid << " has stopped\n";
                          else
                              std::cerr << "tenon: process " << server.pid << " did not stop in time\n";
                          return result;
                      });
}

/// Gives an order and says how it went.
int command(const Arguments& arguments, const std::string& order, const std::string& done)
{
    return withServer(arguments,
                      [&](const Found& server)
                      {
                          if (server.socket.empty() && order == "reload")
                          {
                              ::kill(static_cast<pid_t>(server.pid), SIGHUP);
                              std::cout << "process " << server.pid
                                        << " was told to reload; its log says whether it could\n";
                              return int(DONE);
                          }
                          const auto answer = ask(server.socket, order, ORDER_PATIENCE);
                          if (!answer || answer->empty())
                          {
                              std::cerr << "tenon: process " << server.pid << " does not answer\n";
                              return int(UNCLEAR);
                          }
                          if (const std::string fault = RunningServer{0, {}, *answer}.member("error"); !fault.empty())
                          {
                              std::cerr << fault << "\n";
                              return int(FAILED);
                          }
                          std::cout << done << "\n";
                          return int(DONE);
                      });
}

/// The programs that lend their tools to the server that runs.
int attachList(const Arguments& arguments)
{
    return withServer(arguments,
                      [&](const Found& server)
                      {
                          if (server.status.empty())
                              throw Ended{UNCLEAR, "the server has no control socket"};
                          const auto document = base::JsonDocument::parse(server.status);
                          bool any = false;
                          for (const auto& plugin : listIn(document->root(), "plugins"))
                          {
                              if (base::textMember(plugin, "isolation") != "attached")
                                  continue;
                              any = true;
                              std::cout << base::textMember(plugin, "name") << ": " << base::textMember(plugin, "state")
                                        << "\n";
                              for (const auto& program : listIn(plugin, "programs"))
                                  std::cout << "  " << base::textMember(program, "title") << ", process "
                                            << base::toJson(program["processId"].value()) << " of user "
                                            << base::textMember(program, "user") << "\n";
                          }
                          if (!any)
                              std::cout << "no program is attached\n";
                          return int(DONE);
                      });
}

int reload(const Arguments& arguments)
{
    return command(arguments, "reload",
                   "settings reloaded; the log says which of them take effect only at the next start");
}

int plugin(const Arguments& arguments, const std::string& order, const std::string& done)
{
    if (arguments.rest.size() != 1)
        throw Poco::Util::MissingArgumentException("the name of a plugin");
    const std::string& name = arguments.rest.front();
    return command(arguments, order + ' ' + name, "the plugin '" + name + "' " + done);
}

int restartPlugin(const Arguments& arguments)
{
    return plugin(arguments, "plugin-restart", "was restarted");
}

int reloadPlugin(const Arguments& arguments)
{
    return plugin(arguments, "plugin-reload", "was loaded from its present file");
}

} // namespace

std::vector<Command> controlCommands()
{
    constexpr const char* STATUSES =
        "Exit status: 0 done, 1 the server refused or took too long, 2 it runs but is not ready (status only), "
        "3 it is not running, 4 several are running, or it does not answer.";
    std::vector<Command> all;
    const auto add = [&](Command made)
    {
        made.details = STATUSES;
        made.options.addOption(option("pidfile", "the server that wrote this file", "FILE"));
        made.options.addOption(option("pid", "the server with this process id", "N"));
        all.push_back(std::move(made));
    };
    Command ofStatus{"status", "", "report the state of the running server", "", true, {}, status};
    ofStatus.options.addOption(option("json", "as JSON"));
    ofStatus.options.addOption(option("cluster", "all instances of the service, as this one sees them"));
    add(std::move(ofStatus));
    add({"stop", "", "stop the server and wait until it has ended", "", true, {}, stop});
    add({"attach list", "", "list the programs that lend their tools to the running server", "", true, {}, attachList});
    add({"reload", "", "make the running server reread its settings and reopen its log", "", true, {}, reload});
    add({"plugin restart",
         "NAME",
         "replace a plugin of the running server with a fresh instance, and lift its quarantine",
         "",
         true,
         {},
         restartPlugin});
    add({"plugin reload", "NAME", "load a plugin's changed file into the running server", "", true, {}, reloadPlugin});
    return all;
}

} // namespace tenon::app
