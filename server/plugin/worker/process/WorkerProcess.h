#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// What a worker's process is started with.
struct WorkerStart
{
    std::string executable; ///< whose `main` begins with `runWorker`
    std::string plugin;
    std::map<std::string, std::string> environment; ///< beside what every worker has
    bool apart = false;                             ///< in namespaces of its own, where the system gives them
    bool network = false;                           ///< but for that of the network
    int channel = -1, image = -1;                   ///< the worker's ends
    int standardOutput = -1, standardError = -1;    ///< likewise; -1: the server's standard error
};

/// A process of this executable that runs one plugin: `tenon --plugin-worker NAME`, with its channel as descriptor 3 and
/// the library's image as descriptor 4; on Windows the channel is described on standard input, and the image is a file.
///
/// On Linux it is a keeper (see `Keeper.h`) with the worker below it: whatever the worker leaves behind ends with the
/// keeper, and the keeper with the server. On Windows a job does the same.
///
/// The environment has PATH, LANG, TZ and TMPDIR of the server's, nothing else of it.
///
/// Threading: one thread; `kill`: any, until `wait` has returned true.
class WorkerProcess
{
public:
    static constexpr int CHANNEL_DESCRIPTOR = 3;
    static constexpr int IMAGE_DESCRIPTOR = 4;
    static constexpr int LEASH_DESCRIPTOR = 5; ///< the keeper's alone
    static constexpr const char* ARGUMENT = "--plugin-worker";

    /// Starts it.
    ///
    /// Errors: Poco::SystemException.
    explicit WorkerProcess(const WorkerStart& start);

    /// Kills it if it still runs.
    ~WorkerProcess();
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    [[nodiscard]] int id() const noexcept { return _id; }

    /// Readable when it has ended; -1 where there is no such descriptor, and `wait` must be asked.
    [[nodiscard]] int endDescriptor() const noexcept { return _endDescriptor; }

    /// Ends it and all that it started, soon.
    void kill() noexcept;

    /// Waits for its end, at most so long; false if it still runs.
    bool wait(std::chrono::milliseconds timeout);

    /// How it ended: "signal 11 (Segmentation fault)", "exit status 3". After `wait`.
    [[nodiscard]] std::string end() const;

private:
    int _id = -1;
    int _endDescriptor = -1;
    int _leash = -1;                           ///< a byte in it, or its end, ends the worker
    void *_process = nullptr, *_job = nullptr; ///< handles, where processes are not known by their id alone
    int _status = 0;
    bool _ended = false;
};

/// The memory that a process holds now; 0 if there is no such process.
[[nodiscard]] std::uint64_t residentBytesOf(int id);

/// The environment of a worker: "NAME=value" each.
[[nodiscard]] std::vector<std::string> workerEnvironment(const std::map<std::string, std::string>& more);

/// The program that workers are started from: this one, even after an upgrade has replaced its file. Empty where the
/// system has no workers.
[[nodiscard]] std::string ownExecutable();

} // namespace tenon::plugin
