#pragma once

#include "mcp/calls/CallLife.h"
#include "mcp/calls/CallServices.h"
#include "mcp/messages/RequestContext.h"
#include "mcp/sessions/SessionStream.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace tenon::mcp
{

/// What one call sends: progress, log lines and questions, then its one answer; or, as a task, news of its record.
///
/// What is sent leaves in one order, and nothing after the answer: who speaks holds a mutex that the answer waits for. A
/// call that never speaks has no use for it.
///
/// Threading: any thread.
/// Ownership: borrows what it is made of, parts of the same call.
class CallReply
{
public:
    CallReply(const CallServices& services, const RequestContext& context, CallLife& life);

    // Before the answer. What cannot be sent to this client, or not on this transport, is left out.
    tenon_status progress(double done, double total, std::string_view message);
    tenon_status log(tenon_log_level level, std::string_view logger, std::string_view dataJson);
    tenon_status emit(std::string_view type, std::string_view dataJson);
    void releaseStream(std::uint32_t retryMs);

    /// Sends a request of this server on the call's own stream; false if there is none, or nobody reads it.
    bool ask(std::string_view request);
    /// Whether the call has a stream of its own for what comes before the answer.
    [[nodiscard]] bool streams();

    /// The client has its task with this result; from here on the answer goes into the record.
    void becomeTask(const store::TaskRecord& task, std::string_view result);
    [[nodiscard]] bool isTask() const { return _isTask.load(); }
    [[nodiscard]] const std::string& taskId() const { return _taskId; } ///< after `isTask` only

    // The one answer, by whoever claimed the end.
    /// Shape: `head + rest` is the result object; `toolFailed`: it has `isError`.
    void result(std::string_view head, std::string_view rest, bool toolFailed = false);
    void toolError(std::string_view text); ///< a result with `isError`, for a model to correct itself
    void error(jsonrpc::ErrorKind kind, std::string_view message, std::string_view data = {});
    void nothing();       ///< the client does not want it
    void lost() noexcept; ///< the one there was could not be given: one that needs no memory

private:
    template <typename Use>
    void withSink(Use use) const;
    template <typename Give>
    void afterOthers(Give give);
    ResponseSinkPtr stream();
    void send(std::string_view message);

    const CallServices& _services;
    const RequestContext& _context;
    CallLife& _life;
    const bool _resumable; ///< what is sent goes through a SessionStream

    std::string _taskId; ///< written once, before _isTask
    std::atomic<bool> _isTask{false};

    std::mutex _order; // held by who sends; before _mutex and those of sinks. guards _lastProgress
    double _lastProgress = -1;

    mutable std::mutex _mutex; // guards all below
    std::shared_ptr<SessionStream> _sessionStream;
};

} // namespace tenon::mcp
