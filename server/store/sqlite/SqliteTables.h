#pragma once

#include "store/Archive.h"

#include <memory>
#include <string>
#include <vector>

namespace tenon::store
{

/// The tables of SqliteArchive, and what is done with them.
///
/// Threading: one thread at a time.
/// Errors:    every function throws Poco::Exception.
class SqliteTables
{
public:
    SqliteTables(const std::string& file, std::size_t maxEvents);
    ~SqliteTables();

    void begin();
    void commit();
    void rollback() noexcept;

    [[nodiscard]] Outcome put(const Record& record);
    [[nodiscard]] Outcome get(Record& record);
    void touch(RecordKind kind, const std::string& id, std::int64_t ttlMs);
    void remove(RecordKind kind, const std::string& id, std::int64_t ttlMs);
    [[nodiscard]] Outcome list(RecordKind kind, const std::string& owner, const std::string& after, std::size_t limit,
                               std::vector<Record>& records);
    void append(const std::string& stream, const ArchivedEvent& event, const std::string& answers, std::int64_t ttlMs);
    [[nodiscard]] Outcome after(const std::string& stream, std::uint64_t index, ArchivedStream& found);
    [[nodiscard]] Outcome seal(const std::string& stream, std::uint64_t index, const std::string& answers,
                               const std::string& message, std::int64_t ttlMs);
    void drop(const std::string& stream);
    void expire();

private:
    struct Impl;
    const std::unique_ptr<Impl> _impl;
};

} // namespace tenon::store
