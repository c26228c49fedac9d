#pragma once

#include "store/EventStore.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tenon::store
{

/// The outcome of a query to an archive.
enum class Outcome
{
    FOUND,
    UNKNOWN, ///< the archive answered: there is none, or what is asked for is no longer whole
    AWAY     ///< the archive did not answer: it cannot be said
};

/// Of what kind a record is; ids are apart by kind.
enum class RecordKind
{
    SESSION,
    TASK
};

/// A record as it is kept: a text that the archive does not look into.
struct Record
{
    RecordKind kind = RecordKind::SESSION;
    std::string id;
    std::string owner;         ///< whose list it is in, for `list`; may be empty
    std::uint64_t version = 0; ///< a record takes the place of older ones only; 0: of any
    std::string text;
    std::int64_t ttlMs = 0;                               ///< how long it is kept from now on
    std::optional<std::uint64_t> replaces = std::nullopt; ///< the one version whose place it takes, if not any older
    std::string heirOf = {}; ///< the instance in whose place it is written: AWAY as long as that may live
};

/// One event of a stream, as it is kept.
struct ArchivedEvent
{
    std::uint64_t index = 0;
    std::string message; ///< JSON text; empty for a priming event
    bool final = false;
};

/// What is kept of one stream.
struct ArchivedStream
{
    std::vector<ArchivedEvent> events;
    std::string answers;   ///< JSON text of the id of the request that the stream answers; empty: it answers none
    bool finished = false; ///< no more will come
};

/// Keeps what outlives an instance, or is shared by many: records of sessions and tasks, and the events of their streams.
///
/// What an instance works with is in its memory; this stands behind. Nothing blocks: writes are queued and go out in the
/// order of the calls, answers come by callback. A write whose archive is away is dropped, and `onReturn` is told when it
/// is back, so that what is alive is written again.
///
/// Threading: any thread. Callbacks run once, on a thread of the archive or on the caller's; they must not block.
class Archive
{
public:
    using Kept = std::function<void(Outcome)>; ///< FOUND: it is kept. UNKNOWN: a newer one stands in its place
    using Found = std::function<void(Outcome, const Record&)>;
    using Events = std::function<void(Outcome, const ArchivedStream&)>;
    using Listed = std::function<void(Outcome, const std::vector<Record>&)>;

    static constexpr std::int64_t REMOVED_MS = 60'000;

    virtual ~Archive() = default;

    virtual void put(Record record, Kept kept) = 0;
    virtual void get(RecordKind kind, const std::string& id, Found found) = 0;
    virtual void touch(RecordKind kind, const std::string& id, std::int64_t ttlMs) = 0;

    /// Takes a record away, for good: what was on its way to be put under that id comes too late for REMOVED_MS.
    virtual void remove(RecordKind kind, const std::string& id, Kept removed) = 0;

    /// The records of one owner in the order of their making, at most `limit` after the id `after` (empty: from the
    /// first). UNKNOWN if there is no such id.
    virtual void list(RecordKind kind, const std::string& owner, const std::string& after, std::size_t limit,
                      Listed listed) = 0;

    /// Adds an event behind those there are. A stream that is finished takes no more.
    virtual void append(const std::string& stream, const Event& event, const std::string& answers,
                        std::int64_t ttlMs) = 0;

    /// The events that follow `index`. UNKNOWN if any of them is missing: `events` are those that are left then.
    virtual void after(const std::string& stream, std::uint64_t index, Events events) = 0;

    /// Finishes a stream in place of an instance that is gone, unless it is finished: `message` becomes its last event, with
    /// an index above `index` and all others. Shape: `answers` as in `append`, should there be nothing of the stream;
    /// `heirOf` as in a record.
    virtual void seal(const std::string& stream, std::uint64_t index, const std::string& answers, std::string message,
                      std::int64_t ttlMs, const std::string& heirOf, Kept kept) = 0;

    virtual void drop(const std::string& stream) = 0;

    /// Told each time the archive is there again after it was away, perhaps without what it kept. Set before the first
    /// use.
    virtual void onReturn(std::function<void()> told) = 0;
    [[nodiscard]] virtual bool away() const = 0;

    /// Whether it was away so lately that what others keep in it may not yet be written again.
    [[nodiscard]] virtual bool settling() const { return false; }
};

} // namespace tenon::store
