#include "mcp/tasks/Tasks.h"

#include "base/JsonWriter.h"
#include "base/RandomId.h"
#include "jsonrpc/Error.h"
#include "mcp/calls/Call.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>

#include <algorithm>

namespace tenon::mcp
{

using store::TaskRecord;
using store::TaskStatus;

namespace
{

/// Requests for the result of one task that wait; those of clients that have gone count until it ends.
constexpr std::size_t MAX_WAITING = 32;

constexpr auto SWEEP = std::chrono::seconds(5);

std::string_view nameOf(TaskStatus status)
{
    switch (status)
    {
    case TaskStatus::WORKING:
        return "working";
    case TaskStatus::INPUT_REQUIRED:
        return "input_required";
    case TaskStatus::COMPLETED:
        return "completed";
    case TaskStatus::FAILED:
        return "failed";
    case TaskStatus::CANCELLED:
        return "cancelled";
    }
    return "failed";
}

/// The first text of a tool's result: what went wrong, if it failed.
std::string textOf(const base::JsonDocument::Element& result)
{
    base::JsonDocument::Element content;
    simdjson::dom::array blocks;
    if (base::findMember(result, "content", content) && !content.get_array().get(blocks))
        for (const auto block : blocks)
            if (base::textMember(block, "type") == "text")
                return std::string(base::textMember(block, "text"));
    return {};
}

std::string textOf(const Poco::Timestamp& time)
{
    return Poco::DateTimeFormatter::format(time, Poco::DateTimeFormat::ISO8601_FRAC_FORMAT);
}

void writeCommon(base::JsonWriter& writer, const TaskRecord& task, TaskStatus status, std::string_view message,
                 std::string_view ttlName, std::string_view pollName)
{
    writer.member("taskId", task.id).member("status", nameOf(status));
    if (!message.empty())
        writer.member("statusMessage", message);
    writer.member("createdAt", textOf(task.createdAt)).member("lastUpdatedAt", textOf(task.updatedAt));
    writer.key(ttlName);
    if (task.ttlMs)
        writer.value(*task.ttlMs);
    else
        writer.null();
    writer.member(pollName, task.pollIntervalMs);
}

} // namespace

std::string taskMembers(const TaskRecord& task, bool detailed)
{
    std::string members;
    base::JsonWriter writer(members);
    writeCommon(writer, task, task.status, task.statusMessage, "ttlMs", "pollIntervalMs");
    if (!detailed)
        return members;
    if (task.status == TaskStatus::INPUT_REQUIRED)
    {
        writer.key("inputRequests").beginObject();
        for (const auto& [key, request] : task.inputRequests)
            writer.rawMember(key, request);
        writer.endObject();
    }
    else if (task.status == TaskStatus::COMPLETED)
        writer.rawMember("result", task.result);
    else if (task.status == TaskStatus::FAILED)
        writer.rawMember("error", task.error);
    return members;
}

std::string legacyTaskMembers(const TaskRecord& task)
{
    TaskStatus status = task.status;
    std::string message = task.statusMessage;
    base::JsonDocument::Element member;
    if (status == TaskStatus::COMPLETED)
    {
        const auto document = base::JsonDocument::parse(task.result);
        bool isError = false;
        if (base::findMember(document->root(), "isError", member) && !member.get_bool().get(isError) && isError)
        {
            status = TaskStatus::FAILED;
            message = textOf(document->root());
        }
    }
    else if (status == TaskStatus::FAILED)
        message = base::textMember(base::JsonDocument::parse(task.error)->root(), "message");
    std::string members;
    base::JsonWriter writer(members);
    writeCommon(writer, task, status, message, "ttl", "pollInterval");
    return members;
}

Tasks::Tasks(Services& services, Changed changed) : _services(services), _changed(std::move(changed))
{
    _sweeper = services.timers.every(SWEEP, [this] { sweep(); });
}

Tasks::~Tasks()
{
    _services.timers.cancel(_sweeper);
}

void Tasks::sweep()
{
    for (const auto& id : _services.tasks.expire())
        if (const auto call = live(id))
            call->cancel("the task has outlived its time");
}

TaskRecord Tasks::begin(const std::shared_ptr<Call>& call, const base::Principal& principal, std::int64_t ttlMs)
{
    TaskRecord task;
    task.id = base::randomId();
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
    _live.emplace(task.id, call);
    return task;
}

std::shared_ptr<Call> Tasks::live(std::string_view id) const
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
        throw jsonrpc::RpcException(jsonrpc::ErrorKind::INVALID_PARAMS,
                                    "the cursor is no longer good; ask for the list again without a cursor");
    }
}

void Tasks::answer(std::string_view id, const base::Principal& principal, const base::JsonDocument::Element& responses)
{
    const auto call = running(id, principal);
    if (!call)
        return;
    for (const auto& [key, response] : simdjson::dom::object(responses))
        call->answerInput(std::string(key), response);
    call->resumeIfAnswered();
}

void Tasks::cancel(std::string_view id, const base::Principal& principal)
{
    if (const auto call = running(id, principal))
        call->cancel("the client cancelled the task");
}

std::shared_ptr<Call> Tasks::running(std::string_view id, const base::Principal& principal) const
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
    std::shared_ptr<Call> ended; // let go without the lock
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

void Tasks::complete(const std::string& id, std::string result)
{
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
