#pragma once

#include "sqlite/Failure.h"
#include "sqlite/SqlValue.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace tenon::sqlite
{

class Guard;

/// One compiled statement that a client sent. Poco::Data decides a column's type by its declaration; SQLite gives every
/// value its own, and names parameters: so these are read and bound through SQLite itself.
///
/// Errors:    Failure with SQLite's own message.
/// Threading: one at a time, that of the connection.
/// Ownership: borrows connection and guard.
class Statement
{
public:
    /// Errors: INVALID also if there is nothing in `sql`, or more than one statement.
    Statement(sqlite3* connection, const Guard& guard, std::string_view sql);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    bool isReadOnly() const;

    /// Every placeholder gets a value, and every value has a placeholder; else INVALID, saying which.
    void bind(const Parameters& parameters);

    /// Runs to the next row; false at the end.
    bool step();

    std::size_t columns() const;
    std::string columnName(std::size_t column) const;
    std::string declaredType(std::size_t column) const; ///< "" for expressions
    SqlValue value(std::size_t column) const;

private:
    [[noreturn]] void fail(int code) const;
    void bindOne(int index, const SqlValue& value);
    void bindNamed(const Parameters& parameters);

    sqlite3* const _connection;
    const Guard& _guard;
    sqlite3_stmt* _statement = nullptr;
};

/// What a result code means. `refused` is what the guard refused, if it did.
Failure failureOf(sqlite3* connection, int code, const Guard& guard);

} // namespace tenon::sqlite
