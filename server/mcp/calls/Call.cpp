#include "mcp/calls/Call.h"

#include "base/JsonWriter.h"
#include "base/LogEscape.h"
#include "mcp/methods/Protocol.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <algorithm>
#include <array>

namespace tenon::mcp
{

using base::findMember;
using base::JsonDocument;
using jsonrpc::ErrorKind;

namespace
{

/// Between the plugin's being told that its time is over and the answer that is given in its place.
constexpr std::int64_t GRACE_MS = 120;

Poco::Logger& logger()
{
    static Poco::Logger& instance = Poco::Logger::get("tenon.mcp");
    return instance;
}

ResultKind kindOf(plugin::Target target)
{
    switch (target)
    {
    case plugin::Target::TOOL:
        return ResultKind::CALL_TOOL;
    case plugin::Target::RESOURCE:
        return ResultKind::READ_RESOURCE;
    case plugin::Target::PROMPT:
        return ResultKind::GET_PROMPT;
    case plugin::Target::COMPLETION:
        return ResultKind::COMPLETE;
    case plugin::Target::DIRECTORY:
        return ResultKind::READ_DIRECTORY;
    }
    return ResultKind::CALL_TOOL;
}

} // namespace

Call::Call(Protocol& protocol, RequestContext context, CatalogueViewPtr view, Target target,
           base::JsonDocumentPtr argumentsDocument, JsonDocument::Element arguments)
    : _protocol(protocol), _context(std::move(context)), _view(std::move(view)), _target(std::move(target)),
      _argumentsDocument(std::move(argumentsDocument)), _arguments(arguments),
      _timeoutMs(_target.tool && _target.tool->timeoutMs >= 0 ? _target.tool->timeoutMs : protocol.options.requestMs)
{
    _context.headers = nullptr; // borrowed for the dispatcher only
    if (_target.tool)
    {
        const auto& metrics = _view->metricsOf(*_target.tool);
        metrics.calls.add();
        metrics.inFlight.add();
    }
}

Call::~Call()
{
    // Nobody can end it any more: the plugin, or the queue it stood in, let it go.
    if (!claimEnd())
        return;
    if (_target.tool && !_started)
        _view->metricsOf(*_target.tool).inFlight.add(-1);
    if (!_started)
        return;
    try
    {
        logger().error("'" + base::forLog(_target.subject) + "' was let go without an answer");
        endWithError(ErrorKind::INTERNAL, "'" + _target.subject + "' was stopped before it had an answer");
    }
    catch (const std::exception& exc)
    {
        logger().error(exc.what());
    }
}

// ---- life

/// Tasks have their own life: only what the tool itself declares bounds them before their TTL does.
std::int64_t Call::timeoutMs() const
{
    return _isTask && _target.tool && _target.tool->timeoutMs < 0 ? 0 : _timeoutMs;
}

std::string_view Call::who() const
{
    return _context.session ? std::string_view(_context.session->id) : std::string_view(_context.principal->id);
}

void Call::restartClock()
{
    const auto timeout = timeoutMs();
    _deadlineAt.store(timeout > 0 ? Session::now() + timeout : 0, std::memory_order_relaxed);
}

void Call::start()
{
    _started = true;
    restartClock();
    _protocol.calls.add(*this);
    if (_context.session)
    {
        _context.session->addCall(_context.message.id, shared_from_this());
        if (_context.session->ended())
            cancel("the session has ended");
    }
    else if (!_isTask)
        _context.sink->onDisconnect(weak_from_this());
    if (ended()) // cancelled before it began, as a task can be: whoever ended it may have looked too early
    {
        conclude();
        return;
    }
    reenter();
}

void Call::reenter()
{
    if (ended())
        return;
    if (!_target.tool || !_target.tool->queue)
    {
        enter();
        return;
    }
    const auto makeResume = [this]() -> plugin::EntryQueue::Resume
    {
        return [self = shared_from_this()]
        {
            self->_state.fetch_or(ADMITTED);
            self->_protocol.services.executor.post([self] { self->enter(); });
        };
    };
    switch (_target.tool->queue->enter(who(), makeResume))
    {
    case plugin::EntryQueue::Entry::NOW:
        _state.fetch_or(ADMITTED);
        enter();
        break;
    case plugin::EntryQueue::Entry::LATER:
        break;
    case plugin::EntryQueue::Entry::REFUSED:
        if (claimEnd())
            endWithToolError("the tool '" + _target.subject + "' is busy and its queue is full; try again later");
        break;
    }
}

void Call::enter()
{
    // A call that has ended must not get in: its place may be another's already.
    unsigned before = _state.load();
    do
        if (before & ENDED)
            return leaveAdmission();
    while (!_state.compare_exchange_weak(before, (before & ~(RETURNED | PENDING)) | ENTERING));

    const auto status = _target.instance->enter(_target.kind, _target.index, shared_from_this());

    // In one step: as soon as it counts as returned, others may end it, or enter it again.
    const bool goesOn = status == TENON_ASYNC;
    unsigned after;
    before = _state.load();
    do
    {
        after = before & ~static_cast<unsigned>(ENTERING);
        if (goesOn && !(before & PENDING))
            after |= RETURNED | ((before & ADMITTED) && !(before & ENDED) ? PARKED : 0u);
    } while (!_state.compare_exchange_weak(before, after));
    if (!goesOn)
        left(status);
    else if (before & PENDING)
        left(TENON_INPUT_PENDING);
    else if (before & ENDED)
        leaveAdmission();
    else if (after & PARKED)
        _target.tool->queue->park();
}

void Call::left(tenon_status status)
{
    // Told apart before RETURNED is set: afterwards another thread may enter the plugin again.
    const bool waits = status == TENON_INPUT_PENDING;
    if (!waits && claimEnd())
        failed(status < 0 ? status : TENON_ERROR_INTERNAL,
               status < 0 ? std::string_view() : "the plugin ended the call without a result");
    const unsigned before = _state.fetch_or(RETURNED);
    if (waits || before & ENDED)
        leaveAdmission();
    if (waits && !(before & ENDED))
        askClient();
}

void Call::inputPending()
{
    if (!(_state.fetch_or(PENDING) & ENTERING))
        left(TENON_INPUT_PENDING);
}

bool Call::claimEnd()
{
    return (_state.fetch_or(ENDED) & ENDED) == 0;
}

void Call::leaveAdmission()
{
    const unsigned before = _state.fetch_and(~static_cast<unsigned>(ADMITTED | PARKED));
    if (before & ADMITTED)
        _target.tool->queue->leave(who(), (before & PARKED) != 0);
}

void Call::conclude()
{
    _protocol.calls.remove(*this);
    if (_context.session)
        _context.session->removeCall(_context.message.id, *this);
    forgetQuestions();
    if (_state.load() & RETURNED)
        leaveAdmission();
}

void Call::record(bool failure)
{
    const auto elapsed = static_cast<std::uint64_t>(std::max<Poco::Timestamp::TimeDiff>(_startedAt.elapsed(), 0));
    if (_target.tool)
    {
        const auto& metrics = _view->metricsOf(*_target.tool);
        metrics.duration.observeUs(elapsed);
        metrics.inFlight.add(-1);
        if (failure)
            metrics.errors.add();
    }
    if (!logger().debug())
        return;
    std::string line = std::string(_context.message.method) + ' ' + base::forLog(_target.subject) + ' ' +
                       (failure ? "failed" : "done") + " duration_us=" + std::to_string(elapsed) +
                       " principal=" + _context.principal->name;
    if (_context.session)
        line += " session=" + _context.session->id.substr(0, 8);
    if (!_context.trace.traceparent.empty())
        line += " trace=" + _context.trace.traceparent;
    logger().debug(line);
}

void Call::cancel(std::string_view reason)
{
    if (!claimEnd())
        return;
    _cancelled.store(true, std::memory_order_relaxed);
    if (_isTask)
        _protocol.tasks.cancelled(_taskId);
    else
        sink()->close(0);
    if (logger().debug())
        logger().debug(base::forLog(_target.subject) + " cancelled: " + base::forLog(reason));
    record(true);
    conclude();
}

void Call::disconnected()
{
    if (_context.modern() && !_isTask)
        cancel("the client has gone");
}

void Call::checkDeadline(std::int64_t nowMs)
{
    const auto deadline = _deadlineAt.load(std::memory_order_relaxed);
    if (deadline == 0 || nowMs < deadline)
        return;
    if (!_overdue.exchange(true))
        _cancelled.store(true, std::memory_order_relaxed);
    if (nowMs >= deadline + GRACE_MS && claimEnd())
        endLate();
}

/// The end has been claimed.
void Call::endLate()
{
    bool asking;
    {
        std::lock_guard lock(_mutex);
        asking = _waiting;
    }
    const std::string text =
        asking ? "the client did not answer what '" + _target.subject + "' asked"
               : "'" + _target.subject + "' did not finish within " + std::to_string(timeoutMs()) + " ms";
    logger().warning(base::forLog(text));
    endWithToolError(text);
}

// ---- answers

tenon_status Call::finish(std::string&& result, bool wellFormed)
{
    if (ended())
        return TENON_ERROR_STATE;
    if (!wellFormed) // line breaks can only be white space, and messages are framed by lines
        std::replace_if(
            result.begin(), result.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    if (result.capacity() - result.size() < JsonDocument::PADDING)
        result.reserve(result.size() + JsonDocument::PADDING);
    base::JsonDocumentPtr document;
    ShapedResult shaped;
    try
    {
        document = JsonDocument::parse(result, JsonDocument::Padding::PRESENT);
        const auto version = _isTask ? NEWEST : _context.version;
        shaped = shapeResult(kindOf(_target.kind), version, result, document->root(), _protocol.meta, {});
    }
    catch (const std::exception& exc)
    {
        const auto* poco = dynamic_cast<const Poco::Exception*>(&exc);
        logger().error("'" + base::forLog(_target.subject) +
                       "' gave no proper result: " + (poco ? poco->message() : exc.what()));
        return TENON_ERROR_INVALID;
    }

    JsonDocument::Element member;
    bool isError = false;
    if (findMember(document->root(), "isError", member))
        isError = !member.get_bool().get(isError) && isError;
    if (_target.tool && _target.tool->outputSchema && !isError)
    {
        schema::Violation violation;
        const bool present = findMember(document->root(), "structuredContent", member);
        if (!present || !_target.tool->outputSchema->validate(member, &violation))
        {
            const std::string what = present ? violation.message : "structuredContent is missing";
            logger().warning("the result of '" + _target.subject + "' breaks its outputSchema: " + what);
            if (_protocol.options.strictOutput)
            {
                if (claimEnd())
                    endWithToolError("the tool's result breaks its outputSchema: " + what);
                return TENON_OK;
            }
        }
    }
    if (!claimEnd())
        return TENON_ERROR_STATE;
    deliver(shaped.head, shaped.rest);
    record(isError);
    conclude();
    return TENON_OK;
}

tenon_status Call::fail(tenon_status status, std::string_view message)
{
    if (!claimEnd())
        return TENON_ERROR_STATE;
    failed(status, message);
    return TENON_OK;
}

/// The end has been claimed; `status` is negative.
void Call::failed(tenon_status status, std::string_view message)
{
    std::string unsupported, missing;
    {
        std::lock_guard lock(_mutex);
        unsupported = _unsupported;
        missing = _missingCapability;
    }
    if (status == TENON_ERROR_UNSUPPORTED && !unsupported.empty())
    {
        if (_context.modern())
            return endWithError(ErrorKind::MISSING_CAPABILITY, unsupported,
                                "{\"requiredCapabilities\":" + missing + '}');
        return _target.tool ? endWithToolError(unsupported) : endWithError(ErrorKind::INVALID_PARAMS, unsupported);
    }
    if (status == TENON_ERROR_CANCELLED && _overdue.load())
        return endLate();

    std::string text(message);
    if (text.empty())
        text = "'" + _target.subject + "' failed (status " + std::to_string(status) + ")";
    if (_target.tool && status != TENON_ERROR_INTERNAL)
        return endWithToolError(text);
    if (status == TENON_ERROR_NOT_FOUND && _target.kind == plugin::Target::RESOURCE)
    {
        const std::string reason = message.empty() ? std::string() : " (" + std::string(message) + ")";
        return endWithError(ErrorKind::RESOURCE_NOT_FOUND, "Resource not found: " + _target.subject + reason,
                            uriData(_target.subject));
    }
    const bool callersFault = status == TENON_ERROR_INVALID || status == TENON_ERROR_NOT_FOUND;
    endWithError(callersFault ? ErrorKind::INVALID_PARAMS : ErrorKind::INTERNAL, text);
}

void Call::endWithToolError(std::string_view text)
{
    if (!_target.tool)
        return endWithError(ErrorKind::INTERNAL, text);
    std::string result;
    base::JsonWriter writer(result);
    writer.beginObject();
    if (_context.modern() || _isTask)
        writer.raw(_protocol.meta.complete());
    writer.key("content").beginArray().beginObject().member("type", "text").member("text", text).endObject().endArray();
    writer.member("isError", true).endObject();
    deliver(result, {});
    record(true);
    conclude();
}

void Call::endWithError(ErrorKind kind, std::string_view message, std::string_view data)
{
    deliverError(kind, message, data);
    record(true);
    conclude();
}

/// `head + rest` is the result object.
void Call::deliver(std::string_view head, std::string_view rest)
{
    if (_isTask)
    {
        _protocol.tasks.complete(_taskId, std::string(head).append(rest));
        return;
    }
    std::string prefix;
    prefix.reserve(48 + _context.message.id.size() + head.size());
    prefix.append("{\"jsonrpc\":\"2.0\",\"id\":").append(_context.message.id).append(",\"result\":").append(head);
    const std::array<std::string_view, 3> parts = {prefix, rest, "}"};
    Answer answer;
    answer.parts = parts;
    answer.modern = _context.modern();
    sink()->finish(answer);
}

void Call::deliverError(ErrorKind kind, std::string_view message, std::string_view data)
{
    if (_isTask)
    {
        std::string error;
        base::JsonWriter writer(error);
        writer.beginObject().member("code", jsonrpc::codeOf(kind, true)).member("message", message);
        if (!data.empty())
            writer.rawMember("data", data);
        writer.endObject();
        _protocol.tasks.fail(_taskId, std::move(error));
        return;
    }
    answerError(_context, *sink(), kind, message, data);
}

} // namespace tenon::mcp
