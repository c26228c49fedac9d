#include "sqlite/Described.h"

#include <tenon/plugin.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

/// What of the core becomes tools and resources.

namespace tenon::sqlite
{

namespace
{

Options readOptions(Plugin& plugin)
{
    Options options;
    options.database = plugin.setting("database", std::filesystem::path(), "The database file").u8string();
    options.readOnly = plugin.setting("readOnly", options.readOnly, "Whether clients may only read");
    options.maxRows = plugin.setting("maxRows", options.maxRows, "Rows of one answer", "1..");
    options.maxAnswerBytes =
        plugin.setting("maxAnswerBytes", ByteSize{options.maxAnswerBytes}, "Bytes of the values of one answer, about")
            .bytes;
    options.maxValueBytes =
        plugin.setting("maxValueBytes", ByteSize{options.maxValueBytes}, "Bytes of one value").bytes;
    options.statementTimeout = plugin.setting("statementTimeoutMs", options.statementTimeout,
                                              "After this time a statement is interrupted; 0: never");
    options.busyTimeout = plugin.setting("busyTimeoutMs", options.busyTimeout,
                                         "How long to wait while another program has locked the database");
    options.connections =
        plugin.setting("connections", options.connections, "Statements that run at once; further ones wait", "1..256");
    return options;
}

Stop stopOf(const Call& call)
{
    return [&call] { return call.cancelled(); };
}

/// An array for "?", an object for ":name"; absent or null for a statement without placeholders.
Parameters readParameters(const Value& value)
{
    Parameters parameters;
    if (value.isArray())
        parameters.positional = value.as<std::vector<SqlValue>>();
    else if (value.isObject())
        parameters.named = value.as<std::map<std::string, SqlValue>>();
    else if (value.exists() && !value.isNull())
        throw InvalidParams("parameters: expected an array or an object");
    return parameters;
}

/// The tables as listed resources, kept in step with the schema.
class SchemaResources
{
public:
    SchemaResources(Plugin& plugin, Database& database) : _plugin(plugin), _database(database) {}

    /// True if the list has changed.
    ///
    /// Errors: Failure if the database cannot be read.
    bool refresh()
    {
        const std::vector<Table> tables = _database.tables({});
        const std::lock_guard<std::mutex> lock(_mutex);
        std::set<std::string> now;
        for (const Table& table : tables)
            if (now.size() < MAX_LISTED)
                now.insert(table.name);
        if (now == _listed)
            return false;
        for (const std::string& name : _listed)
            if (!now.count(name))
                _plugin.removeResource(uriOf(name));
        for (const std::string& name : now)
            if (!_listed.count(name))
                add(name);
        _listed = std::move(now);
        return true;
    }

    /// Catches up with a database that was replaced.
    void follow()
    {
        const std::uint64_t replacements = _database.replacements();
        if (_seen.exchange(replacements) == replacements)
            return;
        _plugin.log(LogLevel::Notice, "plugin." + std::string(_plugin.name()) + ".database is another file now");
        refreshAfter();
    }

    /// After something else was done, which has its result whatever becomes of the list.
    void refreshAfter()
    {
        try
        {
            if (refresh())
                _plugin.listChanged(List::Resources);
        }
        catch (const Failure&)
        {
            // The list follows with the next change.
        }
    }

    std::vector<std::string> names()
    {
        const std::lock_guard<std::mutex> lock(_mutex);
        return {_listed.begin(), _listed.end()};
    }

    static std::string uriOf(const std::string& table)
    {
        static constexpr char HEX[] = "0123456789ABCDEF";
        std::string uri = "sqlite://schema/";
        for (const char c : table)
        {
            const auto byte = static_cast<unsigned char>(c);
            const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                               c == '-' || c == '.';
            if (plain)
                uri += c;
            else
                ((uri += '%') += HEX[byte >> 4]) += HEX[byte & 15];
        }
        return uri;
    }

    TableDescription read(const Call& call, const std::string& table)
    {
        try
        {
            return _database.describe(table, stopOf(call));
        }
        catch (const Failure& failure)
        {
            if (failure.reason() == Reason::NOT_FOUND)
                throw NotFound(failure.what());
            throw;
        }
    }

private:
    static constexpr std::size_t MAX_LISTED = 500;

    void add(const std::string& name)
    {
        _plugin.resource(uriOf(name), name, "Columns, indexes and foreign keys of the table " + name)
            .mimeType("application/json")
            .handle([this, name](Call& call) { return read(call, name); });
    }

    Plugin& _plugin;
    Database& _database;
    std::atomic<std::uint64_t> _seen{0}; ///< replacements of the database that are in the list

