#pragma once

#include <memory>

namespace tenon::net
{

class Connection;

/// Marks the calling thread as serving a connection, so that an exchange that completes on it need not call for a
/// thread that goes on: this one does.
class ServingThread
{
public:
    /// Whether it is inside an endpoint meanwhile, where it may stay so long that another thread takes the connection.
    enum class Enters : bool
    {
        NOTHING,
        ENDPOINT
    };

    explicit ServingThread(const Connection* connection, Enters enters = Enters::NOTHING)
        : _connection(connection), _enters(enters)
    {
        current() = this;
    }
    ~ServingThread() { current() = nullptr; }
    ServingThread(const ServingThread&) = delete;
    ServingThread& operator=(const ServingThread&) = delete;

    /// The mark of the calling thread, if that serves the connection.
    [[nodiscard]] static ServingThread* of(const Connection* connection) noexcept
    {
        ServingThread* const mark = current();
        return mark != nullptr && mark->_connection == connection ? mark : nullptr;
    }

    [[nodiscard]] bool enters() const noexcept { return _enters == Enters::ENDPOINT; }

    /// What the thread may still look at when another has become the owner of the connection. Guarded by the turn of the
    /// connection's output.
    std::shared_ptr<const void> request;

    /// What it sent on its connection may still be gathered there. Of the thread itself.
    bool gathers = false;

private:
    [[nodiscard]] static ServingThread*& current() noexcept
    {
        thread_local ServingThread* mark = nullptr;
        return mark;
    }

    const Connection* const _connection;
    const Enters _enters;
};

} // namespace tenon::net
