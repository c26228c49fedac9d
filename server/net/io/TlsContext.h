#pragma once

#include "net/Settings.h"

#include <Poco/Net/Context.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <mutex>

namespace tenon::net
{

/// How the front speaks TLS.
///
/// Threading: any thread.
class TlsContext
{
public:
    /// Errors: Poco::Exception that names the file that cannot be used.
    explicit TlsContext(const Settings& settings);

    /// A TLS socket over an accepted one; the handshake happens with the first reads and never waits.
    [[nodiscard]] Poco::Net::SecureStreamSocket attach(const Poco::Net::StreamSocket& socket);

    /// Reads the files again, for connections to come. Errors: as the constructor; nothing changes then.
    void reload(const Settings& settings);

private:
    std::mutex _mutex; // guards `_context`
    Poco::Net::Context::Ptr _context;
};

} // namespace tenon::net