    std::mutex _mutex; // guards the following
    std::set<std::string> _listed;
};

constexpr const char* PARAMETERS = "What the placeholders stand for: an array for ?, an object for :name. Always use "
                                   "placeholders for values; never put "
                                   "them into the SQL. A BLOB is {\"base64\": \"…\"}.";
// One type a branch: model providers with a dialect of their own know no lists of types.
const auto PARAMETERS_FORM =
    keyword("anyOf", Json{R"([{"type":"array","items":{"anyOf":[{"type":"null"},{"type":"boolean"},)"
                          R"({"type":"number"},{"type":"string"},)"
                          R"({"type":"object","properties":{"base64":{"type":"string"}}}]}},)"
                          R"({"type":"object","additionalProperties":{}},{"type":"null"}])"});

void addReading(Plugin& plugin, Database& database, SchemaResources& resources)
{
    plugin
        .tool("sqlite_query", "Runs one SELECT (or another statement that changes nothing) on the SQLite database and "
                              "gives its rows. Look at the tables first: sqlite_list_tables, sqlite_describe_table.")
        .title("Query the database")
        .annotations(readOnly(), idempotent(), openWorld(false))
        .maxConcurrent(static_cast<int>(database.options().connections))
        .param<std::string>("sql", "One statement, with placeholders for values: SELECT name FROM users WHERE id = ?",
                            minLength(1))
        .param<Value>("parameters", PARAMETERS, notRequired(), PARAMETERS_FORM)
        .param<std::uint64_t>("limit", "How many rows to give at most",
                              defaultTo(std::min<std::uint64_t>(100, database.options().maxRows)),
                              range(std::uint64_t(1), database.options().maxRows))
        .handle(
            [&database, &resources](Call& call, const std::string& sql, const Value& parameters, std::uint64_t limit)
            {
                RowsView rows(database.query(sql, readParameters(parameters), limit, stopOf(call)));
                resources.follow();
                return rows;
            });

    plugin.tool("sqlite_list_tables", "Lists the tables and views of the SQLite database.")
        .title("List tables")
        .annotations(readOnly(), idempotent(), openWorld(false))
        .handle(
            [&database, &resources](Call& call)
            {
                TablesView tables{database.tables(stopOf(call))};
                resources.follow();
                return tables;
            });

    plugin
        .tool("sqlite_describe_table",
              "Describes one table or view: columns, types, primary key, indexes, foreign keys "
              "and the statement that made it.")
        .title("Describe a table")
        .annotations(readOnly(), idempotent(), openWorld(false))
        .param<std::string>("table", "Its name, as sqlite_list_tables gives it", minLength(1))
        .handle([&database](Call& call, const std::string& table) { return database.describe(table, stopOf(call)); });
}

void addExecute(Plugin& plugin, Database& database, SchemaResources& resources)
{
    plugin
        .tool("sqlite_execute", "Runs one statement that changes the SQLite database: INSERT, UPDATE, DELETE, CREATE, "
                                "ALTER, DROP. It takes effect as a whole or not at all.")
        .title("Change the database")
        .annotations(readOnly(false), destructive(), idempotent(false), openWorld(false))
        .concurrency(Concurrency::Serial)
        .param<std::string>("sql", "One statement, with placeholders for values: INSERT INTO users (name) VALUES (?)",
                            minLength(1))
        .param<Value>("parameters", PARAMETERS, notRequired(), PARAMETERS_FORM)
        .handle(
            [&database, &resources](Call& call, const std::string& sql, const Value& parameters)
            {
                ChangesView changes(database.execute(sql, readParameters(parameters), stopOf(call)));
                resources.follow();
                resources.refreshAfter();
                return changes;
            });
}

void addResources(Plugin& plugin, Database& database, SchemaResources& resources)
{
    plugin.resource("sqlite://schema", "schema", "The statements that made all tables, views, indexes and triggers")
        .title("Schema of the database")
        .mimeType("application/sql")
        .handle([&database](Call& call) { return database.schema(stopOf(call)); });
    plugin.resourceTemplate("sqlite://schema/{table}", "table", "Columns, indexes and foreign keys of a table")
        .title("Schema of a table")
        .mimeType("application/json")
        .complete("table", [&resources](std::string_view typed) { return startingWith(typed, resources.names()); })
        .handle([&resources](Call& call, std::string_view table) { return resources.read(call, std::string(table)); });
    try
    {
        resources.refresh();
    }
    catch (const Failure& failure)
    {
        plugin.log(LogLevel::Warning, failure.what());
    }
}

} // namespace

} // namespace tenon::sqlite

TENON_PLUGIN("sqlite", "1.0.0", plugin)
{
    using namespace tenon::sqlite;
    plugin.title("SQLite").description("One SQLite database: its rows, and if the operator allows it, changes.");
    const Options options = readOptions(plugin);
    Database& database = plugin.make<Database>(options);
    SchemaResources& resources = plugin.make<SchemaResources>(plugin, database);
    addReading(plugin, database, resources);
    if (!options.readOnly)
        addExecute(plugin, database, resources);
    addResources(plugin, database, resources);
}
