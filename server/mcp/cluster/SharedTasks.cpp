#include "mcp/cluster/SharedTasks.h"

#include "jsonrpc/Error.h"
#include "mcp/cluster/Records.h"

#include <Poco/Exception.h>

namespace tenon::mcp
{

using store::Outcome;
using store::RecordKind;
using store::TaskRecord;

namespace
{

/// A version is a term, one more with each instance that takes the task over, and changes within it.
constexpr unsigned TERM_BITS = 32;

std::uint64_t nextTerm(std::uint64_t version)
{
    return ((version >> TERM_BITS) + 1) << TERM_BITS;
}

} // namespace

void SharedTasks::keep(const TaskRecord& task, std::function<void()> told)
{
    auto then = std::move(told);
    if (store::isTerminal(task.status))
        then = [this, id = task.id, after = std::move(then)]
        {
            settled(id);
            if (after)
                after();
        };
    _services.archive->put(recordOf(task),
                           [this, id = task.id, then = std::move(then)](Outcome outcome)
                           {
                               if (outcome == Outcome::UNKNOWN)
                                   return look(id,
                                               [then](Outcome)
                                               {
                                                   if (then)
                                                       then();
                                               });
                               if (then)
                                   then();
                           });
}

bool SharedTasks::unsettled(const std::string& id) const
{
    const auto task = _services.tasks.get(id);
    return task && store::isTerminal(task->status) && !task->archived;
}

bool SharedTasks::settles(const std::string& id, std::function<void()> then)
{
    std::lock_guard lock(_mutex);
    if (!unsettled(id))
        return false;
    _settling[id].push_back(std::move(then));
    return true;
}

void SharedTasks::settled(const std::string& id)
{
    std::vector<std::function<void()>> waiting;
    {
        std::lock_guard lock(_mutex);
        (void)_services.tasks.update(id,
                                     [](TaskRecord& task)
                                     {
                                         task.archived = true;
                                         return false;
                                     });
        if (const auto found = _settling.find(id); found != _settling.end())
        {
            waiting = std::move(found->second);
            _settling.erase(found);
        }
    }
    for (const auto& tell : waiting)
        tell();
}

void SharedTasks::look(const std::string& id, std::function<void(Outcome)> then)
{
    _services.archive->get(RecordKind::TASK, id,
                           [this, then = std::move(then)](Outcome outcome, const store::Record& record)
                           {
                               TaskRecord theirs;
                               const bool read =
                                   outcome == Outcome::FOUND && readRecord(record, theirs) == Outcome::FOUND;
                               const auto ours = read ? _services.tasks.get(theirs.id) : std::nullopt;
                               // This instance was silent for longer than its lease, and somebody took it over.
                               if (!ours || ours->version >> TERM_BITS >= theirs.version >> TERM_BITS)
                                   return then(outcome);
                               // Not here: who changes a task waits for the change before.
                               _services.executor.post(
                                   [this, theirs, then]
                                   {
                                       _tasks.replace(theirs);
                                       then(Outcome::FOUND);
                                   });
                           });
}

void SharedTasks::takeOver(const std::string& id, std::function<void(Outcome)> then)
{
    if (store::tagOf(id).empty()) // none of this service
        return then(Outcome::UNKNOWN);
    _services.archive->get(
        RecordKind::TASK, id,
        [this, then = std::move(then)](Outcome outcome, const store::Record& record)
        {
            TaskRecord task;
            if (outcome == Outcome::UNKNOWN && _services.archive->settling())
                outcome = Outcome::AWAY;
            if (outcome == Outcome::FOUND)
                outcome = readRecord(record, task);
            if (outcome != Outcome::FOUND)
                return then(outcome);
            if (!store::isTerminal(task.status))
            {
                task.status = store::TaskStatus::FAILED;
                task.inputRequests.clear();
                task.error = jsonrpc::errorObject(jsonrpc::ErrorKind::INTERNAL, true,
                                                  "the instance that ran the task is gone; whether it was done is not "
                                                  "known");
                task.updatedAt.update();
            }
            task.version = nextTerm(task.version);
            auto kept = recordOf(task);
            kept.replaces = record.version; // who was thought to be gone may have ended it meanwhile
            kept.heirOf = store::tagOf(task.id);
            _services.archive->put(std::move(kept),
                                   [this, task, then](Outcome taken)
                                   {
                                       if (taken == Outcome::UNKNOWN) // another was quicker: look at what he wrote
                                           return takeOver(task.id, then);
                                       if (taken == Outcome::FOUND && !_tasks.adopt(task))
                                           taken = Outcome::AWAY;
                                       then(taken);
                                   });
        });
}

void SharedTasks::list(const std::string& principal, const std::string& after, std::size_t limit, Listed listed)
{
    _services.archive->list(RecordKind::TASK, principal, after, limit,
                            [listed = std::move(listed)](Outcome outcome, const std::vector<store::Record>& records)
                            {
                                std::vector<TaskRecord> tasks;
                                for (const auto& record : records)
                                    if (TaskRecord task; readRecord(record, task) == Outcome::FOUND)
                                        tasks.push_back(std::move(task));
                                listed(outcome, tasks);
                            });
}

void SharedTasks::keepAll()
{
    for (const auto& task : _tasks.all())
        keep(task);
}

} // namespace tenon::mcp
