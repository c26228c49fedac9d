#include "sqlite/ConnectionPool.h"

#include "sqlite/Failure.h"

#include <Poco/Data/SQLite/SessionImpl.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/File.h>
#include <Poco/Path.h>

#include <algorithm>
#include <limits>
#include <sqlite3.h>

namespace tenon::sqlite
{

namespace
{

constexpr std::size_t NO_LOGIN_TIMEOUT = 0; // with one Poco opens the file on a thread of its own
constexpr int MAX_SQL_BYTES = 256 * 1024;
constexpr int MAX_PATTERN_BYTES = 1000;
constexpr std::chrono::milliseconds ASK_EVERY{20};

/// The file as a URI, by which SQLite is told how to open it.
std::string uriOf(const Options& options)
{
    std::string path = Poco::Path(options.database).makeAbsolute().toString();
    std::replace(path.begin(), path.end(), '\\', '/');
    std::string uri = path.empty() || path[0] != '/' ? "file:/" : "file:";
    for (const char c : path)
    {
        if (c == '%')
            uri += "%25";
        else if (c == '?')
            uri += "%3f";
        else if (c == '#')
            uri += "%23";
        else
            uri += c;
    }
    return uri + (options.readOnly ? "?mode=ro" : "?mode=rwc");
}

Poco::Data::Session open(const Options& options)
{
    if (options.database.empty())
        throw Failure(Reason::NOT_FOUND, "There is no database yet: the operator of this server has to name one in the "
                                         "setting plugin.sqlite.database. Ask the user to do that.");
    try
    {
        if (options.readOnly && !Poco::File(options.database).exists())
            throw Failure(Reason::NOT_FOUND,
                          "The database that plugin.sqlite.database names does not exist. Ask the user "
                          "to correct the setting.");
        return Poco::Data::Session(new Poco::Data::SQLite::SessionImpl(uriOf(options), NO_LOGIN_TIMEOUT));
    }
    catch (const Poco::Exception&)
    {
        throw Failure(Reason::FAILED,
                      "The database that plugin.sqlite.database names cannot be opened. Ask the user to "
                      "check that it exists and that the server's user may read it.");
    }
}

} // namespace

Connection::Connection(const Options& options)
    : _file(identityOf(options.database)), _session(open(options)),
      _native(Poco::Data::SQLite::Utility::dbHandle(_session))
{
    sqlite3_extended_result_codes(_native, 1);
    // What a hostile schema could do is switched off; so is everything that leads out of this one file.
    sqlite3_db_config(_native, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(_native, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(_native, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
    sqlite3_db_config(_native, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
    sqlite3_limit(_native, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(_native, SQLITE_LIMIT_SQL_LENGTH, MAX_SQL_BYTES);
    sqlite3_limit(_native, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, MAX_PATTERN_BYTES);
    const std::uint64_t most = std::numeric_limits<int>::max();
    sqlite3_limit(_native, SQLITE_LIMIT_LENGTH, static_cast<int>(std::min(options.maxValueBytes, most)));
    if (options.readOnly)
        sqlite3_exec(_native, "PRAGMA query_only = 1", nullptr, nullptr, nullptr);
    _guard = std::make_unique<Guard>(_native, options.busyTimeout);
}

Connection::~Connection()
{
    // Closing may still ask the guard.
    try
    {
        _session.close();
    }
    catch (const Poco::Exception&)
    {
        // The file is given up in any case.
    }
}

ConnectionPool::Lease::~Lease()
{
    if (_connection)
        _pool->giveBack(std::move(_connection));
}

ConnectionPool::Lease ConnectionPool::take(const Stop& stop)
{
    const FileIdentity now = identityOf(_options.database);
    std::unique_lock<std::mutex> lock(_mutex);
    closeOld(now);
    while (_idle.empty() && _open >= _options.connections)
    {
        if (stop && stop())
            throw Failure(Reason::CANCELLED, "The call was cancelled.");
        _returned.wait_for(lock, ASK_EVERY);
    }
    if (!_idle.empty())
    {
        std::unique_ptr<Connection> connection = std::move(_idle.back());
        _idle.pop_back();
        return Lease(*this, std::move(connection));
    }
    ++_open;
    lock.unlock();
    try
    {
        return Lease(*this, std::make_unique<Connection>(_options));
    }
    catch (...)
    {
        lock.lock();
        --_open;
        _returned.notify_one();
        throw;
    }
}

/// Closes what nobody uses and is of another file. The caller holds _mutex.
void ConnectionPool::closeOld(const FileIdentity& now)
{
    // A database that is made by the first connection was no file before.
    if (_file && _file != now)
        ++_replacements;
    _file = now;
    const auto old = std::remove_if(_idle.begin(), _idle.end(),
                                    [&now](const std::unique_ptr<Connection>& one) { return !one->isOf(now); });
    _open -= static_cast<unsigned>(_idle.end() - old);
    _idle.erase(old, _idle.end());
}

void ConnectionPool::giveBack(std::unique_ptr<Connection> connection)
{
    // No statement leaves a transaction open; one that SQLite could not end is not handed to the next caller.
    const bool usable =
        sqlite3_get_autocommit(connection->native()) != 0 && connection->isOf(identityOf(_options.database));
    if (!usable)
        connection.reset();
    const std::lock_guard<std::mutex> lock(_mutex);
    if (usable)
        _idle.push_back(std::move(connection));
    else
        --_open;
    _returned.notify_one();
}

} // namespace tenon::sqlite
