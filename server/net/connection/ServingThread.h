#pragma once

namespace tenon::net
{

class Connection;

/// Marks the calling thread as serving a connection, so that an exchange that completes on it need not call for a
/// thread that goes on: this one does.
class ServingThread
{
public:
    explicit ServingThread(const Connection* connection) { current() = connection; }
    ~ServingThread() { current() = nullptr; }
    ServingThread(const ServingThread&) = delete;
    ServingThread& operator=(const ServingThread&) = delete;

    [[nodiscard]] static bool serves(const Connection* connection) noexcept { return current() == connection; }

private:
    [[nodiscard]] static const Connection*& current() noexcept
    {
        thread_local const Connection* connection = nullptr;
        return connection;
    }
};

} // namespace tenon::net
