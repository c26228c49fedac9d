#include "store/sqlite/SqliteTables.h"

#include "store/StreamParts.h"

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SessionImpl.h>
#include <Poco/Data/Session.h>
#include <Poco/Exception.h>
#include <Poco/Timestamp.h>

namespace tenon::store
{

using namespace Poco::Data::Keywords;

namespace
{

/// How the file is laid out; another number is another layout.
constexpr int LAYOUT = 1;

/// In the place of a version: the record was removed.
constexpr Poco::Int64 REMOVED = -1;
constexpr Poco::Int64 NONE = -2;

/// The clock on the wall: what is kept outlives the steady one.
Poco::Int64 nowMs()
{
    return Poco::Timestamp().epochMicroseconds() / 1000;
}

Poco::Data::Session opened(const std::string& file)
{
    Poco::Data::SQLite::Connector::registerConnector();
    try
    {
        // Without a time for it: else POCO tries a minute long what cannot be opened.
        return Poco::Data::Session(new Poco::Data::SQLite::SessionImpl(file, 0));
    }
    catch (const Poco::Exception& exc)
    {
        throw Poco::OpenFileException("'store' cannot be opened: " + file + ": " + exc.displayText());
    }
}

} // namespace

struct SqliteTables::Impl
{
    Impl(const std::string& file, std::size_t most) : session(opened(file)), maxEvents(static_cast<Poco::Int64>(most))
    {
    }

    /// The last index of a stream, -1 if it has none; `final` and `answers` of that event.
    Poco::Int64 last(const std::string& stream, bool& final, std::string& answers)
    {
        Poco::Int64 index = -1;
        int done = 0;
        std::string id = stream;
        session << "SELECT number, final, answers FROM events WHERE stream = ? ORDER BY number DESC LIMIT 1",
            into(index), into(done), into(answers), use(id), now;
        final = done != 0;
        return index;
    }

    void add(const std::string& stream, const ArchivedEvent& event, const std::string& answers, std::int64_t ttlMs)
    {
        std::string id = stream, message = event.message, request = answers;
        Poco::Int64 number = static_cast<Poco::Int64>(event.index), until = nowMs() + ttlMs;
        int final = event.final ? 1 : 0;
        session << "INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?, ?)", use(id), use(number), use(message),
            use(final), use(request), use(until), now;
        Poco::Int64 first = number - maxEvents;
        if (first >= 0)
            session << "DELETE FROM events WHERE stream = ? AND number <= ?", use(id), use(first), now;
    }

