#pragma once

#include <functional>

namespace tenon::plugin
{

/// In what a worker lives.
struct Apartness
{
    bool namespaces = false;        ///< of users, processes and IPC, where the system gives them to anybody
    bool network = false;           ///< but the network is everybody's
    bool passesTermination = false; ///< SIGTERM to the keeper goes on to the worker
};

/// Runs `worker` in a child of this process and sees to it that nothing of the worker outlives this call, or the server:
/// what the worker started ends with it, under whatever process it hangs by then.
///
/// With a namespace of processes the system does it. Without one this process is who orphans come to (`subreaper`), and
/// kills them one by one.
///
/// Shape:     `leash` is a pipe from the server: a byte in it, or its end, is the end of the worker. `worker` does not
///            return. The server is told the worker's process (WORKER) over `channel` before `worker` begins.
/// Threading: the only thread of the process. Does not return: the process ends as the worker did, by the same signal or
///            with the same status.
/// Ownership: takes `leash`; `channel` and the other descriptors are the worker's.
[[noreturn]] void keep(int leash, int channel, const Apartness& apartness, const std::function<void()>& worker);

} // namespace tenon::plugin
