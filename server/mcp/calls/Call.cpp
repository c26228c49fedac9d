#include "mcp/calls/Call.h"

#include "base/text/LogEscape.h"
#include "base/threads/RecyclingAllocator.h"
#include "base/threads/ThreadRoot.h"
#include "mcp/Log.h"
#include "mcp/calls/CallTask.h"

#include <algorithm>

namespace tenon::mcp
{

using base::JsonDocument;
using jsonrpc::ErrorKind;

namespace
{

constexpr const char* GONE = "the client has gone";

/// Whom entries exclude each other by, where they do by session.
std::string_view whoOf(const RequestContext& context)
{
    return context.session ? std::string_view(context.session->id) : std::string_view(context.principal->id);
}

std::int64_t timeoutOf(const CallTarget& target, const Options& options)
{
    return target.tool && target.tool->timeoutMs >= 0 ? target.tool->timeoutMs : options.requestMs;
}

std::size_t mostBytesOf(const CallTarget& target, const Options& options)
{
    return target.tool && target.tool->maxResultBytes != 0 ? target.tool->maxResultBytes : options.maxResultBytes;
}

} // namespace

Call::Call(const CallServices& services, RequestContext&& context, CatalogueViewPtr&& view, CallTarget&& target,
           base::JsonDocumentPtr&& argumentsDocument, JsonDocument::Element arguments)
    : _services(services), _context(std::move(context)), _view(std::move(view)), _target(std::move(target)),
      _metrics(_target.tool ? &_view->metricsOf(*_target.tool) : nullptr),
      _mostBytes(mostBytesOf(_target, services.options)), _argumentsDocument(std::move(argumentsDocument)),
      _arguments(arguments), _life(*this, _target, services.services.executor, whoOf(_context),
                                   timeoutOf(_target, services.options), _context.sinceUs),
      _stream(services, _context, _life), _outcome(services, _context, _metrics, _target, _life, _stream)
{
    _context.headers = nullptr; // borrowed for the dispatcher only
    if (_metrics)
    {
        _metrics->calls.add();
        _metrics->inFlight.add();
    }
}

Call::~Call()
{
    // Nobody can end it any more: the plugin, or the queue it stood in, let it go.
    if (_life.ended() || !_life.claimEnd())
        return;
    if (_metrics && !_started)
        _metrics->inFlight.add(-1);
    if (!_started)
        return;
    conclude(
        [this]
        {
            logger().error("'" + base::forLog(_target.subject) + "' was dropped without an answer");
            _outcome.error(ErrorKind::INTERNAL, "'" + _target.subject + "' was stopped before it had an answer");
        });
}

// ---- life

CallPtr Call::of(const CallServices& services, RequestContext& context, CatalogueViewPtr&& view, CallTarget&& target,
                 base::JsonDocumentPtr&& argumentsDocument, JsonDocument::Element arguments)
{
    auto call = std::allocate_shared<Call>(base::RecyclingAllocator<Call>(), services, std::move(context),
                                           std::move(view), std::move(target), std::move(argumentsDocument), arguments);
    JsonDocument::Element brought;
    if (!call->_context.modern() || !(call->_context.param(RequestParams::REQUEST_STATE, brought) ||
                                      call->_context.param(RequestParams::INPUT_RESPONSES, brought)))
        return call;
    try
    {
        call->_life.goOn(call->dialogue().questions.takeInput());
    }
    catch (const jsonrpc::RpcException&)
    {
        context = call->giveBack();
        throw;
    }
    return call;
}

void Call::start(CallPtr call)
{
    Call& started = *call;
    const plugin::CallBackendPtr self = std::move(call);
    started._started = true;
    started._services.table.add(started);
    const RequestContext& context = started._context;
    if (context.session)
    {
        context.session->add(context.id, started.shared_from_this());
        if (context.session->ended())
            started.abandon(ErrorKind::SESSION_NOT_FOUND, "the session has ended");
    }
    if (started.endsWithItsClient() && context.sink->closed())
        started.cancel(GONE);
    if (started.ended()) // before it began, as a task can be: whoever ended it may have looked too early
        return started.leave();
    if (started._life.late() && started.end([&started] { started._outcome.late(true); }))
        return;
    started._life.enter(self);
    // While its function runs the plugin asks (`isCancelled`); most calls end with their function.
    if (!started.ended() && started.endsWithItsClient())
        context.sink->onDisconnect(started.weak_from_this());
}

/// What whoever has claimed the end does, from the first word of the answer on. Whatever that, a log or an allocation
/// throws, the call leaves its table, its session and its queue, and the caller has one answer or a closed connection.
template <typename Give>
void Call::conclude(Give give) noexcept
{
    if (_metrics) // before the answer leaves: who looks at the figures after it finds the call in them
        _metrics->inFlight.add(-1);
    if (!base::threadRoot("the delivery of an answer", give))
        _outcome.lost();
    leave();
}

/// As `conclude`, if nobody else has ended the call; false if somebody has.
template <typename Give>
bool Call::end(Give give) noexcept
{
    if (!_life.claimEnd())
        return false;
    conclude(give);
    return true;
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
                         const auto dialogue = _dialogue.get();
                         if (!dialogue)
                             return;
                         dialogue->questions.drop();
                         if (_stream.isTask())
                             dialogue->interview.listenOn(nullptr, nullptr);
                     });
}

