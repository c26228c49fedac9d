#include "store/MemoryTaskStore.h"

#include <Poco/Exception.h>
#include <cppunit/extensions/HelperMacros.h>

#include <limits>
#include <string>

using tenon::store::MemoryTaskStore;
using tenon::store::TaskRecord;
using tenon::store::TaskStatus;

class MemoryTaskStoreTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(MemoryTaskStoreTest);
    CPPUNIT_TEST(whatWasAddedIsFound);
    CPPUNIT_TEST(theNumberIsLimited);
    CPPUNIT_TEST(changesAreOneStep);
    CPPUNIT_TEST(listsAreByPrincipalInOrderOfCreation);
    CPPUNIT_TEST(expiryFollowsTheTtl);
    CPPUNIT_TEST_SUITE_END();

public:
    void whatWasAddedIsFound()
    {
        MemoryTaskStore store;
        store.add(task("a", "p"));
        CPPUNIT_ASSERT(store.get("a"));
        CPPUNIT_ASSERT_EQUAL(std::string("p"), store.get("a")->principal);
        CPPUNIT_ASSERT(!store.get("b"));
    }

    void theNumberIsLimited()
    {
        MemoryTaskStore store(1);
        store.add(task("a", "p"));
        CPPUNIT_ASSERT_THROW(store.add(task("b", "p")), Poco::RuntimeException);
    }

    void changesAreOneStep()
    {
        MemoryTaskStore store;
        auto old = task("a", "p");
        old.updatedAt = Poco::Timestamp(0);
        store.add(old);
        CPPUNIT_ASSERT(!store.update("b", [](TaskRecord&) { return true; }));
        CPPUNIT_ASSERT(!store.update("a", [](TaskRecord&) { return false; }));
        CPPUNIT_ASSERT(store.get("a")->updatedAt == Poco::Timestamp(0));
        CPPUNIT_ASSERT(store.update("a",
                                    [](TaskRecord& record)
                                    {
                                        record.status = TaskStatus::COMPLETED;
                                        return true;
                                    }));
        CPPUNIT_ASSERT(store.get("a")->status == TaskStatus::COMPLETED);
        CPPUNIT_ASSERT(store.get("a")->updatedAt > Poco::Timestamp(0));
    }

    void listsAreByPrincipalInOrderOfCreation()
    {
        MemoryTaskStore store;
        for (const char* id : {"z", "a", "m", "b"})
            store.add(task(id, "p"));
        store.add(task("other", "q"));
        const auto first = store.list("p", {}, 2);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), first.size());
        CPPUNIT_ASSERT_EQUAL(std::string("z"), first[0].id);
        const auto second = store.list("p", "a", 10);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), second.size());
        CPPUNIT_ASSERT_EQUAL(std::string("m"), second[0].id);
        CPPUNIT_ASSERT_THROW((void)store.list("p", "none", 1), Poco::NotFoundException);
    }

    void expiryFollowsTheTtl()
    {
        MemoryTaskStore store;
        auto old = task("old", "p");
        old.createdAt -= 100'000'000; // the time of day says nothing: somebody may set the clock
        old.ttlMs = 0;
        auto young = old;
        young.id = "young";
        young.ttlMs = 60'000;
        auto eternal = old;
        eternal.id = "eternal";
        eternal.ttlMs = std::nullopt;
        auto longest = old; // more microseconds than fit
        longest.id = "longest";
        longest.ttlMs = std::numeric_limits<std::int64_t>::max();
        for (const auto& record : {old, young, eternal, longest})
            store.add(record);
        CPPUNIT_ASSERT(std::vector<std::string>({"old"}) == store.expire());
        CPPUNIT_ASSERT(store.expire().empty());
        CPPUNIT_ASSERT(!store.get("old"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), store.list("p", {}, 10).size());
    }

private:
    static TaskRecord task(const std::string& id, const std::string& principal)
    {
        TaskRecord record;
        record.id = id;
        record.principal = principal;
        return record;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MemoryTaskStoreTest);
