#include "support/Terminal.h"

#include <cppunit/TestAssert.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace tenon::tests
{

using Clock = std::chrono::steady_clock;

Terminal::Terminal(const std::string& program, const std::vector<std::string>& arguments,
                   const std::vector<std::string>& environment)
{
    winsize size{};
    size.ws_col = 100;
    size.ws_row = 40;
    _pid = ::forkpty(&_terminal, nullptr, nullptr, &size);
    if (_pid != 0)
    {
        CPPUNIT_ASSERT_MESSAGE("no pseudo-terminal", _pid > 0);
        return;
    }
    for (const std::string& variable : environment)
        ::putenv(const_cast<char*>(variable.c_str()));
    std::vector<char*> words{const_cast<char*>(program.c_str())};
    for (const std::string& argument : arguments)
        words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    ::execv(program.c_str(), words.data());
    _exit(127);
}

Terminal::~Terminal()
{
    if (_pid > 0)
    {
        ::kill(_pid, SIGKILL);
        ::waitpid(_pid, nullptr, 0);
    }
    ::close(_terminal);
}

void Terminal::type(std::string_view text)
{
    while (!text.empty())
    {
        const ssize_t written = ::write(_terminal, text.data(), text.size());
        CPPUNIT_ASSERT_MESSAGE(_shown, written > 0);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

bool Terminal::readSome(std::chrono::milliseconds limit)
{
    pollfd one{_terminal, POLLIN, 0};
    if (::poll(&one, 1, static_cast<int>(limit.count())) <= 0)
        return true;
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(_terminal, buffer.data(), buffer.size());
    if (got <= 0)
        return false;
    _shown.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
}

void Terminal::waitFor(std::string_view text, std::chrono::milliseconds limit)
{
    const auto until = Clock::now() + limit;
    bool open = true;
    while (true)
    {
        if (const auto at = _shown.find(text, _found); at != std::string::npos)
        {
            _found = at + text.size();
            return;
        }
        CPPUNIT_ASSERT_MESSAGE("no \"" + std::string(text) + "\" in:\n" + _shown, open && Clock::now() < until);
        open = readSome(std::chrono::milliseconds(100));
    }
}

int Terminal::waitForEnd(std::chrono::milliseconds limit)
{
    const auto until = Clock::now() + limit;
    while (true)
    {
        const bool open = readSome(std::chrono::milliseconds(20));
        int status = 0;
        if (::waitpid(_pid, &status, WNOHANG) == _pid)
        {
            for (int tries = 0; tries < 100 && readSome(std::chrono::milliseconds(1)); ++tries)
            {
            }
            _pid = -1;
            return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        }
        CPPUNIT_ASSERT_MESSAGE("it does not end:\n" + _shown, Clock::now() < until);
        if (!open)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

} // namespace tenon::tests
