#include "Fixture.h"

#include <Poco/Data/Statement.h>

#include <atomic>
#include <sqlite3.h>
#include <thread>

using namespace tenon::sqlite;

/// Statements that would run for hours end when nobody wants their answer any more.
class SqliteInterruptTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SqliteInterruptTest);
    CPPUNIT_TEST(aQueryEndsWhenItsCallIsCancelled);
    CPPUNIT_TEST(anExecutionEndsAndLeavesNothing);
    CPPUNIT_TEST(theTimeoutEndsIt);
    CPPUNIT_TEST(theConnectionIsAsGoodAsNew);
    CPPUNIT_TEST(waitingForAConnectionEnds);
    CPPUNIT_TEST(waitingForALockEnds);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                                           "SELECT count(*) FROM n";

    Fixture _fixture;

    /// Stops at the third time it is asked: the statement was running by then.
    struct Third
    {
        std::atomic<int> asked{0};
        Stop stop()
        {
            return [this] { return ++asked >= 3; };
        }
    };

    void aQueryEndsWhenItsCallIsCancelled()
    {
        Database database(_fixture.options());
        Third third;
        refused(Reason::CANCELLED, [&] { database.query(ENDLESS, {}, 10, third.stop()); });
        CPPUNIT_ASSERT(third.asked >= 3);

        // From another thread, as a server does.
        std::atomic<bool> cancelled{false};
        std::atomic<bool> running{false};
        std::thread client(
            [&]
            {
                while (!running)
                    std::this_thread::yield();
                cancelled = true;
            });
        refused(Reason::CANCELLED,
                [&]
                {
                    database.query(ENDLESS, {}, 10,
                                   [&]
                                   {
                                       running = true;
                                       return cancelled.load();
                                   });
                });
        client.join();
    }

    void anExecutionEndsAndLeavesNothing()
    {
        Database database(_fixture.options(false));
        Third third;
        refused(Reason::CANCELLED,
                [&]
                {
                    database.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                                     "INSERT INTO people (name) SELECT 'x' || i FROM n",
                                     {}, third.stop());
                });
        CPPUNIT_ASSERT_EQUAL(std::int64_t(3),
                             integer(database.query("SELECT count(*) FROM people", {}, 1, {}).rows[0][0]));
    }

    void theTimeoutEndsIt()
    {
        Options options = _fixture.options();
        options.statementTimeout = std::chrono::milliseconds(20);
        Database database(options);
        CPPUNIT_ASSERT(contains(refused(Reason::LIMIT, [&] { database.query(ENDLESS, {}, 10, {}); }), "longer"));
    }

    void theConnectionIsAsGoodAsNew()
    {
        Options options = _fixture.options();
        options.connections = 1;
        Database database(options);
        for (int i = 0; i < 3; ++i)
        {
            Third third;
            refused(Reason::CANCELLED, [&] { database.query(ENDLESS, {}, 10, third.stop()); });
            CPPUNIT_ASSERT_EQUAL(std::size_t(3), database.query("SELECT * FROM people", {}, 10, {}).rows.size());
        }
    }

    void waitingForAConnectionEnds()
    {
        Options options = _fixture.options();
        options.connections = 1;
        ConnectionPool pool(options);
        const auto held = pool.take({});
        Third third;
        refused(Reason::CANCELLED, [&] { pool.take(third.stop()); });
        CPPUNIT_ASSERT_EQUAL(3, third.asked.load());
    }

    void waitingForALockEnds()
    {
        Database database(_fixture.options(false));
        Connection holder(_fixture.options(false));
        sqlite3_set_authorizer(holder.native(), nullptr, nullptr);
        holder.session() << "BEGIN EXCLUSIVE", Poco::Data::Keywords::now;
        Third third;
        refused(Reason::CANCELLED, [&] { database.execute("DELETE FROM people", {}, third.stop()); });
        Options impatient = _fixture.options(false);
        impatient.busyTimeout = std::chrono::milliseconds(10);
        Database other(impatient);
        CPPUNIT_ASSERT(
            contains(refused(Reason::FAILED, [&] { other.execute("DELETE FROM people", {}, {}); }), "locked"));
        holder.session() << "ROLLBACK", Poco::Data::Keywords::now;
        CPPUNIT_ASSERT_EQUAL(std::int64_t(3), database.execute("DELETE FROM people", {}, {}).changed);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SqliteInterruptTest);
