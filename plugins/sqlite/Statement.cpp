#include "sqlite/Statement.h"

#include "sqlite/Guard.h"

#include <sqlite3.h>

namespace tenon::sqlite
{

namespace
{

/// Whether nothing but white space and comments follows the first statement.
bool isBlank(sqlite3* connection, const char* sql, const char* end)
{
    while (sql < end)
    {
        sqlite3_stmt* statement = nullptr;
        const char* tail = nullptr;
        const int code = sqlite3_prepare_v3(connection, sql, static_cast<int>(end - sql), 0, &statement, &tail);
        const bool blank = code == SQLITE_OK && !statement;
        sqlite3_finalize(statement);
        if (!blank)
            return false;
        if (tail <= sql)
            break;
        sql = tail;
    }
    return true;
}

std::string number(std::size_t count, const char* one)
{
    return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

} // namespace

Failure failureOf(sqlite3* connection, int code, const Guard& guard)
{
    const std::string message = sqlite3_errmsg(connection);
    if (guard.cancelled())
        return {Reason::CANCELLED, "The statement was interrupted: the call was cancelled."};
    if (guard.timedOut())
        return {Reason::LIMIT,
                "The statement was interrupted: it ran longer than the server allows. Make it cheaper: a "
                "narrower WHERE, an index, a LIMIT."};
    // A function that the guard refuses is an ordinary error to SQLite, told from others by its message alone.
    const bool unauthorized = (code & 0xFF) == SQLITE_AUTH || message.find("not authorized") != std::string::npos;
    if (unauthorized)
        return {Reason::NOT_ALLOWED,
                "This is not allowed here: " + (guard.refused().empty() ? message : guard.refused()) + "."};
    switch (code & 0xFF)
    {
    case SQLITE_READONLY:
        return {Reason::NOT_ALLOWED, "The database is read-only."};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return {Reason::FAILED, "The database is locked by another program; try again in a while."};
    case SQLITE_TOOBIG:
        return {Reason::LIMIT, "A value or the statement is larger than the server allows."};
    case SQLITE_CONSTRAINT:
        return {Reason::INVALID, "A constraint does not hold: " + message + "."};
    case SQLITE_FULL:
        return {Reason::FAILED, "The disk is full."};
    case SQLITE_CANTOPEN:
        return {Reason::FAILED, "The database cannot be opened."};
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return {Reason::FAILED, "The file is not a SQLite database, or it is damaged."};
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
        return {Reason::INVALID, "SQLite says: " + message + "."};
    default:
        return {Reason::FAILED, "SQLite says: " + message + "."};
    }
}

Statement::Statement(sqlite3* connection, const Guard& guard, std::string_view sql)
    : _connection(connection), _guard(guard)
{
    if (sql.find('\0') != std::string_view::npos)
        throw Failure(Reason::INVALID, "A statement must not contain a NUL character.");
    const char* const end = sql.data() + sql.size();
    const char* tail = nullptr;
    const int code = sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()), 0, &_statement, &tail);
    if (code != SQLITE_OK)
        fail(code);
    if (!_statement)
        throw Failure(Reason::INVALID, "There is no statement.");
    if (!isBlank(connection, tail, end))
    {
        sqlite3_finalize(_statement);
        throw Failure(Reason::INVALID, "Give one statement only; call again for the next.");
    }
}

Statement::~Statement()
{
    sqlite3_finalize(_statement);
}

void Statement::fail(int code) const
{
    throw failureOf(_connection, code, _guard);
}

bool Statement::isReadOnly() const
{
    return sqlite3_stmt_readonly(_statement) != 0;
}

