#include "store/sqlite/SqliteArchive.h"

#include "base/threads/ThreadRoot.h"
#include "store/sqlite/SqliteTables.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <chrono>
#include <utility>
#include <vector>

namespace tenon::store
{

namespace
{

constexpr std::size_t MAX_QUEUED_BYTES = 64 * 1024 * 1024;
constexpr std::size_t WORK_BYTES = 256; ///< of a piece of work beside its texts
constexpr auto BETWEEN_EXPIRIES = std::chrono::seconds(60);

} // namespace

SqliteArchive::SqliteArchive(const std::string& file, std::size_t maxEvents)
    : _tables(std::make_unique<SqliteTables>(file, maxEvents))
{
}

SqliteArchive::~SqliteArchive()
{
    stop();
}

void SqliteArchive::start()
{
    _thread = std::thread([this] { base::threadRoot("the archive in a file", [this] { run(); }); });
}

void SqliteArchive::stop()
{
    {
        std::lock_guard lock(_mutex);
        _stopping = true;
        _wake.notify_all();
    }
    if (_thread.joinable())
        _thread.join();
}

void SqliteArchive::post(std::size_t bytes, std::function<Tell(SqliteTables*)> work)
{
    bytes += WORK_BYTES;
    {
        std::lock_guard lock(_mutex);
        if (!_stopping && _bytes + bytes <= MAX_QUEUED_BYTES)
        {
            _bytes += bytes;
            _queue.push_back({std::move(work), bytes});
            _wake.notify_all();
            return;
        }
    }
    if (const auto tell = work(nullptr))
        tell();
}

void SqliteArchive::run()
{
    auto expired = std::chrono::steady_clock::now() - BETWEEN_EXPIRIES;
    for (;;)
    {
        std::deque<Work> batch;
        {
            std::unique_lock lock(_mutex);
            _wake.wait_for(lock, BETWEEN_EXPIRIES, [this] { return _stopping || !_queue.empty(); });
            if (_queue.empty() && _stopping)
                return;
            batch.swap(_queue);
            _bytes = 0;
        }
        if (std::chrono::steady_clock::now() - expired >= BETWEEN_EXPIRIES)
        {
            expired = std::chrono::steady_clock::now();
            batch.push_back({[](SqliteTables* tables)
                             {
                                 if (tables)
                                     tables->expire();
                                 return Tell();
                             },
                             0});
        }
        commit(batch);
    }
}

/// All in one transaction; who waits is told once it is kept.
void SqliteArchive::commit(std::deque<Work>& batch)
{
    std::vector<Tell> told;
    try
    {
        _tables->begin();
        for (const auto& work : batch)
            told.push_back(work.run(_tables.get()));
        _tables->commit();
        _failing = false;
    }
    catch (const Poco::Exception& exc)
    {
        if (!_failing.exchange(true))
            Poco::Logger::get("tenon.store").error("the store cannot be written: " + exc.displayText());
        _tables->rollback();
        told.clear();
        for (const auto& work : batch)
            told.push_back(work.run(nullptr));
    }
    for (const auto& tell : told)
        if (tell)
            base::threadRoot("what waited for the store", tell);
}

void SqliteArchive::put(Record record, Kept kept)
{
    const auto bytes = record.text.size();
    post(bytes,
         [record = std::move(record), kept = std::move(kept)](SqliteTables* tables) -> Tell
         {
             const auto outcome = tables ? tables->put(record) : Outcome::AWAY;
             return kept ? Tell([kept, outcome] { kept(outcome); }) : Tell();
         });
}

void SqliteArchive::get(RecordKind kind, const std::string& id, Found found)
{
    post(0,
         [kind, id, found = std::move(found)](SqliteTables* tables) -> Tell
         {
             Record record;
             record.kind = kind;
             record.id = id;
             const auto outcome = tables ? tables->get(record) : Outcome::AWAY;
             return [found, outcome, record = std::move(record)] { found(outcome, record); };
         });
}

void SqliteArchive::touch(RecordKind kind, const std::string& id, std::int64_t ttlMs)
{
    post(0,
         [kind, id, ttlMs](SqliteTables* tables) -> Tell
         {
             if (tables)
                 tables->touch(kind, id, ttlMs);
             return {};
         });
}

void SqliteArchive::remove(RecordKind kind, const std::string& id, Kept removed)
{
    post(0,
         [kind, id, removed = std::move(removed)](SqliteTables* tables) -> Tell
         {
             if (tables)
                 tables->remove(kind, id, REMOVED_MS);
             const auto outcome = tables ? Outcome::FOUND : Outcome::AWAY;
             return removed ? Tell([removed, outcome] { removed(outcome); }) : Tell();
         });
}

void SqliteArchive::list(RecordKind kind, const std::string& owner, const std::string& after, std::size_t limit,
                         Listed listed)
{
    post(0,
         [kind, owner, after, limit, listed = std::move(listed)](SqliteTables* tables) -> Tell
         {
             std::vector<Record> records;
             const auto outcome = tables ? tables->list(kind, owner, after, limit, records) : Outcome::AWAY;
             return [listed, outcome, records = std::move(records)] { listed(outcome, records); };
         });
}

void SqliteArchive::append(const std::string& stream, const Event& event, const std::string& answers,
                           std::int64_t ttlMs)
{
    post(event.message ? event.message->size() : 0,
         [stream, event, answers, ttlMs](SqliteTables* tables) -> Tell
         {
             if (tables)
                 tables->append(stream, {event.index, event.message ? *event.message : std::string(), event.final},
                                answers, ttlMs);
             return {};
         });
}

void SqliteArchive::after(const std::string& stream, std::uint64_t index, Events events)
{
    post(0,
         [stream, index, events = std::move(events)](SqliteTables* tables) -> Tell
         {
             ArchivedStream found;
             const auto outcome = tables ? tables->after(stream, index, found) : Outcome::AWAY;
             return [events, outcome, found = std::move(found)] { events(outcome, found); };
         });
}

void SqliteArchive::seal(const std::string& stream, std::uint64_t index, const std::string& answers,
                         std::string message, std::int64_t ttlMs, const std::string& /*heirOf*/, Kept kept)
{
    const auto bytes = message.size();
    post(bytes,
         [stream, index, answers, message = std::move(message), ttlMs,
          kept = std::move(kept)](SqliteTables* tables) -> Tell
         {
             const auto outcome = tables ? tables->seal(stream, index, answers, message, ttlMs) : Outcome::AWAY;
             return kept ? Tell([kept, outcome] { kept(outcome); }) : Tell();
         });
}

void SqliteArchive::drop(const std::string& stream)
{
    post(0,
         [stream](SqliteTables* tables) -> Tell
         {
             if (tables)
                 tables->drop(stream);
             return {};
         });
}

} // namespace tenon::store
