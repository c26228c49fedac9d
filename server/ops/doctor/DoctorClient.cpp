#include "ops/doctor/DoctorClient.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Timespan.h>

#include <array>
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

DoctorClient::DoctorClient(Poco::URI base, std::string token, int timeoutMs)
    : _base(std::move(base)), _token(std::move(token)), _timeoutMs(timeoutMs)
{
}

std::unique_ptr<Poco::Net::HTTPClientSession> DoctorClient::connect(const Poco::URI& uri) const
{
    std::unique_ptr<Poco::Net::HTTPClientSession> session;
    if (uri.getScheme() == "https")
    {
        const Poco::Net::Context::Ptr context(
            new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, "", Poco::Net::Context::VERIFY_STRICT, 9, true));
        session = std::make_unique<Poco::Net::HTTPSClientSession>(uri.getHost(), uri.getPort(), context);
    }
    else
        session = std::make_unique<Poco::Net::HTTPClientSession>(uri.getHost(), uri.getPort());
    session->setTimeout(Poco::Timespan(static_cast<Poco::Timespan::TimeDiff>(_timeoutMs) * 1000));
    session->setKeepAlive(false);
    return session;
}

DoctorAnswer DoctorClient::exchange(const Poco::URI& uri, Poco::Net::HTTPRequest& request, const std::string& body,
                                    bool stream)
{
    DoctorAnswer answer;
    try
    {
        const auto session = connect(uri);
        const std::int64_t start = nowMs();
        session->sendRequest(request) << body;
        std::istream& in = session->receiveResponse(answer.response);
        answer.status = static_cast<int>(answer.response.getStatus());
        if (auto* secure = dynamic_cast<Poco::Net::HTTPSClientSession*>(session.get()))
        {
            const Poco::Timespan left = secure->serverCertificate().expiresOn() - Poco::DateTime();
            _certificateDays = left.days();
            _certificateSeen = true;
        }
        std::array<char, 4096> buffer;
        // One character at a time at first: a stream gives what it has, and no more comes for seconds.
        while (answer.body.size() < MAX_BODY_BYTES && in.good())
        {
            const int first = in.get();
            if (first == std::char_traits<char>::eof())
                break;
            if (answer.firstByteMs < 0)
                answer.firstByteMs = nowMs() - start;
            answer.body += static_cast<char>(first);
            const std::streamsize more = in.readsome(buffer.data(), buffer.size());
            answer.body.append(buffer.data(), static_cast<std::size_t>(more > 0 ? more : 0));
            if (stream && answer.body.find("\n\n") != std::string::npos)
                break;
        }
    }
    catch (const Poco::Exception& exc)
    {
        answer.fault = exc.displayText();
    }
    catch (const std::exception& exc)
    {
        answer.fault = exc.what();
    }
    return answer;
}

DoctorAnswer DoctorClient::get(const std::string& path, const Headers& headers)
{
    return send("GET", path, headers);
}

DoctorAnswer DoctorClient::send(const std::string& method, const std::string& path, const Headers& headers,
                                const std::string& body, bool withToken)
{
    Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPMessage::HTTP_1_1);
    if (withToken && !_token.empty())
        request.set("Authorization", "Bearer " + _token);
    for (const auto& [name, value] : headers)
        request.set(name, value);
    if (!body.empty())
    {
        request.setContentType("application/json");
        request.setContentLength64(static_cast<Poco::Int64>(body.size()));
    }
    return exchange(_base, request, body, false);
}

DoctorAnswer DoctorClient::beginStream(const std::string& path, const Headers& headers)
{
    Poco::Net::HTTPRequest request("GET", path, Poco::Net::HTTPMessage::HTTP_1_1);
    if (!_token.empty())
        request.set("Authorization", "Bearer " + _token);
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
