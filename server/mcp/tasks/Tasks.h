#pragma once

#include "base/Principal.h"
#include "base/json/JsonDocument.h"
#include "base/limits/HolderBudgets.h"
#include "base/limits/Quota.h"
#include "mcp/Services.h"
#include "mcp/tasks/TaskWork.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tenon::mcp
{

/// What runs as tasks: the records, and, while it runs, the work behind them.
///
/// Threading: any thread.
/// Spec:      the extension `io.modelcontextprotocol/tasks`; 2025-11-25, Tasks.
class Tasks
{
public:
    /// Told after a task has changed: id and record.
    using Changed = std::function<void(const store::TaskRecord&)>;

    /// What whoever lists tasks is told of a cursor that names none.
    static constexpr const char* STALE_CURSOR =
        "the cursor is no longer valid; ask for the list again without a cursor";

    /// Ownership: borrows all of it.
    Tasks(Services& services, base::HolderBudgets& memory, Changed changed);
    ~Tasks();

    /// Makes a task of `work`. Errors: RpcException (LIMIT, QUOTA) if there are too many.
    ///
    /// Shape: `ttlMs` is what the client asked for, 0 if nothing. `holder` may have what `limits` say; empty: the
    ///        principal, without a limit of its own.
    [[nodiscard]] store::TaskRecord begin(const TaskWorkPtr& work, const base::Principal& principal,
                                          std::string_view holder, const base::HolderLimits& limits,
                                          std::int64_t ttlMs);

    /// The task, if it is this principal's. Errors: RpcException (INVALID_PARAMS).
    [[nodiscard]] store::TaskRecord get(std::string_view id, const base::Principal& principal) const;

    [[nodiscard]] std::vector<store::TaskRecord> list(const base::Principal& principal, const std::string& afterId,
                                                      std::size_t limit) const;

    /// Hands over answers; what nobody asked for is ignored. Errors: as `get`.
    void answer(std::string_view id, const base::Principal& principal, const base::JsonDocument::Element& responses);

    /// Errors: as `get`. A task that has ended stays as it is.
    void cancel(std::string_view id, const base::Principal& principal);

    /// Calls `ended` with the record once the task has ended; at once if it has. A task that is no longer kept then has
    /// failed. Errors: as `get`; LIMIT if too many wait for it.
    void whenEnded(std::string_view id, const base::Principal& principal,
                   std::function<void(const store::TaskRecord&)> ended);

    /// What runs behind a task, null if it has ended. Errors: as `get`.
    [[nodiscard]] TaskWorkPtr running(std::string_view id, const base::Principal& principal) const;

    /// Who writes a new task down before its client learns of it; without, nobody does. Before the first task.
    using Keeper = std::function<void(const store::TaskRecord&, std::function<void()> then)>;
    void onBegin(Keeper keeper) { _keeper = std::move(keeper); }

    /// Runs `then` once the task is kept wherever tasks are.
    void whenKept(const store::TaskRecord& task, std::function<void()> then);

    /// Tasks of this instance, those that it took over included.
    [[nodiscard]] std::vector<store::TaskRecord> all() const;

    /// Takes over a task that has ended elsewhere. False if there is no room for it.
    bool adopt(const store::TaskRecord& task);

    /// Another instance took the task over: its record holds, and what runs here is cancelled.
    void replace(const store::TaskRecord& task);

    /// Ends tasks that have outlived their time; the clock does.
    void sweep();

    // For the work itself.
    void needInput(const std::string& id, std::map<std::string, std::string> requests);
    void inputAnswered(const std::string& id, const std::string& key);
    /// If there is no memory to keep the result in, the task has failed.
    void complete(const std::string& id, std::string result);
    void fail(const std::string& id, std::string error);
    void cancelled(const std::string& id);
    void progress(const std::string& id, std::string_view message);

private:
    void change(const std::string& id, const std::function<bool(store::TaskRecord&)>& change);
    void end(const std::string& id, const std::function<void(store::TaskRecord&)>& fill, store::TaskStatus status);
    [[nodiscard]] TaskWorkPtr live(std::string_view id) const;
    [[nodiscard]] bool makeRoom(const std::string& id, std::size_t bytes);

    /// What a task takes of its holder's, until it is no longer kept.
    struct Kept
    {
        base::Quota::HeldPtr place; ///< null: the holder has no limit
        base::HolderShare bytes;
    };

    Services& _services;
    base::HolderBudgets& _memory;
    const Changed _changed;
    Keeper _keeper;
    base::Quota _held; ///< by holder
    base::Timers::Id _sweeper;

    mutable std::mutex _mutex; // guards all below
    std::unordered_map<std::string, TaskWorkPtr> _live;
    std::set<std::string> _ids; ///< of all that are kept, where an archive stands behind them
    std::unordered_map<std::string, Kept> _kept;
    std::unordered_map<std::string, std::vector<std::function<void(const store::TaskRecord&)>>> _waiting;

    std::mutex _changeMutex; // so that news of a task go out in the order of its changes; before the sinks' own
};

} // namespace tenon::mcp
