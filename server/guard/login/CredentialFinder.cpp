#include "guard/login/CredentialFinder.h"

#include "base/text/Ascii.h"
#include "base/text/PercentCoding.h"

#include <Poco/Exception.h>

namespace tenon::guard
{

namespace
{

constexpr std::size_t MAX_CREDENTIAL_BYTES = 16 * 1024;

/// The value of `name` in a query, decoded into `buffer`; false if it is absent.
bool queryParameter(std::string_view query, std::string_view name, std::string& buffer)
{
    while (!query.empty())
    {
        const auto ampersand = query.find('&');
        const std::string_view pair = query.substr(0, ampersand);
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name)
        {
            buffer = base::formDecoded(pair.substr(equals + 1)).value_or(""); // malformed: refused, for it is empty
            return true;
        }
        if (ampersand == std::string_view::npos)
            break;
        query.remove_prefix(ampersand + 1);
    }
    return false;
}

} // namespace

CredentialFinder::Found CredentialFinder::find(const RequestFacts& facts, Credential& credential,
                                               std::string& buffer) const
{
    const auto fits = [&]
    {
        return credential.text.empty() || credential.text.size() > MAX_CREDENTIAL_BYTES ? Found::MALFORMED
                                                                                        : Found::CREDENTIAL;
    };
    std::string_view value;
    const bool queried = facts.area == Area::SSE && facts.query.find("token=") != std::string_view::npos &&
                         queryParameter(facts.query, "token", buffer);
    if (facts.headers->header(base::Field::AUTHORIZATION, value) && !value.empty())
    {
        const auto space = value.find(' ');
        const std::string_view scheme = value.substr(0, space);
        credential.text = space == std::string_view::npos ? std::string_view() : base::trimmed(value.substr(space + 1));
        if (queried && queryToken)
            return Found::MALFORMED;
        if (base::equalsIgnoringCase(scheme, "Bearer"))
            credential.kind = Credential::Kind::BEARER;
        else if (base::equalsIgnoringCase(scheme, "Basic"))
            credential.kind = Credential::Kind::PASSWORD;
        else
            return Found::UNWANTED;
        const bool wanted = credential.kind == Credential::Kind::BEARER ? bearer : password;
        return wanted ? fits() : Found::UNWANTED;
    }
    if (!apiKeyHeader.empty() && facts.headers->header(apiKeyHeader, value))
    {
        credential = {Credential::Kind::API_KEY, value};
        return fits();
    }
    if (queried)
    {
        if (!queryToken || !bearer)
            return Found::UNWANTED;
        credential = {Credential::Kind::BEARER, buffer};
        return fits();
    }
    if (certificate && !facts.tlsSubject.empty())
    {
        credential = {Credential::Kind::CERTIFICATE, facts.tlsSubject};
        return fits();
    }
    return Found::NOTHING;
}

} // namespace tenon::guard
