#pragma once

#include "sqlite/ConnectionPool.h"
#include "sqlite/Failure.h"
#include "sqlite/SqlValue.h"

#include <optional>
#include <string>
#include <vector>

namespace tenon::sqlite
{

struct Column
{
    std::string name;
    std::optional<std::string> declaredType; ///< as the schema says; absent for expressions
};

using Row = std::vector<SqlValue>;

struct Rows
{
    std::vector<Column> columns;
    std::vector<Row> rows;
    bool truncated = false;
    std::string reason; ///< if truncated: which limit, and what to do
};

struct Changes
{
    std::int64_t changed = 0;                    ///< rows inserted, updated or deleted
    std::optional<std::int64_t> lastInsertRowId; ///< if a row was inserted
    Rows rows;                                   ///< of a RETURNING clause
};

struct Table
{
    std::string name;
    std::string type; ///< "table", "view" or "virtual"
};

struct TableColumn
{
    std::string name;
    std::string type;
    bool notNull = false;
    std::optional<std::string> defaultValue; ///< an SQL expression
    int primaryKey = 0;                      ///< its place in the primary key, from 1; 0: not part of it
    bool generated = false;
};

struct Index
{
    std::string name;
    bool unique = false;
    std::vector<std::string> columns; ///< "" for an expression
};

struct ForeignKey
{
    std::string column;
    std::string table;
    std::string references; ///< column of that table; empty: its primary key
    std::string onDelete;
    std::string onUpdate;
};

struct TableDescription
{
    std::string name;
    std::string type;
    std::vector<TableColumn> columns;
    std::vector<Index> indexes;
    std::vector<ForeignKey> foreignKeys;
    std::string sql; ///< the statement that made it
};

/// One SQLite database. Values reach SQL as bound parameters only; nothing is ever put into the text of a statement.
///
/// Errors:    Failure, worded for a model.
/// Threading: any thread; a call waits for a connection if all are in use.
class Database
{
public:
    explicit Database(const Options& options) : _options(options), _pool(options) {}

    const Options& options() const { return _options; }

    /// How often another file was found to have the database's name.
    std::uint64_t replacements() const { return _pool.replacements(); }

    /// Runs one statement that changes nothing; at most `limit` rows (and the settings' `maxRows`).
    ///
    /// Errors: NOT_ALLOWED for a statement that would change something.
    Rows query(const std::string& sql, const Parameters& parameters, std::uint64_t limit, const Stop& stop);

    /// Runs one statement that may change something, as a transaction of its own.
    ///
    /// Errors: NOT_ALLOWED if the settings make the database read-only.
    Changes execute(const std::string& sql, const Parameters& parameters, const Stop& stop);

    std::vector<Table> tables(const Stop& stop);

    /// Errors: NOT_FOUND, naming the tables there are.
    TableDescription describe(const std::string& table, const Stop& stop);

    /// The statements that made the schema, one after the other.
    std::string schema(const Stop& stop);

private:
    Rows fetch(class Statement& statement, std::uint64_t limit) const;

    const Options _options;
    ConnectionPool _pool;
};

} // namespace tenon::sqlite
