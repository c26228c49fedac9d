#pragma once

#include "base/threads/SteadyClock.h"

#include <Poco/Timestamp.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tenon::store
{

enum class TaskStatus
{
    WORKING,
    INPUT_REQUIRED,
    COMPLETED,
    FAILED,
    CANCELLED
};

[[nodiscard]] constexpr bool isTerminal(TaskStatus status)
{
    return status == TaskStatus::COMPLETED || status == TaskStatus::FAILED || status == TaskStatus::CANCELLED;
}

/// A task as it is kept: plain data, so that a durable store can write it down.
///
/// Spec: the extension `io.modelcontextprotocol/tasks`; 2025-11-25, Tasks (experimental).
struct TaskRecord
{
    std::string id;            ///< unguessable
    std::string principal;     ///< who may see it
    std::uint64_t version = 1; ///< one more with each change; who takes a task over from another begins far above
    TaskStatus status = TaskStatus::WORKING;
    std::string statusMessage;
    Poco::Timestamp createdAt, updatedAt; ///< to be shown; durations go by `ageMs`
    std::optional<std::int64_t> ttlMs;    ///< from creation; absent: unlimited
    std::int64_t bornMs = base::steadyMs();
    std::int64_t pollIntervalMs = 1000;
    std::map<std::string, std::string> inputRequests; ///< outstanding: key to JSON of the request
    std::string result;                               ///< JSON object in the newest revision's shape; COMPLETED
    std::string error;                                ///< JSON of the error object; FAILED
    bool archived = false; ///< its end is where others find it, so that whoever is told of it is not told another later

    /// Since its creation, by clocks that nobody sets.
    [[nodiscard]] std::int64_t ageMs() const { return base::steadyMs() - bornMs; }
};

/// Keeps tasks until their time is over.
///
/// Threading: any thread.
class TaskStore
{
public:
    virtual ~TaskStore() = default;

    /// Adds a task; after the return `get` finds it. Errors: Poco::RuntimeException if the
    /// store is full.
    virtual void add(const TaskRecord& task) = 0;

    [[nodiscard]] virtual std::optional<TaskRecord> get(const std::string& id) const = 0;

    /// Changes a task in one step: `change` gets the record and says whether it changed it. False if there is no such
    /// task, or nothing changed; what it sets without saying so gets no new version.
    virtual bool update(const std::string& id, const std::function<bool(TaskRecord&)>& change) = 0;

    /// The tasks of a principal in the order of their creation, after `afterId` (empty: from the first), at most `limit`.
    [[nodiscard]] virtual std::vector<TaskRecord> list(const std::string& principal, const std::string& afterId,
                                                       std::size_t limit) const = 0;

    /// Removes what has outlived its TTL and returns the ids.
    virtual std::vector<std::string> expire() = 0;
};

} // namespace tenon::store
