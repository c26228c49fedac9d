#pragma once

namespace tenon::attach
{

/// A flag that a thread can wait for together with a socket: its descriptor is readable while the flag is up.
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
    void lower() noexcept;
    [[nodiscard]] int descriptor() const noexcept { return _descriptor; }

private:
    int _descriptor;
};

} // namespace tenon::attach
