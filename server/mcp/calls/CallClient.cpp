// The part of a call that talks to the client before the answer, and tells the plugin about the client.

#include "base/JsonWriter.h"
#include "base/LogLevels.h"
#include "mcp/calls/Call.h"
#include "mcp/methods/Protocol.h"

#include <Poco/Exception.h>

#include <cmath>

namespace tenon::mcp
{

using base::JsonDocument;

ResponseSinkPtr Call::sink() const
{
    std::lock_guard lock(_mutex);
    return _sessionStream ? ResponseSinkPtr(_sessionStream) : _context.sink;
}

ResponseSinkPtr Call::stream()
{
    std::lock_guard lock(_mutex);
    const bool resumable = !_context.modern() && _context.transport == Transport::STREAMABLE_HTTP && _context.session;
    // Not after the end, which has been told to the sink itself: such a stream would never finish.
    if (!_sessionStream && resumable && !ended() && _context.sink->streams())
        _sessionStream =
            _context.session->openStream(_protocol.services.events, _protocol.options.streamRetryMs, _context.sink);
    return _sessionStream ? ResponseSinkPtr(_sessionStream) : _context.sink;
}

void Call::notifyClient(std::string_view message)
{
    const auto to = stream();
    if (to->streams())
        to->send(message, {});
}

tenon_status Call::progress(double done, double total, std::string_view message)
{
    if (!std::isfinite(done) || !std::isfinite(total))
        return TENON_ERROR_INVALID;
    if (ended())
        return TENON_ERROR_STATE;
    if (_isTask)
    {
        _protocol.tasks.progress(_taskId, message);
        return TENON_OK;
    }
    if (_context.progressToken.empty())
        return TENON_OK;
    std::lock_guard lock(_progressMutex);
    if (done <= _lastProgress)
        return TENON_OK;
    _lastProgress = done;
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject()
        .member("jsonrpc", "2.0")
        .member("method", "notifications/progress")
        .key("params")
        .beginObject();
    writer.rawMember("progressToken", _context.progressToken).member("progress", done);
    if (total > 0)
        writer.member("total", total);
    if (!message.empty() && _context.version >= ProtocolVersion::V2025_03_26)
        writer.member("message", message);
    writer.endObject().endObject();
    notifyClient(text);
    return TENON_OK;
}

tenon_status Call::log(tenon_log_level level, std::string_view name, std::string_view dataJson)
{
    if (level < TENON_LOG_DEBUG || level > TENON_LOG_EMERGENCY)
        return TENON_ERROR_INVALID;
    if (ended())
        return TENON_ERROR_STATE;
    const int lowest = _context.modern()  ? _context.logLevel
                       : _context.session ? _context.session->logLevel.load()
                                          : -1;
    if (_isTask || lowest < 0 || level < lowest)
        return TENON_OK;
    std::string data;
    try
    {
        data = base::toJson(JsonDocument::parse(dataJson)->root());
    }
    catch (const Poco::DataFormatException&)
    {
        return TENON_ERROR_INVALID;
    }
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject().member("jsonrpc", "2.0").member("method", "notifications/message").key("params").beginObject();
    writer.member("level", base::LOG_LEVELS[static_cast<std::size_t>(level)].name);
    if (!name.empty())
        writer.member("logger", name);
    writer.rawMember("data", data).endObject().endObject();
    notifyClient(text);
    return TENON_OK;
}

tenon_status Call::releaseStream(std::uint32_t retryMs)
{
    if (ended())
        return TENON_ERROR_STATE;
    if (_isTask || _context.version != ProtocolVersion::V2025_11_25)
        return TENON_OK;
    (void)stream();
    std::shared_ptr<SessionStream> released;
    {
        std::lock_guard lock(_mutex);
        released = _sessionStream;
    }
    if (released)
        released->release(retryMs);
    return TENON_OK;
}

// ---- about the client

std::string_view Call::principalName() const
{
    return _context.principal->anonymous() ? std::string_view() : std::string_view(_context.principal->name);
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
        return _isTask;
    default:
        return false;
    }
}

} // namespace tenon::mcp
