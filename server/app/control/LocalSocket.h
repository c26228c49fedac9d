#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace tenon::app
{

/// A local stream socket that carries lines in both directions. Closed by the destructor.
///
/// Threading: one thread.
class LocalSocket
{
public:
    LocalSocket() = default;
    explicit LocalSocket(int descriptor) : _descriptor(descriptor) {}
    ~LocalSocket();
    LocalSocket(LocalSocket&& other) noexcept;
    LocalSocket& operator=(LocalSocket&& other) noexcept;

    /// Errors: Poco::IOException; also if who listens is neither the owner of the folder nor root.
    [[nodiscard]] static LocalSocket connect(const std::string& path);

    /// Listens for this user alone; a socket that is there is replaced. Errors: Poco::IOException.
    [[nodiscard]] static LocalSocket listen(const std::string& path);

    /// The next connection. Errors: Poco::IOException.
    [[nodiscard]] LocalSocket accept() const;

    /// Whether who is on the other side is this user or root.
    [[nodiscard]] bool peerMayCommand() const;

    /// One line, without its end; empty if none came in time, or the other side has gone.
    [[nodiscard]] std::string readLine(std::chrono::milliseconds patience) const;

    /// False if the other side has gone.
    bool writeLine(std::string_view line) const;

    /// Waits until the other side has gone. False if it is still there after `patience`.
    [[nodiscard]] bool awaitEnd(std::chrono::milliseconds patience) const;

    /// Stays open to the end of the process.
    void keep() { _descriptor = -1; }

    [[nodiscard]] int descriptor() const { return _descriptor; }

private:
    [[nodiscard]] bool isOf(uid_t user) const;

    int _descriptor = -1;
};

} // namespace tenon::app
