#include "client/auth/AuthHttp.h"

#include "base/text/PercentCoding.h"
#include "client/ClientException.h"
#include "client/http/HttpExchange.h"
#include "client/http/Proxy.h"

#include <Poco/JSON/Parser.h>

#include <chrono>

namespace tenon::client
{

namespace
{

constexpr std::size_t MAX_BYTES = 1 << 20;

Poco::JSON::Object::Ptr objectIn(const std::string& text)
{
    try
    {
        Poco::JSON::Parser parser;
        return parser.parse(text).extract<Poco::JSON::Object::Ptr>();
    }
    catch (const Poco::Exception&)
    {
        return nullptr;
    }
}

} // namespace

std::string AuthAnswer::text(const std::string& name) const
{
    return json && json->has(name) && json->get(name).isString() ? json->getValue<std::string>(name) : std::string();
}

std::string AuthAnswer::fault() const
{
    const std::string error = text("error");
    const std::string description = text("error_description");
    if (error.empty())
        return "status " + std::to_string(status);
    return description.empty() ? error : error + ": " + description;
}

std::string AuthHttp::unsafe(const std::string& url)
{
    try
    {
        const Poco::URI uri(url);
        if (uri.getScheme() == "https" || (uri.getScheme() == "http" && isLoopbackHost(uri.getHost())))
            return {};
        return url + " is not an https URL";
    }
    catch (const Poco::Exception&)
    {
        return url + " is no URL";
    }
}

AuthAnswer AuthHttp::exchange(const std::string& method, const std::string& url, const std::string& type,
                              const std::string& body, const AuthHeaders& headers) const
{
    if (const std::string fault = unsafe(url); !fault.empty())
        throw ClientException(Fault::NOT_ALLOWED, "credentials are not sent there: " + fault);
    const Poco::URI uri(url);
    const std::string path = uri.getPathAndQuery();
    Poco::Net::HTTPRequest request(method, path.empty() ? "/" : path, Poco::Net::HTTPRequest::HTTP_1_1);
    request.set("Accept", "application/json");
    if (!type.empty())
        request.setContentType(type);
    for (const auto& [name, value] : headers)
        request.set(name, value);
    if (Trace* trace = _connections.options().trace)
        trace->line('*', method + ' ' + url);
    HttpExchange exchange(_connections);
    exchange.allowSilence(
        std::chrono::milliseconds(_connections.options().silenceMs)); // others wait for the token, too
    AuthAnswer answer;
    answer.response = exchange.send(uri, request, body);
    answer.status = answer.response.getStatus();
    answer.json = objectIn(exchange.readAll(MAX_BYTES));
    if (Trace* trace = _connections.options().trace)
        trace->line('*', "  " + (answer.status < 300 ? std::to_string(answer.status) : answer.fault()));
    return answer;
}

AuthAnswer AuthHttp::get(const std::string& url) const
{
    return exchange("GET", url, "", "", {});
}

AuthAnswer AuthHttp::post(const std::string& url, const AuthForm& form, const AuthHeaders& headers) const
{
    return exchange("POST", url, "application/x-www-form-urlencoded", formText(form), headers);
}

AuthAnswer AuthHttp::postJson(const std::string& url, const std::string& json) const
{
    return exchange("POST", url, "application/json", json, {});
}

std::string formText(const AuthForm& form)
{
    std::string text;
    for (const auto& [name, value] : form)
        text += (text.empty() ? "" : "&") + base::percentEncoded(name) + '=' + base::percentEncoded(value);
    return text;
}

} // namespace tenon::client
