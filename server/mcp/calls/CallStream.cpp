#include "mcp/calls/CallStream.h"

#include "base/json/JsonWriter.h"
#include "base/text/LogLevels.h"
#include "jsonrpc/Envelope.h"
#include "mcp/messages/OwnEvent.h"

#include <Poco/Exception.h>

#include <array>
#include <cmath>

namespace tenon::mcp
{

ResponseSinkPtr CallStream::sink()
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

bool CallStream::streams()
{
    return sink()->streams();
}

void CallStream::send(std::string_view message)
{
    if (!_life.speak())
        return;
    const auto to = sink();
    if (to->streams())
        to->send(message, {});
}

bool CallStream::ask(std::string_view request)
{
    std::lock_guard lock(_order);
    if (!_life.speak())
        return true; // it has ended: there is nothing to be asked any more
    const auto to = sink();
    return to->streams() && to->send(request, {});
}

tenon_status CallStream::progress(double done, double total, std::string_view message)
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

tenon_status CallStream::log(tenon_log_level level, std::string_view name, std::string_view dataJson)
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

tenon_status CallStream::emit(std::string_view type, std::string_view dataJson)
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
    if (_isTask || !sink()->streams())
        return TENON_ERROR_UNSUPPORTED;
    std::lock_guard lock(_order);
    send(jsonrpc::notification("notifications/" + std::string(type), params));
    return TENON_OK;
}

void CallStream::release(std::uint32_t retryMs)
{
    if (_isTask || _context.version != ProtocolVersion::V2025_11_25 || !_life.speak())
        return;
    (void)sink();
    if (const auto released = sessionStream())
        released->release(retryMs);
}

void CallStream::becomeTask(const store::TaskRecord& task, std::string_view result)
{
    _taskId = task.id;
    _isTask = true;
    std::string text;
    jsonrpc::appendResponseHead(text, _context.id);
    text.append(result).append(jsonrpc::RESPONSE_END);
    ResponseSinkPtr to = sessionStream();
    if (!to)
        to = _context.sink;
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

} // namespace tenon::mcp
