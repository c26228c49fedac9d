#pragma once

#include <string>

namespace tenon::app
{

/// Goes to the background, and reports success only once the server serves.
///
/// The process that was started waits for its child: it ends with 0 once the child serves, or with the child's status and
/// after its message if it never does.
///
/// Threading: before any other thread is made.
class Daemon
{
public:
    /// Forks; only the child returns, in a session of its own and in the root folder. Standard output and error still go
    /// to the terminal.
    ///
    /// Shape:  `umask` is octal; empty: 027.
    /// Errors: Poco::SystemException; Poco::NotImplementedException on Windows, which has services.
    static Daemon detach(const std::string& umask);

    /// A process that stays where it is.
    Daemon() = default;
    Daemon(Daemon&& other) noexcept;
    Daemon& operator=(Daemon&& other) noexcept;
    ~Daemon();

    /// Lets the waiting process end, and the terminal go.
    void started();

    [[nodiscard]] bool detached() const { return _report >= 0; }

private:
    int _report = -1; ///< the pipe to who waits
};

} // namespace tenon::app
