#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::client
{

/// A program whose standard streams are pipes.
///
/// Threading: one thread reads, any may write; `end` once, by the owner.
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

    /// Takes what the program wrote; nothing, once, when it has closed that stream. False: nothing more is wanted.
    using Sink = std::function<bool(std::string_view bytes)>;

    /// Hands over what the program writes to its output and to its standard error, until it has closed both, or for
    /// `lastWords` after it closed its output: what it started may hold the other open for ever. Once `end` is over, what
    /// is left in them.
    ///
    /// Threading: called once. The sinks are called on this thread; on Windows, `errors` on one of its own.
    virtual void read(const Sink& output, const Sink& errors, std::chrono::milliseconds lastWords) = 0;

    /// Closes its input, waits, then asks it to end, then makes it. Its whole process group goes.
    ///
    /// Shape: each wait is `patienceMs` long. Returns how it ended, for a user to read.
    virtual std::string end(int patienceMs) = 0;

    /// How it ended, if it does within that time, in words that follow "the server"; empty: it has not, or that is not
    /// known. Does not end it.
    [[nodiscard]] virtual std::string fate(int withinMs) = 0;

    [[nodiscard]] virtual int id() const = 0;
};

/// Starts `command`.
///
/// Errors: ClientException UNREACHABLE if there is no such program.
[[nodiscard]] std::unique_ptr<ChildProcess> startChild(const ChildProcess::Command& command);

} // namespace tenon::client
