#include "Fixture.h"

using namespace tenon::sqlite;

class SqliteSchemaTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SqliteSchemaTest);
    CPPUNIT_TEST(tables);
    CPPUNIT_TEST(columns);
    CPPUNIT_TEST(keysAndIndexes);
    CPPUNIT_TEST(unknownTables);
    CPPUNIT_TEST(wholeSchema);
    CPPUNIT_TEST(cancelled);
    CPPUNIT_TEST_SUITE_END();

    Fixture _fixture;
    Database _database{_fixture.options(false)};

    void tables()
    {
        _database.execute("CREATE VIRTUAL TABLE notes USING rtree(id, a, b)", {}, {});
        std::string all;
        for (const Table& table : _database.tables({}))
            if (table.name.rfind("notes_", 0) != 0)
                all += table.name + "=" + table.type + " ";
        CPPUNIT_ASSERT_EQUAL(std::string("adults=view notes=virtual odd 'name=table people=table "), all);
    }

    void columns()
    {
        _database.execute(
            "CREATE TABLE g (a INTEGER, b TEXT DEFAULT ('x' || 'y'), c AS (a + 1), PRIMARY KEY (b, a)) WITHOUT "
            "ROWID",
            {}, {});
        const TableDescription g = _database.describe("G", {});
        CPPUNIT_ASSERT_EQUAL(std::string("g"), g.name);
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), g.columns.size());
        CPPUNIT_ASSERT(g.columns[0].primaryKey == 2 && g.columns[1].primaryKey == 1 && !g.columns[0].defaultValue);
        CPPUNIT_ASSERT_EQUAL(std::string("'x' || 'y'"), g.columns[1].defaultValue.value_or(""));
        CPPUNIT_ASSERT(g.columns[2].generated && !g.columns[1].generated);
        const TableDescription people = _database.describe("people", {});
        CPPUNIT_ASSERT(people.columns.at(1).notNull && people.columns[1].type == "TEXT");
        CPPUNIT_ASSERT(contains(people.sql, "CREATE TABLE people"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(4), _database.describe("adults", {}).columns.size());
    }

    void keysAndIndexes()
    {
        const TableDescription people = _database.describe("people", {});
        CPPUNIT_ASSERT_EQUAL(std::string("byName"), people.indexes.at(0).name);
        CPPUNIT_ASSERT(people.indexes[0].unique);
        CPPUNIT_ASSERT((people.indexes[0].columns == std::vector<std::string>{"name", "age"}));
        const ForeignKey key = _database.describe("odd 'name", {}).foreignKeys.at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("person people id CASCADE NO ACTION"), key.column + " " + key.table + " " +
                                                                                    key.references + " " +
                                                                                    key.onDelete + " " + key.onUpdate);
    }

    void unknownTables()
    {
        const std::string message = refused(Reason::NOT_FOUND, [&] { _database.describe("persons", {}); });
        CPPUNIT_ASSERT(contains(message, "adults, odd 'name, people"));
    }

    void wholeSchema()
    {
        const std::string schema = _database.schema({});
        for (const char* part : {"CREATE TABLE people", "CREATE UNIQUE INDEX byName", "CREATE VIEW adults"})
            CPPUNIT_ASSERT_MESSAGE(part, contains(schema, part));
    }

    void cancelled()
    {
        for (int i = 0; i < 200; ++i)
            _database.execute("CREATE TABLE many" + std::to_string(i) + " (a)", {}, {});
        refused(Reason::CANCELLED, [&] { _database.tables([] { return true; }); });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SqliteSchemaTest);
