#include "client/transport/HttpSender.h"

#include "base/json/JsonDocument.h"

#include <Poco/String.h>

#include <algorithm>

namespace tenon::client
{

namespace
{

constexpr int MAX_ATTEMPTS = 6;
constexpr std::size_t MAX_SHOWN = 300;

bool isRedirection(int status)
{
    return status == 307 || status == 308;
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
    if (attempt >= MAX_ATTEMPTS)
        return true;
    if (isRedirection(status) && response.has("Location"))
    {
        Poco::URI next(uri, response.get("Location"));
        if (next.getHost() != uri.getHost() || next.getScheme() != uri.getScheme())
            throw ClientException(Fault::PROTOCOL,
                                  "the server redirects to " + next.toString() +
                                      ", another host or scheme; use that URL if you trust it",
                                  status);
        const Poco::Net::HTTPResponse kept(response);
        (void)exchange.readAll(65536);
        uri = next;
        return false;
    }
    if ((status == 401 || status == 403) && _credentials)
    {
        const Poco::Net::HTTPResponse refusal(response);
        return !_credentials->improve(request, refusal, uri, attempt);
    }
    return true;
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

ClientException refusalOf(const Poco::Net::HTTPResponse& response, const std::string& body)
{
    const int status = response.getStatus();
    std::string said;
    try
    {
        const auto document = base::JsonDocument::parse(body);
        base::JsonDocument::Element error, member;
        if (base::findMember(document->root(), "error", error) && error.is_object())
        {
            std::int64_t code = 0;
            if (base::findMember(error, "code", member) && !member.get(code) && status != 401)
            {
                std::string data;
                if (base::findMember(error, "data", member))
                    data = base::toJson(member);
                return ClientException(static_cast<int>(code), std::string(base::textMember(error, "message")),
                                       std::move(data), status);
            }
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
