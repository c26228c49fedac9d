#pragma once

#include "client/http/HttpConnections.h"

#include <Poco/JSON/Object.h>
#include <Poco/Net/HTTPResponse.h>

#include <string>
#include <utility>
#include <vector>

namespace tenon::client
{

/// An answer of an authorization server.
struct AuthAnswer
{
    int status = 0;
    Poco::JSON::Object::Ptr json; ///< null: the body is no JSON object
    Poco::Net::HTTPResponse response;

    [[nodiscard]] bool ok() const { return status >= 200 && status < 300 && json; }
    /// A member as text; empty if it is absent.
    [[nodiscard]] std::string text(const std::string& name) const;
    /// `error` and `error_description`, for a user to read.
    [[nodiscard]] std::string fault() const;
};

using AuthForm = std::vector<std::pair<std::string, std::string>>;
using AuthHeaders = std::vector<std::pair<std::string, std::string>>;

/// Speaks with authorization servers and fetches metadata: over https, or to this machine.
///
/// Errors:    ClientException UNREACHABLE; NOT_ALLOWED for an http URL of another machine.
/// Threading: any thread.
class AuthHttp
{
public:
    explicit AuthHttp(HttpConnections& connections) : _connections(connections) {}

    [[nodiscard]] AuthAnswer get(const std::string& url) const;
    [[nodiscard]] AuthAnswer post(const std::string& url, const AuthForm& form, const AuthHeaders& headers = {}) const;
    [[nodiscard]] AuthAnswer postJson(const std::string& url, const std::string& json) const;

    /// The error of a URL that must not be used for credentials; empty if it may.
    [[nodiscard]] static std::string unsafe(const std::string& url);

private:
    [[nodiscard]] AuthAnswer exchange(const std::string& method, const std::string& url, const std::string& type,
                                      const std::string& body, const AuthHeaders& headers) const;

    HttpConnections& _connections;
};

/// As in the body of a form, or a query.
[[nodiscard]] std::string formText(const AuthForm& form);

} // namespace tenon::client
