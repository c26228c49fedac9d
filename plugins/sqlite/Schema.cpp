#include "sqlite/Database.h"

#include "sqlite/Statement.h"

#include <Poco/Data/DataException.h>
#include <Poco/Data/Statement.h>

#include <sqlite3.h>

/// The half of Database that looks at the schema: statements of our own, whose types are known.

namespace tenon::sqlite
{

namespace
{

using namespace Poco::Data::Keywords;
using Poco::Data::Session;

constexpr const char* TABLES = "SELECT name, CASE WHEN sql LIKE 'CREATE VIRTUAL%' THEN 'virtual' ELSE type END "
                               "FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' "
                               "ESCAPE '\\' ORDER BY name";

std::vector<Table> readTables(Session& session)
{
    std::vector<std::string> names;
    std::vector<std::string> types;
    session << TABLES, into(names), into(types), now;
    std::vector<Table> tables;
    for (std::size_t i = 0; i < names.size(); ++i)
        tables.push_back({names[i], types[i]});
    return tables;
}

std::vector<TableColumn> readColumns(Session& session, std::string table)
{
    std::vector<std::string> names, types, defaults;
    std::vector<int> notNull, hasDefault, primaryKey, hidden;
    session << "SELECT name, type, \"notnull\", coalesce(dflt_value, ''), dflt_value IS NOT NULL, pk, hidden "
               "FROM pragma_table_xinfo(?) WHERE hidden <> 1",
        use(table), into(names), into(types), into(notNull), into(defaults), into(hasDefault), into(primaryKey),
        into(hidden), now;
    std::vector<TableColumn> columns;
    for (std::size_t i = 0; i < names.size(); ++i)
        columns.push_back({names[i], types[i], notNull[i] != 0,
                           hasDefault[i] ? std::optional(defaults[i]) : std::nullopt, primaryKey[i], hidden[i] >= 2});
    return columns;
}

std::vector<Index> readIndexes(Session& session, std::string table)
{
    std::vector<std::string> names;
    std::vector<int> unique;
    session << "SELECT name, \"unique\" FROM pragma_index_list(?) ORDER BY name", use(table), into(names), into(unique),
        now;
    std::vector<Index> indexes;
    for (std::size_t i = 0; i < names.size(); ++i)
    {
        Index index{names[i], unique[i] != 0, {}};
        session << "SELECT coalesce(name, '') FROM pragma_index_info(?) ORDER BY seqno", use(names[i]),
            into(index.columns), now;
        indexes.push_back(std::move(index));
    }
    return indexes;
}

std::vector<ForeignKey> readForeignKeys(Session& session, std::string table)
{
    std::vector<std::string> columns, tables, references, onDelete, onUpdate;
    session << "SELECT \"from\", \"table\", coalesce(\"to\", ''), on_delete, on_update "
               "FROM pragma_foreign_key_list(?) ORDER BY id, seq",
        use(table), into(columns), into(tables), into(references), into(onDelete), into(onUpdate), now;
    std::vector<ForeignKey> keys;
    for (std::size_t i = 0; i < columns.size(); ++i)
        keys.push_back({columns[i], tables[i], references[i], onDelete[i], onUpdate[i]});
    return keys;
}

/// Runs `read` on a connection and turns what Poco::Data throws into a Failure.
template <class Read>
auto looking(ConnectionPool& pool, const Options& options, const Stop& stop, Read&& read)
{
    auto connection = pool.take(stop);
    const Guard::Scope scope(connection->guard(), Access::READ, stop, options.statementTimeout);
    try
    {
        return read(connection->session());
    }
    catch (const Poco::Exception&)
    {
        throw failureOf(connection->native(), sqlite3_errcode(connection->native()), connection->guard());
    }
}

} // namespace

std::vector<Table> Database::tables(const Stop& stop)
{
    return looking(_pool, _options, stop, [](Session& session) { return readTables(session); });
}

TableDescription Database::describe(const std::string& table, const Stop& stop)
{
    return looking(
        _pool, _options, stop,
        [&](Session& session)
        {
            std::string wanted = table;
            std::vector<std::string> names;
            std::vector<std::string> types;
            std::vector<std::string> sql;
            session
                << "SELECT name, CASE WHEN sql LIKE 'CREATE VIRTUAL%' THEN 'virtual' ELSE type END, coalesce(sql, '') "
                   "FROM sqlite_master WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE",
                use(wanted), into(names), into(types), into(sql), now;
            if (names.empty())
            {
                std::string known;
                for (const Table& one : readTables(session))
                    known += (known.empty() ? "" : ", ") + one.name;
                throw Failure(Reason::NOT_FOUND, "There is no table '" + table + "'. " +
                                                     (known.empty() ? "The database has no tables."
                                                                    : "The tables and views are: " + known + "."));
            }
            TableDescription description{names[0], types[0], {}, {}, {}, sql[0]};
            description.columns = readColumns(session, names[0]);
            description.indexes = readIndexes(session, names[0]);
            description.foreignKeys = readForeignKeys(session, names[0]);
            return description;
        });
}

std::string Database::schema(const Stop& stop)
{
    std::vector<std::string> statements;
    looking(
        _pool, _options, stop,
        [&](Session& session)
        {
            session << "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                       "ORDER BY tbl_name, type = 'table' DESC, name",
                into(statements), now;
            return 0;
        });
    std::string schema;
    for (const std::string& statement : statements)
        schema += statement + ";\n";
    return schema;
}

} // namespace tenon::sqlite
