#include "guard/login/Certificates.h"

#include "base/text/Ascii.h"
#include "guard/login/Rules.h"

namespace tenon::guard
{

namespace
{

/// The common name of "CN=ci,O=Example" or "/O=Example/CN=ci"; the whole subject if it has none.
std::string commonName(std::string_view subject)
{
    for (std::size_t at = 0; (at = subject.find("CN=", at)) != std::string_view::npos; at += 3)
        if (at == 0 || subject[at - 1] == ',' || subject[at - 1] == '/' || subject[at - 1] == ' ')
        {
            const std::string_view rest = subject.substr(at + 3);
            return std::string(base::trimmed(rest.substr(0, rest.find_first_of(",/"))));
        }
    return std::string(subject);
}

} // namespace

Certificates::Certificates(const base::Settings& settings, const Types& types)
    : _otherType(settings.text("auth.certificate.type"))
{
    if (!_otherType.empty())
        _others = &types.require(_otherType, settings.at("auth.certificate.type"));
    for (const std::string& name : settings.namesUnder("auth.certificate."))
    {
        if (name == "type")
            continue;
        const std::string prefix = "auth.certificate." + name + ".";
        const std::string subject = settings.text(prefix + "subject");
        requireKey(settings, prefix, "subject", "a certificate");
        const std::string type = settings.text(prefix + "type");
        std::shared_ptr<const base::Permissions> own;
        if (settings.isSet(prefix + "permissions"))
            own = readPermissions(settings, prefix + "permissions");
        _bySubject.emplace(subject, Types::make(types.require(type, settings.at(prefix + "type")),
                                                {"certificate:" + subject, name, type, {}, std::move(own)}));
    }
}

Verdict Certificates::verify(const Credential& credential, const Clock&)
{
    if (credential.kind != Credential::Kind::CERTIFICATE)
        return {};
    const auto listed = _bySubject.find(credential.text);
    if (listed != _bySubject.end())
        return {Verdict::Outcome::ACCEPTED, listed->second, 0, {}, {}, false};
    if (!_others)
        return Verdict::rejected("The subject of the client certificate is not known here");
    const std::string subject(credential.text);
    return {Verdict::Outcome::ACCEPTED,
            Types::make(*_others, {"certificate:" + subject, commonName(subject), _otherType, {}, nullptr}),
            0,
            {},
            {}};
}

} // namespace tenon::guard
