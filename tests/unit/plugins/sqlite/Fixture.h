#pragma once

#include "sqlite/Database.h"

#include <Poco/TemporaryFile.h>
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <string>

namespace tenon::sqlite
{

/// A database file of a test's own.
class Fixture
{
public:
    Fixture() : _folder(Poco::TemporaryFile::tempName())
    {
        std::filesystem::create_directory(_folder);
        Database database(options(false));
        for (const char* sql :
             {"CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER DEFAULT 18, photo BLOB)",
              "INSERT INTO people (name, age, photo) VALUES ('Ada', 36, x'00ff'), ('Grace', 85, NULL), ('Linus', NULL, "
              "NULL)",
              "CREATE TABLE \"odd 'name\" (\"a b\" REAL, person INTEGER REFERENCES people(id) ON DELETE CASCADE)",
              "CREATE UNIQUE INDEX byName ON people (name, age)",
              "CREATE VIEW adults AS SELECT * FROM people WHERE age >= 18"})
            database.execute(sql, {}, {});
    }

    ~Fixture() { std::filesystem::remove_all(_folder); }

    Options options(bool readOnly = true) const
    {
        Options options;
        options.database = path("test #1.db");
        options.readOnly = readOnly;
        return options;
    }

    std::string path(const std::string& name) const { return (_folder / name).string(); }

private:
    const std::filesystem::path _folder;
};

/// Runs `action`, which has to fail with `reason`; gives the message.
template <class Action>
std::string refused(Reason reason, Action&& action, const std::string& what = {})
{
    try
    {
        action();
    }
    catch (const Failure& failure)
    {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(what + ": " + failure.what(), static_cast<int>(reason),
                                     static_cast<int>(failure.reason()));
        return failure.what();
    }
    CPPUNIT_FAIL("it was not refused: " + what);
    return {};
}

inline bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

inline Parameters positional(std::vector<SqlValue> values)
{
    return Parameters{std::move(values), {}};
}
inline Parameters named(std::map<std::string, SqlValue> values)
{
    return Parameters{{}, std::move(values)};
}

inline std::int64_t integer(const SqlValue& value)
{
    return std::get<std::int64_t>(value);
}
inline std::string text(const SqlValue& value)
{
    return std::get<std::string>(value);
}

} // namespace tenon::sqlite
