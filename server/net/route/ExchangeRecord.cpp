#include "net/route/ExchangeRecord.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <exception>
#include <string>
#include <utility>

namespace tenon::net
{

namespace
{

/// A listener writes to files, which may fail in any way; a request is over all the same.
template <typename Tell>
void guarded(Tell tell) noexcept
{
    try
    {
        try
        {
            tell();
        }
        catch (const Poco::Exception& exc)
        {
            Poco::Logger::get("tenon.net").error("the access log failed: " + exc.displayText());
        }
        catch (const std::exception& exc)
        {
            Poco::Logger::get("tenon.net").error(std::string("the access log failed: ") + exc.what());
        }
    }
    catch (...)
    {
        return; // the log fails too: there is nobody left to tell
    }
}

std::string_view addressOf(const guard::Admission& admission, std::string_view peer)
{
    return admission.clientAddress.empty() ? peer : std::string_view(admission.clientAddress);
}

std::string_view nameOf(const guard::Admission& admission)
{
    return admission.principal ? std::string_view(admission.principal->name) : std::string_view();
}

} // namespace

ExchangeRecord::ExchangeRecord(AccessListener& listener, const RequestHead& head, const guard::Admission& admission,
                               std::string_view peer)
    : _listener(listener), _access(std::make_unique<AccessEntry>())
{
    AccessEntry& entry = *_access;
    entry.clientAddress = addressOf(admission, peer);
    entry.principal = nameOf(admission);
    entry.method = head.method;
    entry.target = head.target;
    entry.protocol = head.minorVersion == 0 ? "HTTP/1.0" : "HTTP/1.1";
    entry.referer = head.header("Referer");
    entry.userAgent = head.header("User-Agent");
    entry.sessionId = head.header(base::Field::SESSION_ID);
    entry.rpcMethod = head.header(base::Field::METHOD);
    entry.rpcName = head.header(base::Field::NAME);
    entry.traceParent = head.header(base::Field::TRACEPARENT);
}

void ExchangeRecord::becomesStream(const Request& request)
{
    _stream = std::make_unique<StreamEntry>();
    _stream->clientAddress = addressOf(request.admission, request.peerAddress);
    _stream->principal = nameOf(request.admission);
    _stream->sessionId = request.head.header(base::Field::SESSION_ID);
    _stream->target = request.head.target;
}

void ExchangeRecord::ofSession(std::string_view sessionId)
{
    if (_stream)
        _stream->sessionId = sessionId;
}

void ExchangeRecord::asked(std::string_view method, std::string_view name, std::string_view sessionId)
{
    if (!_access)
        return;
    _access->rpcMethod = method;
    _access->rpcName = name;
    if (!sessionId.empty())
        _access->sessionId = sessionId;
}

void ExchangeRecord::answered(int status, std::size_t bytes)
{
    if (!_access)
        return;
    _access->status = status;
    _access->bytes = bytes;
}

void ExchangeRecord::failed()
{
    if (_access)
        _access->isError = true;
}

void ExchangeRecord::events(std::size_t count, std::size_t bytes)
{
    if (_access)
        _access->bytes += bytes;
    if (!_stream)
        return;
    _stream->events += count;
    _stream->bytes += bytes;
}

void ExchangeRecord::tellOpened()
{
    if (_stream)
        guarded([this] { _listener.opened(*_stream); });
}

void ExchangeRecord::tellOver(bool wasStream, std::string_view why)
{
    if (const auto access = std::move(_access))
    {
        access->durationUs = access->began.elapsed();
        guarded([&] { _listener.answered(*access); });
    }
    const auto stream = std::move(_stream);
    if (!stream || !wasStream)
        return;
    stream->why = why;
    stream->durationUs = stream->began.elapsed();
    guarded([&] { _listener.closed(*stream); });
}

} // namespace tenon::net
