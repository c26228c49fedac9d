#include "mcp/messages/ObservedSink.h"

#include "base/threads/SteadyClock.h"

namespace tenon::mcp
{

void ObservedSink::ran(const PluginRun& run)
{
    if (_told)
        return; // a task has its answer long before it is done
    _operation.plugin = run.plugin;
    _operation.pluginOutside = run.outside;
    _operation.pluginUs = static_cast<std::int64_t>(run.durationUs);
    _failed = run.failed;
}

void ObservedSink::finish(const Answer& answer)
{
    if (!_told)
    {
        _operation.error = answer.error;
        _operation.errorCode = answer.error == jsonrpc::ErrorKind::NONE ? 0 : codeOf(answer.error, answer.modern);
        _operation.outcome = answer.error != jsonrpc::ErrorKind::NONE ? Operation::Outcome::ERROR
                             : _failed                                ? Operation::Outcome::TOOL_ERROR
                                                                      : Operation::Outcome::RESULT;
        if (!answer.sessionId.empty())
            _operation.sessionId = answer.sessionId;
    }
    // Told before it leaves: who asks for figures after the answer finds it in them.
    tell();
    _sink->finish(answer);
}

void ObservedSink::close(std::uint32_t retryMs)
{
    tell();
    _sink->close(retryMs);
}

void ObservedSink::tell() noexcept
{
    if (_told.exchange(true))
        return;
    _operation.durationUs = base::steadyUs() - _beganUs;
    _listener.ended(_operation);
}

} // namespace tenon::mcp
