#include "Fixture.h"

#include "sqlite/JsonForm.h"

#include <atomic>
#include <cmath>
#include <thread>

using namespace tenon::sqlite;

class SqliteQueryTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SqliteQueryTest);
    CPPUNIT_TEST(valuesKeepTheirTypes);
    CPPUNIT_TEST(columnsTellNamesAndDeclaredTypes);
    CPPUNIT_TEST(rowLimits);
    CPPUNIT_TEST(answersHaveALargestSize);
    CPPUNIT_TEST(valuesHaveALargestSize);
    CPPUNIT_TEST(changesAreCounted);
    CPPUNIT_TEST(returningGivesRows);
    CPPUNIT_TEST(returningChangesAllRowsEvenIfNotAllAreShown);
    CPPUNIT_TEST(constraintsFailAsAWhole);
    CPPUNIT_TEST(mistakesAreExplained);
    CPPUNIT_TEST(manyAtOnce);
    CPPUNIT_TEST(missingDatabases);
    CPPUNIT_TEST(whatJsonHasNoFormFor);
    CPPUNIT_TEST(aDatabaseThatIsReplacedIsTheNewOne);
    CPPUNIT_TEST_SUITE_END();

    Fixture _fixture;

    void valuesKeepTheirTypes()
    {
        Database database(_fixture.options());
        // A column without a declared type, one that holds what its type does not say, big numbers.
        const Rows rows = database.query("SELECT count(*), 9223372036854775807, -0.5, 'x' || 'y', NULL, x'00ff', photo "
                                         "FROM people WHERE id = 1",
                                         {}, 10, {});
        const Row& row = rows.rows.at(0);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), integer(row[0]));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(INT64_MAX), integer(row[1]));
        CPPUNIT_ASSERT_EQUAL(-0.5, std::get<double>(row[2]));
        CPPUNIT_ASSERT_EQUAL(std::string("xy"), text(row[3]));
        CPPUNIT_ASSERT(std::holds_alternative<std::nullptr_t>(row[4]));
        CPPUNIT_ASSERT_EQUAL(std::string("\0\xFF", 2), std::get<Blob>(row[5]).data);
        CPPUNIT_ASSERT_EQUAL(std::string("\0\xFF", 2), std::get<Blob>(row[6]).data);
    }

    void columnsTellNamesAndDeclaredTypes()
    {
        Database database(_fixture.options());
        const Rows rows = database.query("SELECT name, age + 1 AS older FROM people WHERE 0", {}, 10, {});
        CPPUNIT_ASSERT_EQUAL(std::string("name"), rows.columns.at(0).name);
        CPPUNIT_ASSERT_EQUAL(std::string("TEXT"), rows.columns[0].declaredType.value_or(""));
        CPPUNIT_ASSERT_EQUAL(std::string("older"), rows.columns.at(1).name);
        CPPUNIT_ASSERT(!rows.columns[1].declaredType && rows.rows.empty() && !rows.truncated);
    }

    void rowLimits()
    {
        Options options = _fixture.options();
        options.maxRows = 50;
        Database database(options);
        const char* numbers =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n";
        const auto count = [&](std::int64_t rows, std::uint64_t limit)
        { return database.query(numbers, positional({rows}), limit, {}); };
        CPPUNIT_ASSERT(count(10, 10).rows.size() == 10 && !count(10, 10).truncated);
        CPPUNIT_ASSERT(count(11, 10).rows.size() == 10 && count(11, 10).truncated);
        CPPUNIT_ASSERT(count(1000, 1000).rows.size() == 50 && contains(count(1000, 1000).reason, "more than 50"));
        // Without an end: what is not wanted is not computed.
        CPPUNIT_ASSERT(count(INT64_MAX, 10).truncated);
    }

    void answersHaveALargestSize()
    {
        Options options = _fixture.options();
        options.maxAnswerBytes = 1000;
        Database database(options);
        const Rows rows = database.query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                                         "SELECT hex(zeroblob(100)) FROM n",
                                         {}, 100, {});
        CPPUNIT_ASSERT(rows.truncated && rows.rows.size() == 4 && contains(rows.reason, "1000 bytes"));
    }

    void valuesHaveALargestSize()
    {
        Options options = _fixture.options();
        options.maxValueBytes = 1000;
        Database database(options);
        refused(Reason::LIMIT, [&] { database.query("SELECT hex(zeroblob(900))", {}, 10, {}); });
        refused(Reason::LIMIT,
                [&] { database.query("SELECT length(?)", positional({std::string(1001, 'x')}), 10, {}); });
        refused(Reason::LIMIT, [&] { database.query("SELECT " + std::string(300000, ' ') + "1", {}, 10, {}); });
    }

    void changesAreCounted()
    {
        Database database(_fixture.options(false));
        const Changes inserted = database.execute("INSERT INTO people (name) VALUES ('A'), ('B')", {}, {});
        CPPUNIT_ASSERT_EQUAL(std::int64_t(2), inserted.changed);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(5), inserted.lastInsertRowId.value_or(0));
        CPPUNIT_ASSERT(inserted.rows.columns.empty());
        const Changes updated = database.execute("UPDATE people SET age = 1", {}, {});
        CPPUNIT_ASSERT(updated.changed == 5 && !updated.lastInsertRowId);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), database.execute("CREATE TABLE t (a)", {}, {}).changed);
    }

    void returningGivesRows()
    {
        Database database(_fixture.options(false));
        const Changes changes =
            database.execute("INSERT INTO people (name) VALUES (:name) RETURNING id, age", named({{"name", "A"}}), {});
        CPPUNIT_ASSERT_EQUAL(std::int64_t(4), integer(changes.rows.rows.at(0).at(0)));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(18), integer(changes.rows.rows.at(0).at(1)));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), changes.changed);
    }

    void returningChangesAllRowsEvenIfNotAllAreShown()
    {
        Options options = _fixture.options(false);
        options.maxRows = 1;
        Database database(options);
        const Changes changes = database.execute("DELETE FROM people RETURNING id", {}, {});
        CPPUNIT_ASSERT(changes.changed == 3 && changes.rows.rows.size() == 1 && changes.rows.truncated);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0),
                             integer(database.query("SELECT count(*) FROM people", {}, 1, {}).rows[0][0]));
    }

    void constraintsFailAsAWhole()
    {
        Database database(_fixture.options(false));
        const auto insert = [&] { database.execute("INSERT INTO people (name) VALUES ('New'), (NULL)", {}, {}); };
        CPPUNIT_ASSERT(contains(refused(Reason::INVALID, insert), "people.name"));
        refused(Reason::INVALID, [&] { database.execute("INSERT INTO \"odd 'name\" VALUES (1, 999)", {}, {}); });
        CPPUNIT_ASSERT_EQUAL(std::int64_t(3),
                             integer(database.query("SELECT count(*) FROM people", {}, 1, {}).rows[0][0]));
    }

    void mistakesAreExplained()
    {
        Database database(_fixture.options());
        const auto query = [&](const std::string& sql)
        {
            return refused(
                Reason::INVALID, [&] { database.query(sql, {}, 10, {}); }, sql);
        };
        CPPUNIT_ASSERT(contains(query("SELEC 1"), "SELEC"));
        CPPUNIT_ASSERT(contains(query("SELECT * FROM nothing"), "nothing"));
        query("");
        query("  -- nothing\n ");
        query(";");
        CPPUNIT_ASSERT(contains(query("SELECT 1; SELECT 2"), "one statement"));
        CPPUNIT_ASSERT(contains(query("SELECT 1; DROP TABLE people"), "one statement"));
        query("SELECT 1; nonsense");
        query(std::string("SELECT 1\0; DROP TABLE people", 27));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), database.query("SELECT 1; -- done\n ; ", {}, 10, {}).rows.size());
    }

    void manyAtOnce()
    {
        Options options = _fixture.options(false);
        options.connections = 2;
        Database database(options);
        std::vector<std::thread> threads;
        std::atomic<int> failed{0};
        for (int i = 0; i < 8; ++i)
            threads.emplace_back(
                [&, i]
                {
                    for (int n = 0; n < 20; ++n)
                    {
                        try
                        {
                            if (i % 2)
                                database.execute("UPDATE people SET age = coalesce(age, 0) + 1 WHERE id = 1", {}, {});
                            else
                                database.query("SELECT sum(age) FROM people", {}, 10, {});
                        }
                        catch (const Failure&)
                        {
                            ++failed;
                        }
                    }
                });
        for (std::thread& thread : threads)
            thread.join();
        CPPUNIT_ASSERT_EQUAL(0, failed.load());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(36 + 80),
                             integer(database.query("SELECT age FROM people WHERE id = 1", {}, 1, {}).rows[0][0]));
    }

    void missingDatabases()
    {
        Options options;
        Database none(options);
        CPPUNIT_ASSERT(contains(refused(Reason::NOT_FOUND, [&] { none.tables({}); }), "plugin.sqlite.database"));
        options.database = _fixture.path("nothing.db");
        Database missing(options);
        const std::string message = refused(Reason::NOT_FOUND, [&] { missing.tables({}); });
        CPPUNIT_ASSERT(!contains(message, _fixture.path("")));
        CPPUNIT_ASSERT(!std::filesystem::exists(options.database));
        options.readOnly = false;
        Database made(options);
        CPPUNIT_ASSERT(made.tables({}).empty());
        options.database = _fixture.path("no/such/folder.db");
        Database nowhere(options);
        CPPUNIT_ASSERT(!contains(refused(Reason::FAILED, [&] { nowhere.tables({}); }), "folder.db"));
    }

    void whatJsonHasNoFormFor()
    {
        CPPUNIT_ASSERT(nameOfInfinity(INFINITY) == "Infinity" && nameOfInfinity(-INFINITY) == "-Infinity");
        CPPUNIT_ASSERT(!nameOfInfinity(1e308) && infinityNamed("-Infinity") == -INFINITY && !infinityNamed("NaN"));
        CPPUNIT_ASSERT(isUtf8("gr\xC3\xBC\xC3\x9F") && isUtf8(std::string("\0", 1)) && isUtf8("\xF0\x9F\x98\x80"));
        CPPUNIT_ASSERT(!isUtf8("gr\xFC") && !isUtf8("\xC3") && !isUtf8("\xED\xA0\x80") && !isUtf8("\xC0\x80"));
        CPPUNIT_ASSERT_EQUAL(std::string("a\xEF\xBF\xBD"
                                         "b"),
                             repaired("a\xFF"
                                      "b"));
        CPPUNIT_ASSERT(isBeyondDouble(std::int64_t(9007199254740993)) &&
                       !isBeyondDouble(std::int64_t(9007199254740992)));
    }

    void aDatabaseThatIsReplacedIsTheNewOne()
    {
        Database database(_fixture.options(false));
        const auto count = [&] { return integer(database.query("SELECT count(*) FROM people", {}, 1, {}).rows[0][0]); };
        CPPUNIT_ASSERT_EQUAL(std::int64_t(3), count());
        const std::string path = _fixture.options().database;
        std::filesystem::copy_file(path, path + ".new");
        database.execute("DELETE FROM people WHERE id = 1", {}, {});
        CPPUNIT_ASSERT_EQUAL(std::int64_t(2), count());
        std::filesystem::rename(path + ".new", path);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(3), count());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), database.replacements());
        database.execute("DELETE FROM people WHERE id = 1", {}, {});
        Database fresh(_fixture.options());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(2),
                             integer(fresh.query("SELECT count(*) FROM people", {}, 1, {}).rows[0][0]));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SqliteQueryTest);
