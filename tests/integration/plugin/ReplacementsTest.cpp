#include "integration/plugin/Crowd.h"
#include "support/Mcp.h"
#include "support/Sanitizer.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <Poco/Environment.h>
#include <Poco/NumberParser.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <unistd.h>

using namespace tenon::tests;

/// A plugin that is replaced again and again by new versions of its file while clients call it.
class ReplacementsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ReplacementsTest);
    CPPUNIT_TEST(aThousandReplacementsUnderLoad);
    CPPUNIT_TEST(replacementsOfWorkersUnderLoad);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* MARK = "VERSION-000000";

    /// What a process holds.
    struct Holdings
    {
        std::size_t descriptors = 0;
        std::size_t residentKb = 0;
    };

    static Holdings holdingsOf(int process)
    {
        const std::string folder = "/proc/" + std::to_string(process);
        Holdings holdings;
        const std::filesystem::directory_iterator descriptors(folder + "/fd");
        holdings.descriptors = static_cast<std::size_t>(std::distance(begin(descriptors), end(descriptors)));
        std::size_t pages = 0, resident = 0;
        std::ifstream(folder + "/statm") >> pages >> resident;
        holdings.residentKb = resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) / 1024;
        return holdings;
    }

    static std::string versionOf(int number)
    {
        char text[32];
        std::snprintf(text, sizeof text, "VERSION-%06d", number);
        return text;
    }

    /// Puts another version in the place of the file, in one step.
    static void put(const TemporaryFolder& folder, int number)
    {
        std::ifstream file(TENON_TEST_FIXTURES "/versioned.so", std::ios::binary);
        std::string library((std::istreambuf_iterator<char>(file)), {});
        const auto mark = library.find(MARK);
        CPPUNIT_ASSERT(mark != std::string::npos);
        const std::string version = versionOf(number);
        library.replace(mark, version.size(), version);
        const std::string fresh = folder.write(".fresh", library);
        std::filesystem::rename(fresh, folder.path("versioned.so"));
    }

    static std::string served(RawConnection& connection)
    {
        connection.send(request("POST", "/mcp", modernHeaders("tools/call", "version"),
                                modernBody("1", "tools/call", R"("name":"version","arguments":{})")));
        return toolText(connection.receive().body);
    }

    /// How many replacements; fewer where everything is slower.
    static int rounds() { return Poco::NumberParser::parse(Poco::Environment::get("TENON_TEST_REPLACEMENTS", "1000")); }

    void aThousandReplacementsUnderLoad() { replace("none", rounds()); }
    void replacementsOfWorkersUnderLoad() { replace("process", rounds() / 5); }

    static void replace(const std::string& isolation, int last)
    {
        const TemporaryFolder folder;
        put(folder, 0);
        const auto server =
            ServerProcess::serve({"--plugins.directory=" + folder.path(), "--plugins.reload=true",
                                  "--plugins.settleMs=10", "--log.level=warning", "--plugins.isolation=" + isolation},
                                 ServerProcess::ONE_HEAP);
        const int warm = last / 10;
        Holdings before, after;
        {
            Crowd crowd(server->port(), 4);
            RawConnection connection(server->port());
            CPPUNIT_ASSERT_EQUAL(std::string(MARK), served(connection));
            for (int round = 1; round <= last; ++round)
            {
                put(folder, round);
                const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
                while (served(connection) != versionOf(round))
                {
                    CPPUNIT_ASSERT_MESSAGE(versionOf(round) + " did not come:\n" + server->output(),
                                           std::chrono::steady_clock::now() < until);
                    std::this_thread::sleep_for(std::chrono::milliseconds(2));
                }
                if (round == warm)
                    before = holdingsOf(server->pid());
            }
            after = holdingsOf(server->pid());
            crowd.assertContent("a plugin was replaced " + std::to_string(last) + " times");
        }
        CPPUNIT_ASSERT_MESSAGE(std::to_string(before.descriptors) + " descriptors, then " +
                                   std::to_string(after.descriptors),
                               after.descriptors <= before.descriptors + 8);
        CPPUNIT_ASSERT_MESSAGE(std::to_string(before.residentKb) + " KiB, then " + std::to_string(after.residentKb),
                               UNDER_SANITIZER || after.residentKb <= before.residentKb + 8 * 1024);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(server->output(), 0, server->stop());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReplacementsTest);