void Statement::bind(const Parameters& parameters)
{
    if (!parameters.named.empty())
    {
        bindNamed(parameters);
        return;
    }
    const auto wanted = static_cast<std::size_t>(sqlite3_bind_parameter_count(_statement));
    if (wanted != parameters.positional.size())
        throw Failure(Reason::INVALID, "The statement has " + number(wanted, "placeholder") + ", but " +
                                           number(parameters.positional.size(), "parameter") +
                                           (parameters.positional.size() == 1 ? " was given." : " were given."));
    for (std::size_t i = 0; i < wanted; ++i)
        bindOne(static_cast<int>(i + 1), parameters.positional[i]);
}

void Statement::bindNamed(const Parameters& parameters)
{
    std::size_t used = 0;
    const int wanted = sqlite3_bind_parameter_count(_statement);
    for (int index = 1; index <= wanted; ++index)
    {
        const char* name = sqlite3_bind_parameter_name(_statement, index);
        if (!name)
            throw Failure(Reason::INVALID, "The statement has a placeholder without a name (?); give the parameters as "
                                           "an array, or name it (:name).");
        auto found = parameters.named.find(name);
        if (found == parameters.named.end())
            found = parameters.named.find(name + 1);
        if (found == parameters.named.end())
            throw Failure(Reason::INVALID, std::string("There is no parameter for the placeholder ") + name + ".");
        bindOne(index, found->second);
        ++used;
    }
    if (used == parameters.named.size())
        return;
    for (const auto& [name, value] : parameters.named)
    {
        const auto isPlaceholder = [&](const char* prefix)
        { return sqlite3_bind_parameter_index(_statement, (prefix + name).c_str()) != 0; };
        if (!isPlaceholder("") && !isPlaceholder(":") && !isPlaceholder("@") && !isPlaceholder("$"))
            throw Failure(Reason::INVALID, "The statement has no placeholder for the parameter '" + name + "'.");
    }
}

void Statement::bindOne(int index, const SqlValue& value)
{
    int code = SQLITE_OK;
    if (const auto* integer = std::get_if<std::int64_t>(&value))
        code = sqlite3_bind_int64(_statement, index, *integer);
    else if (const auto* real = std::get_if<double>(&value))
        code = sqlite3_bind_double(_statement, index, *real);
    else if (const auto* text = std::get_if<std::string>(&value))
        code = sqlite3_bind_text64(_statement, index, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    else if (const auto* blob = std::get_if<Blob>(&value))
        code = sqlite3_bind_blob64(_statement, index, blob->data.data() ? blob->data.data() : "", blob->data.size(),
                                   SQLITE_TRANSIENT);
    else
        code = sqlite3_bind_null(_statement, index);
    if (code != SQLITE_OK)
        fail(code);
}

bool Statement::step()
{
    const int code = sqlite3_step(_statement);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        fail(code);
    return false;
}

std::size_t Statement::columns() const
{
    return static_cast<std::size_t>(sqlite3_column_count(_statement));
}

std::string Statement::columnName(std::size_t column) const
{
    const char* name = sqlite3_column_name(_statement, static_cast<int>(column));
    return name ? name : "";
}

std::string Statement::declaredType(std::size_t column) const
{
    const char* type = sqlite3_column_decltype(_statement, static_cast<int>(column));
    return type ? type : "";
}

SqlValue Statement::value(std::size_t column) const
{
    const int index = static_cast<int>(column);
    switch (sqlite3_column_type(_statement, index))
    {
    case SQLITE_INTEGER:
        return static_cast<std::int64_t>(sqlite3_column_int64(_statement, index));
    case SQLITE_FLOAT:
        return sqlite3_column_double(_statement, index);
    case SQLITE_TEXT:
    {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(_statement, index));
        return std::string(text ? text : "", static_cast<std::size_t>(sqlite3_column_bytes(_statement, index)));
    }
    case SQLITE_BLOB:
    {
        const auto* data = static_cast<const char*>(sqlite3_column_blob(_statement, index));
        return Blob{std::string(data ? data : "", static_cast<std::size_t>(sqlite3_column_bytes(_statement, index)))};
    }
    default:
        return nullptr;
    }
}

} // namespace tenon::sqlite
