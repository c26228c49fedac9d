#pragma once

#include <cstdint>

namespace tenon::plugin
{

/// A flag that a thread can wait for together with a stream: its descriptor is readable (a HANDLE that is signalled, on
/// Windows) while the flag is up.
///
/// Threading: any thread.
class Waker
{
public:
    /// Errors: std::system_error.
    Waker();
    ~Waker();
    Waker(const Waker&) = delete;
    Waker& operator=(const Waker&) = delete;

    void raise() noexcept;

    /// Before looking at what it was raised for.
    void lower() noexcept;

    /// Waits until it is up, at most `timeoutMs` (-1: without end).
    void wait(int timeoutMs) const noexcept;

    [[nodiscard]] std::intptr_t descriptor() const noexcept { return _descriptor; }

private:
    std::intptr_t _descriptor;
};

} // namespace tenon::plugin
