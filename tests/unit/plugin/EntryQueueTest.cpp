#include "plugin/call/EntryQueue.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

namespace tenon::plugin
{

class EntryQueueTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(EntryQueueTest);
    CPPUNIT_TEST(parallelCallsRunAtOnce);
    CPPUNIT_TEST(serialCallsTakeTurnsInOrder);
    CPPUNIT_TEST(sessionsExcludeOnlyThemselves);
    CPPUNIT_TEST(limitOfToolIsHonoured);
    CPPUNIT_TEST(limitOfPluginIsSharedByItsToolsInTurn);
    CPPUNIT_TEST(parkedCallsFreeThePluginButNotTheTool);
    CPPUNIT_TEST(fullQueueRefuses);
    CPPUNIT_TEST(newcomersDoNotOvertake);
    CPPUNIT_TEST_SUITE_END();

    using Concurrency = EntryQueue::Concurrency;
    using Entry = EntryQueue::Entry;

    std::vector<std::string> _resumed;

    std::shared_ptr<EntryQueue> make(Concurrency concurrency, std::size_t limit = 0, std::size_t queue = 10,
                                     std::shared_ptr<PluginLimit> plugin = std::make_shared<PluginLimit>(0))
    {
        return std::make_shared<EntryQueue>(concurrency, limit, queue, plugin);
    }

    Entry enter(EntryQueue& queue, const std::string& name, const std::string& session = "")
    {
        return queue.enter(session, [&] { return [this, name] { _resumed.push_back(name); }; });
    }

    void check(const std::vector<std::string>& expected) { CPPUNIT_ASSERT(_resumed == expected); }

    void parallelCallsRunAtOnce()
    {
        const auto tool = make(Concurrency::PARALLEL);
        for (int call = 0; call < 100; ++call)
            CPPUNIT_ASSERT(enter(*tool, "") == Entry::NOW);
        CPPUNIT_ASSERT_EQUAL(std::size_t(100), tool->running());
        for (int call = 0; call < 100; ++call)
            tool->leave("");
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), tool->running());
    }

    void serialCallsTakeTurnsInOrder()
    {
        const auto tool = make(Concurrency::SERIAL);
        CPPUNIT_ASSERT(enter(*tool, "a") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*tool, "b") == Entry::LATER);
        CPPUNIT_ASSERT(enter(*tool, "c") == Entry::LATER);
        check({});
        tool->leave("");
        check({"b"});
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), tool->running());
        tool->leave("");
        check({"b", "c"});
        tool->leave("");
        CPPUNIT_ASSERT(enter(*tool, "d") == Entry::NOW);
    }

    void sessionsExcludeOnlyThemselves()
    {
        const auto tool = make(Concurrency::SESSION);
        CPPUNIT_ASSERT(enter(*tool, "a1", "a") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*tool, "b1", "b") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*tool, "a2", "a") == Entry::LATER);
        CPPUNIT_ASSERT(enter(*tool, "a3", "a") == Entry::LATER);
        CPPUNIT_ASSERT(enter(*tool, "c1", "c") == Entry::NOW);
        tool->leave("b");
        check({});
        tool->leave("a");
        check({"a2"});
        tool->leave("a");
        check({"a2", "a3"});
        tool->leave("a");
        tool->leave("c");
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), tool->running());
    }

    void limitOfToolIsHonoured()
    {
        const auto tool = make(Concurrency::SESSION, 2);
        CPPUNIT_ASSERT(enter(*tool, "a1", "a") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*tool, "b1", "b") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*tool, "c1", "c") == Entry::LATER);
        CPPUNIT_ASSERT(enter(*tool, "a2", "a") == Entry::LATER);
        tool->leave("a");
        check({"c1"});
        tool->leave("c");
        check({"c1", "a2"});
    }

    void limitOfPluginIsSharedByItsToolsInTurn()
    {
        const auto plugin = std::make_shared<PluginLimit>(1);
        const auto one = make(Concurrency::PARALLEL, 0, 10, plugin);
        const auto other = make(Concurrency::SERIAL, 0, 10, plugin);
        CPPUNIT_ASSERT(enter(*one, "one1") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*one, "one2") == Entry::LATER);
        CPPUNIT_ASSERT(enter(*one, "one3") == Entry::LATER);
        CPPUNIT_ASSERT(enter(*other, "other1") == Entry::LATER);
        one->leave("");
        one->leave("");
        other->leave("");
        check({"one2", "other1", "one3"});
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), plugin->running());
    }

    void parkedCallsFreeThePluginButNotTheTool()
    {
        const auto plugin = std::make_shared<PluginLimit>(1);
        const auto tool = make(Concurrency::PARALLEL, 2, 10, plugin);
        CPPUNIT_ASSERT(enter(*tool, "a") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*tool, "b") == Entry::LATER);
        tool->park();
        check({"b"});
        tool->park();
        CPPUNIT_ASSERT(enter(*tool, "c") == Entry::LATER);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), plugin->running());
        tool->leave("", true);
        check({"b", "c"});
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), plugin->running());
    }

    void fullQueueRefuses()
    {
        const auto tool = make(Concurrency::SERIAL, 0, 1);
        CPPUNIT_ASSERT(enter(*tool, "a") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*tool, "b") == Entry::LATER);
        CPPUNIT_ASSERT(enter(*tool, "c") == Entry::REFUSED);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), tool->queued());
    }

    void newcomersDoNotOvertake()
    {
        const auto tool = make(Concurrency::PARALLEL, 1);
        CPPUNIT_ASSERT(enter(*tool, "a") == Entry::NOW);
        CPPUNIT_ASSERT(enter(*tool, "b") == Entry::LATER);
        CPPUNIT_ASSERT(enter(*tool, "c") == Entry::LATER);
        tool->leave("");
        CPPUNIT_ASSERT(enter(*tool, "d") == Entry::LATER);
        tool->leave("");
        tool->leave("");
        check({"b", "c", "d"});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EntryQueueTest);

} // namespace tenon::plugin
