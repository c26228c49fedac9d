#pragma once

#include "mcp/Services.h"
#include "mcp/tasks/Tasks.h"

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace tenon::mcp
{

/// Tasks as the archive has them: written by the instance that runs them, and taken over from one that is gone. A task that
/// was running there has failed; who took it over writes with a higher term, so that one that was only thought to be gone
/// learns of it.
///
/// Threading: any thread. Nothing blocks.
/// Ownership: borrows all; outlives the archive's last callback.
class SharedTasks
{
public:
    using Listed = std::function<void(store::Outcome, const std::vector<store::TaskRecord>&)>;

    SharedTasks(Services& services, Tasks& tasks) : _services(services), _tasks(tasks) {}

    /// Writes a task down as it is now; `then` runs once it is kept, or cannot be.
    void keep(const store::TaskRecord& task, std::function<void()> then = nullptr);

    /// Whether the task has ended here, and its end is still on its way to the archive: nobody may learn of an end that is
    /// lost if this instance is killed now.
    [[nodiscard]] bool unsettled(const std::string& id) const;
    bool settles(const std::string& id, std::function<void()> then); ///< the same; `then` runs when it is there

    /// Takes over a task of an instance that is gone: it is among this instance's then.
    void takeOver(const std::string& id, std::function<void(store::Outcome)> then);

    /// Looks whether another instance has taken over a task of this one; its record holds then. `then` runs after that, and
    /// learns whether the archive answered.
    void look(const std::string& id, std::function<void(store::Outcome)> then);

    void list(const std::string& principal, const std::string& after, std::size_t limit, Listed listed);

    /// Writes all of this instance's again: the archive may have lost them, or somebody may have taken them over.
    void keepAll();

private:
    void settled(const std::string& id);

    Services& _services;
    Tasks& _tasks;

    std::mutex _mutex;                                                   // guards all below
    std::map<std::string, std::vector<std::function<void()>>> _settling; ///< who waits, by id
};

} // namespace tenon::mcp
