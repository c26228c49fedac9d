#pragma once

#include "guard/Gate.h"
#include "net/NetSettings.h"
#include "net/front/AdmissionControl.h"

namespace tenon::net
{

/// Where a front listens, as the gate wants to know it.
[[nodiscard]] guard::Bind bindOf(const NetSettings& settings);

/// The gate as the front sees it.
///
/// Ownership: borrows the gate.
class GateAdmission final : public AdmissionControl
{
public:
    explicit GateAdmission(guard::Gate& gate) : _gate(gate) {}

    [[nodiscard]] guard::Admission admit(const guard::RequestFacts& facts) override { return _gate.admit(facts); }
    [[nodiscard]] guard::HeaderPairs challenge(std::string_view path, base::Access access, std::string_view name,
                                               bool readOnly) override;
    [[nodiscard]] guard::Reply preflight(const guard::RequestFacts& facts, std::string_view methods) override
    {
        return _gate.preflight(facts, methods);
    }

private:
    guard::Gate& _gate;
};

} // namespace tenon::net
