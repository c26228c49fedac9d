#include "app/log/Logging.h"
#include "base/settings/Settings.h"
#include "support/TemporaryFolder.h"

#include <Poco/Logger.h>

#include <cppunit/extensions/HelperMacros.h>

#include <map>
#include <string>
#include <thread>

using namespace tenon;

class LoggingTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LoggingTest);
    CPPUNIT_TEST(everyRoomHasALevelOfItsOwn);
    CPPUNIT_TEST(aPluginHasOneToo);
    CPPUNIT_TEST(linesSayWhichThreadLogged);
    CPPUNIT_TEST_SUITE_END();

    const tests::TemporaryFolder _folder;

    /// What is logged with these settings.
    template <typename Log>
    std::string logged(std::map<std::string, std::string> values, const std::string& file, Log log) const
    {
        values.emplace("log.file", _folder.path(file));
        const auto settings = base::Settings::of(std::move(values), app::allSettings());
        {
            const app::Logging logging(app::Settings::read(*settings).log, *settings);
            log();
        }
        return _folder.read(file);
    }

public:
    void tearDown() override { Poco::Logger::shutdown(); }

    void everyRoomHasALevelOfItsOwn()
    {
        for (const std::string room : app::logRooms())
        {
            const auto all = [&](const std::string& word)
            {
                for (const std::string each : app::logRooms())
                    Poco::Logger::get("tenon." + each).information(word + " of " + each);
            };
            // Louder than the others, and quieter.
            const std::string loud =
                logged({{"log.level", "error"}, {"log.level." + room, "debug"}}, room + ".loud", [&] { all("word"); });
            CPPUNIT_ASSERT_MESSAGE(loud, loud.find("word of " + room + "\n") != std::string::npos);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(loud, loud.find("word of"), loud.rfind("word of"));
            const std::string quiet = logged({{"log.level." + room, "error"}}, room + ".quiet", [&] { all("word"); });
            for (const std::string each : app::logRooms())
                CPPUNIT_ASSERT_EQUAL_MESSAGE(quiet, each != room,
                                             quiet.find("word of " + each + "\n") != std::string::npos);
        }
    }

    void aPluginHasOneToo()
    {
        const std::string text = logged({{"log.level", "error"}, {"log.level.plugin.clock", "information"}}, "plugin",
                                        []
                                        {
                                            Poco::Logger::get("tenon.plugin.clock").information("of clock");
                                            Poco::Logger::get("tenon.plugin.sysinfo").information("of sysinfo");
                                        });
        CPPUNIT_ASSERT_MESSAGE(text, text.find("of clock") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("of sysinfo") == std::string::npos);
    }

    void linesSayWhichThreadLogged()
    {
        const auto threadIn = [](const std::string& line) { return line.substr(line.find("\"thread\":")); };
        std::string lines = logged({{"log.format", "json"}}, "threads",
                                   []
                                   {
                                       Poco::Logger::get("tenon.app").information("here");
                                       std::thread([] { Poco::Logger::get("tenon.app").information("there"); }).join();
                                   });
        const std::string first = lines.substr(0, lines.find('\n')), second = lines.substr(lines.find('\n') + 1);
        CPPUNIT_ASSERT_MESSAGE(lines, first.find("\"here\"") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(lines, second.find("\"there\"") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(lines, threadIn(first) != threadIn(second.substr(0, second.find('\n'))));
        CPPUNIT_ASSERT_MESSAGE(lines, first.find("\"thread\":0") == std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LoggingTest);
