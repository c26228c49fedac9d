#include "guard/login/Rules.h"
#include "guard/login/Types.h"

#include "unit/guard/Fixture.h"

#include <Poco/Exception.h>

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using base::Access;
using guard::Rules;

class RulesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RulesTest);
    CPPUNIT_TEST(everything);
    CPPUNIT_TEST(toolsByGlob);
    CPPUNIT_TEST(taking);
    CPPUNIT_TEST(readOnly);
    CPPUNIT_TEST(resourcesDoNotClimb);
    CPPUNIT_TEST(parsed);
    CPPUNIT_TEST(parsedStrictly);
    CPPUNIT_TEST(narrowing);
    CPPUNIT_TEST(builtInTypes);
    CPPUNIT_TEST(ownTypes);
    CPPUNIT_TEST(whatATypeDoesNotNameIsDenied);
    CPPUNIT_TEST(twoSpellingsAreOneResource);
    CPPUNIT_TEST_SUITE_END();

    static guard::Types types(std::map<std::string, std::string> settings)
    {
        return guard::Types(*base::Settings::of(std::move(settings), guard::settings()));
    }

public:
    void everything()
    {
        const Rules rules({});
        CPPUNIT_ASSERT(rules.allowsEverything());
        CPPUNIT_ASSERT(rules.allows(Access::TOOL, "rm", false));
        CPPUNIT_ASSERT(rules.allows(Access::RESOURCE, "file:///a/../b", true));
        CPPUNIT_ASSERT(!rules.allows(Access::STATS, {}, false));
        CPPUNIT_ASSERT(!rules.allows(Access::BROADCAST, {}, false));
    }

    void toolsByGlob()
    {
        const Rules rules({{"read_*", "list"}, {}, {"greet"}, false, false, false});
        CPPUNIT_ASSERT(!rules.allowsEverything());
        CPPUNIT_ASSERT(rules.allows(Access::TOOL, "read_file", false));
        CPPUNIT_ASSERT(rules.allows(Access::TOOL, "list", false));
        CPPUNIT_ASSERT(!rules.allows(Access::TOOL, "write_file", true));
        CPPUNIT_ASSERT(!rules.allows(Access::RESOURCE, "file:///a", true));
        CPPUNIT_ASSERT(rules.allows(Access::PROMPT, "greet", true));
        CPPUNIT_ASSERT(!rules.allows(Access::PROMPT, "other", true));
    }

    void taking()
    {
        const Rules rules({{"*", "!delete_*"}, {"*"}, {"*"}, false, false, false});
        CPPUNIT_ASSERT(rules.allows(Access::TOOL, "read", false));
        CPPUNIT_ASSERT(!rules.allows(Access::TOOL, "delete_all", false));
        CPPUNIT_ASSERT(!rules.allowsEverything());
    }

    void readOnly()
    {
        const Rules rules({{"*"}, {"*"}, {"*"}, true, false, false});
        CPPUNIT_ASSERT(rules.allows(Access::TOOL, "read", true));
        CPPUNIT_ASSERT(!rules.allows(Access::TOOL, "write", false));
        CPPUNIT_ASSERT(!rules.allowsEverything());
    }

    void resourcesDoNotClimb()
    {
        const Rules rules({{}, {"file:///data/**"}, {}, false, false, false});
        CPPUNIT_ASSERT(rules.allows(Access::RESOURCE, "file:///data/a/b", true));
        for (const char* uri : {"file:///data/../etc/passwd", "file:///data/%2e%2E/etc", "file:///data/a/..",
                                "file:///data/..%2fetc", "file:///data/.\\..\\etc", "file:///etc/passwd"})
            CPPUNIT_ASSERT_MESSAGE(uri, !rules.allows(Access::RESOURCE, uri, true));
    }

    void parsed()
    {
        const Rules rules = Rules::parse({"tool:read_*", "resources:file:///a/*", "stats", "!tools:read_x"}, false);
        CPPUNIT_ASSERT(rules.allows(Access::TOOL, "read_file", false));
        CPPUNIT_ASSERT(!rules.allows(Access::TOOL, "read_x", false));
        CPPUNIT_ASSERT(!rules.allows(Access::TOOL, "write", false));
        CPPUNIT_ASSERT(rules.allows(Access::RESOURCE, "file:///a/b", true));
        CPPUNIT_ASSERT(!rules.allows(Access::PROMPT, "greet", true));
        CPPUNIT_ASSERT(rules.allows(Access::STATS, {}, false));
        CPPUNIT_ASSERT(!rules.allows(Access::BROADCAST, {}, false));
        CPPUNIT_ASSERT(Rules::parse({"*"}, false).allows(Access::BROADCAST, {}, false));
        CPPUNIT_ASSERT(!Rules::parse({"readonly"}, false).allows(Access::TOOL, "w", false));
        CPPUNIT_ASSERT(Rules::parse({"readonly"}, false).allows(Access::TOOL, "r", true));
    }

    void parsedStrictly()
    {
        CPPUNIT_ASSERT_THROW((void)Rules::parse({"tol:x"}, false), Poco::InvalidArgumentException);
        CPPUNIT_ASSERT_THROW((void)Rules::parse({"tool:"}, false), Poco::InvalidArgumentException);
        const Rules rules = Rules::parse({"read:users"}, true);
        CPPUNIT_ASSERT(!rules.allows(Access::TOOL, "any", true));
    }

    void narrowing()
    {
        const auto type = std::make_shared<Rules>(Rules::Options{{"*"}, {"*"}, {"*"}, true, false, false});
        const auto own = std::make_shared<Rules>(Rules::parse({"tool:a*", "stats"}, false));
        const auto both = guard::narrowed(type, own);
        CPPUNIT_ASSERT(both->allows(Access::TOOL, "a1", true));
        CPPUNIT_ASSERT(!both->allows(Access::TOOL, "a1", false));
        CPPUNIT_ASSERT(!both->allows(Access::TOOL, "b1", true));
        CPPUNIT_ASSERT_MESSAGE("a token cannot give what its type has not", !both->allows(Access::STATS, {}, false));
    }

    void builtInTypes()
    {
        const guard::Types known = types({});
        CPPUNIT_ASSERT(known.find("master")->permissions->allows(Access::BROADCAST, {}, false));
        CPPUNIT_ASSERT(!known.find("team")->permissions->allows(Access::BROADCAST, {}, false));
        CPPUNIT_ASSERT(known.find("team")->permissions->allows(Access::TOOL, "w", false));
        CPPUNIT_ASSERT(!known.find("readonly")->permissions->allows(Access::TOOL, "w", false));
        CPPUNIT_ASSERT(known.find("readonly")->permissions->allows(Access::TOOL, "r", true));
        CPPUNIT_ASSERT(!known.find("nobody"));
        CPPUNIT_ASSERT_THROW((void)known.require("nobody", "here"), Poco::InvalidArgumentException);
    }

    void ownTypes()
    {
        const guard::Types known = types({{"auth.types.ci.tools", "build_*, test_*"},
                                          {"auth.types.ci.stats", "true"},
                                          {"auth.types.ci.maxSessions", "3"},
                                          {"auth.types.ci.rate", "120"},
                                          {"auth.types.readonly.readOnly", "false"}});
        const guard::PrincipalType* ci = known.find("ci");
        CPPUNIT_ASSERT(ci && ci->permissions->allows(Access::TOOL, "build_all", false));
        CPPUNIT_ASSERT(!ci->permissions->allows(Access::TOOL, "deploy", false));
        CPPUNIT_ASSERT(ci->permissions->allows(Access::STATS, {}, false));
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(3), ci->limits.sessions.value());
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(120), ci->limits.requestsPerMinute);
        CPPUNIT_ASSERT(!ci->limits.streams);
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), ci->limits.most(ci->limits.sessions, 10'000));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("a tenth of all", std::size_t(1500), ci->limits.most(ci->limits.streams, 15'000));
        CPPUNIT_ASSERT_EQUAL(std::size_t(8), ci->limits.most(ci->limits.streams, 3));
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), ci->limits.most(ci->limits.streams, 0));
        const guard::Types shared = types({{"limits.share", "100"}, {"auth.types.team.maxStreams", "0"}});
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), shared.find("master")->limits.most({}, 15'000));
        CPPUNIT_ASSERT(known.find("readonly")->permissions->allows(Access::TOOL, "w", false));
    }

    void whatATypeDoesNotNameIsDenied()
    {
        const guard::Types known = types({{"auth.types.clocks.tools", "clock_*"},
                                          {"auth.types.team.prompts", "greet"},
                                          {"auth.types.idle.rate", "10"},
                                          {"auth.types.master.rate", "10"}});
        const auto& clocks = *known.find("clocks")->permissions;
        CPPUNIT_ASSERT(clocks.allows(Access::TOOL, "clock_now", false));
        CPPUNIT_ASSERT(!clocks.allows(Access::RESOURCE, "file:///a", true));
        CPPUNIT_ASSERT(!clocks.allows(Access::PROMPT, "greet", true));
        const auto& team = *known.find("team")->permissions;
        CPPUNIT_ASSERT(team.allows(Access::PROMPT, "greet", true));
        CPPUNIT_ASSERT(!team.allows(Access::TOOL, "clock_now", true));
        CPPUNIT_ASSERT_MESSAGE("an own type starts from nothing",
                               !known.find("idle")->permissions->allows(Access::TOOL, "clock_now", true));
        CPPUNIT_ASSERT_MESSAGE("a rate names nothing", known.find("master")->permissions->allowsEverything());
    }

    void twoSpellingsAreOneResource()
    {
        const Rules rules({{}, {"Nasty://T/a/*", "!nasty://t/a/secret"}, {}, false, false, false});
        for (const char* uri : {"nasty://t/a/x", "NASTY://T/a/x", "nasty://t/%61/x", "nasty://t/a/x%20y"})
            CPPUNIT_ASSERT_MESSAGE(uri, rules.allows(Access::RESOURCE, uri, true));
        for (const char* uri : {"nasty://t/a/..?x", "nasty://t/a/..#x", "nasty://t/a/%2e%2e?x", "nasty://t/a/.%2E",
                                "nasty://t/a/%252e%252e", "nasty://t/a/%25252525252e", "nasty://t/a/..;x",
                                "nasty://t/a/..%3fx", "nasty://t/a/x%2f..", "nasty://t/A/x", "nasty://t/a/%73ecret",
                                "nasty://t/a/secre%74", "nasty://t:80/a/x", "nasty:/t/a/x", "nasty://t/a/x/y"})
            CPPUNIT_ASSERT_MESSAGE(uri, !rules.allows(Access::RESOURCE, uri, true));
        CPPUNIT_ASSERT(rules.allows(Access::RESOURCE, "nasty://t/a/...", true));
        CPPUNIT_ASSERT(rules.allows(Access::RESOURCE, "nasty://t/a/.hidden", true));
        CPPUNIT_ASSERT(!Rules({{}, {"x:a*"}, {}, false, false, false}).allows(Access::RESOURCE, "x:..", true));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RulesTest);
