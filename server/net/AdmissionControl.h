#pragma once

#include "guard/Admission.h"
#include "guard/RequestFacts.h"

#include <memory>
#include <string_view>

namespace tenon::net
{

/// Who lets requests in, as the front sees it: the Gate of the room guard in the server, anything in tests.
///
/// Errors:    none is thrown; a refusal is a value.
/// Threading: any thread.
class AdmissionControl
{
public:
    virtual ~AdmissionControl() = default;

    [[nodiscard]] virtual guard::Admission admit(const guard::RequestFacts& facts) = 0;

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
