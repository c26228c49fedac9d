#pragma once

#include <chrono>
#include <functional>
#include <string>

struct sqlite3;

namespace tenon::sqlite
{

/// Asked now and then while a statement runs; true: nobody wants the answer any more.
using Stop = std::function<bool()>;

enum class Access
{
    READ,
    WRITE ///< changes of data and schema too
};

/// Stands between one connection and the statements that clients send: decides what they may do (SQLite's authorizer,
/// asked while a statement is compiled) and ends those that are cancelled or run too long (its progress and busy
/// handlers, asked while it runs).
///
/// Never allowed: ATTACH, DETACH and VACUUM INTO (other files), load_extension and the like, transactions (a connection
/// serves many clients), pragmas but for a list of harmless ones, virtual tables but full-text and R-tree ones.
///
/// Threading: one at a time, that of the connection.
/// Ownership: borrows the connection, which must be closed before the guard goes.
class Guard
{
public:
    explicit Guard(sqlite3* connection, std::chrono::milliseconds busyTimeout);
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

    /// While it lives, statements may do what `access` says, until `stop` or the timeout (0: none).
    class Scope
    {
    public:
        Scope(Guard& guard, Access access, const Stop& stop, std::chrono::milliseconds timeout);
        ~Scope();
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;

    private:
        Guard& _guard;
    };

    /// What was refused last in this scope, "ATTACH"; empty if nothing was.
    const std::string& refused() const { return _refused; }
    bool cancelled() const { return _cancelled; }
    bool timedOut() const { return _timedOut; }

private:
    using Clock = std::chrono::steady_clock;

    static int authorize(void* self, int action, const char* first, const char* second, const char* database,
                         const char* trigger);
    static int progress(void* self);
    static int busy(void* self, int attempts);

    bool allows(int action, const char* first, const char* second);
    bool ended();

    const std::chrono::milliseconds _busyTimeout;
    Access _access = Access::READ;
    const Stop* _stop = nullptr;
    Clock::time_point _deadline = Clock::time_point::max();
    Clock::time_point _busySince;
    std::string _refused;
    bool _cancelled = false;
    bool _timedOut = false;
};

} // namespace tenon::sqlite
