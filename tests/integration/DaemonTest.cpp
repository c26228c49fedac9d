#include "support/Mcp.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/NumberParser.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

using namespace tenon::tests;
using namespace std::chrono_literals;

class DaemonTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DaemonTest);
    CPPUNIT_TEST(daemonServesAndEnds);
    CPPUNIT_TEST_SUITE_END();

    static void waitUntil(const std::string& what, const std::function<bool()>& done)
    {
        const auto deadline = std::chrono::steady_clock::now() + ServerProcess::DEFAULT_LIMIT;
        while (!done())
        {
            CPPUNIT_ASSERT_MESSAGE(what, std::chrono::steady_clock::now() < deadline);
            std::this_thread::sleep_for(10ms);
        }
    }

    /// Nobody sees what a daemon prints, so its port is chosen for it.
    static std::uint16_t freePort()
    {
        return Poco::Net::ServerSocket(Poco::Net::SocketAddress("127.0.0.1", 0)).address().port();
    }

    void daemonServesAndEnds()
    {
        const TemporaryFolder folder;
        const std::string config = folder.write("tenon.properties", "plugins.directory = " TENON_TEST_PLUGINS "\n");
        const std::uint16_t port = freePort();
        const auto launcher =
            ServerProcess::start({"--daemon", "--pidfile=" + folder.path("tenon.pid"), "--config=" + config,
                                  "--http.port=" + std::to_string(port), "--log.file=" + folder.path("tenon.log")});
        CPPUNIT_ASSERT_EQUAL(0, launcher->waitForEnd());

        waitUntil("no process id was written: " + launcher->output(),
                  [&] { return !folder.read("tenon.pid").empty() && folder.read("tenon.pid").back() == '\n'; });
        const int pid =
            Poco::NumberParser::parse(folder.read("tenon.pid").substr(0, folder.read("tenon.pid").find('\n')));
        try
        {
            waitUntil("it does not listen: " + folder.read("tenon.log"),
                      [&]
                      {
                          try
                          {
                              return exchange(port, "GET", "/ready").status == 200;
                          }
                          catch (const Poco::Exception&)
                          {
                              return false;
                          }
                      });
            assertServes(port);
            ::kill(pid, SIGTERM);
            waitUntil("it did not end: " + folder.read("tenon.log"), [&] { return ::kill(pid, 0) != 0; });
        }
        catch (...)
        {
            ::kill(pid, SIGKILL);
            throw;
        }
        CPPUNIT_ASSERT_EQUAL_MESSAGE("the file with its process id stays", std::string(), folder.read("tenon.pid"));
        CPPUNIT_ASSERT(!folder.read("tenon.log").empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DaemonTest);