void Call::cancel(std::string_view reason)
{
    end(
        [&]
        {
            _life.tellCancelled();
            _outcome.cancelled(reason);
        });
}

void Call::withdraw(std::string_view reason)
{
    if (!_stream.isTask())
        cancel(reason);
}

void Call::abandon(ErrorKind kind, std::string_view message)
{
    if (_stream.isTask())
        return cancel(message);
    end(
        [&]
        {
            _life.tellCancelled();
            _outcome.error(kind, message);
        });
}

void Call::disconnected()
{
    if (endsWithItsClient())
        cancel(GONE);
}

void Call::checkDeadline(std::int64_t nowMs)
{
    if (_life.look(nowMs) == CallLife::Time::OVER)
        end([this, dialogue = _dialogue.get()] { _outcome.late(dialogue && dialogue->questions.waiting()); });
}

// ---- ends that CallLife has claimed

void Call::onRefusal()
{
    conclude([this] { _outcome.refused("' is busy and its queue is full"); });
}

void Call::onFailure(tenon_status status)
{
    conclude(
        [&]
        {
            if (status < 0)
                _outcome.failure(status, {}, refusal());
            else
                _outcome.failure(TENON_ERROR_INTERNAL, "the plugin ended the call without a result");
        });
}

// ---- what the plugin says

tenon_status Call::finish(std::string&& result, const plugin::ResultShape* shape)
{
    if (ended())
        return TENON_ERROR_STATE;
    const auto checked = _outcome.check(result, _mostBytes, shape);
    if (!checked)
        return TENON_ERROR_INVALID;
    return end([&] { _outcome.result(*checked); }) ? TENON_OK : TENON_ERROR_STATE;
}

tenon_status Call::fail(tenon_status status, std::string_view message)
{
    constexpr std::size_t SENTENCES = 1024; // of which the limit's own is one
    if (message.size() > std::max(_mostBytes, SENTENCES))
        return tooLarge(message.size());
    return end([&] { _outcome.failure(status, message, refusal()); }) ? TENON_OK : TENON_ERROR_STATE;
}

tenon_status Call::releaseStream(std::uint32_t retryMs)
{
    if (ended())
        return TENON_ERROR_STATE;
    _stream.release(retryMs);
    return TENON_OK;
}

plugin::InputOutcome Call::requestInput(std::string_view key, std::string_view request)
{
    if (ended())
        return {TENON_ERROR_CANCELLED, nullptr};
    if (!mayHave(request))
        return {TENON_ERROR_RESOURCES, nullptr};
    return dialogue().questions.ask(key, request, _stream.isTask());
}

/// Why the client could not be asked, if it could not.
std::optional<Questions::Refusal> Call::refusal() const
{
    const auto dialogue = _dialogue.get();
    return dialogue ? dialogue->questions.refusal() : std::nullopt;
}

