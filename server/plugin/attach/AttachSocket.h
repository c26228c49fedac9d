#pragma once

#include "plugin/attach/AttachPeer.h"

#include <optional>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// The socket to which programs of this machine connect.
///
/// Threading: one thread.
class AttachSocket
{
public:
    /// Makes its folder if there is none, and takes the place of a socket that nobody listens at.
    ///
    /// Errors: LoadException, in words, also if another server listens there.
    AttachSocket(const std::string& path, const std::string& group);
    ~AttachSocket();
    AttachSocket(const AttachSocket&) = delete;
    AttachSocket& operator=(const AttachSocket&) = delete;

    /// The next connection, as soon as there is one, and whose it is; -1 after `timeoutMs`.
    [[nodiscard]] int accept(int timeoutMs, AttachPeer::Process& process);

private:
    const std::string _path;
    int _descriptor = -1;
};

/// Whether a process is there; true where the system does not tell.
[[nodiscard]] bool processExists(std::int64_t id);

/// The number of a user who is given by name or by number; nothing if there is none.
[[nodiscard]] std::optional<std::uint32_t> userNumber(const std::string& user);

} // namespace tenon::plugin
