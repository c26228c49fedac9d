#pragma once

#include <chrono>
#include <mutex>
#include <string>

namespace tenon::client
{

/// How a server is doing, as far as its client can tell.
struct Health
{
    enum class State
    {
        CONNECTING, ///< no session yet, or a new one is being opened
        READY,
        DEGRADED, ///< a session is there, but the last requests failed or were late
        GONE      ///< no session, and the last attempt to open one failed
    };

    State state = State::CONNECTING;
    std::string reason; ///< empty while all is well
    std::chrono::system_clock::time_point since = std::chrono::system_clock::now();
};

[[nodiscard]] const char* nameOf(Health::State state) noexcept;

/// Follows what happens and says how the server is doing.
///
/// Threading: any thread.
class HealthTracker
{
public:
    void connecting();
    void ready();
    void answered();
    void failed(const std::string& reason); ///< a request got no answer
    void gone(const std::string& reason);

    [[nodiscard]] Health health() const;

private:
    void change(Health::State state, const std::string& reason);

    mutable std::mutex _mutex; // guards all below
    Health _health;
};

} // namespace tenon::client
