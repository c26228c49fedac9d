#include "client/transport/HttpSender.h"

#include "client/auth/Discovery.h"
#include "client/transport/Incoming.h"

#include <Poco/String.h>

#include <algorithm>

namespace tenon::client
{

namespace
{

/// 301 to 303 make GET of a POST, so these are told of and not followed.
bool isRedirection(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// Secrets are named, not shown.
std::string masked(const std::string& name, const std::string& value)
{
    if (Poco::icompare(name, "Authorization") == 0 || Poco::icompare(name, "DPoP") == 0 ||
        Poco::icompare(name, "Cookie") == 0 || Poco::icompare(name, "X-Api-Key") == 0)
        return value.substr(0, value.find(' ')) + " ...";
    return value;
}

} // namespace

std::shared_ptr<HttpExchange> HttpSender::begin()
{
    auto exchange = std::make_shared<HttpExchange>(_connections);
    const std::lock_guard lock(_mutex);
    std::erase_if(_running, [](const auto& one) { return one.expired(); });
    if (_interrupted)
        exchange->interrupt();
    else
        _running.push_back(exchange);
    return exchange;
}

std::shared_ptr<HttpExchange> HttpSender::beginNotice()
{
    auto exchange = begin();
    exchange->allowSilence(std::chrono::milliseconds(_connections.options().silenceMs));
    return exchange;
}

void HttpSender::interruptAll()
{
    std::vector<std::weak_ptr<HttpExchange>> running;
    {
        const std::lock_guard lock(_mutex);
        _interrupted = true;
        running.swap(_running);
    }
    for (const auto& one : running)
        if (const auto exchange = one.lock())
            exchange->interrupt();
}

bool HttpSender::trySend(HttpExchange& exchange, Poco::URI& uri, Poco::Net::HTTPRequest& request,
                         const std::string& body, int attempt)
{
    if (_credentials)
        _credentials->apply(request, uri);
    traceRequest(request, uri, body);
    const Poco::Net::HTTPResponse& response = exchange.send(uri, request, body);
    const int status = response.getStatus();
    if (Trace* trace = _connections.options().trace)
        trace->line('<', std::to_string(status) + ' ' + response.getReason() + "  " + response.get("Content-Type", ""));
    if (isRedirection(status) && response.has("Location") && (status >= 307 || !body.empty()))
    {
        const Poco::URI next = redirection(uri, response, attempt);
        (void)exchange.readAll(65536);
        uri = next;
        return false;
    }
    if (attempt >= Credentials::MAX_ATTEMPTS)
        return true;
    if ((status == 401 || status == 403) && _credentials)
    {
        const Poco::Net::HTTPResponse refusal(response);
        return !_credentials->improve(request, refusal, uri, attempt);
    }
    return true;
}

/// Where a request that went to `from` goes next.
///
/// Errors: ClientException PROTOCOL if it should not.
Poco::URI HttpSender::redirection(const Poco::URI& from, const Poco::Net::HTTPResponse& response, int attempt)
{
    const int status = response.getStatus();
    Poco::URI next;
    try
    {
        next = Poco::URI(from, response.get("Location"));
    }
    catch (const Poco::Exception&)
    {
        throw ClientException(Fault::PROTOCOL,
                              "the server redirects to something that is no URL: " +
                                  response.get("Location").substr(0, MAX_SHOWN),
                              status);
    }
    const std::string where = "the server redirects to " + next.toString();
    if (attempt >= Credentials::MAX_ATTEMPTS)
        throw ClientException(Fault::PROTOCOL, where + ", after too many redirections", status);
    if (status < 307)
        throw ClientException(Fault::PROTOCOL,
                              where + " (" + std::to_string(status) + "), where a message cannot follow; use that URL",
                              status);
    if (originOf(next) != originOf(from))
        throw ClientException(Fault::PROTOCOL, where + ", another host, port or scheme; use that URL if you trust it",
                              status);
    return next;
}

void HttpSender::traceRequest(const Poco::Net::HTTPRequest& request, const Poco::URI& uri,
                              const std::string& body) const
{
    Trace* trace = _connections.options().trace;
    if (!trace)
        return;
    trace->line('>', request.getMethod() + ' ' + uri.toString());
    for (const auto& [name, value] : request)
        if (!Poco::icompare(name, "Authorization") || Poco::toLower(name).starts_with("mcp-") ||
            !Poco::icompare(name, "Last-Event-ID"))
            trace->line('>', "  " + name + ": " + masked(name, value));
    if (!body.empty())
        trace->line('>', body);
}

bool isEventStream(const Poco::Net::HTTPResponse& response)
{
    return Poco::toLower(response.get("Content-Type", "")).find("text/event-stream") != std::string::npos;
}

ClientException refusalOf(const Poco::Net::HTTPResponse& response, const std::string& body)
{
    const int status = response.getStatus();
    std::string said;
    try
    {
        const auto document = parseMessage(body);
        base::JsonDocument::Element error, member;
        if (base::findMember(document->root(), "error", error) && error.is_object())
        {
            // Who is not let in is told so, in whatever form.
            if (status != 401 && status != 403 && base::findMember(error, "code", member) && member.is_int64())
                return errorOf(error, status);
            said = base::textMember(error, "message");
        }
        if (said.empty())
            said = base::textMember(document->root(), "error_description");
        if (said.empty())
            said = base::textMember(document->root(), "message");
        if (said.empty())
            said = base::textMember(document->root(), "error");
    }
    catch (const Poco::Exception&)
    {
        if (response.get("Content-Type", "").find("text/plain") != std::string::npos)
            said = body.substr(0, MAX_SHOWN);
    }
    const std::string text = "the server answers " + std::to_string(status) + ' ' + response.getReason() +
                             (said.empty() ? "" : ": " + said.substr(0, MAX_SHOWN));
    if (status == 401)
        return ClientException(Fault::NOT_ALLOWED, text + "; it requires credentials", status);
    if (status == 403)
        return ClientException(Fault::NOT_ALLOWED, text, status);
    return ClientException(status >= 500 ? Fault::UNREACHABLE : Fault::PROTOCOL, text, status);
}

} // namespace tenon::client
