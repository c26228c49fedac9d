#include "mcp/tasks/Tasks.h"

#include "jsonrpc/Error.h"

#include <Poco/Exception.h>

#include <algorithm>

namespace tenon::mcp
{

using store::TaskRecord;
using store::TaskStatus;

namespace
{

/// Requests for the result of one task that wait; those of clients that have gone count until it ends.
constexpr std::size_t MAX_WAITING = 32;

/// What a record takes beside its result.
constexpr std::size_t RECORD_BYTES = 1024;

constexpr auto SWEEP = std::chrono::seconds(5);

} // namespace

Tasks::Tasks(Services& services, base::HolderBudgets& memory, Changed changed)
    : _services(services), _memory(memory), _changed(std::move(changed))
{
    if (services.quotas)
        services.quotas->share("tasks", _held);
    _sweeper = services.timers.every(SWEEP, [this] { sweep(); });
}

Tasks::~Tasks()
{
    _services.timers.cancel(_sweeper);
}

void Tasks::sweep()
{
    for (const auto& id : _services.tasks.expire())
    {
        if (const auto work = live(id))
            work->cancelTask("the task has outlived its time");
        decltype(_kept)::node_type gone;
        std::lock_guard lock(_mutex);
        gone = _kept.extract(id);
        _ids.erase(id);
    }
}

void Tasks::whenKept(const TaskRecord& task, std::function<void()> then)
{
    if (_keeper)
        _keeper(task, std::move(then));
    else
        then();
}

std::vector<TaskRecord> Tasks::all() const
{
    std::vector<std::string> ids;
    {
        std::lock_guard lock(_mutex);
        ids.assign(_ids.begin(), _ids.end());
    }
    std::vector<TaskRecord> tasks;
    for (const auto& id : ids)
        if (auto task = _services.tasks.get(id))
            tasks.push_back(std::move(*task));
    return tasks;
}

bool Tasks::adopt(const TaskRecord& task)
{
    if (_services.tasks.get(task.id))
        return true;
    try
    {
        _services.tasks.add(task);
    }
    catch (const Poco::RuntimeException&)
    {
        return false;
    }
    std::lock_guard lock(_mutex);
    _ids.insert(task.id);
    return true;
}

void Tasks::replace(const TaskRecord& task)
{
    const auto work = live(task.id);
    end(
        task.id, [&](TaskRecord& own) { own = task; }, task.status);
    (void)_services.tasks.update(task.id,
                                 [&](TaskRecord& own)
                                 {
                                     own = task;
                                     return true;
                                 });
    if (work)
        work->cancelTask("another instance took the task over");
}

TaskRecord Tasks::begin(const TaskWorkPtr& work, const base::Principal& principal, std::string_view holder,
                        const base::HolderLimits& limits, std::int64_t ttlMs)
{
    Kept kept;
    if (const auto most = holder.empty() ? 0 : limits.most(limits.tasks, _services.options.maxTasks))
    {
        kept.place = _held.take(holder, most);
        if (!kept.place)
            throw jsonrpc::RpcException(jsonrpc::ErrorKind::QUOTA,
                                        "you have " + std::to_string(most) +
                                            " tasks, which is your limit; wait until one expires");
    }
    // The part of tasks is smaller than others, and so is what one holder may have of it.
    base::HolderLimits ofPart = limits;
    if (ofPart.sharePercent < 100)
        ofPart.sharePercent = (ofPart.sharePercent + 1) / 2;
    kept.bytes = _memory.shareOf(holder, ofPart);
    if (!kept.bytes.tryResize(RECORD_BYTES))
        throw jsonrpc::RpcException(
            _memory.full(RECORD_BYTES) ? jsonrpc::ErrorKind::LIMIT : jsonrpc::ErrorKind::QUOTA,
            "no memory is left for another task (limits.memoryMb); try again when others have expired");
    TaskRecord task;
    task.id = _services.instance.newId();
    task.principal = principal.id;
    task.ttlMs = ttlMs > 0 ? std::min(ttlMs, _services.options.taskTtlMs) : _services.options.taskTtlMs;
    task.pollIntervalMs = _services.options.taskPollMs;
    try
    {
        _services.tasks.add(task);
    }
    catch (const Poco::RuntimeException&)
    {
        throw jsonrpc::RpcException(jsonrpc::ErrorKind::LIMIT, "too many tasks; try again when others have ended");
    }
    std::lock_guard lock(_mutex);
    _live.emplace(task.id, work);
    if (_services.archive)
        _ids.insert(task.id);
    _kept.emplace(task.id, std::move(kept));
    return task;
}

TaskWorkPtr Tasks::live(std::string_view id) const
{
    std::lock_guard lock(_mutex);
    const auto found = _live.find(std::string(id));
    return found == _live.end() ? nullptr : found->second;
}

TaskRecord Tasks::get(std::string_view id, const base::Principal& principal) const
{
    auto task = _services.tasks.get(std::string(id));
    if (!task || task->principal != principal.id)
        throw jsonrpc::RpcException(jsonrpc::ErrorKind::INVALID_PARAMS,
                                    "there is no task '" + std::string(id) + "'; it may have expired");
    return std::move(*task);
}

std::vector<TaskRecord> Tasks::list(const base::Principal& principal, const std::string& afterId,
                                    std::size_t limit) const
{
    try
    {
        return _services.tasks.list(principal.id, afterId, limit);
    }
    catch (const Poco::NotFoundException&)
    {
        throw jsonrpc::RpcException(jsonrpc::ErrorKind::INVALID_PARAMS, STALE_CURSOR);
    }
}

void Tasks::answer(std::string_view id, const base::Principal& principal, const base::JsonDocument::Element& responses)
{
    const auto work = running(id, principal);
    if (!work)
        return;
    for (const auto& [key, response] : simdjson::dom::object(responses))
        work->answerInput(std::string(key), response);
    work->resumeIfAnswered();
}

void Tasks::cancel(std::string_view id, const base::Principal& principal)
{
    if (const auto work = running(id, principal))
        work->cancelTask("the client cancelled the task");
}

TaskWorkPtr Tasks::running(std::string_view id, const base::Principal& principal) const
{
    (void)get(id, principal);
    return live(id);
}

void Tasks::whenEnded(std::string_view id, const base::Principal& principal,
                      std::function<void(const TaskRecord&)> ended)
{
    const std::string key(id);
    (void)get(id, principal);
    {
        std::lock_guard lock(_mutex);
        if (_live.count(key))
        {
            auto& waiting = _waiting[key];
            if (waiting.size() >= MAX_WAITING)
                throw jsonrpc::RpcException(jsonrpc::ErrorKind::LIMIT,
                                            "too many requests wait for the result of this task already");
            waiting.push_back(std::move(ended));
            return;
        }
    }
    ended(get(id, principal));
}

void Tasks::change(const std::string& id, const std::function<bool(TaskRecord&)>& change)
{
    std::lock_guard lock(_changeMutex);
    if (!_services.tasks.update(id, change))
        return;
    if (const auto task = _services.tasks.get(id))
        _changed(*task);
}

void Tasks::needInput(const std::string& id, std::map<std::string, std::string> requests)
{
    change(id,
           [&](TaskRecord& task)
           {
               if (store::isTerminal(task.status))
                   return false;
               task.status = TaskStatus::INPUT_REQUIRED;
               task.inputRequests = std::move(requests);
               return true;
           });
}

void Tasks::inputAnswered(const std::string& id, const std::string& key)
{
    change(id,
           [&](TaskRecord& task)
           {
               if (store::isTerminal(task.status) || task.inputRequests.erase(key) == 0)
                   return false;
               if (task.inputRequests.empty())
                   task.status = TaskStatus::WORKING;
               return true;
           });
}

void Tasks::end(const std::string& id, const std::function<void(TaskRecord&)>& fill, TaskStatus status)
{
    change(id,
           [&](TaskRecord& task)
           {
               if (store::isTerminal(task.status))
                   return false;
               task.status = status;
               task.inputRequests.clear();
               fill(task);
               return true;
           });
    TaskWorkPtr ended; // let go without the lock
    std::vector<std::function<void(const TaskRecord&)>> waiting;
    {
        std::lock_guard lock(_mutex);
        if (const auto found = _live.find(id); found != _live.end())
        {
            ended = std::move(found->second);
            _live.erase(found);
        }
        if (const auto found = _waiting.find(id); found != _waiting.end())
        {
            waiting = std::move(found->second);
            _waiting.erase(found);
        }
    }
    if (waiting.empty())
        return;
    auto task = _services.tasks.get(id);
    if (!task)
    {
        task.emplace();
        task->id = id;
        task->status = TaskStatus::FAILED;
        task->error = R"({"code":-32602,"message":"the task has outlived its time"})";
    }
    for (const auto& tell : waiting)
        tell(*task);
}

/// For a result of `bytes`, which nobody takes away before the task expires.
bool Tasks::makeRoom(const std::string& id, std::size_t bytes)
{
    std::lock_guard lock(_mutex);
    const auto kept = _kept.find(id);
    return kept == _kept.end() || kept->second.bytes.tryResize(RECORD_BYTES + bytes);
}

void Tasks::complete(const std::string& id, std::string result)
{
    if (!makeRoom(id, result.size()))
        return fail(id, jsonrpc::errorObject(jsonrpc::ErrorKind::LIMIT, true,
                                             "the result, of " + std::to_string(result.size()) +
                                                 " bytes, could not be kept (limits.memoryMb); ask for less, or call "
                                                 "again when other tasks have expired"));
    end(
        id, [&](TaskRecord& task) { task.result = std::move(result); }, TaskStatus::COMPLETED);
}

void Tasks::fail(const std::string& id, std::string error)
{
    end(
        id, [&](TaskRecord& task) { task.error = std::move(error); }, TaskStatus::FAILED);
}

void Tasks::cancelled(const std::string& id)
{
    end(
        id, [](TaskRecord&) {}, TaskStatus::CANCELLED);
}

void Tasks::progress(const std::string& id, std::string_view message)
{
    change(id,
           [&](TaskRecord& task)
           {
               if (message.empty() || task.statusMessage == message || store::isTerminal(task.status))
                   return false;
               task.statusMessage = message;
               return true;
           });
}

} // namespace tenon::mcp
