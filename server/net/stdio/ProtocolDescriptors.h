#pragma once

namespace tenon::net
{

/// The two descriptors of the stdio transport, set apart from what plugins and libraries print to.
///
/// Ownership: closed with the object.
class ProtocolDescriptors
{
public:
    ProtocolDescriptors() = default;
    ~ProtocolDescriptors();
    ProtocolDescriptors(ProtocolDescriptors&& other) noexcept;
    ProtocolDescriptors& operator=(ProtocolDescriptors&& other) noexcept;

    /// Takes descriptors 0 and 1 away for the protocol; from then on 0 reads nothing and 1 writes where 2 does, for
    /// this process and all it starts. Binary on Windows. To be called first in main, before any plugin is loaded.
    ///
    /// Errors: Poco::SystemException.
    [[nodiscard]] static ProtocolDescriptors takeStandard();

    /// Any two; owned from then on.
    ProtocolDescriptors(int in, int out);

    [[nodiscard]] int in() const { return _in; }
    [[nodiscard]] int out() const { return _out; }

    /// Reads what is there, waiting for something; 0 at the end, negative on errors and after `interrupt`.
    [[nodiscard]] long read(char* buffer, unsigned long room) const;

    /// Ends a `read` on another thread, now or to come. Threading: any. Without effect on Windows.
    void interrupt() const;

    /// Writes everything; false if the other side has gone.
    [[nodiscard]] bool write(const char* data, unsigned long size) const;

private:
    int _in = -1;
    int _out = -1;
    int _wake[2] = {-1, -1}; ///< a pipe that ends the wait for input
};

} // namespace tenon::net
