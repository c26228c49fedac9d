#include "mcp/calls/Call.h"

#include "base/text/LogEscape.h"
#include "base/threads/RecyclingAllocator.h"
#include "base/threads/ThreadRoot.h"
#include "mcp/calls/CheckedResult.h"
#include "mcp/calls/Failure.h"
#include "mcp/messages/Operation.h"
#include "mcp/revisions/TaskShape.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <new>

namespace tenon::mcp
{

using base::findMember;
using base::JsonDocument;
using jsonrpc::ErrorKind;
using jsonrpc::RpcException;

namespace
{

Poco::Logger& logger()
{
    static Poco::Logger& instance = Poco::Logger::get("tenon.mcp");
    return instance;
}

constexpr const char* GONE = "the client has gone";

std::int64_t timeoutOf(const CallTarget& target, const Options& options)
{
    return target.tool && target.tool->timeoutMs >= 0 ? target.tool->timeoutMs : options.requestMs;
}

} // namespace

Call::Call(const CallServices& services, RequestContext&& context, CatalogueViewPtr&& view, CallTarget&& target,
           base::JsonDocumentPtr&& argumentsDocument, JsonDocument::Element arguments)
    : _services(services), _context(std::move(context)), _view(std::move(view)), _target(std::move(target)),
      _argumentsDocument(std::move(argumentsDocument)), _arguments(arguments),
      _life(*this, _target, services.services.executor, who(), timeoutOf(_target, services.options)),
      _reply(services, _context, _life), _questions(services, _context, _target, _arguments),
      _interview(services, _context, _life, _reply, _questions)
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
    if (_life.ended() || !_life.claimEnd())
        return;
    if (_target.tool && !_started)
        _view->metricsOf(*_target.tool).inFlight.add(-1);
    if (!_started)
        return;
    conclude(
        [this]
        {
            logger().error("'" + base::forLog(_target.subject) + "' was dropped without an answer");
            giveError(ErrorKind::INTERNAL, "'" + _target.subject + "' was stopped before it had an answer");
        });
}

// ---- life

std::string_view Call::who() const
{
    return _context.session ? std::string_view(_context.session->id) : std::string_view(_context.principal->id);
}

CallPtr Call::of(const CallServices& services, RequestContext& context, CatalogueViewPtr&& view, CallTarget&& target,
                 base::JsonDocumentPtr&& argumentsDocument, JsonDocument::Element arguments)
{
    auto call = std::allocate_shared<Call>(base::RecyclingAllocator<Call>(), services, std::move(context),
                                           std::move(view), std::move(target), std::move(argumentsDocument), arguments);
    try
    {
        if (call->_context.modern())
            call->_life.goOn(call->_questions.takeInput());
    }
    catch (const RpcException&)
    {
        context = call->giveBack();
        throw;
    }
    return call;
}

void Call::start(CallPtr call)
{
    Call& started = *call;
    started.begin(std::move(call));
}

void Call::begin(const plugin::CallBackendPtr& self)
{
    _started = true;
    _services.table.add(*this);
    if (_context.session)
    {
        _context.session->add(_context.id, shared_from_this());
        if (_context.session->ended())
            abandon(ErrorKind::SESSION_NOT_FOUND, "the session has ended");
    }
    if (clientHasGone())
        cancel(GONE);
    if (ended()) // before it began, as a task can be: whoever ended it may have looked too early
        return leave();
    if (_life.late() && _life.claimEnd())
        return conclude([this] { giveLate(true); });
    _life.enter(self);
    // While its function runs the plugin asks (`isCancelled`); most calls end with their function.
    if (!ended() && endsWithItsClient())
        _context.sink->onDisconnect(weak_from_this());
}

/// What whoever has claimed the end does, from the first word of the answer on. Whatever that, a log or an allocation
/// throws, the call leaves its table, its session and its queue, and the caller has one answer or a closed connection.
template <typename Give>
void Call::conclude(Give give) noexcept
{
    if (_target.tool) // before the answer leaves: who looks at the figures after it finds the call in them
        _view->metricsOf(*_target.tool).inFlight.add(-1);
    if (!base::threadRoot("the delivery of an answer", give))
        _reply.lost();
    leave();
}

