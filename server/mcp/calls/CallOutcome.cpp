#include "mcp/calls/CallOutcome.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"
#include "base/limits/LargeTurn.h"
#include "base/text/LogEscape.h"
#include "base/text/Reason.h"
#include "base/threads/ThreadRoot.h"
#include "jsonrpc/Envelope.h"
#include "mcp/Log.h"
#include "mcp/calls/Failure.h"
#include "mcp/messages/Operation.h"
#include "mcp/revisions/ResultFault.h"
#include "plugin/call/TooLarge.h"

#include <algorithm>
#include <array>
#include <new>

namespace tenon::mcp
{

using base::findMember;
using base::JsonDocument;
using jsonrpc::ErrorKind;

namespace
{

/// How structuredContent breaks the tool's outputSchema; empty: it does not.
std::string outputFault(const plugin::ToolEntry& tool, const JsonDocument::Element& structured)
{
    schema::Violation violation;
    return tool.outputSchema->validate(structured, &violation) ? std::string() : violation.message;
}

/// Holds a result against the tool's outputSchema, if there is one. Shape: `find` gives how it breaks it.
template <typename Find>
void checkOutput(const CallServices& services, const CallTarget& target, CallOutcome::Result& checked, Find find)
{
    if (!target.tool || !target.tool->outputSchema || checked.isError)
        return;
    if (const std::string fault = find(); !fault.empty())
        (services.options.strictOutput ? checked.fault : checked.flaw) =
            "the tool's result breaks its outputSchema: " + fault;
}

constexpr const char* NOT_STRUCTURED = "structuredContent is missing";

/// A result that its writer knows: nothing is parsed but what the tool has promised a schema for.
void checkPlain(const CallServices& services, const CallTarget& target, ProtocolVersion version, std::string_view text,
                const plugin::ResultShape& shape, CallOutcome::Result& checked)
{
    checked.shaped.opening = services.meta.opening(version);
    checked.shaped.rest = ShapedResult::restOf(text);
    checked.isError = shape.isError;
    checkOutput(services, target, checked,
                [&]
                {
                    const auto structured =
                        text.substr(shape.structuredBegin, shape.structuredEnd - shape.structuredBegin);
                    return shape.structured ? outputFault(*target.tool, JsonDocument::parse(structured)->root())
                                            : std::string(NOT_STRUCTURED);
                });
}

/// Whether this revision takes what a plain result may hold.
bool takesPlain(ProtocolVersion version, const plugin::ResultShape& shape)
{
    return !shape.structured || isModern(version) ||
           (version >= ProtocolVersion::V2025_06_18 && shape.structuredIsObject);
}

/// Errors: Poco::DataFormatException if it is not one JSON object of its kind.
void checkTree(const CallServices& services, const CallTarget& target, ProtocolVersion version, std::string& text,
               CallOutcome::Result& checked)
{
    if (text.capacity() - text.size() < JsonDocument::PADDING)
        text.reserve(text.size() + JsonDocument::PADDING);
    const auto document = JsonDocument::parse(text, JsonDocument::Padding::PRESENT);
    checked.shaped = shapeResult(target.resultKind(), version, text, document->root(), services.meta, {});
    if (const auto fault = resultFault(target.resultKind(), document->root()); !fault.empty())
    {
        checked.fault = "the plugin's result breaks the protocol: " + fault;
        return;
    }

    JsonDocument::Element member;
    if (findMember(document->root(), "isError", member))
        checked.isError = !member.get_bool().get(checked.isError) && checked.isError;
    checkOutput(services, target, checked,
                [&]
                {
                    return findMember(document->root(), "structuredContent", member) ? outputFault(*target.tool, member)
                                                                                     : std::string(NOT_STRUCTURED);
                });
}

} // namespace

std::optional<CallOutcome::Result> CallOutcome::check(std::string& text, std::size_t mostBytes,
                                                      const plugin::ResultShape* shape) const
{
    const ProtocolVersion version = _stream.isTask() ? NEWEST : _context.version;
    std::optional<Result> checked(std::in_place);
    _services.large.note(_context.holder, _target.subject, text.size());
    try
    {
        const base::LargeTurn turn(text.size() > mostBytes ? 0 : text.size());
        if (text.size() > mostBytes)
            checked->fault = plugin::resultTooLarge(text.size(), mostBytes);
        else if (shape && shape->plain && _target.kind == plugin::Target::TOOL && takesPlain(version, *shape))
            checkPlain(_services, _target, version, text, *shape, *checked);
        else
        {
            if (!shape) // line breaks can only be white space, and messages are framed by lines
                std::replace_if(
                    text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
            checkTree(_services, _target, version, text, *checked);
        }
    }
    catch (const std::bad_alloc&)
    {
        throw; // not the plugin's fault
    }
    catch (const std::exception& exc)
    {
        logger().error("'" + base::forLog(_target.subject) + "' returned an invalid result: " + base::reasonOf(exc));
        checked.reset();
        return checked;
    }
    if (const auto& why = checked->fault.empty() ? checked->flaw : checked->fault; !why.empty())
        logger().warning("'" + base::forLog(_target.subject) + "': " + base::forLog(why));
    return checked;
}

void CallOutcome::result(const Result& checked)
{
    if (!checked.fault.empty())
        return toolError(checked.fault);
    record(checked.isError ? OperationFigures::TOOL_ERROR : std::string_view());
    const std::string_view head = checked.shaped.head(), rest = checked.shaped.rest;
    if (_stream.isTask())
    {
        _services.tasks.complete(_stream.taskId(), std::string(head).append(rest));
        return;
    }
    const std::array<std::string_view, 6> parts = {
        jsonrpc::RESPONSE_ID, _context.id, jsonrpc::RESPONSE_RESULT, head, rest, jsonrpc::RESPONSE_END};
    Answer answer;
    answer.parts = parts;
    answer.toolFailed = checked.isError;
    answer.modern = _context.modern();
    answer.readyUs = _life.answeredUs();
    _stream.last([&](ResponseSink& sink) { sink.finish(answer); });
}

void CallOutcome::questions(std::string_view text)
{
    Result asking;
    asking.shaped.rewritten = text;
    result(asking);
}

void CallOutcome::refused(std::string_view why)
{
    toolError("'" + _target.subject + std::string(why) + "; try again later", ErrorKind::LIMIT);
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
    Result failed;
    failed.isError = true;
    base::JsonWriter writer(failed.shaped.rewritten);
    writer.beginObject();
    if (_context.modern() || _stream.isTask())
        writer.raw(_services.meta.complete());
    writer.key("content").beginArray().beginObject().member("type", "text").member("text", text).endObject().endArray();
    writer.member("isError", true).endObject();
    result(failed);
}

void CallOutcome::error(ErrorKind kind, std::string_view message, std::string_view data)
{
    record(std::to_string(jsonrpc::codeOf(kind, _context.modern())));
    if (_stream.isTask())
        _services.tasks.fail(_stream.taskId(), jsonrpc::errorObject(kind, true, message, data));
    else
        _stream.last([&](ResponseSink& sink) { answerError(_context, sink, kind, message, data); });
}

void CallOutcome::cancelled(std::string_view reason)
{
    record("cancelled");
    if (_stream.isTask())
        _services.tasks.cancelled(_stream.taskId());
    else
        _stream.at([](ResponseSink& sink) { sink.close(0); });
    if (logger().debug())
        logger().debug(base::forLog(_target.subject) + " cancelled: " + base::forLog(reason));
}

void CallOutcome::lost() noexcept
{
    if (_stream.isTask())
    {
        const auto fail = [this] {
            _services.tasks.fail(_stream.taskId(),
                                 jsonrpc::errorObject(ErrorKind::INTERNAL, true, jsonrpc::ANSWER_LOST));
        };
        base::threadRoot("a task without an answer", fail);
        return;
    }
    if (const auto stream = _stream.sessionStream())
        answerLost(*stream, _context.id, _context.modern());
    answerLost(*_context.sink, _context.id, _context.modern()); // does nothing if that was answered
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
    if (_context.trace && !_context.trace->traceparent.empty())
        line += " trace=" + _context.trace->traceparent;
    logger().debug(line);
}

} // namespace tenon::mcp
