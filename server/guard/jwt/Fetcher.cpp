#include "guard/jwt/Fetcher.h"

#include "guard/web/Origins.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Timespan.h>
#include <Poco/URI.h>

#include <array>

namespace tenon::guard
{

namespace
{

constexpr std::size_t MAX_BYTES = 1 << 20;
const Poco::Timespan TIMEOUT(5, 0);

std::unique_ptr<Poco::Net::HTTPClientSession> sessionFor(const Poco::URI& uri)
{
    if (uri.getScheme() == "https")
    {
        Poco::Net::Context::Ptr context(
            new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, "", Poco::Net::Context::VERIFY_STRICT, 9, true));
        context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
        return std::make_unique<Poco::Net::HTTPSClientSession>(uri.getHost(), uri.getPort(), context);
    }
    // Keys that came unprotected over a network would let anybody on the way mint tokens.
    if (uri.getScheme() == "http" && isLoopbackAddress(uri.getHost()))
        return std::make_unique<Poco::Net::HTTPClientSession>(uri.getHost(), uri.getPort());
    throw Poco::InvalidArgumentException("must be an https URL", uri.toString());
}

class WebFetcher : public Fetcher
{
public:
    std::string get(const std::string& url) override
    {
        try
        {
            return fetch(Poco::URI(url));
        }
        catch (const Poco::Exception& exc)
        {
            throw Poco::IOException(url + ": " + exc.displayText(), exc);
        }
    }

private:
    static std::string fetch(const Poco::URI& uri)
    {
        const auto session = sessionFor(uri);
        session->setTimeout(TIMEOUT);
        session->setKeepAlive(false);
        std::string path = uri.getPathAndQuery();
        Poco::Net::HTTPRequest request(Poco::Net::HTTPRequest::HTTP_GET, path.empty() ? "/" : path,
                                       Poco::Net::HTTPMessage::HTTP_1_1);
        request.set("Accept", "application/json");
        session->sendRequest(request);
        Poco::Net::HTTPResponse response;
        std::istream& stream = session->receiveResponse(response);
        if (response.getStatus() != Poco::Net::HTTPResponse::HTTP_OK)
            throw Poco::IOException("status " + std::to_string(static_cast<int>(response.getStatus())));

        std::string body;
        std::array<char, 8192> buffer;
        while (stream.read(buffer.data(), buffer.size()), stream.gcount() > 0)
        {
            body.append(buffer.data(), static_cast<std::size_t>(stream.gcount()));
            if (body.size() > MAX_BYTES)
                throw Poco::DataFormatException("the answer is larger than 1 MiB");
        }
        return body;
    }
};

} // namespace

std::shared_ptr<Fetcher> Fetcher::web()
{
    return std::make_shared<WebFetcher>();
}

} // namespace tenon::guard
