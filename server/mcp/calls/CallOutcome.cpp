#include "mcp/calls/CallOutcome.h"

#include "base/text/LogEscape.h"
#include "mcp/Log.h"
#include "mcp/calls/Failure.h"
#include "mcp/messages/Operation.h"

#include <string>

namespace tenon::mcp
{

using jsonrpc::ErrorKind;

void CallOutcome::result(const CheckedResult& checked)
{
    if (!checked.fault.empty())
        return toolError(checked.fault);
    record(checked.isError ? OperationFigures::TOOL_ERROR : std::string_view());
    _reply.result(checked.shaped.head(), checked.shaped.rest, checked.isError);
}

void CallOutcome::questions(std::string_view result)
{
    record({});
    _reply.result(result, {});
}

void CallOutcome::late(bool asking)
{
    const std::string text =
        asking ? "the client did not answer what '" + _target.subject + "' asked within " +
                     std::to_string(_life.timeoutMs()) + " ms"
               : "'" + _target.subject + "' did not finish within " + std::to_string(_life.timeoutMs()) + " ms";
    toolError(text, asking ? ErrorKind::INVALID_PARAMS : ErrorKind::INTERNAL);
    logger().warning(base::forLog(text));
}

void CallOutcome::failure(tenon_status status, std::string_view message,
                          const std::optional<Questions::Refusal>& refusal)
{
    if (status == TENON_ERROR_CANCELLED && _life.overdue())
        return late(false);
    if (status == TENON_ERROR_NOT_REPRESENTABLE)
        logger().warning("'" + base::forLog(_target.subject) +
                         "' returned a value that JSON cannot hold: " + base::forLog(message));
    const auto failure = failureOf(_target, _context.modern(), status, message, refusal);
    if (failure.asResult)
        toolError(failure.text);
    else
        error(failure.kind, failure.text, failure.data);
}

void CallOutcome::toolError(std::string_view text, ErrorKind otherwise)
{
    if (!_target.tool)
        return error(otherwise, text);
    record(OperationFigures::TOOL_ERROR);
    _reply.toolError(text);
}

void CallOutcome::error(ErrorKind kind, std::string_view message, std::string_view data)
{
    record(std::to_string(jsonrpc::codeOf(kind, _context.modern())));
    _reply.error(kind, message, data);
}

void CallOutcome::cancelled(std::string_view reason)
{
    record("cancelled");
    _reply.nothing();
    if (logger().debug())
        logger().debug(base::forLog(_target.subject) + " cancelled: " + base::forLog(reason));
}

void CallOutcome::record(std::string_view error)
{
    const auto elapsed = _life.stopClock();
    const std::string_view method = _context.method;
    _context.sink->ran({_target.instance->name(), !_target.instance->mayBlock(), !error.empty(), elapsed});
    if (_metrics)
    {
        _metrics->duration.observeUs(elapsed);
        if (!error.empty())
            _metrics->errors.add();
    }
    if (!error.empty())
        _services.figures.failed(method, _target.tool ? std::string_view(_target.tool->name) : std::string_view(),
                                 error, elapsed);
    else if (!_target.tool)
        _services.figures.succeeded(method, elapsed);
    if (!logger().debug())
        return;
    std::string line = std::string(method) + ' ' + base::forLog(_target.subject) + ' ' +
                       (error.empty() ? "done" : "failed") + " duration_us=" + std::to_string(elapsed) +
                       " principal=" + _context.principal->name;
    if (_context.session)
        line += " session=" + _context.session->id.substr(0, 8);
    if (!_context.trace.traceparent.empty())
        line += " trace=" + _context.trace.traceparent;
    logger().debug(line);
}

} // namespace tenon::mcp
