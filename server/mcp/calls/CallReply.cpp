#include "mcp/calls/CallReply.h"

#include "base/json/JsonWriter.h"
#include "base/text/LogLevels.h"
#include "base/threads/ThreadRoot.h"
#include "jsonrpc/Envelope.h"
#include "mcp/messages/OwnEvent.h"

#include <Poco/Exception.h>

#include <array>
#include <cmath>

namespace tenon::mcp
{

CallReply::CallReply(const CallServices& services, const RequestContext& context, CallLife& life)
    : _services(services), _context(context), _life(life),
      _resumable(!context.modern() && context.transport == Transport::STREAMABLE_HTTP && context.session != nullptr)
{
}

/// Where the answer goes. The stream of a session is kept while it is used.
template <typename Use>
void CallReply::withSink(Use use) const
{
    std::shared_ptr<SessionStream> stream;
    if (_resumable)
    {
        std::lock_guard lock(_mutex);
        stream = _sessionStream;
    }
    if (stream)
        use(static_cast<ResponseSink&>(*stream));
    else
        use(*_context.sink);
}

ResponseSinkPtr CallReply::stream()
{
    if (!_resumable)
        return _context.sink;
    std::lock_guard lock(_mutex);
    // Not after the end, which has been told to the sink itself: such a stream would never finish.
    if (!_sessionStream && !_life.ended() && _context.sink->streams())
        _sessionStream = _context.session->openStream(_services.services.events, _services.options.streamRetryMs,
                                                      _context.sink, _context.id);
    return _sessionStream ? ResponseSinkPtr(_sessionStream) : _context.sink;
}

bool CallReply::streams()
{
    return stream()->streams();
}

void CallReply::send(std::string_view message)
{
    if (!_life.speak())
        return;
    const auto to = stream();
    if (to->streams())
        to->send(message, {});
}

bool CallReply::ask(std::string_view request)
{
    std::lock_guard lock(_order);
    if (!_life.speak())
        return true; // it has ended: there is nothing to be asked any more
    const auto to = stream();
    return to->streams() && to->send(request, {});
}

tenon_status CallReply::progress(double done, double total, std::string_view message)
{
    if (!std::isfinite(done) || !std::isfinite(total))
        return TENON_ERROR_INVALID;
    if (_life.ended())
        return TENON_ERROR_STATE;
    if (_isTask)
    {
        _services.tasks.progress(_taskId, message);
        return TENON_OK;
    }
    if (_context.progressToken.empty())
        return TENON_OK;
    std::lock_guard lock(_order);
    if (done <= _lastProgress)
        return TENON_OK;
    _lastProgress = done;
    std::string params;
    base::JsonWriter writer(params);
    writer.beginObject().rawMember("progressToken", _context.progressToken).member("progress", done);
    if (total > 0)
        writer.member("total", total);
    if (!message.empty() && _context.version >= ProtocolVersion::V2025_03_26)
        writer.member("message", message);
    writer.endObject();
    send(jsonrpc::notification("notifications/progress", params));
    return TENON_OK;
}

tenon_status CallReply::log(tenon_log_level level, std::string_view name, std::string_view dataJson)
{
    if (level < TENON_LOG_DEBUG || level > TENON_LOG_EMERGENCY)
        return TENON_ERROR_INVALID;
    if (_life.ended())
        return TENON_ERROR_STATE;
    const int lowest = _context.modern()  ? _context.logLevel
                       : _context.session ? _context.session->logLevel.load()
                                          : -1;
    if (_isTask || lowest < 0 || level < lowest)
        return TENON_OK;
    std::string params;
    base::JsonWriter writer(params);
    writer.beginObject().member("level", base::LOG_LEVELS[static_cast<std::size_t>(level)].name);
    if (!name.empty())
        writer.member("logger", name);
    try
    {
        writer.member("data", base::JsonDocument::parse(dataJson)->root()).endObject();
    }
    catch (const Poco::DataFormatException&)
    {
        return TENON_ERROR_INVALID;
    }
    std::lock_guard lock(_order);
    send(jsonrpc::notification("notifications/message", params));
    return TENON_OK;
}

tenon_status CallReply::emit(std::string_view type, std::string_view dataJson)
{
    if (!isOwnType(type))
        return TENON_ERROR_INVALID;
    std::string params;
    try
    {
        const auto data = base::JsonDocument::parse(dataJson);
        if (!data->root().is_object())
            return TENON_ERROR_INVALID;
        params = base::toJson(data->root());
    }
    catch (const Poco::DataFormatException&)
    {
        return TENON_ERROR_INVALID;
    }
    if (_life.ended())
        return TENON_ERROR_STATE;
    if (_isTask || !stream()->streams())
        return TENON_ERROR_UNSUPPORTED;
    std::lock_guard lock(_order);
    send(jsonrpc::notification("notifications/" + std::string(type), params));
    return TENON_OK;
}

void CallReply::releaseStream(std::uint32_t retryMs)
{
    if (_isTask || _context.version != ProtocolVersion::V2025_11_25 || !_life.speak())
        return;
    (void)stream();
    std::shared_ptr<SessionStream> released;
    {
        std::lock_guard lock(_mutex);
        released = _sessionStream;
    }
    if (released)
        released->release(retryMs);
}

void CallReply::becomeTask(const store::TaskRecord& task, std::string_view result)
{
    _taskId = task.id;
    _isTask = true;
    std::string text;
    jsonrpc::appendResponseHead(text, _context.id);
    text.append(result).append(jsonrpc::RESPONSE_END);
    ResponseSinkPtr to = _context.sink;
    if (_resumable)
    {
        std::lock_guard lock(_mutex);
        if (_sessionStream)
            to = _sessionStream;
    }
    const auto tell = [to, text = std::move(text), modern = _context.modern()]
    {
        const std::array<std::string_view, 1> parts = {text};
        Answer answer;
        answer.parts = parts;
        answer.modern = modern;
        to->finish(answer);
    };
    std::lock_guard lock(_order);
    _services.tasks.whenKept(task, tell);
}

/// What is being sent meanwhile has to be waited for; if nothing ever was, there is nobody to wait for.
template <typename Give>
void CallReply::afterOthers(Give give)
{
    std::unique_lock lock(_order, std::defer_lock);
    if (_life.spoke())
        lock.lock();
    withSink(give);
}

void CallReply::result(std::string_view head, std::string_view rest, bool toolFailed)
{
    if (_isTask)
    {
        _services.tasks.complete(_taskId, std::string(head).append(rest));
        return;
    }
    const auto parts = jsonrpc::responseParts(_context.id, head, rest);
    Answer answer;
    answer.parts = parts;
    answer.toolFailed = toolFailed;
    answer.modern = _context.modern();
    answer.readyUs = _life.answeredUs();
    afterOthers([&](ResponseSink& sink) { sink.finish(answer); });
}

void CallReply::toolError(std::string_view text)
{
    std::string whole;
    base::JsonWriter writer(whole);
    writer.beginObject();
    if (_context.modern() || _isTask)
        writer.raw(_services.meta.complete());
    writer.key("content").beginArray().beginObject().member("type", "text").member("text", text).endObject().endArray();
    writer.member("isError", true).endObject();
    result(whole, {}, true);
}

void CallReply::error(jsonrpc::ErrorKind kind, std::string_view message, std::string_view data)
{
    if (_isTask)
    {
        _services.tasks.fail(_taskId, jsonrpc::errorObject(kind, true, message, data));
        return;
    }
    afterOthers([&](ResponseSink& sink) { answerError(_context, sink, kind, message, data); });
}

void CallReply::nothing()
{
    if (_isTask)
        _services.tasks.cancelled(_taskId);
    else
        withSink([](ResponseSink& sink) { sink.close(0); });
}

void CallReply::lost() noexcept
{
    if (_isTask)
    {
        base::threadRoot("a task without an answer",
                         [this] {
                             _services.tasks.fail(_taskId, jsonrpc::errorObject(jsonrpc::ErrorKind::INTERNAL, true,
                                                                                jsonrpc::ANSWER_LOST));
                         });
        return;
    }
    if (_resumable)
        if (const auto stream =
                [this]
            {
                std::lock_guard lock(_mutex);
                return _sessionStream;
            }())
            answerLost(*stream, _context.id, _context.modern());
    answerLost(*_context.sink, _context.id, _context.modern()); // does nothing if that was answered
}

} // namespace tenon::mcp
