#include "Fixture.h"

using namespace tenon::sqlite;

class SqliteParametersTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SqliteParametersTest);
    CPPUNIT_TEST(everyTypeThereAndBack);
    CPPUNIT_TEST(namesWithAndWithoutTheirSign);
    CPPUNIT_TEST(numbersOfParametersMustAgree);
    CPPUNIT_TEST(namesMustAgree);
    CPPUNIT_TEST(valuesAreNeverSql);
    CPPUNIT_TEST_SUITE_END();

    Fixture _fixture;
    Database _database{_fixture.options(false)};

    Rows query(const std::string& sql, const Parameters& parameters)
    {
        return _database.query(sql, parameters, 10, {});
    }

    void everyTypeThereAndBack()
    {
        const std::vector<SqlValue> values = {
            nullptr,       std::int64_t(INT64_MIN),        3.25,  std::string("a\0b'\"\xC3\xBC", 7),
            std::string(), Blob{std::string("\0\xFF", 2)}, Blob{}};
        const Row row = query("SELECT ?, ?, ?, ?, ?, ?, ?", positional(values)).rows.at(0);
        CPPUNIT_ASSERT(values == row);
        CPPUNIT_ASSERT_EQUAL(std::string("b"), text(query("SELECT ?2", positional({"a", "b"})).rows[0][0]));
    }

    void namesWithAndWithoutTheirSign()
    {
        const Row row = query("SELECT :a, @b, $c, :a",
                              named({{"a", std::int64_t(1)}, {"@b", std::int64_t(2)}, {"c", std::int64_t(3)}}))
                            .rows.at(0);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), integer(row[0]));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(2), integer(row[1]));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(3), integer(row[2]));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), integer(row[3]));
    }

    void numbersOfParametersMustAgree()
    {
        CPPUNIT_ASSERT(contains(refused(Reason::INVALID, [&] { query("SELECT ?, ?", positional({"a"})); }),
                                "2 placeholders, but 1 parameter was given"));
        refused(Reason::INVALID, [&] { query("SELECT ?", {}); });
        refused(Reason::INVALID, [&] { query("SELECT 1", positional({"a"})); });
    }

    void namesMustAgree()
    {
        CPPUNIT_ASSERT(contains(refused(Reason::INVALID, [&] { query("SELECT :a, :b", named({{"a", "x"}})); }), ":b"));
        CPPUNIT_ASSERT(contains(refused(Reason::INVALID,
                                        [&] {
                                            query("SELECT :a", named({{"a", "x"}, {"c", "x"}}));
                                        }),
                                "'c'"));
        refused(Reason::INVALID, [&] { query("SELECT ?", named({{"a", "x"}})); });
    }

    void valuesAreNeverSql()
    {
        const std::string evil = "x'; DROP TABLE people; --";
        CPPUNIT_ASSERT(query("SELECT * FROM people WHERE name = ?", positional({evil})).rows.empty());
        CPPUNIT_ASSERT(query("SELECT * FROM people WHERE name = ?", positional({"' OR '1'='1"})).rows.empty());
        _database.execute("INSERT INTO people (name) VALUES (:name)", named({{"name", evil}}), {});
        CPPUNIT_ASSERT_EQUAL(evil, text(query("SELECT name FROM people WHERE id = 4", {}).rows.at(0).at(0)));
        for (const std::string& table :
             {evil, std::string("people'); DROP TABLE people; --"), std::string("people\" --")})
            refused(Reason::NOT_FOUND, [&] { _database.describe(table, {}); });
        CPPUNIT_ASSERT_EQUAL(std::int64_t(4), integer(query("SELECT count(*) FROM people", {}).rows[0][0]));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SqliteParametersTest);
