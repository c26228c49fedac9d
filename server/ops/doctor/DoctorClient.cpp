#include "ops/doctor/DoctorClient.h"

#include "client/http/HttpExchange.h"

#include <Poco/Exception.h>

#include <atomic>
#include <chrono>

namespace tenon::ops
{

namespace
{

constexpr std::size_t MAX_BODY_BYTES = 256 * 1024;

std::int64_t nowMs()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

} // namespace

DoctorClient::DoctorClient(Poco::URI base, client::CredentialsPtr credentials, client::HttpOptions http, int timeoutMs)
    : _base(std::move(base)), _credentials(std::move(credentials)), _timeoutMs(timeoutMs), _connections(std::move(http))
{
}

DoctorAnswer DoctorClient::exchange(const Poco::URI& uri, Poco::Net::HTTPRequest& request, const std::string& body,
                                    bool stream)
{
    DoctorAnswer answer;
    client::HttpExchange exchange(_connections);
    std::atomic<bool> late{false};
    const auto timer = _timers.after(std::chrono::milliseconds(_timeoutMs),
                                     [&]
                                     {
                                         late = true;
                                         exchange.interrupt();
                                     });
    try
    {
        const std::int64_t start = nowMs();
        answer.response = exchange.send(uri, request, body);
        answer.status = static_cast<int>(answer.response.getStatus());
        _certificateSeen = exchange.certificateDays(_certificateDays) || _certificateSeen;
        while (answer.body.size() < MAX_BODY_BYTES)
        {
            const std::string some = exchange.read();
            if (some.empty())
                break;
            if (answer.firstByteMs < 0)
                answer.firstByteMs = nowMs() - start;
            answer.body += some;
            if (stream && answer.body.find("\n\n") != std::string::npos)
                break;
        }
    }
    catch (const Poco::Exception& exc)
    {
        answer.fault = late ? "no answer within " + std::to_string(_timeoutMs) + " ms" : exc.message();
    }
    catch (const std::exception& exc)
    {
        answer.fault = exc.what();
    }
    _timers.cancel(timer);
    return answer;
}

DoctorAnswer DoctorClient::get(const std::string& path, const Headers& headers)
{
    return send("GET", path, headers);
}

DoctorAnswer DoctorClient::send(const std::string& method, const std::string& path, const Headers& headers,
                                const std::string& body, bool withCredentials)
{
    Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPMessage::HTTP_1_1);
    if (withCredentials && _credentials)
        _credentials->apply(request, _base);
    for (const auto& [name, value] : headers)
        request.set(name, value);
    if (!body.empty())
        request.setContentType("application/json");
    return exchange(_base, request, body, false);
}

DoctorAnswer DoctorClient::beginStream(const std::string& path, const Headers& headers)
{
    Poco::Net::HTTPRequest request("GET", path, Poco::Net::HTTPMessage::HTTP_1_1);
    if (_credentials)
        _credentials->apply(request, _base);
    request.set("Accept", "text/event-stream");
    for (const auto& [name, value] : headers)
        request.set(name, value);
    return exchange(_base, request, {}, true);
}

DoctorAnswer DoctorClient::elsewhere(const std::string& url)
{
    DoctorAnswer answer;
    try
    {
        const Poco::URI uri(url);
        const std::string path = uri.getPathAndQuery();
        Poco::Net::HTTPRequest request("GET", path.empty() ? "/" : path, Poco::Net::HTTPMessage::HTTP_1_1);
        return exchange(uri, request, {}, false);
    }
    catch (const Poco::Exception& exc)
    {
        answer.fault = exc.displayText();
    }
    return answer;
}

bool DoctorClient::certificateDays(int& days) const
{
    days = _certificateDays;
    return _certificateSeen;
}

} // namespace tenon::ops
