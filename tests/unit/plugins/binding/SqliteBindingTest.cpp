#include "ShippedPlugin.h"

class SqliteBindingTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SqliteBindingTest);
    CPPUNIT_TEST(definitions);
    CPPUNIT_TEST(changesAndQueries);
    CPPUNIT_TEST(parameters);
    CPPUNIT_TEST(schemaResourcesFollow);
    CPPUNIT_TEST(valuesThatJsonDoesNotHold);
    CPPUNIT_TEST(theLimitSaysWhatHolds);
    CPPUNIT_TEST(theListFollowsAReplacedDatabase);
    CPPUNIT_TEST(cancelledCallsEnd);
    CPPUNIT_TEST(withoutADatabase);
    CPPUNIT_TEST_SUITE_END();

    Folder _folder;

    ShippedPlugin::Settings settings(bool readOnly) const
    {
        return {{"database", _folder.path("test.db")}, {"readOnly", readOnly ? "true" : "false"}};
    }

    void definitions()
    {
        ShippedPlugin writing("sqlite", settings(false));
        checkDefinitions(writing);
        CPPUNIT_ASSERT(contains(writing.toolNames(), "sqlite_execute"));
        ShippedPlugin reading("sqlite", settings(true));
        CPPUNIT_ASSERT_EQUAL(std::string("sqlite_query sqlite_list_tables sqlite_describe_table "),
                             reading.toolNames());
    }

    void changesAndQueries()
    {
        ShippedPlugin plugin("sqlite", settings(false));
        plugin.structured("sqlite_execute", R"_({"sql": "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)"})_");
        const auto inserted = plugin.structured(
            "sqlite_execute", R"({"sql": "INSERT INTO t (name) VALUES (?) RETURNING id", "parameters": ["it's"]})");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), inserted["changed"].get_int64().value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), inserted["returned"]["rows"].at(0).at(0).get_int64().value());
        const auto rows = plugin.structured("sqlite_query", R"({"sql": "SELECT name, NULL, 1.5 FROM t"})");
        CPPUNIT_ASSERT_EQUAL(std::string(R"([["it's",null,1.5]])"), simdjson::minify(rows["rows"]));
        CPPUNIT_ASSERT(rows["columns"].at(0)["declaredType"].get_string().value() == "TEXT");
        const auto table = plugin.structured("sqlite_describe_table", R"({"table": "t"})");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), table["columns"].at(0)["primaryKey"].get_int64().value());
        CPPUNIT_ASSERT(contains(plugin.failure("sqlite_query", R"({"sql": "DELETE FROM t"})"), "not allowed"));
    }

    void parameters()
    {
        ShippedPlugin plugin("sqlite", settings(false));
        const auto row = [&](const std::string& sql, const std::string& values)
        {
            return simdjson::minify(
                plugin.structured("sqlite_query", R"({"sql": ")" + sql + R"(", "parameters": )" + values + "}")["rows"]
                    .at(0));
        };
        CPPUNIT_ASSERT_EQUAL(std::string(R"([null,1,-2,2.5,"x",{"base64":"AP8="}])"),
                             row("SELECT ?, ?, ?, ?, ?, ?", R"([null, true, -2, 2.5, "x", {"base64": "AP8="}])"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"([1,"y"])"), row("SELECT :a, @b", R"({"a": 1, "@b": "y"})"));
        CPPUNIT_ASSERT_EQUAL(std::string("[9007199254740993]"), row("SELECT ?", "[9007199254740993]"));
        CPPUNIT_ASSERT_EQUAL(std::string("[1]"), row("SELECT 1", "null"));
        CPPUNIT_ASSERT(
            contains(plugin.failure("sqlite_query", R"({"sql": "SELECT ?", "parameters": [[1]]})"), "base64"));
        CPPUNIT_ASSERT(contains(plugin.failure("sqlite_query", R"({"sql": "SELECT ?", "parameters": 5})"), "array"));
        CPPUNIT_ASSERT(
            contains(plugin.failure("sqlite_query", R"({"sql": "SELECT ?", "parameters": []})"), "1 placeholder"));
    }

    void schemaResourcesFollow()
    {
        ShippedPlugin plugin("sqlite", settings(false));
        CPPUNIT_ASSERT_EQUAL(std::string("sqlite://schema "), plugin.resourceUris());
        plugin.structured("sqlite_execute", R"_({"sql": "CREATE TABLE \"a b\" (x)"})_");
        CPPUNIT_ASSERT_EQUAL(std::string("sqlite://schema sqlite://schema/a%20b "), plugin.resourceUris());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), plugin.changedLists().size());
        plugin.structured("sqlite_execute", R"_({"sql": "INSERT INTO \"a b\" VALUES (1)"})_");
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), plugin.changedLists().size());
        tenon_status status = TENON_OK;
        CPPUNIT_ASSERT(
            contains(plugin.read("sqlite://schema/a%20b", status)["text"].get_string().value(), "CREATE TABLE"));
        CPPUNIT_ASSERT(contains(plugin.read("sqlite://schema", status)["text"].get_string().value(), "CREATE TABLE"));
        plugin.structured("sqlite_execute", R"_({"sql": "CREATE TABLE plain (x)"})_");
        CPPUNIT_ASSERT(contains(plugin.read("sqlite://schema/plain", status, "sqlite://schema/{table}", "table")["text"]
                                    .get_string()
                                    .value(),
                                "CREATE TABLE plain"));
        plugin.structured("sqlite_execute", R"({"sql": "DROP TABLE plain"})");
        plugin.read("sqlite://schema/nothing", status, "sqlite://schema/{table}", "table");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_NOT_FOUND), status);
        plugin.structured("sqlite_execute", R"({"sql": "DROP TABLE \"a b\""})");
        CPPUNIT_ASSERT_EQUAL(std::string("sqlite://schema "), plugin.resourceUris());
    }

    void valuesThatJsonDoesNotHold()
    {
        ShippedPlugin plugin("sqlite", settings(false));
        const auto row = [&](const std::string& sql, const std::string& values = "[]")
        {
            return simdjson::minify(
                plugin.structured("sqlite_query", R"({"sql": ")" + sql + R"(", "parameters": )" + values + "}")["rows"]
                    .at(0));
        };
        CPPUNIT_ASSERT_EQUAL(std::string(R"([{"real":"Infinity"},{"real":"-Infinity"}])"), row("SELECT 9e999, -9e999"));
        CPPUNIT_ASSERT_EQUAL(std::string("[1]"), row("SELECT ? = 9e999", R"([{"real": "Infinity"}])"));
        CPPUNIT_ASSERT_EQUAL(std::string("[{\"text\":\"gr\xEF\xBF\xBD\",\"base64\":\"Z3L8\"}]"),
                             row("SELECT CAST(x'6772fc' AS TEXT)"));
        const auto large = plugin.structured("sqlite_query", R"({"sql": "SELECT 9007199254740993"})");
        CPPUNIT_ASSERT(contains(std::string(large["note"].get_string().value()), "2^53"));
        CPPUNIT_ASSERT(plugin.structured("sqlite_query", R"({"sql": "SELECT 1"})")["note"].error());
    }

    void theLimitSaysWhatHolds()
    {
        ShippedPlugin plugin("sqlite",
                             {{"database", _folder.path("test.db")}, {"readOnly", "false"}, {"maxRows", "7"}});
        const auto limit = plugin.tools().at(0)["inputSchema"]["properties"]["limit"];
        CPPUNIT_ASSERT(limit["maximum"].get_uint64().value() == 7 && limit["default"].get_uint64().value() == 7);
    }

    void theListFollowsAReplacedDatabase()
    {
        {
            ShippedPlugin next("sqlite", {{"database", _folder.path("next.db")}, {"readOnly", "false"}});
            next.structured("sqlite_execute", R"_({"sql": "CREATE TABLE new (x)"})_");
        }
        ShippedPlugin plugin("sqlite", settings(false));
        plugin.structured("sqlite_execute", R"_({"sql": "CREATE TABLE old (x)"})_");
        std::filesystem::rename(_folder.path("next.db"), _folder.path("test.db"));
        const auto tables = plugin.structured("sqlite_list_tables", "{}")["tables"];
        CPPUNIT_ASSERT(tables.at(0)["name"].get_string().value() == "new");
        CPPUNIT_ASSERT_EQUAL(std::string("sqlite://schema sqlite://schema/new "), plugin.resourceUris());
    }

    void cancelledCallsEnd()
    {
        ShippedPlugin plugin("sqlite", settings(false));
        tenon::test::MockCall made(
            R"({"sql": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"})");
        made.cancelled = true;
        plugin.call("sqlite_query", made);
        CPPUNIT_ASSERT(made.result.empty());
    }

    void withoutADatabase()
    {
        ShippedPlugin plugin("sqlite", {});
        CPPUNIT_ASSERT(contains(plugin.failure("sqlite_list_tables", "{}"), "plugin.sqlite.database"));
        CPPUNIT_ASSERT(ShippedPlugin("sqlite", {{"connections", "0"}}).refused());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SqliteBindingTest);