void Call::leave() noexcept
{
    _services.table.remove(*this);
    base::threadRoot("a call's way out of its queue", [this] { _life.leave(); });
    base::threadRoot("the end of a call",
                     [this]
                     {
                         if (_context.session)
                             _context.session->remove(_context.id, *this);
                         _questions.drop();
                         if (_reply.isTask())
                             _interview.listenOn(nullptr, nullptr);
                     });
}

/// Before the answer leaves, as well.
void Call::record(std::string_view error)
{
    const auto elapsed = _life.runningUs();
    const std::string_view method = _context.method;
    _context.sink->ran({_target.instance->name(), !_target.instance->mayBlock(), !error.empty(), elapsed});
    if (_target.tool)
    {
        const auto& metrics = _view->metricsOf(*_target.tool);
        metrics.duration.observeUs(elapsed);
        if (!error.empty())
            metrics.errors.add();
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

void Call::cancel(std::string_view reason)
{
    if (!_life.claimEnd())
        return;
    conclude(
        [&]
        {
            _life.tellCancelled();
            record("cancelled");
            _reply.nothing();
            if (logger().debug())
                logger().debug(base::forLog(_target.subject) + " cancelled: " + base::forLog(reason));
        });
}

void Call::withdraw(std::string_view reason)
{
    if (!_reply.isTask())
        cancel(reason);
}

void Call::cancelTask(std::string_view reason)
{
    cancel(reason);
}

void Call::abandon(ErrorKind kind, std::string_view message)
{
    if (_reply.isTask())
        return cancel(message);
    if (!_life.claimEnd())
        return;
    conclude(
        [&]
        {
            _life.tellCancelled();
            giveError(kind, message);
        });
}

/// On modern HTTP the end of the response's stream is the cancellation.
bool Call::endsWithItsClient() const
{
    return _context.modern() && !_context.session && !_reply.isTask();
}

bool Call::clientHasGone() const
{
    return endsWithItsClient() && _context.sink->closed();
}

void Call::disconnected()
{
    if (endsWithItsClient())
        cancel(GONE);
}

void Call::checkDeadline(std::int64_t nowMs)
{
    if (_life.look(nowMs) == CallLife::Time::OVER && _life.claimEnd())
        conclude([this] { giveLate(_questions.waiting()); });
}

// ---- answers, given within `conclude`

void Call::giveLate(bool asking)
{
    const std::string text =
        asking ? "the client did not answer what '" + _target.subject + "' asked within " +
                     std::to_string(_life.timeoutMs()) + " ms"
               : "'" + _target.subject + "' did not finish within " + std::to_string(_life.timeoutMs()) + " ms";
    giveToolError(text, asking ? ErrorKind::INVALID_PARAMS : ErrorKind::INTERNAL);
    logger().warning(base::forLog(text));
}

void Call::giveFailure(tenon_status status, std::string_view message)
{
    if (status == TENON_ERROR_CANCELLED && _life.overdue())
        return giveLate(false);
    if (status == TENON_ERROR_NOT_REPRESENTABLE)
        logger().warning("'" + base::forLog(_target.subject) +
                         "' returned a value that JSON cannot hold: " + base::forLog(message));
    const auto failure = failureOf(_target, _context.modern(), status, message, _questions.refusal());
    if (failure.asResult)
        giveToolError(failure.text);
    else
        giveError(failure.kind, failure.text, failure.data);
}

void Call::giveToolError(std::string_view text, ErrorKind otherwise)
{
    if (!_target.tool)
        return giveError(otherwise, text);
    record(OperationFigures::TOOL_ERROR);
    _reply.toolError(text);
}

void Call::giveError(ErrorKind kind, std::string_view message, std::string_view data)
{
    record(std::to_string(codeOf(kind, _context.modern())));
    _reply.error(kind, message, data);
}

// ---- ends that CallLife has claimed

void Call::onRefusal()
{
    conclude(
        [this] {
            giveToolError("'" + _target.subject + "' is busy and its queue is full; try again later", ErrorKind::LIMIT);
        });
}

void Call::onFailure(tenon_status status)
{
    conclude(
        [&]
        {
            if (status < 0)
                giveFailure(status, {});
            else
                giveFailure(TENON_ERROR_INTERNAL, "the plugin ended the call without a result");
        });
}

// ---- what the plugin says

tenon_status Call::finish(std::string&& result, const plugin::ResultShape* shape)
{
    if (ended())
        return TENON_ERROR_STATE;
    CheckedResult checked;
    try
    {
        checked = checkResult(_services, _target, _reply.isTask() ? NEWEST : _context.version, result, shape);
    }
    catch (const std::bad_alloc&)
    {
        throw; // not the plugin's fault
    }
    catch (const std::exception& exc)
    {
        const auto* poco = dynamic_cast<const Poco::Exception*>(&exc);
        logger().error("'" + base::forLog(_target.subject) +
                       "' returned an invalid result: " + (poco ? poco->message() : exc.what()));
        return TENON_ERROR_INVALID;
    }
    if (const auto& why = checked.fault.empty() ? checked.flaw : checked.fault; !why.empty())
        logger().warning("'" + base::forLog(_target.subject) + "': " + base::forLog(why));
    if (!_life.claimEnd())
        return TENON_ERROR_STATE;
    conclude(
        [&]
        {
            if (!checked.fault.empty())
                return giveToolError(checked.fault);
            record(checked.isError ? OperationFigures::TOOL_ERROR : std::string_view());
            _reply.result(checked.shaped.head(), checked.shaped.rest, checked.isError);
        });
    return TENON_OK;
}

tenon_status Call::fail(tenon_status status, std::string_view message)
{
    if (!_life.claimEnd())
        return TENON_ERROR_STATE;
    conclude([&] { giveFailure(status, message); });
    return TENON_OK;
}

tenon_status Call::progress(double done, double total, std::string_view message)
{
    return _reply.progress(done, total, message);
}

tenon_status Call::log(tenon_log_level level, std::string_view name, std::string_view dataJson)
{
    return _reply.log(level, name, dataJson);
}

tenon_status Call::emit(std::string_view type, std::string_view dataJson)
{
    return _reply.emit(type, dataJson);
}

tenon_status Call::releaseStream(std::uint32_t retryMs)
{
    if (ended())
        return TENON_ERROR_STATE;
    _reply.releaseStream(retryMs);
    return TENON_OK;
}

tenon_status Call::remember(std::string_view key, std::string_view value)
{
    return _questions.remember(key, value);
}

bool Call::recall(std::string_view key, std::string_view& value)
{
    return _questions.recall(key, value);
}

plugin::InputOutcome Call::requestInput(std::string_view key, std::string_view request)
{
    if (ended())
        return {TENON_ERROR_CANCELLED, nullptr};
    return _questions.ask(key, request, _reply.isTask());
}

// ---- about the client

std::string_view Call::principalName() const
{
    return _context.principal->anonymous() ? std::string_view() : std::string_view(_context.principal->name);
}

std::string_view Call::principalId() const
{
    return _context.principal->anonymous() ? std::string_view() : std::string_view(_context.principal->id);
}

base::ForwardedTokenPtr Call::token() const
{
    return _context.principal->token;
}

std::string_view Call::sessionId() const
{
    return _context.session && !_context.modern() ? std::string_view(_context.session->id) : std::string_view();
}

bool Call::clientHas(tenon_client_feature feature) const
{
    const auto& client = _context.client;
    switch (feature)
    {
    case TENON_CLIENT_ELICITATION:
        return client.elicitation;
    case TENON_CLIENT_ELICITATION_URL:
        return client.elicitationUrl;
    case TENON_CLIENT_SAMPLING:
        return client.sampling;
    case TENON_CLIENT_SAMPLING_TOOLS:
        return client.samplingTools;
    case TENON_CLIENT_ROOTS:
        return client.roots;
    case TENON_CLIENT_PROGRESS:
        return !_context.progressToken.empty();
    case TENON_CLIENT_TASK:
        return _reply.isTask();
    default:
        return false;
    }
}

// ---- questions

void Call::onQuestions()
{
    const bool asked = _questions.wait();
    if (_life.overdue())
    {
        if (_life.claimEnd())
            conclude([this] { giveLate(false); });
        return;
    }
    if (!asked)
    {
        if (_life.claimEnd())
            conclude([this]
                     { giveFailure(TENON_ERROR_INTERNAL, "the plugin waits for input that it did not ask for"); });
        return;
    }
    if (_reply.isTask())
    {
        if (auto requests = _questions.open(); !requests.empty())
            _services.tasks.needInput(_reply.taskId(), std::move(requests));
        if (!_context.modern()) // legacy clients get the requests themselves, on whatever stream they listen to
            askOnStream();
    }
    else if (_context.modern())
        askByResult();
    else
        askOnStream();
    resumeIfAnswered(); // a client may know the keys of a task and answer before it is asked
}

void Call::askByResult()
{
    if (!_life.claimEnd())
        return;
    conclude(
        [&]
        {
            record({});
            _reply.result(_interview.result(), {});
        });
}

void Call::askOnStream()
{
    // Nobody else holds a call that waits for its client; it lets go of its questions when it ends.
    const bool reached =
        _interview.put([self = shared_from_this()](const std::string& key, const jsonrpc::Message& message)
                       { self->answered(key, message); });
    if (!reached && !_reply.isTask() && _life.claimEnd())
        conclude(
            [this] {
                giveToolError("the client cannot be asked: it listens to no stream of this session",
                              ErrorKind::INVALID_PARAMS);
            });
}

void Call::answered(const std::string& key, const jsonrpc::Message& message)
{
    if (!_questions.answer(key, message))
        return;
    if (_reply.isTask())
        _services.tasks.inputAnswered(_reply.taskId(), key);
    resumeIfAnswered();
}

bool Call::answerInput(const std::string& key, const JsonDocument::Element& answer)
{
    if (!_questions.answer(key, answer))
        return false;
    _services.tasks.inputAnswered(_reply.taskId(), key);
    return true;
}

void Call::resumeIfAnswered()
{
    if (ended() || !_questions.resume())
        return;
    try
    {
        _services.services.executor.post([this, self = plugin::CallBackendPtr(shared_from_this())]
                                         { _life.enter(self); });
    }
    catch (const std::exception&)
    {
        if (_life.claimEnd())
            conclude(
                [this]
                {
                    giveToolError("the server has no thread to go on with '" + _target.subject + "'; try again later",
                                  ErrorKind::LIMIT);
                });
    }
}

void Call::listenOn(const SessionPtr& session, const ResponseSinkPtr& to)
{
    _interview.listenOn(session, to);
    askOnStream();
}

// ---- tasks

void Call::startAsTask()
{
    std::int64_t ttlMs = 0;
    JsonDocument::Element task, ttl;
    if (!_context.modern() && _context.param("task", task) && findMember(task, "ttl", ttl))
        if (ttl.get_int64().get(ttlMs))
            ttlMs = 0;
    const auto record =
        _services.tasks.begin(shared_from_this(), *_context.principal, _context.holder, _context.limits, ttlMs);
    // Tasks have their own life: only what the tool itself declares bounds them before their TTL does.
    if (_target.tool && _target.tool->timeoutMs < 0)
        _life.setTimeout(0);
    std::string result;
    if (_context.modern())
        result = "{\"resultType\":\"task\",\"_meta\":{" + _services.meta.serverInfo() + "}," +
                 taskMembers(record, false) + '}';
    else
        result = "{\"task\":{" + legacyTaskMembers(record) + "}}";
    _reply.becomeTask(record, result);
    if (ended()) // by somebody who did not yet know of the task
        _services.tasks.cancelled(record.id);
}

tenon_status Call::beginTask()
{
    if (ended())
        return TENON_ERROR_STATE;
    if (_reply.isTask() || !_target.tool || _target.tool->taskSupport == plugin::TaskSupport::FORBIDDEN)
        return TENON_OK;
    JsonDocument::Element task;
    const bool wanted = _context.modern()
                            ? _context.client.tasks
                            : _context.version == ProtocolVersion::V2025_11_25 && _context.param("task", task);
    if (!wanted)
    {
        if (_target.tool->taskSupport != plugin::TaskSupport::REQUIRED)
            return TENON_OK;
        const std::string required = R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})";
        _questions.refuse({"Missing required client capability: " + required, required});
        return TENON_ERROR_UNSUPPORTED;
    }
    try
    {
        startAsTask();
    }
    catch (const RpcException&)
    {
        return TENON_ERROR_RESOURCES;
    }
    return TENON_OK;
}

} // namespace tenon::mcp
