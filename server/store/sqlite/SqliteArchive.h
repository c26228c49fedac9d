#pragma once

#include "store/Archive.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace tenon::store
{

class SqliteTables;

/// An archive in a file, for one instance that outlives its process. Writes are taken together in one transaction, which
/// a killed process does not lose.
///
/// Threading: any thread; callbacks run on its own thread.
class SqliteArchive : public Archive
{
public:
    /// Opens or makes the file, which is one process's alone; starts no thread.
    ///
    /// Errors: Poco::Exception, worded for the operator.
    SqliteArchive(const std::string& file, std::size_t maxEvents);
    ~SqliteArchive() override;

    void start();
    void stop(); ///< does what is queued

    void put(Record record, Kept kept) override;
    void get(RecordKind kind, const std::string& id, Found found) override;
    void touch(RecordKind kind, const std::string& id, std::int64_t ttlMs) override;
    void remove(RecordKind kind, const std::string& id, Kept removed) override;
    void list(RecordKind kind, const std::string& owner, const std::string& after, std::size_t limit,
              Listed listed) override;
    void append(const std::string& stream, const Event& event, const std::string& answers, std::int64_t ttlMs) override;
    void after(const std::string& stream, std::uint64_t index, Events events) override;
    void seal(const std::string& stream, std::uint64_t index, const std::string& answers, std::string message,
              std::int64_t ttlMs, const std::string& heirOf, Kept kept) override;
    void drop(const std::string& stream) override;
    void onReturn(std::function<void()>) override {} // it never leaves
    [[nodiscard]] bool away() const override { return _failing.load(); }

private:
    using Tell = std::function<void()>; ///< of a callback, once what was done is kept; may be empty

    /// One piece of work. Shape: null tables: the file cannot be used, tell AWAY.
    struct Work
    {
        std::function<Tell(SqliteTables*)> run;
        std::size_t bytes;
    };

    void post(std::size_t bytes, std::function<Tell(SqliteTables*)> run);
    void run();
    void commit(std::deque<Work>& batch);

    std::unique_ptr<SqliteTables> _tables; ///< the thread's own, once there is one
    std::atomic<bool> _failing{false};

    std::mutex _mutex; // guards all below
    std::condition_variable _wake;
    std::deque<Work> _queue;
    std::size_t _bytes = 0;
    bool _stopping = false;
    std::thread _thread;
};

} // namespace tenon::store
