#include "store/MemoryTaskStore.h"

#include <Poco/Exception.h>

namespace tenon::store
{

MemoryTaskStore::MemoryTaskStore(std::size_t maxTasks) : _maxTasks(maxTasks) {}

void MemoryTaskStore::add(const TaskRecord& task)
{
    std::lock_guard lock(_mutex);
    if (_tasks.size() >= _maxTasks)
        throw Poco::RuntimeException("too many tasks");
    _byId.emplace(task.id, _next);
    _tasks.emplace(_next++, Entry{task});
}

std::optional<TaskRecord> MemoryTaskStore::get(const std::string& id) const
{
    std::lock_guard lock(_mutex);
    const auto at = _byId.find(id);
    if (at == _byId.end())
        return std::nullopt;
    return _tasks.at(at->second).task;
}

bool MemoryTaskStore::update(const std::string& id, const std::function<bool(TaskRecord&)>& change)
{
    std::lock_guard lock(_mutex);
    const auto at = _byId.find(id);
    if (at == _byId.end())
        return false;
    TaskRecord& task = _tasks.at(at->second).task;
    if (!change(task))
        return false;
    task.updatedAt.update();
    ++task.version;
    return true;
}

std::vector<TaskRecord> MemoryTaskStore::list(const std::string& principal, const std::string& afterId,
                                              std::size_t limit) const
{
    std::lock_guard lock(_mutex);
    auto task = _tasks.begin();
    if (!afterId.empty())
    {
        const auto after = _byId.find(afterId);
        if (after == _byId.end())
            throw Poco::NotFoundException("task", afterId);
        task = _tasks.upper_bound(after->second);
    }
    std::vector<TaskRecord> found;
    for (; task != _tasks.end() && found.size() < limit; ++task)
        if (task->second.task.principal == principal)
            found.push_back(task->second.task);
    return found;
}

std::vector<std::string> MemoryTaskStore::expire()
{
    std::lock_guard lock(_mutex);
    std::vector<std::string> gone;
    for (auto task = _tasks.begin(); task != _tasks.end();)
    {
        const auto& ttl = task->second.task.ttlMs;
        if (ttl && task->second.task.ageMs() >= *ttl)
        {
            gone.push_back(task->second.task.id);
            _byId.erase(task->second.task.id);
            task = _tasks.erase(task);
        }
        else
            ++task;
    }
    return gone;
}

} // namespace tenon::store
