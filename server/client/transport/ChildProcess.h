#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::client
{

/// A program whose standard streams are pipes.
///
/// Threading: one thread reads output, one reads errors, any may write; `end` once, by the owner.
class ChildProcess
{
public:
    struct Command
    {
        std::string program; ///< looked for in PATH
        std::vector<std::string> arguments;
        std::map<std::string, std::string> environment; ///< added to ours
        std::string folder;                             ///< to start in; empty: ours
        bool inherits = true;                           ///< has our environment; false: `environment` alone
        int leash =
            -1; ///< a descriptor that the program finds and that ends with us, or with `end`; -1: none. POSIX only
    };

    virtual ~ChildProcess() = default;

    /// Writes all of `bytes`.
    ///
    /// Errors: ClientException UNREACHABLE if the program ended or does not read for `timeoutMs`.
    virtual void write(std::string_view bytes, int timeoutMs) = 0;

    /// What the program wrote, at least one byte; empty when it closed the stream, or after `end` began.
    [[nodiscard]] virtual std::string readOutput() = 0;
    [[nodiscard]] virtual std::string readErrors() = 0;

    /// Closes its input, waits, then asks it to end, then makes it. Its whole process group goes.
    ///
    /// Shape: each wait is `patienceMs` long. Returns how it ended, for a user to read.
    virtual std::string end(int patienceMs) = 0;

    [[nodiscard]] virtual int id() const = 0;
};

/// Starts `command`.
///
/// Errors: ClientException UNREACHABLE if there is no such program.
[[nodiscard]] std::unique_ptr<ChildProcess> startChild(const ChildProcess::Command& command);

} // namespace tenon::client
