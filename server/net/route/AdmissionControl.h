#pragma once

#include "guard/Admission.h"
#include "guard/web/RequestFacts.h"

#include <memory>
#include <string_view>

namespace tenon::net
{

/// Admits requests, as the front sees it: the Gate of the room guard in the server, anything in tests.
///
/// Errors:    none is thrown; a refusal is a value.
/// Threading: any thread.
class AdmissionControl
{
public:
    virtual ~AdmissionControl() = default;

    [[nodiscard]] virtual guard::Admission admit(const guard::RequestFacts& facts) = 0;

    /// The same for who admits one request after the other: what the latest got may stand for this one too.
    ///
    /// Shape: `admission` is the latest that it gave, or an empty one.
    virtual void renew(const guard::RequestFacts& facts, guard::Admission& admission) { admission = admit(facts); }

    /// Another message of who was admitted, over a connection that carries many: may be one too many.
    ///
    /// Shape: borrows `clientAddress`; `headers` are empty.
    [[nodiscard]] virtual guard::Admission again(const base::PrincipalPtr& principal, std::string_view clientAddress);

    /// How a principal gets a permission it lacks: headers of a 403. None by default.
    ///
    /// Shape: `path` is the endpoint's; the rest as in base::Permissions.
    [[nodiscard]] virtual guard::HeaderPairs challenge(std::string_view path, base::Access access,
                                                       std::string_view name, bool readOnly);

    /// Answers OPTIONS; `methods` as for `Allow`.
    [[nodiscard]] virtual guard::Reply preflight(const guard::RequestFacts& facts, std::string_view methods) = 0;
};

/// Lets everybody in as "anonymous".
class AnonymousAdmission final : public AdmissionControl
{
public:
    AnonymousAdmission();

    [[nodiscard]] guard::Admission admit(const guard::RequestFacts& facts) override;
    [[nodiscard]] guard::Reply preflight(const guard::RequestFacts& facts, std::string_view methods) override;

private:
    const base::PrincipalPtr _anonymous;
};

} // namespace tenon::net
