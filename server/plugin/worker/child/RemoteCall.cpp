#include "plugin/worker/child/RemoteCall.h"

#include "plugin/worker/channel/Deadline.h"
#include "plugin/worker/channel/FrameBody.h"

#include <Poco/Exception.h>

#include <utility>

namespace tenon::plugin
{

void RemoteCalls::add(std::uint64_t id, RemoteCall& call)
{
    std::lock_guard lock(_mutex);
    _calls[id] = &call;
}

void RemoteCalls::remove(std::uint64_t id)
{
    std::lock_guard lock(_mutex);
    _calls.erase(id);
}

void RemoteCalls::cancel(std::uint64_t id)
{
    std::lock_guard lock(_mutex);
    const auto call = _calls.find(id);
    if (call != _calls.end())
        call->second->cancel();
}

void RemoteCalls::answer(std::uint64_t id, tenon_status status, std::string_view text)
{
    std::lock_guard lock(_mutex);
    const auto call = _calls.find(id);
    if (call != _calls.end())
        call->second->answered(status, text);
}

RemoteCall::RemoteCall(FrameChannel& channel, RemoteCalls& calls, const Frame& frame)
    : _channel(channel), _calls(calls), _id(frame.id), _body(frame.body)
{
    FieldReader in(_body);
    target = in.number();
    index = static_cast<std::uint32_t>(in.number());
    _features = in.number();
    _deadlineMs = in.number();
    for (std::string_view* text :
         {&_origin.principal, &_origin.session, &_origin.traceparent, &_origin.tracestate, &_origin.baggage})
        *text = in.text();
    const auto arguments = in.text();
    const auto meta = in.text();
    if (!in.good())
        throw Poco::DataFormatException("a call is malformed");
    _arguments = base::JsonDocument::parse(arguments);
    if (!meta.empty())
    {
        _meta = base::JsonDocument::parse(meta);
        _origin.hasMeta = true;
        _origin.meta = _meta->root();
    }
    _calls.add(_id, *this);
}

RemoteCall::~RemoteCall()
{
    _calls.remove(_id);
}

void RemoteCall::returned(tenon_status status)
{
    auto& body = freshBody();
    FieldWriter(body).signedNumber(status);
    _channel.send(FrameType::RETURNED, _id, body);
}

void RemoteCall::answered(tenon_status status, std::string_view text)
{
    std::lock_guard lock(_mutex);
    _answer = {status, std::string(text)};
    _hasAnswer = true;
    _answerCame.notify_one();
}

/// What a plugin is told that ends a call of which the server knows already that it is over.
tenon_status RemoteCall::endStatus() const
{
    return _cancelled.load(std::memory_order_acquire) ? TENON_ERROR_STATE : TENON_OK;
}

tenon_status RemoteCall::finish(std::string&& result, const ResultShape* shape)
{
    if (!shape)
    {
        try
        {
            if (!base::JsonDocument::parse(result)->root().is_object())
                return TENON_ERROR_INVALID;
        }
        catch (const Poco::DataFormatException&)
        {
            return TENON_ERROR_INVALID;
        }
    }
    _channel.send(FrameType::FINISH, _id, result);
    return endStatus();
}

tenon_status RemoteCall::fail(tenon_status status, std::string_view message)
{
    auto& body = freshBody();
    FieldWriter(body).signedNumber(status).text(message);
    _channel.send(FrameType::FAIL, _id, body);
    return endStatus();
}

tenon_status RemoteCall::progress(double done, double total, std::string_view message)
{
    if (!clientHas(TENON_CLIENT_PROGRESS))
        return TENON_OK;
    auto& body = freshBody();
    FieldWriter(body).real(done).real(total).text(message);
    _channel.send(FrameType::PROGRESS, _id, body);
    return TENON_OK;
}

tenon_status RemoteCall::emit(std::string_view type, std::string_view dataJson)
{
    return ask(Question::EMIT, type, dataJson).status;
}

tenon_status RemoteCall::log(tenon_log_level level, std::string_view logger, std::string_view dataJson)
{
    auto& body = freshBody();
    FieldWriter(body).signedNumber(level).text(logger).text(dataJson);
    _channel.send(FrameType::LOG, _id, body);
    return TENON_OK;
}

bool RemoteCall::isCancelled() const
{
    return _cancelled.load(std::memory_order_acquire) || hasPassed(_deadlineMs, _begin);
}

bool RemoteCall::clientHas(tenon_client_feature feature) const
{
    return feature > 0 && feature < 64 && (_features >> feature & 1) != 0;
}

RemoteCall::Answer RemoteCall::ask(Question question, std::string_view key, std::string_view text)
{
    {
        std::lock_guard lock(_mutex);
        _hasAnswer = false;
    }
    auto& body = freshBody();
    FieldWriter(body).number(static_cast<std::uint64_t>(question)).text(key).text(text);
    _channel.send(FrameType::ASK, _id, body);
    std::unique_lock lock(_mutex);
    _answerCame.wait(lock, [this] { return _hasAnswer; });
    return std::move(_answer);
}

InputOutcome RemoteCall::requestInput(std::string_view key, std::string_view request)
{
    const Answer answer = ask(Question::INPUT, key, request);
    if (answer.status != TENON_OK)
        return {answer.status, nullptr};
    return {TENON_OK, base::JsonDocument::parse(answer.text)};
}

tenon_status RemoteCall::remember(std::string_view key, std::string_view value)
{
    // What the call remembered on an earlier entry is counted by the server.
    if (const tenon_status status = _memories.remember(key, value); status != TENON_OK)
        return status;
    auto& body = freshBody();
    FieldWriter(body).text(key).text(value);
    _channel.send(FrameType::REMEMBER, _id, body);
    return TENON_OK;
}

bool RemoteCall::recall(std::string_view key, std::string_view& value)
{
    if (_memories.recall(key, value))
        return true;
    const Answer answer = ask(Question::RECALL, key, {});
    return answer.status == TENON_OK && _memories.remember(key, answer.text) == TENON_OK &&
           _memories.recall(key, value);
}

tenon_status RemoteCall::releaseStream(std::uint32_t retryMs)
{
    auto& body = freshBody();
    FieldWriter(body).number(retryMs);
    _channel.send(FrameType::RELEASE, _id, body);
    return TENON_OK;
}

tenon_status RemoteCall::beginTask()
{
    return ask(Question::BEGIN_TASK, {}, {}).status;
}

} // namespace tenon::plugin
