#include "sqlite/Guard.h"

#include <algorithm>
#include <cstring>
#include <sqlite3.h>
#include <string_view>
#include <thread>

namespace tenon::sqlite
{

namespace
{

/// Instructions of SQLite's machine between two questions: some ten microseconds.
constexpr int PROGRESS_STEPS = 1000;
constexpr std::chrono::milliseconds BUSY_WAIT{5};

/// Pragmas that only tell; those that take no argument would change something with one.
struct Pragma
{
    std::string_view name;
    bool takesArgument;
};

constexpr Pragma PRAGMAS[] = {
    {"application_id", false}, {"collation_list", false},   {"compile_options", false}, {"data_version", false},
    {"encoding", false},       {"foreign_key_check", true}, {"foreign_key_list", true}, {"freelist_count", false},
    {"function_list", false},  {"index_info", true},        {"index_list", true},       {"index_xinfo", true},
    {"integrity_check", true}, {"journal_mode", false},     {"page_count", false},      {"page_size", false},
    {"quick_check", true},     {"schema_version", false},   {"table_info", true},       {"table_list", true},
    {"table_xinfo", true},     {"user_version", false},
};

constexpr std::string_view FORBIDDEN_FUNCTIONS[] = {"load_extension", "fts3_tokenizer", "readfile", "writefile",
                                                    "edit"};
constexpr std::string_view VIRTUAL_TABLES[] = {"fts3", "fts4", "fts5", "rtree", "rtree_i32", "geopoly"};

bool same(std::string_view a, const char* b)
{
    return b && a.size() == std::strlen(b) && sqlite3_strnicmp(a.data(), b, static_cast<int>(a.size())) == 0;
}

template <class List>
bool holds(const List& list, const char* name)
{
    return std::any_of(std::begin(list), std::end(list), [&](std::string_view one) { return same(one, name); });
}

bool isHarmlessPragma(const char* name, const char* argument)
{
    return std::any_of(std::begin(PRAGMAS), std::end(PRAGMAS),
                       [&](const Pragma& pragma)
                       { return same(pragma.name, name) && (pragma.takesArgument || !argument); });
}

} // namespace

Guard::Guard(sqlite3* connection, std::chrono::milliseconds busyTimeout) : _busyTimeout(busyTimeout)
{
    sqlite3_set_authorizer(connection, &Guard::authorize, this);
    sqlite3_progress_handler(connection, PROGRESS_STEPS, &Guard::progress, this);
    sqlite3_busy_handler(connection, &Guard::busy, this);
}

Guard::Scope::Scope(Guard& guard, Access access, const Stop& stop, std::chrono::milliseconds timeout) : _guard(guard)
{
    _guard._access = access;
    _guard._stop = &stop;
    _guard._deadline = timeout.count() > 0 ? Clock::now() + timeout : Clock::time_point::max();
    _guard._refused.clear();
    _guard._cancelled = false;
    _guard._timedOut = false;
}

Guard::Scope::~Scope()
{
    _guard._access = Access::READ;
    _guard._stop = nullptr;
    _guard._deadline = Clock::time_point::max();
}

bool Guard::ended()
{
    _cancelled = _cancelled || (_stop && *_stop && (*_stop)());
    _timedOut = _timedOut || Clock::now() >= _deadline;
    return _cancelled || _timedOut;
}

int Guard::progress(void* self)
{
    return static_cast<Guard*>(self)->ended() ? 1 : 0;
}

int Guard::busy(void* self, int attempts)
{
    auto& guard = *static_cast<Guard*>(self);
    if (attempts == 0)
        guard._busySince = Clock::now();
    if (guard.ended() || Clock::now() - guard._busySince >= guard._busyTimeout)
        return 0;
    std::this_thread::sleep_for(BUSY_WAIT);
    return 1;
}

int Guard::authorize(void* self, int action, const char* first, const char* second, const char*, const char*)
{
    return static_cast<Guard*>(self)->allows(action, first, second) ? SQLITE_OK : SQLITE_DENY;
}

bool Guard::allows(int action, const char* first, const char* second)
{
    const auto refuse = [this](std::string what)
    {
        _refused = std::move(what);
        return false;
    };
    switch (action)
    {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return true;
    case SQLITE_FUNCTION:
        return !holds(FORBIDDEN_FUNCTIONS, second) || refuse(std::string("the function ") + second);
    case SQLITE_PRAGMA:
        return isHarmlessPragma(first, second) || refuse(std::string("PRAGMA ") + (first ? first : ""));
    case SQLITE_ATTACH:
        return refuse("ATTACH, VACUUM");
    case SQLITE_DETACH:
        return refuse("DETACH");
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
        return refuse("BEGIN, COMMIT, ROLLBACK, SAVEPOINT");
    case SQLITE_UPDATE:
        // Asked when a virtual table introduces itself. A statement that says so itself is refused by SQLite.
        if (same("sqlite_master", first) || same("sqlite_temp_master", first))
            return true;
        break;
    case SQLITE_CREATE_VTABLE:
        if (!holds(VIRTUAL_TABLES, second))
            return refuse("a virtual table of this kind");
        break;
    default:
        break;
    }
    return _access == Access::WRITE || refuse("a change of data or schema");
}

} // namespace tenon::sqlite
