#include "mcp/sessions/HolderSessions.h"

#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace tenon::mcp
{

class HolderSessionsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HolderSessionsTest);
    CPPUNIT_TEST(eachLookGivesOthers);
    CPPUNIT_TEST(whatEndedIsNotFound);
    CPPUNIT_TEST(othersSessionsAreNotLookedAt);
    CPPUNIT_TEST_SUITE_END();

    struct One
    {
        SessionPtr session;
        std::unique_ptr<HolderSessions::Listed> listed;
    };

    HolderSessions _sessions;

    One open(const std::string& holder, const std::string& id)
    {
        auto session =
            std::make_shared<Session>(id, std::make_shared<base::Principal>(), Transport::STREAMABLE_HTTP, nullptr);
        return {session, std::make_unique<HolderSessions::Listed>(_sessions, holder, session)};
    }

    std::set<std::string> look(const std::string& holder, std::size_t most)
    {
        std::set<std::string> ids;
        for (const auto& session : _sessions.next(holder, most))
            ids.insert(session->id);
        return ids;
    }

public:
    void eachLookGivesOthers()
    {
        std::vector<One> all;
        for (const char* id : {"a", "b", "c", "d", "e"})
            all.push_back(open("one", id));
        CPPUNIT_ASSERT((look("one", 2) == std::set<std::string>{"a", "b"}));
        CPPUNIT_ASSERT((look("one", 2) == std::set<std::string>{"c", "d"}));
        CPPUNIT_ASSERT((look("one", 2) == std::set<std::string>{"e", "a"}));
        CPPUNIT_ASSERT_EQUAL(std::size_t(5), look("one", 64).size());
    }

    void whatEndedIsNotFound()
    {
        std::vector<One> all;
        for (const char* id : {"a", "b", "c"})
            all.push_back(open("one", id));
        all.erase(all.begin() + 1);
        CPPUNIT_ASSERT((look("one", 64) == std::set<std::string>{"a", "c"}));
        all.clear();
        CPPUNIT_ASSERT(look("one", 64).empty());
        all.push_back(open("one", "d"));
        CPPUNIT_ASSERT((look("one", 64) == std::set<std::string>{"d"}));
    }

    void othersSessionsAreNotLookedAt()
    {
        const One mine = open("one", "a"), theirs = open("two", "b");
        CPPUNIT_ASSERT((look("one", 64) == std::set<std::string>{"a"}));
        CPPUNIT_ASSERT((look("two", 64) == std::set<std::string>{"b"}));
        CPPUNIT_ASSERT(look("three", 64).empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HolderSessionsTest);

} // namespace tenon::mcp
