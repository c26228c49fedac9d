// Reading resources, templates and skills.
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;
using tenon::plugin::CallBackendPtr;

class ResourceTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ResourceTest);
    CPPUNIT_TEST(listedResourcesComeBeforeTemplates);
    CPPUNIT_TEST(unknownResourcesHaveTheCodeOfTheRevision);
    CPPUNIT_TEST(aPluginMaySayNotFound);
    CPPUNIT_TEST(filesOfSkillsNeedNotBeListed);
    CPPUNIT_TEST(skillsAreListedAndGot);
    CPPUNIT_TEST(foldersOfSkillsAreRead);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        server.resource(R"({"uri":"x://a/fixed","name":"a"})");
        server.resourceTemplate(R"({"uriTemplate":"x://a/{id}","name":"t"})");
        server.draft.skills.push_back(
            {"skill://s/SKILL.md", std::string(R"({"uri":"skill://s/SKILL.md"})"), server.plugin});
        server.plugin->read = [this](const CallBackendPtr& call) -> tenon_status
        {
            seen = tenon::base::toJson(call->arguments());
            if (seen.find("gone") != std::string::npos)
                return TENON_ERROR_NOT_FOUND;
            return call->finish(R"({"contents":[]})", nullptr);
        };
        server.publish();
    }

    void listedResourcesComeBeforeTemplates()
    {
        (void)server.modernAnswer("resources/read", R"("uri":"x://a/fixed")");
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"uri":"x://a/fixed"})"), seen);
        (void)server.modernAnswer("resources/read", R"("uri":"x://a/b%20c")");
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"uri":"x://a/b%20c","template":"x://a/{id}","variables":{"id":"b c"}})"),
                             seen);
    }

    void unknownResourcesHaveTheCodeOfTheRevision()
    {
        const auto modern = server.modernAnswer("resources/read", R"("uri":"x://none")");
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"), at(modern, "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"x://none\""), at(modern, "/error/data/uri"));
        const auto legacy = LegacyClient(server).answer("resources/read", R"("uri":"x://none")");
        CPPUNIT_ASSERT_EQUAL(std::string("-32002"), at(legacy, "/error/code"));
    }

    void aPluginMaySayNotFound()
    {
        const auto modern = server.modernAnswer("resources/read", R"("uri":"x://a/gone")");
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"), at(modern, "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"x://a/gone\""), at(modern, "/error/data/uri"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32002"),
                             at(LegacyClient(server).answer("resources/read", R"("uri":"x://a/gone")"), "/error/code"));
    }

    void filesOfSkillsNeedNotBeListed()
    {
        (void)server.modernAnswer("resources/read", R"("uri":"skill://s/deep/file.txt")");
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"uri":"skill://s/deep/file.txt"})"), seen);
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(server.modernAnswer("resources/read", R"("uri":"skill://t/x")"), "/error/code"));
    }

    void skillsAreListedAndGot()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("\"skill://s/SKILL.md\""),
                             at(server.modernAnswer("skills/list"), "/result/skills/0/uri"));
        const auto got = server.modernAnswer("skills/get", R"("uri":"skill://s/SKILL.md")");
        CPPUNIT_ASSERT_EQUAL(std::string("\"skill://s/SKILL.md\""), at(got, "/result/skill/uri"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(server.modernAnswer("skills/get", R"("uri":"skill://none")"), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(server.modernAnswer("server/discover"),
                                                   "/result/capabilities/extensions/io.modelcontextprotocol~1skills"));
    }

    void foldersOfSkillsAreRead()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string("-32602"),
            at(server.modernAnswer("resources/directory/read", R"("uri":"skill://s")"), "/error/code"));
        server.plugin->readDirectory = [this](const CallBackendPtr& call)
        {
            seen = tenon::base::toJson(call->arguments());
            return call->finish(R"({"resources":[]})", nullptr);
        };
        server.publish();
        CPPUNIT_ASSERT_EQUAL(
            std::string("[]"),
            at(server.modernAnswer("resources/directory/read", R"("uri":"skill://s/deep")"), "/result/resources"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"uri":"skill://s/deep"})"), seen);
        CPPUNIT_ASSERT_EQUAL(
            std::string("-32602"),
            at(server.modernAnswer("resources/directory/read", R"("uri":"skill://sx")"), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"directoryRead":true})"),
                             at(server.modernAnswer("server/discover"),
                                "/result/capabilities/extensions/io.modelcontextprotocol~1skills"));
    }

private:
    std::string seen;
    TestServer server;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ResourceTest);
