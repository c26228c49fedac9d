#include "TryingServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cstdlib>
#include <fstream>

using namespace tenon::tests;

/// The examples of the manual page work as they stand: each line between .EX and .EE is typed in a shell.
class ManualTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ManualTest);
    CPPUNIT_TEST(itsExamplesWork);
    CPPUNIT_TEST_SUITE_END();

    static std::vector<std::string> examples()
    {
        std::vector<std::string> lines;
        std::ifstream page(TENON_TEST_MANUAL);
        bool in = false;
        for (std::string line; std::getline(page, line);)
        {
            if (line == ".EX" || line == ".EE")
                in = line == ".EX";
            else if (in)
            {
                for (std::size_t at = 0; (at = line.find('\\', at)) != std::string::npos;)
                    if (line.compare(at, 2, "\\e") == 0)
                        line.replace(at++, 2, "\\"); // a backslash
                    else
                        line.erase(at, 1); // of a minus sign
                lines.push_back(line);
            }
        }
        return lines;
    }

public:
    void itsExamplesWork()
    {
        const TemporaryFolder home;
        const auto server = ServerProcess::serve(); // with the plugins that ship
        const std::string url = "http://127.0.0.1:" + std::to_string(server->port()) + "/mcp";
        const auto lines = examples();
        CPPUNIT_ASSERT_MESSAGE("a dozen", lines.size() >= 12);
        // The page speaks of a server at the usual port, and of a program in the path.
        const std::string prelude = "tenon() { \"" TENON_TEST_BINARY
                                    "\" \"$@\"; }\nexport TERM=dumb\nset -e -o pipefail\ncd " +
                                    home.path() + "\n";
        for (std::string line : lines)
        {
            const std::string named = "http://127.0.0.1:8080/mcp";
            for (std::size_t at = 0; (at = line.find(named, at)) != std::string::npos;)
                line.replace(at, named.size(), url);
            const std::string started = "-- tenon --stdio";
            if (const auto at = line.find(started); at != std::string::npos)
                line.replace(at, started.size(),
                             "-- " TENON_TEST_BINARY " --stdio --plugins.directory=" TENON_TEST_PLUGINS);
            const std::string script = home.write("example.sh", prelude + line + '\n');
            const std::string log = home.path("example.log");
            const int status = std::system(("HOME=" + home.path() + " bash " + script + " >" + log + " 2>&1").c_str());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(line + "\n" + home.read("example.log"), 0, status);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ManualTest);
