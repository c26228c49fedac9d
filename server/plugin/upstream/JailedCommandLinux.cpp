// How a server behind this one is started on Linux.
#include "plugin/upstream/JailedCommand.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"
#include "plugin/call/LoadException.h"
#include "plugin/worker/child/Confinement.h"
#include "plugin/worker/process/Keeper.h"
#include "plugin/worker/process/WorkerProcess.h"

#include <Poco/Environment.h>
#include <Poco/Exception.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace tenon::plugin
{

namespace
{

using base::JsonDocument;

constexpr const char* ARGUMENT = "--upstream-child";
constexpr int LEASH = 3; // where the keeper finds its end of the server's pipe
constexpr int EXIT_CANNOT_RUN = 127;
constexpr std::size_t MOST_PROCESSES = 1000;

// What programs in the usual languages need beside libraries and programs.
constexpr std::array<const char*, 10> RUNTIMES = {
    "/usr/local/bin",    "/usr/share/nodejs", "/usr/share/javascript", "/usr/share/python3",
    "/etc/alternatives", "/etc/passwd",       "/etc/ssl/openssl.cnf", // Node.js of Debian ends where it cannot read it
    "/proc/self",        "/proc/meminfo",     "/proc/cpuinfo"};

void writeList(base::JsonWriter& out, const char* key, const std::vector<std::string>& texts)
{
    out.key(key).beginArray();
    for (const auto& text : texts)
        out.value(text);
    out.endArray();
}

std::vector<std::string> readList(const JsonDocument::Element& object, const char* key)
{
    std::vector<std::string> texts;
    JsonDocument::Element member;
    simdjson::dom::array items;
    if (base::findMember(object, key, member) && !member.get(items))
        for (const auto& item : items)
            if (std::string_view text; !item.get(text))
                texts.emplace_back(text);
    return texts;
}

std::uint64_t readNumber(const JsonDocument::Element& object, const char* key)
{
    JsonDocument::Element member;
    std::uint64_t number = 0;
    if (base::findMember(object, key, member) && member.get(number))
        number = 0;
    return number;
}

/// The file of a program as execvp finds it, links resolved; empty: there is none.
std::string fileOf(const std::string& program)
{
    const auto resolved = [](const std::string& path) -> std::string
    {
        std::array<char, PATH_MAX> whole{};
        return access(path.c_str(), X_OK) == 0 && realpath(path.c_str(), whole.data()) ? whole.data() : "";
    };
    if (program.find('/') != std::string::npos)
        return resolved(program);
    const char* path = std::getenv("PATH");
    std::string_view rest = path ? path : "/usr/local/bin:/usr/bin:/bin";
    while (!rest.empty())
    {
        const auto end = std::min(rest.find(':'), rest.size());
        if (const auto file = resolved(std::string(rest.substr(0, end)) + '/' + program); !file.empty())
            return file;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return {};
}

/// Becomes the program. Returns only with why it cannot.
std::string become(const JsonDocument::Element& plan)
{
    auto words = readList(plan, "words");
    const std::string folder(base::textMember(plan, "folder"));
    if (!folder.empty() && chdir(folder.c_str()) != 0)
        return folder + ": " + std::strerror(errno);
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP})
        std::signal(signal, SIG_DFL);
    std::vector<char*> pointers;
    for (auto& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    try
    {
        limitWorker({readNumber(plan, "memory"), readNumber(plan, "cpu"), readNumber(plan, "descriptors"),
                     readNumber(plan, "processes"), 0});
        if (readNumber(plan, "sandbox") != 0)
        {
            Sandbox sandbox;
            sandbox.enabled = sandbox.processes = true;
            sandbox.network = readNumber(plan, "network") != 0;
            sandbox.read = readList(plan, "read");
            sandbox.write = readList(plan, "write");
            for (const char* path : RUNTIMES)
                if (access(path, F_OK) == 0)
                    sandbox.read.emplace_back(path);
            if (const auto file = fileOf(words.front()); !file.empty())
                sandbox.read.push_back(file);
            confine(sandbox);
        }
    }
    catch (const Poco::Exception& exc)
    {
        return exc.message();
    }
    execvp(pointers[0], pointers.data());
    return words.front() + ": " + std::strerror(errno);
}

void addResident(int id, std::uint64_t& bytes, std::size_t& left)
{
    if (left == 0)
        return;
    --left;
    bytes += residentBytesOf(id);
    // Each thread has the children that it started.
    std::error_code gone;
    for (std::filesystem::directory_iterator thread("/proc/" + std::to_string(id) + "/task", gone), end;
         !gone && thread != end; thread.increment(gone))
    {
        std::ifstream children(thread->path() / "children");
        for (int child = 0; children >> child;)
            addResident(child, bytes, left);
    }
}

} // namespace

client::ChildProcess::Command jailed(const client::ChildProcess::Command& command, const PluginConfig& config)
{
    std::string plan;
    base::JsonWriter out(plan);
    out.beginObject().member("folder", command.folder);
    std::vector<std::string> words{command.program};
    words.insert(words.end(), command.arguments.begin(), command.arguments.end());
    writeList(out, "words", words);
    out.member("memory", config.limits.memoryBytes).member("cpu", config.limits.cpuSeconds);
    out.member("descriptors", config.limits.descriptors).member("processes", config.limits.processes);
    out.member("sandbox", std::uint64_t(config.sandbox.enabled ? 1 : 0));
    out.member("network", std::uint64_t(config.sandbox.network ? 1 : 0));
    writeList(out, "read", config.sandbox.read);
    writeList(out, "write", config.sandbox.write);
    out.endObject();

    client::ChildProcess::Command made;
    made.program = ownExecutable();
    made.arguments = {ARGUMENT, plan, command.program}; // the last is for whoever looks at the list of processes
    auto variables = config.environment;
    if (Poco::Environment::has("HOME"))
        variables.try_emplace("HOME", Poco::Environment::get("HOME"));
    for (const auto& line : workerEnvironment(variables))
        made.environment[line.substr(0, line.find('='))] = line.substr(line.find('=') + 1);
    made.inherits = false;
    made.leash = LEASH;
    return made;
}

std::optional<int> runUpstream(int argc, char** argv)
{
    if (argc != 4 || std::string_view(argv[1]) != ARGUMENT)
        return {};
    for (int descriptor = LEASH + 1; descriptor < 1024; ++descriptor)
        close(descriptor);
    fcntl(LEASH, F_SETFD, FD_CLOEXEC);
    // A service manager's or terminal's signal to all processes is the server's to obey, which ends its children.
    for (const int signal : {SIGPIPE, SIGINT, SIGHUP})
        std::signal(signal, SIG_IGN);
    base::JsonDocumentPtr plan;
    try
    {
        plan = JsonDocument::parse(argv[2]);
    }
    catch (const Poco::Exception&)
    {
        return EXIT_CANNOT_RUN;
    }
    Apartness apartness;
    apartness.namespaces = readNumber(plan->root(), "sandbox") != 0;
    apartness.network = readNumber(plan->root(), "network") != 0;
    apartness.passesTermination = true;
    keep(LEASH, -1, apartness,
         [&]
         {
             const std::string why = "tenon: it cannot be started: " + become(plan->root()) + '\n';
             if (write(STDERR_FILENO, why.data(), why.size()) < 0)
                 _exit(EXIT_CANNOT_RUN + 1);
             _exit(EXIT_CANNOT_RUN);
         });
}

std::uint64_t residentBytesOfAll(int id)
{
    std::uint64_t bytes = 0;
    std::size_t left = MOST_PROCESSES;
    addResident(id, bytes, left);
    return bytes;
}

} // namespace tenon::plugin
