#pragma once

#include <Poco/Pipe.h>
#include <Poco/Process.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tenon::tests
{

/// A `tenon` that a test started: its port, its output, its end. Killed, if it still runs, when this object goes.
///
/// Errors:    everything that does not happen in time fails the running test with what the server had printed.
/// Threading: one thread.
class ServerProcess
{
public:
    using Arguments = std::vector<std::string>;
    using Environment = std::map<std::string, std::string>;

    /// Starts a server on a free port with the plugins of `TENON_TEST_PLUGINS`, both unless `arguments` say otherwise,
    /// and returns when it listens.
    [[nodiscard]] static std::unique_ptr<ServerProcess> serve(const Arguments& arguments = {},
                                                              const Environment& environment = {});

    /// Starts the program with these arguments and nothing else, and returns at once.
    [[nodiscard]] static std::unique_ptr<ServerProcess> start(const Arguments& arguments,
                                                              const Environment& environment = {});

    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    [[nodiscard]] std::uint16_t port() const { return _port; }
    [[nodiscard]] int pid() const { return static_cast<int>(_handle->id()); }

    void signal(int number) const;

    /// Waits for the end; the exit status, or 128 + the signal that ended it.
    int waitForEnd(std::chrono::milliseconds limit = DEFAULT_LIMIT);

    /// SIGTERM and the wait. Tests end with it and compare with 0, so that leaks and races found at the end are seen.
    int stop(std::chrono::milliseconds limit = DEFAULT_LIMIT);

    [[nodiscard]] bool ended();

    /// For the environment of a server that is weighed: all threads allocate from one heap. Otherwise each thread's
    /// grows on its own, to what the busiest moment of that thread needed, for as long as such moments come.
    static const Environment ONE_HEAP;

    /// Its resident memory; 0 where the system does not tell. Units: kilobytes.
    [[nodiscard]] long residentKb() const;
    [[nodiscard]] long mostResidentKb() const; ///< the most it ever was

    /// What was printed so far.
    [[nodiscard]] std::string standardOutput() const;
    [[nodiscard]] std::string standardError() const;
    [[nodiscard]] std::string output() const; ///< both

    /// Waits until `text` was printed, on either descriptor.
    void waitForOutput(std::string_view text, std::chrono::milliseconds limit = DEFAULT_LIMIT);

    // Standard input and output as a transport: one message a line.
    void writeLine(std::string_view line);
    [[nodiscard]] std::string readLine(std::chrono::milliseconds limit = DEFAULT_LIMIT);
    void closeInput();

    static constexpr std::chrono::milliseconds DEFAULT_LIMIT{30000}; ///< generous: sanitizers and a loaded machine

private:
    ServerProcess(const Arguments& arguments, const Environment& environment);
    void collect(Poco::Pipe& pipe, std::string& into);
    [[nodiscard]] long statusKb(std::string_view field) const;
    [[noreturn]] void fail(const std::string& what) const;

    // Constant after construction.
    Poco::Pipe _input, _output, _error;
    std::unique_ptr<Poco::ProcessHandle> _handle;
    std::uint16_t _port = 0;

    std::optional<int> _status; // of the ended process
    std::size_t _lineBegin = 0; // of the next line for readLine

    // Guarded by _mutex.
    mutable std::mutex _mutex;
    std::condition_variable _news;
    std::string _outputText, _errorText;
    int _openPipes = 2;

    std::thread _outputReader, _errorReader;
};

/// Waits until something is true; false if it is not within the limit.
[[nodiscard]] bool eventually(const std::function<bool()>& condition,
                              std::chrono::milliseconds limit = ServerProcess::DEFAULT_LIMIT);

/// What a program that ends by itself said.
struct Finished
{
    int status;
    std::string output; ///< standard output
    std::string error;  ///< standard error
};

/// Runs `tenon` with these arguments to its end.
[[nodiscard]] Finished runToEnd(const ServerProcess::Arguments& arguments,
                                const ServerProcess::Environment& environment = {});

} // namespace tenon::tests