// ---- about the client

plugin::CallOrigin Call::origin() const
{
    plugin::CallOrigin origin;
    if (!_context.principal->anonymous())
        origin.principal = _context.principal->name;
    if (_context.session && !_context.modern())
        origin.session = _context.session->id;
    if (const auto* const trace = _context.trace.get())
    {
        origin.traceparent = trace->traceparent;
        origin.tracestate = trace->tracestate;
        origin.baggage = trace->baggage;
    }
    origin.hasMeta = _context.hasMeta;
    origin.meta = _context.meta;
    return origin;
}

std::string_view Call::principalId() const
{
    return _context.principal->anonymous() ? std::string_view() : std::string_view(_context.principal->id);
}

bool Call::clientHas(tenon_client_feature feature) const
{
    if (feature == TENON_CLIENT_PROGRESS)
        return !_context.progressToken.empty();
    return feature == TENON_CLIENT_TASK ? _stream.isTask() : _context.client.has(feature);
}

// ---- questions

void Call::onQuestions()
{
    const auto dialogue = _dialogue.get();
    const bool asked = dialogue && dialogue->questions.wait();
    if (const bool overdue = _life.overdue(); overdue || !asked)
    {
        end(
            [this, overdue]
            {
                if (overdue)
                    _outcome.late(false);
                else
                    _outcome.failure(TENON_ERROR_INTERNAL, "the plugin waits for input that it did not ask for");
            });
        return;
    }
    if (_stream.isTask())
    {
        if (auto requests = dialogue->questions.open(); !requests.empty())
            _services.tasks.needInput(_stream.taskId(), std::move(requests));
        if (!_context.modern()) // legacy clients get the requests themselves, on whatever stream they listen to
            askOnStream();
    }
    else if (_context.modern())
        end([&] { _outcome.questions(dialogue->interview.result()); });
    else
        askOnStream();
    resumeIfAnswered(); // a client may know the keys of a task and answer before it is asked
}

void Call::askOnStream()
{
    // Nobody else holds a call that waits for its client; it lets go of its questions when it ends.
    const bool reached =
        dialogue().interview.put([self = shared_from_this()](const std::string& key, const jsonrpc::Message& message)
                                 { self->answered(key, message); });
    if (!reached && !_stream.isTask())
        end(
            [this]
            {
                _outcome.toolError("the client cannot be asked: it listens to no stream of this session",
                                   ErrorKind::INVALID_PARAMS);
            });
}

void Call::answered(const std::string& key, const jsonrpc::Message& message)
{
    if (!dialogue().questions.answer(key, message))
        return;
    if (_stream.isTask())
        _services.tasks.inputAnswered(_stream.taskId(), key);
    resumeIfAnswered();
}

bool Call::answerInput(const std::string& key, const JsonDocument::Element& answer)
{
    const auto dialogue = _dialogue.get();
    if (!dialogue || !dialogue->questions.answer(key, answer))
        return false;
    _services.tasks.inputAnswered(_stream.taskId(), key);
    return true;
}

void Call::resumeIfAnswered()
{
    const auto dialogue = _dialogue.get();
    if (ended() || !dialogue || !dialogue->questions.resume())
        return;
    try
    {
        _services.services.executor.post([this, self = plugin::CallBackendPtr(shared_from_this())]
                                         { _life.enter(self); });
    }
    catch (const std::exception&)
    {
        end([this] { _outcome.refused("' could not be continued: the server has no thread left"); });
    }
}

void Call::listenOn(const SessionPtr& session, const ResponseSinkPtr& to)
{
    dialogue().interview.listenOn(session, to);
    askOnStream();
}

// ---- tasks

void Call::startAsTask()
{
    CallTask(_services, _context, _target, _life, _stream, dialogue().questions).start(shared_from_this());
}

tenon_status Call::beginTask()
{
    return CallTask(_services, _context, _target, _life, _stream, dialogue().questions).begin(shared_from_this());
}

} // namespace tenon::mcp
