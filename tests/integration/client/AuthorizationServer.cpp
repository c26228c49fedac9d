#include "AuthorizationServer.h"

#include "integration/guard/Tokens.h"

#include <Poco/Net/HTMLForm.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>
#include <openssl/evp.h>

#include <array>
#include <ctime>

namespace tenon::tests
{

namespace
{

constexpr int LIFE_SECONDS = 600;

/// The proof that a verifier has: its digest, as base64url.
std::string proofOf(const std::string& verifier)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(verifier.data(), verifier.size(), digest.data(), &size, EVP_sha256(), nullptr);
    const std::string joined =
        tokens::join({}, {}, {reinterpret_cast<const char*>(digest.data()), static_cast<std::size_t>(size)});
    return joined.substr(joined.rfind('.') + 1);
}

std::map<std::string, std::string> fieldsOf(const Poco::URI::QueryParameters& parameters)
{
    return {parameters.begin(), parameters.end()};
}

} // namespace

class AuthorizationServer::Handler : public Poco::Net::HTTPRequestHandler
{
public:
    explicit Handler(AuthorizationServer& owner) : _owner(owner) {}

    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override
    {
        const Poco::URI uri(request.getURI());
        std::string body;
        Poco::StreamCopier::copyToString(request.stream(), body);
        bool good = true;
        if (uri.getPath() == "/.well-known/oauth-authorization-server")
            answer(response, 200, _owner.metadata());
        else if (uri.getPath() == "/register")
        {
            const std::lock_guard lock(_owner._mutex);
            ++_owner._seen.registered;
            answer(response, 201, R"({"client_id":"tenon",)" + body.substr(body.find('{') + 1));
        }
        else if (uri.getPath() == "/authorize")
            response.redirect(_owner.authorize(fieldsOf(uri.getQueryParameters())));
        else if (uri.getPath() == "/token")
        {
            const std::string text =
                _owner.exchange(fieldsOf(Poco::URI("http://x/?" + body).getQueryParameters()), good);
            answer(response, good ? 200 : 400, text);
        }
        else
            answer(response, 404, "{}");
    }

private:
    static void answer(Poco::Net::HTTPServerResponse& response, int status, const std::string& json)
    {
        response.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(status));
        response.setContentType("application/json");
        response.sendBuffer(json.data(), json.size());
    }

    AuthorizationServer& _owner;
};

class AuthorizationServer::Factory : public Poco::Net::HTTPRequestHandlerFactory
{
public:
    explicit Factory(AuthorizationServer& owner) : _owner(owner) {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest&) override
    {
        return new Handler(_owner);
    }

private:
    AuthorizationServer& _owner;
};

AuthorizationServer::AuthorizationServer(std::string secret, std::string audience)
    : _audience(std::move(audience)), _socket(Poco::Net::SocketAddress("127.0.0.1", 0)),
      _server(std::make_unique<Poco::Net::HTTPServer>(new Factory(*this), _socket, new Poco::Net::HTTPServerParams)),
      _secret(std::move(secret))
{
    _server->start();
}

AuthorizationServer::~AuthorizationServer()
{
    _server->stopAll(true);
}

std::string AuthorizationServer::issuer() const
{
    return "http://127.0.0.1:" + std::to_string(_socket.address().port());
}

AuthorizationServer::Seen AuthorizationServer::seen() const
{
    const std::lock_guard lock(_mutex);
    return _seen;
}

void AuthorizationServer::useSecret(std::string secret)
{
    const std::lock_guard lock(_mutex);
    _secret = std::move(secret);
}

void AuthorizationServer::deny()
{
    const std::lock_guard lock(_mutex);
    _denies = true;
}

std::string AuthorizationServer::token() const
{
    const std::string expires = std::to_string(std::time(nullptr) + LIFE_SECONDS);
    return tokens::hs256(R"({"iss":")" + issuer() + R"(","sub":"ada","aud":")" + _audience + R"(","exp":)" + expires +
                             R"(,"scope":"all"})",
                         _secret);
}

std::string AuthorizationServer::metadata() const
{
    const std::string own = issuer();
    return R"({"issuer":")" + own + R"(","authorization_endpoint":")" + own + R"(/authorize","token_endpoint":")" +
           own + R"(/token","registration_endpoint":")" + own +
           R"(/register","response_types_supported":["code"],"code_challenge_methods_supported":["S256"],)"
           R"("token_endpoint_auth_methods_supported":["none"],)"
           R"("grant_types_supported":["authorization_code","refresh_token"]})";
}

std::string AuthorizationServer::authorize(const Fields& asked)
{
    const auto field = [&](const char* name)
    {
        const auto found = asked.find(name);
        return found == asked.end() ? std::string() : found->second;
    };
    const std::lock_guard lock(_mutex);
    _seen.asked = asked;
    Poco::URI back(field("redirect_uri"));
    if (_denies)
        back.addQueryParameter("error", "access_denied");
    else
    {
        const std::string code = "code-" + std::to_string(++_seen.authorized);
        _codes[code] = asked;
        back.addQueryParameter("code", code);
    }
    back.addQueryParameter("state", field("state"));
    return back.toString();
}

std::string AuthorizationServer::exchange(const Fields& form, bool& good)
{
    const auto field = [&](const Fields& fields, const char* name)
    {
        const auto found = fields.find(name);
        return found == fields.end() ? std::string() : found->second;
    };
    const std::lock_guard lock(_mutex);
    if (field(form, "grant_type") == "refresh_token" && field(form, "refresh_token") == "again")
        ++_seen.refreshed;
    else if (const auto code = _codes.find(field(form, "code"));
             code != _codes.end() && proofOf(field(form, "code_verifier")) == field(code->second, "code_challenge") &&
             field(form, "redirect_uri") == field(code->second, "redirect_uri"))
    {
        ++_seen.exchanged;
        _codes.erase(code);
    }
    else
    {
        good = false;
        return R"({"error":"invalid_grant"})";
    }
    return R"({"access_token":")" + token() +
           R"(","token_type":"Bearer","expires_in":600,"refresh_token":"again","scope":"all"})";
}

} // namespace tenon::tests
