#pragma once

#include <Poco/Pipe.h>
#include <Poco/Process.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tenon::tests
{

/// Another program that a test needs beside the server, such as nginx. Killed when this object goes.
///
/// Threading: one thread.
class Program
{
public:
    /// Errors: fails the running test if the program is not installed.
    Program(const std::string& name, const std::vector<std::string>& arguments);
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    /// Waits until something listens on the port. Errors: fails the running test if nothing does in time.
    void awaitPort(std::uint16_t port);

    /// Waits for its end and gives its status.
    int wait();

    [[nodiscard]] std::string output() const;

private:
    Poco::Pipe _pipe;
    std::unique_ptr<Poco::ProcessHandle> _handle;
    bool _ended = false;

    mutable std::mutex _mutex; // guards the text
    std::string _text;
    std::thread _reader;
};

/// The full path of a program in PATH or where the system keeps its services; empty if it is not installed.
[[nodiscard]] std::string findProgram(const std::string& name);

} // namespace tenon::tests
