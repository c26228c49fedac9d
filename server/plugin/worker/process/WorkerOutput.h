#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tenon::plugin
{

/// The beginning of the report that a crashing worker writes to its standard error.
constexpr const char* CRASH_REPORT_BEGIN = "tenon: the plugin '";

/// What a worker prints: taken from two pipes, line by line, into the log of its plugin. The trace of its crash is one entry. A
/// worker that prints without end fills the log at a bounded rate.
///
/// Where processes are started without pipes (Windows) the worker keeps the server's standard error for both.
///
/// Threading: one thread.
class WorkerOutput
{
public:
    /// Errors: Poco::SystemException.
    explicit WorkerOutput(std::string plugin);
    ~WorkerOutput();
    WorkerOutput(const WorkerOutput&) = delete;
    WorkerOutput& operator=(const WorkerOutput&) = delete;

    // The worker's ends, -1 if there are none; closed here by `started`.
    [[nodiscard]] int standardOutput() const noexcept { return _output.theirs; }
    [[nodiscard]] int standardError() const noexcept { return _error.theirs; }

    /// The worker has its ends.
    void started();

    /// Logs what there is, without waiting.
    void take();

    /// The worker has ended: logs what is left.
    void finish();

    /// What the worker wrote about its crash; empty if it wrote nothing.
    [[nodiscard]] const std::string& crashReport() const noexcept { return _report; }

    /// What came over standard output so far.
    [[nodiscard]] std::uint64_t printedBytes() const noexcept { return _output.bytes; }

private:
    struct Stream
    {
        int ours = -1, theirs = -1;
        std::uint64_t bytes = 0;
        std::string line; ///< without its end
    };

    void open(Stream& stream);
    void read(Stream& stream);
    void cut(Stream& stream, std::string_view text);
    void say(const Stream& stream, std::string_view line);
    static void close(int& descriptor);

    const std::string _plugin;
    Stream _output, _error;
    std::string _report; ///< of its crash, which ends with the worker
    std::chrono::steady_clock::time_point _second{};
    std::size_t _linesOfSecond = 0, _dropped = 0;
};

} // namespace tenon::plugin
