#pragma once

#include "sqlite/FileIdentity.h"
#include "sqlite/Guard.h"
#include "sqlite/Options.h"

#include <Poco/Data/Session.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace tenon::sqlite
{

/// One Poco::Data session and the guard of its connection.
class Connection
{
public:
    /// Opens the database, confined as `options` say.
    ///
    /// Errors: Failure (NOT_FOUND, FAILED).
    explicit Connection(const Options& options);
    ~Connection();

    Poco::Data::Session& session() { return _session; }
    sqlite3* native() { return _native; }
    Guard& guard() { return *_guard; }

    /// Whether this is the file that has the database's name now.
    bool isOf(const FileIdentity& file) const { return _file == file; }

private:
    const FileIdentity _file; // before it is opened: if it is replaced meanwhile, the connection counts as an old one
    Poco::Data::Session _session;
    sqlite3* _native;
    std::unique_ptr<Guard> _guard;
};

/// Connections to one database, opened when they are first needed, at most `options.connections`. When another file has
/// its name, they are closed and opened anew.
///
/// (Poco::Data::SessionPool keeps a timer thread and a connector registered for the whole process; both would outlive
/// a plugin that is replaced while the server runs.)
///
/// Threading: any thread.
/// Ownership: every lease must have ended before the pool goes.
class ConnectionPool
{
public:
    explicit ConnectionPool(const Options& options) : _options(options) {}

    /// A connection, its holder's own until the lease ends.
    class Lease
    {
    public:
        Lease(ConnectionPool& pool, std::unique_ptr<Connection> connection)
            : _pool(&pool), _connection(std::move(connection))
        {
        }
        Lease(Lease&& other) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease();

        Connection* operator->() { return _connection.get(); }

    private:
        ConnectionPool* _pool;
        std::unique_ptr<Connection> _connection;
    };

    /// Waits for one if all are in use.
    ///
    /// Errors: Failure: CANCELLED, or the database cannot be opened.
    Lease take(const Stop& stop);

    /// How often another file was found to have the name.
    std::uint64_t replacements() const { return _replacements; }

private:
    void closeOld(const FileIdentity& now);
    void giveBack(std::unique_ptr<Connection> connection);

    const Options _options;
    std::atomic<std::uint64_t> _replacements{0};

    std::mutex _mutex; // guards the following
    std::condition_variable _returned;
    std::vector<std::unique_ptr<Connection>> _idle;
    unsigned _open = 0;
    FileIdentity _file; ///< of the last connection
};

} // namespace tenon::sqlite
