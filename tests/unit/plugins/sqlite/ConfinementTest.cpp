#include "Fixture.h"

#include <Poco/Data/Statement.h>

#include <fstream>
#include <sstream>

using namespace tenon::sqlite;

/// What a statement must not do, whatever a client sends.
class SqliteConfinementTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SqliteConfinementTest);
    CPPUNIT_TEST(queriesChangeNothing);
    CPPUNIT_TEST(queriesChangeNothingInAWritableDatabase);
    CPPUNIT_TEST(aReadOnlyDatabaseIsOpenedAsSuch);
    CPPUNIT_TEST(theGuardAloneRefusesChanges);
    CPPUNIT_TEST(otherFilesAreOutOfReach);
    CPPUNIT_TEST(transactionsDoNotOutliveACall);
    CPPUNIT_TEST(pragmas);
    CPPUNIT_TEST(theSchemaTableCannotBeWritten);
    CPPUNIT_TEST(fullTextSearchIsAllowed);
    CPPUNIT_TEST(messagesNameNoFiles);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* WRITING[] = {
        "INSERT INTO people (name) VALUES ('x')",
        "UPDATE people SET age = 0",
        "DELETE FROM people",
        "DELETE FROM people RETURNING id",
        "DROP TABLE people",
        "CREATE TABLE t (a)",
        "CREATE TEMP TABLE t (a)",
        "ALTER TABLE people ADD COLUMN b",
        "CREATE INDEX i ON people (age)",
        "REPLACE INTO people (id, name) VALUES (1, 'x')",
        "WITH w AS (SELECT 1) DELETE FROM people",
        "VACUUM",
        "REINDEX",
        "ANALYZE",
        "PRAGMA user_version = 5",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA writable_schema = 1",
        "PRAGMA query_only = 0",
        "EXPLAIN DELETE FROM people",
    };

    Fixture _fixture;

    std::string bytes() const
    {
        std::ostringstream data;
        data << std::ifstream(_fixture.options().database, std::ios::binary).rdbuf();
        return data.str();
    }

    void changeNothing(Database& database)
    {
        const std::string before = bytes();
        for (const char* sql : WRITING)
        {
            if (std::string(sql) == "REINDEX")
            {
                // Without an index that needs it there is nothing the guard is asked about.
                try
                {
                    database.query(sql, {}, 10, {});
                }
                catch (const Failure&)
                {
                }
                continue;
            }
            refused(
                Reason::NOT_ALLOWED, [&] { database.query(sql, {}, 10, {}); }, sql);
        }
        CPPUNIT_ASSERT(before == bytes());
    }

    void queriesChangeNothing()
    {
        Database database(_fixture.options());
        changeNothing(database);
        CPPUNIT_ASSERT(contains(refused(Reason::NOT_ALLOWED, [&] { database.execute("DELETE FROM people", {}, {}); }),
                                "plugin.sqlite.readOnly"));
    }

    void queriesChangeNothingInAWritableDatabase()
    {
        Database database(_fixture.options(false));
        changeNothing(database);
    }

    static bool deletes(Connection& connection, Access access)
    {
        const Stop stop;
        const Guard::Scope scope(connection.guard(), access, stop, std::chrono::milliseconds(0));
        try
        {
            connection.session() << "DELETE FROM people", Poco::Data::Keywords::now;
        }
        catch (const Poco::Exception&)
        {
            return false;
        }
        return true;
    }

    /// Even if the guard had a hole.
    void aReadOnlyDatabaseIsOpenedAsSuch()
    {
        Connection connection(_fixture.options());
        CPPUNIT_ASSERT(!deletes(connection, Access::WRITE));
    }

    void theGuardAloneRefusesChanges()
    {
        Connection connection(_fixture.options(false));
        CPPUNIT_ASSERT(!deletes(connection, Access::READ));
        CPPUNIT_ASSERT(deletes(connection, Access::WRITE));
    }

    void otherFilesAreOutOfReach()
    {
        Database database(_fixture.options(false));
        const std::string other = _fixture.path("other.db");
        for (const std::string& sql :
             {"ATTACH '" + other + "' AS o", std::string("ATTACH ':memory:' AS o"), std::string("DETACH main"),
              "VACUUM INTO '" + other + "'", std::string("VACUUM"), std::string("SELECT load_extension('x')"),
              std::string("SELECT fts3_tokenizer('simple')"), std::string("CREATE VIRTUAL TABLE v USING dbstat"),
              std::string("CREATE VIRTUAL TABLE v USING csv(filename='/etc/passwd')"),
              std::string("PRAGMA temp_store_directory = '/tmp'"), std::string("PRAGMA database_list")})
            for (const bool write : {false, true})
                refused(
                    Reason::NOT_ALLOWED,
                    [&] { write ? (void)database.execute(sql, {}, {}) : (void)database.query(sql, {}, 10, {}); }, sql);
        refused(Reason::NOT_ALLOWED, [&] { database.query("SELECT file FROM pragma_database_list", {}, 10, {}); });
        refused(Reason::INVALID, [&] { database.query("SELECT readfile('/etc/passwd')", {}, 10, {}); });
        CPPUNIT_ASSERT(!std::filesystem::exists(other));
    }

    void transactionsDoNotOutliveACall()
    {
        Options options = _fixture.options(false);
        options.connections = 1;
        Database database(options);
        for (const char* sql : {"BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT s", "RELEASE s"})
        {
            refused(
                Reason::NOT_ALLOWED, [&] { database.execute(sql, {}, {}); }, sql);
            refused(
                Reason::NOT_ALLOWED, [&] { database.query(sql, {}, 10, {}); }, sql);
        }
        database.execute("INSERT INTO people (name) VALUES ('x')", {}, {});
        Database another(_fixture.options());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(4),
                             integer(another.query("SELECT count(*) FROM people", {}, 1, {}).rows[0][0]));
    }

    void pragmas()
    {
        Database database(_fixture.options(false));
        for (const char* sql : {"PRAGMA table_info(people)", "PRAGMA index_list('people')", "PRAGMA user_version",
                                "PRAGMA integrity_check", "SELECT * FROM pragma_table_xinfo('people')"})
            CPPUNIT_ASSERT_MESSAGE(sql, !database.query(sql, {}, 100, {}).columns.empty());
        for (const char* sql : {"PRAGMA mmap_size = 1", "PRAGMA cache_size = 100000000", "PRAGMA wal_checkpoint",
                                "PRAGMA foreign_keys = OFF", "PRAGMA trusted_schema = ON", "PRAGMA user_version(3)",
                                "PRAGMA optimize", "PRAGMA incremental_vacuum"})
            refused(
                Reason::NOT_ALLOWED, [&] { database.execute(sql, {}, {}); }, sql);
    }

    void theSchemaTableCannotBeWritten()
    {
        Database database(_fixture.options(false));
        for (const char* sql : {"UPDATE sqlite_master SET sql = 'x'", "DELETE FROM sqlite_master",
                                "INSERT INTO sqlite_master VALUES (1, 2, 3, 4, 5)"})
        {
            refused(
                Reason::INVALID, [&] { database.execute(sql, {}, {}); }, sql);
        }
        CPPUNIT_ASSERT(!database.tables({}).empty());
    }

    void fullTextSearchIsAllowed()
    {
        Database database(_fixture.options(false));
        database.execute("CREATE VIRTUAL TABLE notes USING fts5(body)", {}, {});
        database.execute("INSERT INTO notes VALUES (?)", positional({"the quick brown fox"}), {});
        CPPUNIT_ASSERT_EQUAL(std::size_t(1),
                             database.query("SELECT * FROM notes WHERE notes MATCH 'quick'", {}, 10, {}).rows.size());
        Database reading(_fixture.options());
        CPPUNIT_ASSERT_EQUAL(
            std::size_t(1),
            reading.query("SELECT * FROM notes WHERE notes MATCH ?", positional({"fox"}), 10, {}).rows.size());
    }

    void messagesNameNoFiles()
    {
        std::ofstream(_fixture.path("text.db")) << std::string(4096, 'x');
        Options options = _fixture.options();
        options.database = _fixture.path("text.db");
        Database database(options);
        const std::string message = refused(Reason::FAILED, [&] { database.tables({}); });
        CPPUNIT_ASSERT_MESSAGE(message, contains(message, "not a SQLite database") && !contains(message, "text.db"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SqliteConfinementTest);
