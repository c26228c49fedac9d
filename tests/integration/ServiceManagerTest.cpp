#include "support/Mcp.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <string>
#include <string_view>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace tenon::tests;

namespace
{

/// The socket on which systemd hears what a service says of itself.
class Notifications
{
public:
    explicit Notifications(const std::string& path) : _descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        CPPUNIT_ASSERT(path.size() < sizeof address.sun_path);
        std::memcpy(address.sun_path, path.data(), path.size());
        CPPUNIT_ASSERT_EQUAL(0, ::bind(_descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address));
    }
    ~Notifications() { ::close(_descriptor); }
    Notifications(const Notifications&) = delete;
    Notifications& operator=(const Notifications&) = delete;

    /// Waits for a message that has this line.
    void await(std::string_view line) const
    {
        std::string heard;
        for (;;)
        {
            pollfd watched{_descriptor, POLLIN, 0};
            const auto limit = static_cast<int>(ServerProcess::DEFAULT_LIMIT.count());
            CPPUNIT_ASSERT_MESSAGE("not told: " + std::string(line) + "; told: " + heard,
                                   ::poll(&watched, 1, limit) == 1);
            char message[4096];
            const ssize_t size = ::recv(_descriptor, message, sizeof message, 0);
            CPPUNIT_ASSERT(size > 0);
            const std::string text = "\n" + std::string(message, static_cast<std::size_t>(size)) + "\n";
            if (text.find("\n" + std::string(line) + "\n") != std::string::npos)
                return;
            heard += text;
        }
    }

private:
    const int _descriptor;
};

} // namespace

/// What systemd is told, and the socket that it hands over.
class ServiceManagerTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ServiceManagerTest);
    CPPUNIT_TEST(tellsThatItIsReadyAliveAndStopping);
    CPPUNIT_TEST(listensOnTheSocketThatItIsGiven);
    CPPUNIT_TEST_SUITE_END();

    void tellsThatItIsReadyAliveAndStopping()
    {
        const TemporaryFolder folder;
        const Notifications notifications(folder.path("notify"));
        const auto server = ServerProcess::serve(
            {"--timeouts.drainMs=1000"}, {{"NOTIFY_SOCKET", folder.path("notify")}, {"WATCHDOG_USEC", "200000"}});
        notifications.await("READY=1");
        notifications.await("WATCHDOG=1");
        notifications.await("WATCHDOG=1");
        server->signal(SIGTERM);
        notifications.await("STOPPING=1");
        CPPUNIT_ASSERT_EQUAL(0, server->waitForEnd());
    }

    void listensOnTheSocketThatItIsGiven()
    {
        const TemporaryFolder folder;
        const Notifications notifications(folder.path("notify"));
        const Poco::Net::ServerSocket listener(Poco::Net::SocketAddress("127.0.0.1", 0));
        const int handed = listener.impl()->sockfd();
        const std::string notify = folder.path("notify");

        const pid_t pid = ::fork();
        CPPUNIT_ASSERT(pid >= 0);
        if (pid == 0)
        {
            // The first descriptor that systemd hands over is 3.
            ::dup2(handed, 3);
            ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
            ::setenv("LISTEN_FDS", "1", 1);
            ::setenv("NOTIFY_SOCKET", notify.c_str(), 1);
            ::execl(TENON_TEST_BINARY, "tenon", "--plugins.directory=" TENON_TEST_PLUGINS, nullptr);
            ::_exit(127);
        }
        int status = -1;
        try
        {
            notifications.await("READY=1");
            assertServes(listener.address().port());
            ::kill(pid, SIGTERM);
        }
        catch (...)
        {
            ::kill(pid, SIGKILL);
            ::waitpid(pid, &status, 0);
            throw;
        }
        CPPUNIT_ASSERT_EQUAL(pid, ::waitpid(pid, &status, 0));
        CPPUNIT_ASSERT(WIFEXITED(status));
        CPPUNIT_ASSERT_EQUAL(0, WEXITSTATUS(status));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ServiceManagerTest);
