#include "Call.h"

#include "Text.h"

#include "plugin/worker/channel/Deadline.h"

#include <utility>

namespace tenon::attach
{

namespace
{

using plugin::FieldReader;
using plugin::FieldWriter;
using plugin::FrameType;

std::string bodyOf(tenon_status status)
{
    std::string body;
    FieldWriter(body).signedNumber(status);
    return body;
}

/// Nothing thrown (memory) gets into the program's code.
template <typename Work>
tenon_status guarded(Work work)
{
    try
    {
        return work();
    }
    catch (...)
    {
        return TENON_ERROR_RESOURCES;
    }
}

constexpr tenon_call_api API = {
    sizeof(tenon_call_api),
    0,
    [](tenon_call* call, tenon_text result) { return guarded([&] { return Call::of(call).finish(toView(result)); }); },
    [](tenon_call* call, tenon_status status, tenon_text message)
    { return guarded([&] { return Call::of(call).fail(status, toView(message)); }); },
    [](tenon_call* call, double done, double total, tenon_text message)
    { return guarded([&] { return Call::of(call).progress(done, total, toView(message)); }); },
    [](tenon_call* call, tenon_log_level level, tenon_text logger, tenon_text data)
    { return guarded([&] { return Call::of(call).log(level, toView(logger), toView(data)); }); },
    [](const tenon_call* call) { return Call::of(call).isCancelled(); },
    [](const tenon_call* call, tenon_client_feature feature) { return Call::of(call).clientHas(feature); },
    [](tenon_call* call, tenon_text key, tenon_text request, tenon_value* answer)
    { return guarded([&] { return Call::of(call).requestInput(toView(key), toView(request), answer); }); },
    [](tenon_call* call, tenon_text key, tenon_text value)
    { return guarded([&] { return Call::of(call).remember(toView(key), toView(value)); }); },
    [](tenon_call* call, tenon_text key, tenon_text* value)
    {
        std::string_view found;
        const bool known =
            guarded([&] { return Call::of(call).recall(toView(key), found) ? TENON_OK : TENON_ERROR_NOT_FOUND; }) ==
            TENON_OK;
        if (known && value)
            *value = toText(found);
        return known;
    },
    [](tenon_call* call, std::uint32_t retryMs)
    { return guarded([&] { return Call::of(call).releaseStream(retryMs); }); },
    [](tenon_call* call) { return guarded([&] { return Call::of(call).beginTask(); }); },
    [](tenon_call* call, tenon_text type, tenon_text data)
    { return guarded([&] { return Call::of(call).emit(toView(type), toView(data)); }); }};

constexpr std::string_view NO_RESULT = "the program ended the call without a result";

std::string numberNotHeld(std::string_view number)
{
    return "The program's result has a number that is " + std::string(number) + ", which JSON cannot hold.";
}

} // namespace

Call::Call(std::shared_ptr<Connection> connection, const plugin::Frame& frame)
    : _connection(std::move(connection)), _id(frame.id), _body(frame.body)
{
}

std::shared_ptr<Call> Call::make(std::shared_ptr<Connection> connection, const plugin::Frame& frame)
{
    std::shared_ptr<Call> call(new Call(std::move(connection), frame));
    if (!call->read())
        return nullptr;
    call->_self = call;
    call->_connection->add(call->_id, *call);
    return call;
}

Call::~Call()
{
    _connection->remove(_id);
}

bool Call::read()
{
    FieldReader in(_body);
    _target = in.number();
    _index = static_cast<std::uint32_t>(in.number());
    _features = in.number();
    _abi.struct_size = sizeof _abi;
    _abi.api = &API;
    _abi.host_data = this;
    _abi.deadline_ms = in.number();
    for (tenon_text* text : {&_abi.principal, &_abi.session, &_abi.traceparent, &_abi.tracestate, &_abi.baggage})
        *text = toOptionalText(in.text());
    const auto arguments = in.text();
    const auto meta = in.text();
    if (!in.good() || !(_arguments = JsonTree::parse(arguments)))
        return false;
    _abi.arguments = _arguments->root();
    if (!meta.empty() && (_meta = JsonTree::parse(meta)))
        _abi.meta = _meta->root();
    return true;
}

bool Call::taken(bool tellServer)
{
    if (_cancelled.load(std::memory_order_acquire))
    {
        if (const auto self = beginEnd())
            send(FrameType::RETURNED, bodyOf(TENON_ERROR_CANCELLED));
        return false;
    }
    if (tellServer)
        send(FrameType::TAKEN, {});
    return true;
}

void Call::returned(tenon_status status)
{
    if (status == TENON_ASYNC)
        return leftOpen();
    if (hasEnded())
        return;
    const bool unfinished = status == TENON_OK || status > TENON_INPUT_PENDING;
    if (!_writer.notRepresentable().empty() && (unfinished || status == TENON_ERROR_NOT_REPRESENTABLE))
        fail(TENON_ERROR_NOT_REPRESENTABLE, numberNotHeld(_writer.notRepresentable()));
    else if (!_writer.fault().empty() && (unfinished || status == TENON_ERROR_INVALID))
        fail(TENON_ERROR_FAILED, _writer.fault());
    else if (unfinished)
        fail(TENON_ERROR_FAILED, NO_RESULT);
    else if (const auto self = beginEnd())
        send(FrameType::RETURNED, bodyOf(status));
}

void Call::answered(tenon_status status, std::string_view text)
{
    const std::lock_guard lock(_mutex);
    _answer = {status, std::string(text)};
    _hasAnswer = true;
    _answerCame.notify_one();
}

/// What keeps the call alive, for the one who may end it; null if it has ended, and it may be gone then.
std::shared_ptr<Call> Call::beginEnd()
{
    if (!_ended.exchange(true, std::memory_order_acq_rel))
        return std::move(_self);
    if (_endedForProgram.exchange(false, std::memory_order_acq_rel))
        std::shared_ptr<Call>(std::move(_self)).reset();
    return nullptr;
}

/// While the program's function runs, a refused end leaves the call to it. Once it has returned TENON_ASYNC nothing tells
/// whether it cared: the call ends, or its caller would wait for the deadline.
tenon_status Call::refused(tenon_status why)
{
    {
        const std::lock_guard lock(_mutex);
        if (_refusal.text.empty())
        {
            const std::string number(_writer.notRepresentable());
            _refusal.status = number.empty() ? TENON_ERROR_FAILED : TENON_ERROR_NOT_REPRESENTABLE;
            _refusal.text = !number.empty()           ? numberNotHeld(number)
                            : _writer.fault().empty() ? std::string(NO_RESULT)
                                                      : _writer.fault();
        }
        if (!_leftOpen)
            return why;
    }
    endRefused();
    return why;
}

/// The function has returned TENON_ASYNC.
void Call::leftOpen()
{
    {
        const std::lock_guard lock(_mutex);
        _leftOpen = true;
        if (_refusal.text.empty())
            return;
    }
    endRefused();
}

/// Ends the call for the server. The program may use it until its own end, which finds that it is over.
void Call::endRefused()
{
    std::string body;
    FieldWriter(body).signedNumber(_refusal.status).text(_refusal.text);
    _endedForProgram.store(true, std::memory_order_release);
    if (_ended.exchange(true, std::memory_order_acq_rel))
        _endedForProgram.store(false, std::memory_order_release);
    else
        send(FrameType::FAIL, body);
}

tenon_status Call::finish(std::string_view result)
{
    const auto tree = JsonTree::parse(result);
    if (!tree || tree->type(0) != TENON_VALUE_OBJECT)
        return refused(TENON_ERROR_INVALID);
    const auto self = beginEnd();
    if (!self)
        return TENON_ERROR_STATE;
    send(FrameType::FINISH, result);
    return isCancelled() ? TENON_ERROR_STATE : TENON_OK;
}

tenon_status Call::finishWritten()
{
    if (!_writer.notRepresentable().empty())
        return refused(TENON_ERROR_NOT_REPRESENTABLE);
    if (!_writer.completeObject())
        return refused(TENON_ERROR_INVALID);
    const auto self = beginEnd();
    if (!self)
        return TENON_ERROR_STATE;
    send(FrameType::FINISH, _writer.output());
    return isCancelled() ? TENON_ERROR_STATE : TENON_OK;
}

tenon_status Call::fail(tenon_status status, std::string_view message)
{
    if (status >= TENON_OK)
        return TENON_ERROR_INVALID;
    std::string body;
    FieldWriter(body).signedNumber(status).text(message);
    const auto self = beginEnd();
    if (!self)
        return TENON_ERROR_STATE;
    send(FrameType::FAIL, body);
    return isCancelled() ? TENON_ERROR_STATE : TENON_OK;
}

tenon_status Call::progress(double done, double total, std::string_view message)
{
    if (hasEnded())
        return TENON_ERROR_STATE;
    if (!clientHas(TENON_CLIENT_PROGRESS))
        return TENON_OK;
    std::string body;
    FieldWriter(body).real(done).real(total).text(message);
    send(FrameType::PROGRESS, body);
    return TENON_OK;
}

tenon_status Call::log(tenon_log_level level, std::string_view logger, std::string_view data)
{
    if (hasEnded())
        return TENON_ERROR_STATE;
    if (level < TENON_LOG_DEBUG || level > TENON_LOG_EMERGENCY || !JsonTree::parse(data))
        return TENON_ERROR_INVALID;
    std::string body;
    FieldWriter(body).signedNumber(level).text(logger).text(data);
    send(FrameType::LOG, body);
    return TENON_OK;
}

bool Call::isCancelled() const
{
    return _cancelled.load(std::memory_order_acquire) || plugin::hasPassed(_abi.deadline_ms, _begin);
}

bool Call::clientHas(tenon_client_feature feature) const
{
    return feature > 0 && feature < 64 && (_features >> feature & 1) != 0;
}

Call::Answer Call::ask(plugin::Question question, std::string_view key, std::string_view text)
{
    {
        const std::lock_guard lock(_mutex);
        _hasAnswer = false;
    }
    std::string body;
    FieldWriter(body).number(static_cast<std::uint64_t>(question)).text(key).text(text);
    send(FrameType::ASK, body);
    std::unique_lock lock(_mutex);
    // A connection that was given up between the two gave its answer before `_hasAnswer` was cleared.
    while (!_hasAnswer)
        if (_answerCame.wait_for(lock, std::chrono::milliseconds(100)) == std::cv_status::timeout && !_hasAnswer &&
            _cancelled.load(std::memory_order_acquire))
            return {};
    return std::move(_answer);
}

tenon_status Call::requestInput(std::string_view key, std::string_view request, tenon_value* answer)
{
    if (hasEnded())
        return TENON_ERROR_STATE;
    const Answer given = ask(plugin::Question::INPUT, key, request);
    if (given.status != TENON_OK)
        return given.status;
    auto tree = JsonTree::parse(given.text);
    if (!tree)
        return TENON_ERROR_FAILED;
    if (answer)
        *answer = tree->root();
    _documents.push_front(std::move(tree));
    return TENON_OK;
}

tenon_status Call::remember(std::string_view key, std::string_view value)
{
    if (hasEnded())
        return TENON_ERROR_STATE;
    if (const tenon_status status = _memories.remember(key, value); status != TENON_OK)
        return status;
    std::string body;
    FieldWriter(body).text(key).text(value);
    send(FrameType::REMEMBER, body);
    return TENON_OK;
}

bool Call::recall(std::string_view key, std::string_view& value)
{
    if (_memories.recall(key, value))
        return true;
    if (hasEnded())
        return false;
    const Answer answer = ask(plugin::Question::RECALL, key, {});
    return answer.status == TENON_OK && _memories.remember(key, answer.text) == TENON_OK &&
           _memories.recall(key, value);
}

tenon_status Call::releaseStream(std::uint32_t retryMs)
{
    if (hasEnded())
        return TENON_ERROR_STATE;
    std::string body;
    FieldWriter(body).number(retryMs);
    send(FrameType::RELEASE, body);
    return TENON_OK;
}

tenon_status Call::emit(std::string_view type, std::string_view data)
{
    if (hasEnded())
        return TENON_ERROR_STATE;
    return ask(plugin::Question::EMIT, type, data).status;
}

tenon_status Call::beginTask()
{
    return hasEnded() ? TENON_ERROR_STATE : ask(plugin::Question::BEGIN_TASK, {}, {}).status;
}

tenon_value Call::parse(std::string_view text)
{
    try
    {
        auto tree = JsonTree::parse(text);
        if (!tree)
            return {nullptr, 0};
        _documents.push_front(std::move(tree));
        return _documents.front()->root();
    }
    catch (...)
    {
        return {nullptr, 0};
    }
}

void Call::send(FrameType type, std::string_view body)
{
    _connection->send(type, _id, body);
}

} // namespace tenon::attach
