#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tenon::plugin
{

/// A process of this executable that runs one plugin: `tenon --plugin-worker NAME`, with its channel as descriptor 3
/// and the library's image as descriptor 4; on Windows the channel is described on standard input, and the image is a file.
///
/// The worker is killed when the thread that started it ends (on Windows: the process), so that it never outlives the
/// server.
///
/// Threading: one thread; `kill`: any, until `wait` has returned true.
class WorkerProcess
{
public:
    static constexpr int CHANNEL_DESCRIPTOR = 3;
    static constexpr int IMAGE_DESCRIPTOR = 4;
    static constexpr const char* ARGUMENT = "--plugin-worker";

    /// Starts it.
    ///
    /// Shape:  `standardOutput` and `standardError` become the worker's; -1: the server's standard error is.
    /// Errors: Poco::SystemException.
    WorkerProcess(const std::string& executable, const std::string& name, int channel, int image, int standardOutput,
                  int standardError);

    /// Kills it if it still runs.
    ~WorkerProcess();
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    [[nodiscard]] int id() const noexcept { return _id; }
    void kill() noexcept;

    /// Waits for its end, at most so long; false if it still runs.
    bool wait(std::chrono::milliseconds timeout);

    /// How it ended: "signal 11 (Segmentation fault)", "exit status 3". After `wait`.
    [[nodiscard]] std::string end() const;

private:
    int _id = -1;
    void *_process = nullptr, *_job = nullptr; ///< handles, where processes are not known by their id alone
    int _status = 0;
    bool _ended = false;
};

/// The memory that a process holds now; 0 if there is no such process.
[[nodiscard]] std::uint64_t residentBytesOf(int id);

/// The program that workers are started from: this one, even after an upgrade has replaced its file. Empty where the
/// system has no workers.
[[nodiscard]] std::string ownExecutable();

} // namespace tenon::plugin
