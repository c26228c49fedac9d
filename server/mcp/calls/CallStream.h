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

/// What one call sends before its answer: progress, log lines and questions; or, as a task, news of its record. Where its one
/// answer goes, which is the CallOutcome's.
///
/// What is sent leaves in one order, and nothing after the answer: who speaks holds a mutex that the answer waits for. A
/// call that never speaks has no use for it.
///
/// Threading: any thread.
/// Ownership: borrows what it is made of, parts of the same call.
class CallStream
{
public:
    CallStream(const CallServices& services, const RequestContext& context, CallLife& life)
        : _services(services), _context(context), _life(life),
          _resumable(!context.modern() && context.transport == Transport::STREAMABLE_HTTP && context.session != nullptr)
    {
    }

    // Before the answer. What cannot be sent to this client, or not on this transport, is left out.
    tenon_status progress(double done, double total, std::string_view message);
    tenon_status log(tenon_log_level level, std::string_view logger, std::string_view dataJson);
    tenon_status emit(std::string_view type, std::string_view dataJson);
    void release(std::uint32_t retryMs);

    /// Sends a request of this server on the call's own stream; false if there is none, or nobody reads it.
    bool ask(std::string_view request);
    /// Whether the call has a stream of its own for what comes before the answer.
    [[nodiscard]] bool streams();

    /// The client has its task with this result; from here on the answer goes into the record.
    void becomeTask(const store::TaskRecord& task, std::string_view result);
    [[nodiscard]] bool isTask() const { return _isTask.load(); }
    [[nodiscard]] const std::string& taskId() const { return _taskId; } ///< after `isTask` only

    /// Gives the sink of the answer to `give`, after what is being sent meanwhile; if nothing ever was, there is nobody to
    /// wait for. By whoever claimed the end.
    template <typename Give>
    void last(Give give)
    {
        std::unique_lock lock(_order, std::defer_lock);
        if (_life.spoke())
            lock.lock();
        at(give);
    }

    /// As `last`, but waits for nobody. The stream of a session is kept while it is used.
    template <typename Use>
    void at(Use use) const
    {
        if (const auto stream = sessionStream())
            use(static_cast<ResponseSink&>(*stream));
        else
            use(*_context.sink);
    }

    /// The stream of a session that it is sent on; null: it is not.
    [[nodiscard]] std::shared_ptr<SessionStream> sessionStream() const
    {
        if (!_resumable)
            return nullptr;
        std::lock_guard lock(_mutex);
        return _sessionStream;
    }

private:
    ResponseSinkPtr sink();
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
