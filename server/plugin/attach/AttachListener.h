#pragma once

#include "plugin/attach/AttachPeer.h"
#include "plugin/worker/channel/ByteStream.h"
#include "plugin/worker/channel/Waker.h"

#include <memory>
#include <string>

namespace tenon::plugin
{

/// Where programs of this machine connect: a local socket, on Windows a named pipe.
///
/// Threading: one thread.
class AttachListener
{
public:
    /// Makes a socket's folder if there is none, and takes the place of a socket that nobody listens at.
    ///
    /// Shape:  `group` may open it beside the server's own user; one that does not exist is nobody.
    /// Errors: LoadException, in words, also if another server listens there.
    AttachListener(const std::string& place, const std::string& group);
    ~AttachListener();
    AttachListener(const AttachListener&) = delete;
    AttachListener& operator=(const AttachListener&) = delete;

    /// The next connection, as soon as there is one, and whose it is; null after `timeoutMs` (-1: never), and when the
    /// waker is raised.
    [[nodiscard]] ByteStreamPtr accept(int timeoutMs, const Waker& waker, AttachPeer::Process& process);

private:
    struct System; // what the system listens with
    const std::unique_ptr<System> _system;
};

/// Whether a process is there; true where the system does not tell.
[[nodiscard]] bool processExists(std::int64_t id);

/// Whether the settings' word for a user, a name or a number, means the user of a process.
[[nodiscard]] bool isUser(const std::string& word, const std::string& user);

} // namespace tenon::plugin
