#include "net/route/AdmissionControl.h"

namespace tenon::net
{

guard::Admission AdmissionControl::again(const base::PrincipalPtr& principal, std::string_view clientAddress)
{
    guard::Admission admission;
    admission.principal = principal;
    admission.limits = principal->limits;
    admission.holder = principal->id;
    admission.clientAddress = clientAddress;
    return admission;
}

guard::HeaderPairs AdmissionControl::challenge(std::string_view, base::Access, std::string_view, bool)
{
    return {};
}

AnonymousAdmission::AnonymousAdmission()
    : _anonymous(std::make_shared<base::Principal>(base::Principal{"anonymous", "anonymous", "", {}, nullptr}))
{
}

guard::Admission AnonymousAdmission::admit(const guard::RequestFacts& facts)
{
    guard::Admission admission;
    admission.principal = _anonymous;
    admission.clientAddress = facts.peerAddress;
    admission.secure = facts.tls;
    return admission;
}

guard::Reply AnonymousAdmission::preflight(const guard::RequestFacts&, std::string_view methods)
{
    return {204, {{"Allow", std::string(methods)}}, {}};
}

} // namespace tenon::net
