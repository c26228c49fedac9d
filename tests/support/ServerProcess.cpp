#include "support/ServerProcess.h"

#include <Poco/Environment.h>
#include <Poco/NumberParser.h>

#include <cppunit/Asserter.h>
#include <cppunit/SourceLine.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sys/wait.h>

namespace tenon::tests
{

namespace
{

bool has(const ServerProcess::Arguments& arguments, std::string_view prefix)
{
    return std::any_of(arguments.begin(), arguments.end(),
                       [prefix](const std::string& argument) { return argument.rfind(prefix, 0) == 0; });
}

} // namespace

std::unique_ptr<ServerProcess> ServerProcess::serve(const Arguments& arguments, const Environment& environment)
{
    Arguments all = arguments;
    if (!has(arguments, "--http.port="))
        all.emplace_back("--http.port=0");
    if (!has(arguments, "--plugins.directory="))
        all.emplace_back(std::string("--plugins.directory=") + TENON_TEST_PLUGINS);

    auto server = start(all, environment);
    const std::string mark = "Listening on http";
    server->waitForOutput(mark);
    const std::string text = server->output();
    const auto colon = text.find(':', text.find("://", text.find(mark)) + 3);
    std::size_t end = colon + 1;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])))
        ++end;
    server->_port =
        static_cast<std::uint16_t>(Poco::NumberParser::parseUnsigned(text.substr(colon + 1, end - colon - 1)));
    return server;
}

std::unique_ptr<ServerProcess> ServerProcess::start(const Arguments& arguments, const Environment& environment)
{
    return std::unique_ptr<ServerProcess>(new ServerProcess(arguments, environment));
}

ServerProcess::ServerProcess(const Arguments& arguments, const Environment& environment)
{
    std::signal(SIGPIPE, SIG_IGN);
    const std::string binary = Poco::Environment::get("TENON_TEST_BINARY", TENON_TEST_BINARY);
    _handle = std::make_unique<Poco::ProcessHandle>(
        Poco::Process::launch(binary, arguments, &_input, &_output, &_error, environment));
    _outputReader = std::thread([this] { collect(_output, _outputText); });
    _errorReader = std::thread([this] { collect(_error, _errorText); });
}

ServerProcess::~ServerProcess()
{
    if (!ended())
    {
        ::kill(pid(), SIGKILL);
        int status = 0;
        ::waitpid(pid(), &status, 0);
    }
    // A child of the server may hold the pipes' other ends; closing ours ends the readers all the same only once they
    // wake, so what outlives the server shows as a test that hangs here, and ctest's time limit names it.
    _outputReader.join();
    _errorReader.join();
}

void ServerProcess::collect(Poco::Pipe& pipe, std::string& into)
{
    char buffer[4096];
    for (;;)
    {
        const int count = pipe.readBytes(buffer, sizeof buffer);
        const std::lock_guard lock(_mutex);
        if (count <= 0)
        {
            --_openPipes;
            _news.notify_all();
            return;
        }
        into.append(buffer, static_cast<std::size_t>(count));
        _news.notify_all();
    }
}

void ServerProcess::signal(int number) const
{
    ::kill(pid(), number);
}

bool ServerProcess::ended()
{
    if (_status)
        return true;
    int status = 0;
    if (::waitpid(pid(), &status, WNOHANG) != pid())
        return false;
    _status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

const ServerProcess::Environment ServerProcess::ONE_HEAP{{"MALLOC_ARENA_MAX", "1"}};

long ServerProcess::residentKb() const
{
    return statusKb("VmRSS:");
}

long ServerProcess::mostResidentKb() const
{
    return statusKb("VmHWM:");
}

long ServerProcess::statusKb(std::string_view field) const
{
    std::ifstream file("/proc/" + std::to_string(pid()) + "/status");
    for (std::string line; std::getline(file, line);)
        if (line.rfind(field, 0) == 0)
            return std::strtol(line.c_str() + field.size(), nullptr, 10);
    return 0;
}

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds limit)
{
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!condition())
    {
        if (std::chrono::steady_clock::now() > until)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

int ServerProcess::waitForEnd(std::chrono::milliseconds limit)
{
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!ended())
    {
        if (std::chrono::steady_clock::now() > deadline)
            fail("the server did not end in time");
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::unique_lock lock(_mutex);
    _news.wait_until(lock, deadline, [this] { return _openPipes == 0; });
    return *_status;
}

int ServerProcess::stop(std::chrono::milliseconds limit)
{
    signal(SIGTERM);
    const int status = waitForEnd(limit);
    if (status != 0)
        fail("the server ended with status " + std::to_string(status));
    return status;
}

std::string ServerProcess::standardOutput() const
{
    const std::lock_guard lock(_mutex);
    return _outputText;
}

std::string ServerProcess::standardError() const
{
    const std::lock_guard lock(_mutex);
    return _errorText;
}

std::string ServerProcess::output() const
{
    const std::lock_guard lock(_mutex);
    return _outputText + _errorText;
}

void ServerProcess::waitForOutput(std::string_view text, std::chrono::milliseconds limit)
{
    std::unique_lock lock(_mutex);
    const auto found = [&]
    { return _outputText.find(text) != std::string::npos || _errorText.find(text) != std::string::npos; };
    _news.wait_for(lock, limit, [&] { return found() || _openPipes == 0; });
    if (!found())
    {
        lock.unlock();
        fail("the server did not print \"" + std::string(text) + "\"");
    }
}

void ServerProcess::writeLine(std::string_view line)
{
    std::string text(line);
    text += '\n';
    for (std::size_t sent = 0; sent < text.size();)
        sent += static_cast<std::size_t>(_input.writeBytes(text.data() + sent, static_cast<int>(text.size() - sent)));
}

std::string ServerProcess::readLine(std::chrono::milliseconds limit)
{
    std::unique_lock lock(_mutex);
    std::size_t end = std::string::npos;
    _news.wait_for(lock, limit,
                   [&]
                   {
                       end = _outputText.find('\n', _lineBegin);
                       return end != std::string::npos || _openPipes < 2;
                   });
    if (end == std::string::npos)
    {
        lock.unlock();
        fail("no further line on standard output");
    }
    std::string line = _outputText.substr(_lineBegin, end - _lineBegin);
    _lineBegin = end + 1;
    return line;
}

void ServerProcess::closeInput()
{
    _input.close();
}

void ServerProcess::fail(const std::string& what) const
{
    CppUnit::Asserter::fail(
        CppUnit::Message(what, "standard output: " + standardOutput(), "standard error: " + standardError()),
        CPPUNIT_SOURCELINE());
    throw std::logic_error(what); // not reached: fail throws
}

Finished runToEnd(const ServerProcess::Arguments& arguments, const ServerProcess::Environment& environment)
{
    const auto process = ServerProcess::start(arguments, environment);
    process->closeInput();
    const int status = process->waitForEnd();
    return {status, process->standardOutput(), process->standardError()};
}

} // namespace tenon::tests
