#pragma once

namespace tenon::net
{

class Connection;

/// What the calling thread is serving right now.
struct ServingThread
{
    const Connection* connection = nullptr;
};

[[nodiscard]] inline ServingThread& servingThread() noexcept
{
    thread_local ServingThread thread;
    return thread;
}

} // namespace tenon::net
