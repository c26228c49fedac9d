#pragma once

#include "store/TaskStore.h"

#include <map>
#include <mutex>
#include <unordered_map>

namespace tenon::store
{

/// Tasks in memory, bounded in number. Threading: any thread.
class MemoryTaskStore : public TaskStore
{
public:
    explicit MemoryTaskStore(std::size_t maxTasks = 10'000);

    void add(const TaskRecord& task) override;
    [[nodiscard]] std::optional<TaskRecord> get(const std::string& id) const override;
    bool update(const std::string& id, const std::function<bool(TaskRecord&)>& change) override;
    [[nodiscard]] std::vector<TaskRecord> list(const std::string& principal, const std::string& afterId,
                                               std::size_t limit) const override;
    std::vector<std::string> expire() override;

private:
    const std::size_t _maxTasks;

    mutable std::mutex _mutex; // guards all below
    struct Entry
    {
        TaskRecord task;
    };

    std::map<std::uint64_t, Entry> _tasks; ///< by order of creation
    std::unordered_map<std::string, std::uint64_t> _byId;
    std::uint64_t _next = 0;
};

} // namespace tenon::store