    Poco::Data::Session session;
    const Poco::Int64 maxEvents;
};

SqliteTables::SqliteTables(const std::string& file, std::size_t maxEvents)
    : _impl(std::make_unique<Impl>(file, maxEvents))
{
    auto& session = _impl->session;
    try
    {
        std::string mode;
        int layout = 0;
        // Exclusive: two servers with one file would each take the other's sessions for their own.
        session << "PRAGMA locking_mode = EXCLUSIVE", into(mode), now;
        session << "PRAGMA journal_mode = WAL", into(mode), now;
        session << "PRAGMA synchronous = NORMAL", now;
        session << "PRAGMA user_version", into(layout), now;
        if (layout != 0 && layout != LAYOUT)
            throw Poco::DataFormatException("it was written by another version of this server; move it away");
        session << "CREATE TABLE IF NOT EXISTS records (kind INTEGER, id TEXT, owner TEXT, version INTEGER, "
                   "text TEXT, until INTEGER, made INTEGER PRIMARY KEY AUTOINCREMENT, UNIQUE (kind, id))",
            now;
        session << "CREATE INDEX IF NOT EXISTS owners ON records (kind, owner, made)", now;
        session << "CREATE TABLE IF NOT EXISTS events (stream TEXT, number INTEGER, message TEXT, final INTEGER, "
                   "answers TEXT, until INTEGER, PRIMARY KEY (stream, number)) WITHOUT ROWID",
            now;
        session << "PRAGMA user_version = " + std::to_string(LAYOUT), now;
    }
    catch (const Poco::Exception& exc)
    {
        throw Poco::OpenFileException("'store' cannot be used: " + file + ": " + exc.displayText());
    }
}

SqliteTables::~SqliteTables() = default;

void SqliteTables::begin()
{
    _impl->session << "BEGIN", now;
}

void SqliteTables::commit()
{
    _impl->session << "COMMIT", now;
}

void SqliteTables::rollback() noexcept
{
    try
    {
        _impl->session << "ROLLBACK", now;
    }
    catch (const std::exception&)
    {
        // No transaction was open: there is nothing to take back.
    }
}

Outcome SqliteTables::put(const Record& record)
{
    int kind = static_cast<int>(record.kind);
    std::string id = record.id, owner = record.owner, text = record.text;
    Poco::Int64 version = static_cast<Poco::Int64>(record.version), until = nowMs() + record.ttlMs, current = NONE;
    _impl->session << "SELECT version FROM records WHERE kind = ? AND id = ?", into(current), use(kind), use(id), now;
    if (current == REMOVED ||
        (record.replaces ? current != static_cast<Poco::Int64>(*record.replaces) : version != 0 && current >= version))
        return Outcome::UNKNOWN;
    _impl->session << "INSERT INTO records (kind, id, owner, version, text, until) VALUES (?, ?, ?, ?, ?, ?) "
                      "ON CONFLICT (kind, id) DO UPDATE SET owner = excluded.owner, version = excluded.version, "
                      "text = excluded.text, until = excluded.until",
        use(kind), use(id), use(owner), use(version), use(text), use(until), now;
    return Outcome::FOUND;
}

Outcome SqliteTables::get(Record& record)
{
    int kind = static_cast<int>(record.kind);
    Poco::Int64 version = REMOVED, at = nowMs();
    _impl->session << "SELECT owner, version, text FROM records WHERE kind = ? AND id = ? AND until > ?",
        into(record.owner), into(version), into(record.text), use(kind), use(record.id), use(at), now;
    if (version == REMOVED)
        return Outcome::UNKNOWN;
    record.version = static_cast<std::uint64_t>(version);
    return Outcome::FOUND;
}

void SqliteTables::touch(RecordKind recordKind, const std::string& recordId, std::int64_t ttlMs)
{
    int kind = static_cast<int>(recordKind);
    std::string id = recordId;
    Poco::Int64 until = nowMs() + ttlMs;
    _impl->session << "UPDATE records SET until = ? WHERE kind = ? AND id = ? AND version >= 0", use(until), use(kind),
        use(id), now;
}

void SqliteTables::remove(RecordKind recordKind, const std::string& recordId, std::int64_t ttlMs)
{
    int kind = static_cast<int>(recordKind);
    std::string id = recordId;
    Poco::Int64 version = REMOVED, until = nowMs() + ttlMs;
    _impl->session << "INSERT INTO records (kind, id, owner, version, text, until) VALUES (?, ?, '', ?, '', ?) "
                      "ON CONFLICT (kind, id) DO UPDATE SET owner = '', version = excluded.version, text = '', "
                      "until = excluded.until",
        use(kind), use(id), use(version), use(until), now;
}

Outcome SqliteTables::list(RecordKind recordKind, const std::string& recordOwner, const std::string& after,
                           std::size_t limit, std::vector<Record>& records)
{
    int kind = static_cast<int>(recordKind);
    std::string owner = recordOwner, first = after;
    Poco::Int64 made = -1, most = static_cast<Poco::Int64>(limit), at = nowMs();
    if (!after.empty())
    {
        _impl->session << "SELECT made FROM records WHERE kind = ? AND id = ? AND owner = ? AND until > ?", into(made),
            use(kind), use(first), use(owner), use(at), now;
        if (made < 0)
            return Outcome::UNKNOWN;
    }
    std::vector<std::string> ids, texts;
    std::vector<Poco::Int64> versions;
    _impl->session << "SELECT id, version, text FROM records WHERE kind = ? AND owner = ? AND made > ? AND until > ? "
                      "ORDER BY made LIMIT ?",
        into(ids), into(versions), into(texts), use(kind), use(owner), use(made), use(at), use(most), now;
    for (std::size_t row = 0; row < ids.size(); ++row)
        records.push_back({recordKind, ids[row], owner, static_cast<std::uint64_t>(versions[row]), texts[row], 0});
    return Outcome::FOUND;
}

void SqliteTables::append(const std::string& stream, const ArchivedEvent& event, const std::string& answers,
                          std::int64_t ttlMs)
{
    bool final = false;
    std::string request;
    (void)_impl->last(stream, final, request);
    if (!final)
        _impl->add(stream, event, answers, ttlMs);
}

Outcome SqliteTables::after(const std::string& stream, std::uint64_t index, ArchivedStream& found)
{
    std::string id = stream;
    Poco::Int64 at = nowMs();
    std::vector<Poco::Int64> numbers;
    std::vector<std::string> messages, answers;
    std::vector<int> finals;
    _impl->session << "SELECT number, message, final, answers FROM events WHERE stream = ? AND until > ? "
                      "ORDER BY number",
        into(numbers), into(messages), into(finals), into(answers), use(id), use(at), now;
    for (std::size_t row = 0; row < numbers.size(); ++row)
        found.events.push_back({static_cast<std::uint64_t>(numbers[row]), messages[row], finals[row] != 0});
    if (numbers.empty())
        return Outcome::UNKNOWN;
    found.answers = answers.back();
    return keepLater(found, index) ? Outcome::FOUND : Outcome::UNKNOWN;
}

Outcome SqliteTables::seal(const std::string& stream, std::uint64_t index, const std::string& answers,
                           const std::string& message, std::int64_t ttlMs)
{
    bool final = false;
    std::string request;
    const auto last = _impl->last(stream, final, request);
    if (final)
        return Outcome::UNKNOWN;
    if (last < 0)
        request = answers;
    const auto highest = std::max(last, static_cast<Poco::Int64>(index));
    _impl->add(stream, {static_cast<std::uint64_t>(highest) + 1, message, true}, request, ttlMs);
    return Outcome::FOUND;
}

void SqliteTables::drop(const std::string& stream)
{
    std::string id = stream;
    _impl->session << "DELETE FROM events WHERE stream = ?", use(id), now;
}

void SqliteTables::expire()
{
    Poco::Int64 at = nowMs();
    _impl->session << "DELETE FROM records WHERE until <= ?", use(at), now;
    _impl->session << "DELETE FROM events WHERE until <= ?", use(at), now;
}

} // namespace tenon::store
