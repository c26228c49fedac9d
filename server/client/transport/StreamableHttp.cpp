#include "client/transport/StreamableHttp.h"

#include "base/threads/ThreadRoot.h"
#include "client/Revision.h"
#include "client/transport/Incoming.h"

#include <algorithm>

namespace tenon::client
{

namespace
{

using Poco::Net::HTTPRequest;

constexpr int FIRST_PAUSE_MS = 1000;
constexpr int LONGEST_PAUSE_MS = 30'000;
constexpr int MAX_BARREN = 5;
constexpr std::size_t MAX_REFUSAL_BYTES = 65536;
constexpr std::chrono::milliseconds GOODBYE{1000};
constexpr std::chrono::milliseconds LISTEN_PATIENCE{2000};

/// What the server asked for; without that, twice as long after each connection that brought nothing.
int pauseMs(const SseReader& reader, int barren)
{
    if (reader.retryMs() >= 0)
        return reader.retryMs();
    return std::min(FIRST_PAUSE_MS << std::min(barren, 5), LONGEST_PAUSE_MS);
}

/// What the body of `response` is said to be.
std::string typeOf(const Poco::Net::HTTPResponse& response)
{
    const std::string encoding = response.get("Content-Encoding", "");
    return response.get("Content-Type", "") + (encoding.empty() ? "" : " (" + encoding + ", which nobody asked for)");
}

/// What a user should know of something that is not JSON.
std::string notJson(const std::string& text, const std::string& type, const std::string& why)
{
    return "the server sent " + std::to_string(text.size()) + " bytes of " + (type.empty() ? "no stated type" : type) +
           " that are not JSON: " + why +
           (type.find("html") == std::string::npos ? "" : "; is this the URL of its MCP endpoint?");
}

} // namespace

StreamableHttp::StreamableHttp(Options options, HttpConnections& connections, CredentialsPtr credentials)
    : _options(std::move(options)), _sender(connections, std::move(credentials)), _executor(_options.maxInFlight)
{
}

StreamableHttp::~StreamableHttp()
{
    close();
}

void StreamableHttp::open(TransportListener& listener)
{
    _listener = &listener;
}

void StreamableHttp::setRevision(const std::string& revision)
{
    const std::lock_guard lock(_mutex);
    _revision = revision;
}

HTTPRequest StreamableHttp::postHead(const Outgoing& message, const Poco::URI& uri) const
{
    const std::string path = uri.getPathAndQuery();
    HTTPRequest request(HTTPRequest::HTTP_POST, path.empty() ? "/" : path, HTTPRequest::HTTP_1_1);
    request.setContentType("application/json");
    request.set("Accept", "application/json, text/event-stream");
    const std::lock_guard lock(_mutex);
    if (hasVersionHeader(_revision))
        request.set("MCP-Protocol-Version", _revision);
    if (!_sessionId.empty())
        request.set("Mcp-Session-Id", _sessionId);
    if (isModernRevision(_revision) && !message.method.empty())
        request.set("Mcp-Method", message.method);
    for (const auto& [name, value] : message.headers)
        request.set(name, value);
    return request;
}

HTTPRequest StreamableHttp::getHead(const std::string& lastEventId, const Poco::URI& uri) const
{
    const std::string path = uri.getPathAndQuery();
    HTTPRequest request(HTTPRequest::HTTP_GET, path.empty() ? "/" : path, HTTPRequest::HTTP_1_1);
    request.set("Accept", "text/event-stream");
    if (!lastEventId.empty())
        request.set("Last-Event-ID", lastEventId);
    const std::lock_guard lock(_mutex);
    if (hasVersionHeader(_revision))
        request.set("MCP-Protocol-Version", _revision);
    if (!_sessionId.empty())
        request.set("Mcp-Session-Id", _sessionId);
    return request;
}

void StreamableHttp::send(Outgoing message)
{
    if (message.id.empty())
    {
        // Before the return: `notifications/initialized` precedes what the caller sends next.
        try
        {
            sendWithoutAnswer(message);
        }
        catch (const ClientException&)
        {
            throw;
        }
        catch (const Poco::Exception& exc)
        {
            throw ClientException(Fault::PROTOCOL, exc.displayText());
        }
        return;
    }
    {
        const std::lock_guard lock(_mutex);
        if (_closing)
            throw ClientException(Fault::UNREACHABLE, "the connection is closed");
        _inFlight[message.id] = _sender.begin();
    }
    _executor.post([this, message = std::move(message)] { runRequest(message); });
}

void StreamableHttp::sendWithoutAnswer(const Outgoing& message)
{
    const auto exchange = _sender.beginNotice();
    const auto& response = _sender.send(
        *exchange, _options.url, [&](const Poco::URI& uri) { return postHead(message, uri); }, message.text);
    const int status = response.getStatus();
    if (isEventStream(response))
        return; // nothing is expected on it
    const std::string body = exchange->readAll(MAX_REFUSAL_BYTES);
    if (status >= 300)
        throw refused(response, body);
}

void StreamableHttp::runRequest(const Outgoing& message)
{
    std::shared_ptr<HttpExchange> exchange;
    {
        const std::lock_guard lock(_mutex);
        if (const auto found = _inFlight.find(message.id); found != _inFlight.end())
            exchange = found->second;
    }
    if (!exchange)
        return; // abandoned before its turn came
    try
    {
        exchangeRequest(message, exchange);
    }
    catch (const ClientException& exc)
    {
        _listener->onRequestFailed(message.id, exc);
    }
    catch (const Poco::Exception& exc)
    {
        _listener->onRequestFailed(message.id, ClientException(Fault::PROTOCOL, exc.displayText()));
    }
    const std::lock_guard lock(_mutex);
    _inFlight.erase(message.id);
    _abandoned.erase(message.id);
}

void StreamableHttp::exchangeRequest(const Outgoing& message, const std::shared_ptr<HttpExchange>& exchange)
{
    const auto& response = _sender.send(
        *exchange, _options.url, [&](const Poco::URI& uri) { return postHead(message, uri); }, message.text);
    const int status = response.getStatus();
    if (status >= 300)
        throw refused(response, exchange->readAll(MAX_REFUSAL_BYTES));
    keepSession(message, response);
    Stream stream;
    stream.requestId = message.id;
    if (isEventStream(response))
    {
        readStream(*exchange, stream);
        if (!stream.answered)
            resume(stream, message.id);
        return;
    }
    const std::string body = exchange->readAll(_options.maxMessageBytes);
    if (body.empty())
        throw ClientException(Fault::PROTOCOL,
                              "the server answers a request with status " + std::to_string(status) + " and no body",
                              status);
    deliver(body, stream, typeOf(response));
    if (!stream.answered)
        throw ClientException(Fault::PROTOCOL,
                              "the server's answer does not belong to the request: " + body.substr(0, MAX_SHOWN));
}

void StreamableHttp::keepSession(const Outgoing& message, const Poco::Net::HTTPResponse& response)
{
    if (message.method != "initialize")
        return;
    const std::lock_guard lock(_mutex);
    _sessionId = response.get("Mcp-Session-Id", "");
}

ClientException StreamableHttp::refused(const Poco::Net::HTTPResponse& response, const std::string& body) const
{
    const std::lock_guard lock(_mutex);
    if (response.getStatus() == 404 && !_sessionId.empty())
        return ClientException(Fault::SESSION_GONE, "the server no longer knows the session", 404);
    return refusalOf(response, body);
}

void StreamableHttp::deliver(const std::string& json, Stream& stream, const std::string& type)
{
    base::JsonDocumentPtr document;
    try
    {
        document = parseMessage(json);
    }
    catch (const Poco::Exception& exc)
    {
        throw ClientException(Fault::PROTOCOL, notJson(json, type, exc.message()));
    }
    if (!stream.requestId.empty() && isAnswerTo(document->root(), stream.requestId))
        stream.answered = true;
    _listener->onMessage(std::move(document), stream.requestId);
}

/// Returns when the stream ended, in order or not, or brought the answer.
void StreamableHttp::readStream(HttpExchange& exchange, Stream& stream)
{
    bool brought = false;
    try
    {
        while (!stream.answered)
        {
            const std::string bytes = exchange.read();
            if (bytes.empty())
                break;
            stream.reader.feed(bytes,
                               [&](const SseEvent& event)
                               {
                                   brought = true;
                                   if (event.event.empty() || event.event == "message")
                                       deliver(event.data, stream, "an event");
                               });
            if (stream.reader.pendingBytes() > _options.maxMessageBytes)
                throw ClientException(Fault::PROTOCOL, "the server sent a message larger than the limit");
        }
    }
    catch (const ClientException& exc)
    {
        if (exc.fault() != Fault::UNREACHABLE)
            throw;
    }
    stream.reader.restart();
    stream.barren = brought ? 0 : stream.barren + 1;
}

void StreamableHttp::resume(Stream& stream, const std::string& id)
{
    while (!stream.answered)
    {
        {
            const std::lock_guard lock(_mutex);
            if (isModernRevision(_revision) || stream.reader.lastEventId().empty())
                throw ClientException(Fault::UNREACHABLE, "the server ended the stream before its answer");
        }
        if (stream.barren > MAX_BARREN)
            throw ClientException(Fault::UNREACHABLE, "the stream keeps ending before its answer");
        if (!pause(pauseMs(stream.reader, stream.barren), id))
            throw ClientException(Fault::CANCELLED, "cancelled");
        const auto exchange = _sender.begin();
        {
            const std::lock_guard lock(_mutex);
            _inFlight[id] = exchange;
        }
        try
        {
            const auto& response = _sender.send(
                *exchange, _options.url,
                [&](const Poco::URI& uri) { return getHead(stream.reader.lastEventId(), uri); }, "");
            if (response.getStatus() >= 300 || !isEventStream(response))
                throw refused(response, exchange->readAll(MAX_REFUSAL_BYTES));
        }
        catch (const ClientException& exc)
        {
            if (exc.fault() == Fault::PROTOCOL)
                throw ClientException(Fault::UNREACHABLE,
                                      "the server ended the stream before its answer, and does not resume it: " +
                                          exc.message());
            if (exc.fault() != Fault::UNREACHABLE)
                throw;
            ++stream.barren;
            continue;
        }
        readStream(*exchange, stream);
    }
}

bool StreamableHttp::pause(int ms, const std::string& id)
{
    std::unique_lock lock(_mutex);
    return !_wake.wait_for(lock, std::chrono::milliseconds(ms),
                           [&] { return _closing || (!id.empty() && _abandoned.count(id) > 0); });
}

bool StreamableHttp::abandon(const std::string& id)
{
    std::shared_ptr<HttpExchange> exchange;
    bool modern = false;
    {
        const std::lock_guard lock(_mutex);
        modern = isModernRevision(_revision);
        const auto found = _inFlight.find(id);
        if (found == _inFlight.end())
            return modern;
        exchange = found->second;
        _abandoned.insert(id);
    }
    _wake.notify_all();
    exchange->interrupt();
    return modern;
}

void StreamableHttp::listen()
{
    std::unique_lock lock(_mutex);
    if (_listening.joinable() || _closing || isModernRevision(_revision))
        return;
    _listening = std::thread(
        [this]
        {
            base::threadRoot("the reader of a session's stream", [this] { runListening(); });
            noteListened();
        });
    // What a server asks before there is a stream to ask on, some servers drop.
    _wake.wait_for(lock, LISTEN_PATIENCE, [this] { return _listened || _closing; });
}

void StreamableHttp::noteListened()
{
    const std::lock_guard lock(_mutex);
    _listened = true;
    _wake.notify_all();
}

void StreamableHttp::runListening()
{
    Stream stream;
    while (listenOnce(stream) && pause(pauseMs(stream.reader, stream.barren), ""))
    {
    }
}

/// False: the server offers no such stream, or we are closing.
bool StreamableHttp::listenOnce(Stream& stream)
{
    try
    {
        const auto exchange = _sender.begin();
        const auto& response = _sender.send(
            *exchange, _options.url, [&](const Poco::URI& uri) { return getHead(stream.reader.lastEventId(), uri); },
            "");
        noteListened();
        if (response.getStatus() >= 300 || !isEventStream(response))
            return response.getStatus() >= 500;
        readStream(*exchange, stream);
        return true;
    }
    catch (const ClientException& exc)
    {
        noteListened();
        ++stream.barren;
        return exc.fault() == Fault::UNREACHABLE || exc.fault() == Fault::PROTOCOL;
    }
}

void StreamableHttp::endSession()
{
    {
        const std::lock_guard lock(_mutex);
        if (_sessionId.empty())
            return;
    }
    // On a thread that can be given up: a server that hangs does not keep us.
    const auto exchange = _sender.begin();
    std::mutex mutex;
    std::condition_variable ended;
    bool done = false;
    std::thread goodbye(
        [&]
        {
            base::threadRoot("the end of a session",
                             [&]
                             {
                                 try
                                 {
                                     const auto head = [&](const Poco::URI& uri)
                                     {
                                         HTTPRequest request = getHead("", uri);
                                         request.setMethod(HTTPRequest::HTTP_DELETE);
                                         return request;
                                     };
                                     (void)_sender.send(*exchange, _options.url, head, "");
                                 }
                                 catch (const Poco::Exception&)
                                 {
                                     // The server forgets the session by itself.
                                 }
                             });
            const std::lock_guard lock(mutex);
            done = true;
            ended.notify_all();
        });
    {
        std::unique_lock lock(mutex);
        if (!ended.wait_for(lock, GOODBYE, [&] { return done; }))
            exchange->interrupt();
    }
    goodbye.join();
}

void StreamableHttp::close()
{
    {
        const std::lock_guard lock(_mutex);
        if (_closing)
            return;
        _closing = true;
    }
    _wake.notify_all();
    endSession();
    _sender.interruptAll();
    _executor.stop();
    if (_listening.joinable())
        _listening.join();
}

} // namespace tenon::client
