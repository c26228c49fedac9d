#pragma once

#include "base/Principal.h"
#include "base/metrics/Metrics.h"
#include "base/threads/Executor.h"
#include "mcp/dispatch/Dispatcher.h"
#include "net/stdio/ProtocolDescriptors.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

namespace tenon::net
{

class LineWriter;

/// The stdio transport: one JSON-RPC message a line, one session for the life of the process.
///
/// A thread reads and handles what cannot block; what can runs on the executor, so that a slow tool delays neither the
/// next message nor its own cancellation. Another thread writes, so that a client that does not read holds nobody.
///
/// Threading: `run` once, on the thread that is to read; `stop` any thread.
/// Ownership: borrows dispatcher, executor and `durations` (of requests), which outlive what the executor still has to do;
///            the server itself need not.
/// Spec:      2025-11-25, Transports, stdio.
class StdioServer
{
public:
    StdioServer(mcp::Dispatcher& dispatcher, base::Executor& executor, ProtocolDescriptors descriptors,
                base::PrincipalPtr principal, std::size_t maxMessageBytes, base::Histogram& durations);
    ~StdioServer();
    StdioServer(const StdioServer&) = delete;
    StdioServer& operator=(const StdioServer&) = delete;

    /// Reads until the input closes, then lets what was asked be answered, for `grace` at most. Who listens is no
    /// longer waited for.
    void run(std::chrono::milliseconds grace);

    /// Makes `run` end soon, without grace. On Windows only when the next line comes.
    void stop();

private:
    class Client;

    void read();
    void line(std::string_view text);
    void tooLong(std::string_view requestId);

    base::Executor& _executor;
    const std::shared_ptr<ProtocolDescriptors> _descriptors;
    const std::size_t _maxMessageBytes;
    base::Histogram& _durations;
    const std::shared_ptr<LineWriter> _writer;
    const std::shared_ptr<Client> _client;
    std::atomic<bool> _stopping{false};
};

} // namespace tenon::net
