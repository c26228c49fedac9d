#include "Program.h"

#include <Poco/Environment.h>
#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Path.h>
#include <cppunit/TestAssert.h>

#include <chrono>
#include <csignal>

namespace tenon::tests
{

std::string findProgram(const std::string& name)
{
    Poco::Path path;
    const std::string places = Poco::Environment::get("PATH", "") + ":/usr/sbin:/sbin";
    return Poco::Path::find(places, name, path) ? path.toString() : std::string();
}

Program::Program(const std::string& name, const std::vector<std::string>& arguments)
{
    const std::string program = findProgram(name);
    CPPUNIT_ASSERT_MESSAGE(name + " is not installed; installer/packages.sh test installs it", !program.empty());
    _handle = std::make_unique<Poco::ProcessHandle>(Poco::Process::launch(program, arguments, nullptr, &_pipe, &_pipe));
    _reader = std::thread(
        [this]
        {
            char buffer[4096];
            for (int count = 0; (count = _pipe.readBytes(buffer, sizeof buffer)) > 0;)
            {
                const std::lock_guard lock(_mutex);
                _text.append(buffer, static_cast<std::size_t>(count));
            }
        });
}

Program::~Program()
{
    if (!_ended)
    {
        // In order: nginx ends its workers, which hold the pipe.
        ::kill(_handle->id(), SIGTERM);
        (void)wait();
    }
    _reader.join();
}

void Program::awaitPort(std::uint16_t port)
{
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    for (;;)
    {
        try
        {
            const Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", port));
            return;
        }
        catch (const Poco::Exception&)
        {
            CPPUNIT_ASSERT_MESSAGE(output(), Poco::Process::isRunning(*_handle));
            CPPUNIT_ASSERT_MESSAGE("nobody listens: " + output(), std::chrono::steady_clock::now() < until);
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
}

int Program::wait()
{
    _ended = true;
    return _handle->wait();
}

std::string Program::output() const
{
    const std::lock_guard lock(_mutex);
    return _text;
}

} // namespace tenon::tests
