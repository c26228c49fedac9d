#include "plugin/config/DeclaredSettings.h"
#include "base/settings/SettingsException.h"
#include "plugin/config/PluginSettings.h"

#include <Poco/Exception.h>

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using plugin::DeclaredSettings;

class DeclaredSettingsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DeclaredSettingsTest);
    CPPUNIT_TEST(withoutTheMemberAnyKeyIsTaken);
    CPPUNIT_TEST(knownKeysAreTaken);
    CPPUNIT_TEST(unknownKeysNameTheNearest);
    CPPUNIT_TEST(valuesHaveTheirType);
    CPPUNIT_TEST(requiredKeys);
    CPPUNIT_TEST(declarationsThatAreNone);
    CPPUNIT_TEST(pluginsThatAreNotThere);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* MANIFEST = R"({"name":"files","version":"1","settings":[
        {"name":"roots","type":"paths","help":"Folders"},
        {"name":"maxBytes","type":"size","default":"1M","help":"At most"},
        {"name":"mode","type":"choice","allowed":"fast|safe","default":"safe","help":"How"},
        {"name":"count","type":"integer","allowed":"1..9","default":"3","help":"How often"},
        {"name":"env.*","type":"text","help":"Variables"}]})";

    static base::SettingsPtr settings(std::map<std::string, std::string> values)
    {
        return base::Settings::of(std::move(values), plugin::settings());
    }

    static std::string faults(const std::string& key, const std::string& value)
    {
        return DeclaredSettings::parse(MANIFEST)->faults(*settings({{"plugin.files." + key, value}}), "files");
    }

public:
    void withoutTheMemberAnyKeyIsTaken()
    {
        CPPUNIT_ASSERT(!DeclaredSettings::parse(R"({"name":"x","version":"1"})"));
        const auto none = DeclaredSettings::parse(R"({"name":"x","version":"1","settings":[]})");
        CPPUNIT_ASSERT(none && none->keys().empty());
        CPPUNIT_ASSERT(!none->faults(*settings({{"plugin.x.anything", "1"}}), "x").empty());
    }

    void knownKeysAreTaken()
    {
        for (const auto& [key, value] : {std::pair("roots", "/a,/b"),
                                         {"maxBytes", "4k"},
                                         {"mode", "fast"},
                                         {"count", "9"},
                                         {"env.PATH", "x"},
                                         {"isolation", "process"},
                                         {"tool.read.title", "Read"},
                                         {"sandbox.read", "/a"},
                                         {"limits.memoryMb", "9"}})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(key, std::string(), faults(key, value));
    }

    void unknownKeysNameTheNearest()
    {
        for (const auto& [key, nearest] : {std::pair("rots", "plugin.files.roots"),
                                           {"isolatoin", "plugin.files.isolation"},
                                           {"maxbyte", "plugin.files.maxBytes"},
                                           {"sandbox.raed", "plugin.files.sandbox.read"}})
        {
            const std::string said = faults(key, "x");
            CPPUNIT_ASSERT_MESSAGE(said, said.find("'plugin.files." + std::string(key) + "'") != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(said, said.find("'" + std::string(nearest) + "'") != std::string::npos);
        }
        CPPUNIT_ASSERT(!faults("env", "x").empty());
        CPPUNIT_ASSERT(!faults("env.a.b", "x").empty());
    }

    void valuesHaveTheirType()
    {
        for (const auto& [key, value] :
             {std::pair("maxBytes", "much"), {"mode", "slow"}, {"count", "10"}, {"count", "two"}})
        {
            const std::string said = faults(key, value);
            CPPUNIT_ASSERT_MESSAGE(said, said.find("must be") != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(said, said.find(value) != std::string::npos);
        }
    }

    void requiredKeys()
    {
        const std::string manifest =
            R"({"name":"db","settings":[{"name":"file","type":"path","help":"The file","required":true}]})";
        CPPUNIT_ASSERT_THROW(plugin::requireDeclaredSettings(*settings({}), "db", manifest),
                             Poco::InvalidArgumentException);
        plugin::requireDeclaredSettings(*settings({{"plugin.db.file", "/x"}}), "db", manifest);
        CPPUNIT_ASSERT_THROW(plugin::requireDeclaredSettings(*settings({{"plugin.db.fiel", "/x"}}), "db", manifest),
                             base::SettingsException);
    }

    void declarationsThatAreNone()
    {
        for (const char* declared :
             {R"({"settings":7})", R"({"settings":[7]})", R"({"settings":[{"type":"text"}]})",
              R"({"settings":[{"name":"a"}]})", R"({"settings":[{"name":"a","type":"colour"}]})"})
            CPPUNIT_ASSERT_THROW_MESSAGE(declared, (void)DeclaredSettings::parse(declared),
                                         Poco::InvalidArgumentException);
    }

    void pluginsThatAreNotThere()
    {
        const auto lines = plugin::settingsOfNobody(
            *settings({{"plugin.clok.prefix", "x"}, {"plugin.clock.prefix", "y"}}), {"clock", "files"});
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), lines.size());
        CPPUNIT_ASSERT_MESSAGE(lines[0], lines[0].find("'plugin.clok.prefix'") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(lines[0], lines[0].find("'clock'") != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DeclaredSettingsTest);
