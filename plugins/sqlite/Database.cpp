#include "sqlite/Database.h"

#include "sqlite/Statement.h"

#include <algorithm>
#include <sqlite3.h>

namespace tenon::sqlite
{

namespace
{

/// What a value adds to an answer, about.
std::uint64_t bytesOf(const SqlValue& value)
{
    if (const auto* text = std::get_if<std::string>(&value))
        return text->size() + 2;
    if (const auto* blob = std::get_if<Blob>(&value))
        return blob->data.size() / 3 * 4 + 16;
    return 8;
}

} // namespace

Rows Database::fetch(Statement& statement, std::uint64_t limit) const
{
    Rows result;
    for (std::size_t i = 0; i < statement.columns(); ++i)
    {
        const std::string type = statement.declaredType(i);
        result.columns.push_back({statement.columnName(i), type.empty() ? std::nullopt : std::optional(type)});
    }
    limit = std::min(limit, _options.maxRows);
    std::uint64_t bytes = 0;
    while (statement.step())
    {
        if (result.rows.size() == limit)
        {
            result.truncated = true;
            result.reason = "There are more than " + std::to_string(limit) +
                            " rows. Use WHERE, or LIMIT and OFFSET with ORDER BY, for the rest.";
            break;
        }
        Row row;
        for (std::size_t i = 0; i < result.columns.size(); ++i)
        {
            row.push_back(statement.value(i));
            bytes += bytesOf(row.back());
        }
        if (bytes > _options.maxAnswerBytes)
        {
            result.truncated = true;
            result.reason = "The answer would be larger than " + std::to_string(_options.maxAnswerBytes) +
                            " bytes. Select fewer columns or rows, or parts of long values with substr().";
            break;
        }
        result.rows.push_back(std::move(row));
    }
    return result;
}

Rows Database::query(const std::string& sql, const Parameters& parameters, std::uint64_t limit, const Stop& stop)
{
    auto connection = _pool.take(stop);
    const Guard::Scope scope(connection->guard(), Access::READ, stop, _options.statementTimeout);
    Statement statement(connection->native(), connection->guard(), sql);
    if (!statement.isReadOnly())
        throw Failure(Reason::NOT_ALLOWED, "Only statements that change nothing are run here.");
    statement.bind(parameters);
    return fetch(statement, limit);
}

Changes Database::execute(const std::string& sql, const Parameters& parameters, const Stop& stop)
{
    if (_options.readOnly)
        throw Failure(Reason::NOT_ALLOWED, "The database is read-only: the operator has not set "
                                           "plugin.sqlite.readOnly=false.");
    auto connection = _pool.take(stop);
    sqlite3* const native = connection->native();
    const Guard::Scope scope(connection->guard(), Access::WRITE, stop, _options.statementTimeout);
    Statement statement(native, connection->guard(), sql);
    statement.bind(parameters);
    const sqlite3_int64 before = sqlite3_total_changes64(native);
    sqlite3_set_last_insert_rowid(native, 0);
    Changes changes;
    changes.rows = fetch(statement, _options.maxRows);
    // What was cut off is only not shown: the statement takes effect, and counts, when it has come to its end.
    while (changes.rows.truncated && statement.step())
    {
    }
    changes.changed = sqlite3_total_changes64(native) - before;
    if (const sqlite3_int64 id = sqlite3_last_insert_rowid(native); id != 0)
        changes.lastInsertRowId = id;
    return changes;
}

} // namespace tenon::sqlite
