#include "client/transport/HttpSse.h"

#include "base/threads/ThreadRoot.h"
#include "client/Revision.h"
#include "client/transport/Incoming.h"

namespace tenon::client
{

namespace
{

using Poco::Net::HTTPRequest;

constexpr std::size_t MAX_REFUSAL_BYTES = 65536;
constexpr std::size_t MAX_POSTS = 8; ///< at a time

} // namespace

HttpSse::HttpSse(Options options, HttpConnections& connections, CredentialsPtr credentials)
    : _options(std::move(options)), _sender(connections, std::move(credentials)), _executor(MAX_POSTS)
{
}

HttpSse::~HttpSse()
{
    close();
}

void HttpSse::open(TransportListener& listener)
{
    _listener = &listener;
    _reading = std::thread([this] { base::threadRoot("the reader of a server's stream", [this] { run(); }); });
    std::unique_lock lock(_mutex);
    if (!_wake.wait_for(lock, std::chrono::milliseconds(_options.openMs), [&] { return _open || _gone; }))
        throw ClientException(Fault::PROTOCOL,
                              "the stream at " + _options.url.toString() + " names no address to post to");
    if (_why)
        throw ClientException(*_why);
}

void HttpSse::run()
{
    try
    {
        readStream();
        gone(ClientException(Fault::UNREACHABLE, "the server ended its stream"));
    }
    catch (const ClientException& exc)
    {
        gone(exc);
    }
    catch (const Poco::Exception& exc)
    {
        gone(ClientException(Fault::PROTOCOL, exc.displayText()));
    }
    catch (const std::exception& exc)
    {
        gone(ClientException(Fault::UNREACHABLE, exc.what()));
    }
}

void HttpSse::readStream()
{
    const auto exchange = _sender.begin();
    const auto head = [](const Poco::URI& uri)
    {
        const std::string path = uri.getPathAndQuery();
        HTTPRequest request(HTTPRequest::HTTP_GET, path.empty() ? "/" : path, HTTPRequest::HTTP_1_1);
        request.set("Accept", "text/event-stream");
        return request;
    };
    const auto& response = _sender.send(*exchange, _options.url, head, "");
    if (response.getStatus() >= 300)
        throw refusalOf(response, exchange->readAll(MAX_REFUSAL_BYTES));
    if (!isEventStream(response))
        throw ClientException(Fault::PROTOCOL, _options.url.toString() + " is not an event stream",
                              response.getStatus());
    SseReader reader;
    while (true)
    {
        const std::string bytes = exchange->read();
        if (bytes.empty())
            return;
        reader.feed(bytes, [&](const SseEvent& event) { take(event); });
        if (reader.pendingBytes() > _options.maxMessageBytes)
            throw ClientException(Fault::PROTOCOL, "the server sent a message larger than the limit");
    }
}

void HttpSse::take(const SseEvent& event)
{
    if (event.event == "endpoint")
    {
        takeEndpoint(event.data);
        return;
    }
    if (!event.event.empty() && event.event != "message")
        return;
    base::JsonDocumentPtr document;
    try
    {
        document = parseMessage(event.data);
    }
    catch (const Poco::Exception& exc)
    {
        throw ClientException(Fault::PROTOCOL, "the server sent something other than JSON: " + exc.message());
    }
    _listener->onMessage(std::move(document), {});
}

void HttpSse::takeEndpoint(const std::string& address)
{
    const Poco::URI endpoint(_options.url, address);
    // Credentials go there: a stream may not send them to somebody else.
    if (endpoint.getHost() != _options.url.getHost() || endpoint.getPort() != _options.url.getPort() ||
        endpoint.getScheme() != _options.url.getScheme())
        throw ClientException(Fault::PROTOCOL, "the stream names an address of another origin: " + endpoint.toString());
    const std::lock_guard lock(_mutex);
    _endpoint = endpoint;
    _open = true;
    _wake.notify_all();
}

void HttpSse::gone(const ClientException& why)
{
    bool tell = false;
    {
        const std::lock_guard lock(_mutex);
        _gone = true;
        tell = _open && !_closing;
        if (!_open)
            _why = std::make_unique<ClientException>(why);
        _wake.notify_all();
    }
    if (tell)
        _listener->onGone(why);
}

void HttpSse::send(Outgoing message)
{
    {
        const std::lock_guard lock(_mutex);
        if (_closing || _gone)
            throw ClientException(Fault::UNREACHABLE, "the stream of the server has ended");
    }
    if (message.id.empty())
    {
        post(message, *_sender.beginNotice());
        return;
    }
    const auto exchange = _sender.begin();
    {
        const std::lock_guard lock(_mutex);
        _posting[message.id] = exchange;
    }
    _executor.post(
        [this, exchange, message = std::move(message)]
        {
            try
            {
                post(message, *exchange);
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
            _posting.erase(message.id);
        });
}

void HttpSse::post(const Outgoing& message, HttpExchange& exchange)
{
    Poco::URI endpoint;
    std::string revision;
    {
        const std::lock_guard lock(_mutex);
        endpoint = _endpoint;
        revision = _revision;
    }
    const auto head = [&](const Poco::URI& uri)
    {
        HTTPRequest request(HTTPRequest::HTTP_POST, uri.getPathAndQuery(), HTTPRequest::HTTP_1_1);
        request.setContentType("application/json");
        if (hasVersionHeader(revision))
            request.set("MCP-Protocol-Version", revision);
        return request;
    };
    const auto& response = _sender.send(exchange, endpoint, head, message.text);
    const int status = response.getStatus();
    if (isEventStream(response))
        return; // which may last; answers come on the stream that is read
    const std::string body = exchange.readAll(MAX_REFUSAL_BYTES);
    if (status == 404)
        throw ClientException(Fault::SESSION_GONE, "the server no longer knows the session", 404);
    if (status >= 300)
        throw refusalOf(response, body);
}

bool HttpSse::abandon(const std::string& id)
{
    // Some servers hold the POST until they have answered on the stream.
    std::shared_ptr<HttpExchange> exchange;
    {
        const std::lock_guard lock(_mutex);
        if (const auto found = _posting.find(id); found != _posting.end())
            exchange = found->second;
    }
    if (exchange)
        exchange->interrupt();
    return false;
}

void HttpSse::setRevision(const std::string& revision)
{
    const std::lock_guard lock(_mutex);
    _revision = revision;
}

void HttpSse::close()
{
    {
        const std::lock_guard lock(_mutex);
        if (_closing)
            return;
        _closing = true;
    }
    _sender.interruptAll();
    _executor.stop();
    if (_reading.joinable())
        _reading.join();
}

} // namespace tenon::client
