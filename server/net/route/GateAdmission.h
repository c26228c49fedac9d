#pragma once

#include "guard/Gate.h"
#include "net/Settings.h"
#include "net/route/AdmissionControl.h"

#include <atomic>

namespace tenon::net
{

/// The address a front listens on, in the form that the gate needs.
[[nodiscard]] guard::Bind bindOf(const Settings& settings);

/// The gate as the front sees it.
///
/// Ownership: borrows the gate.
class GateAdmission final : public AdmissionControl
{
public:
    explicit GateAdmission(guard::Gate& gate) : _gate(gate) {}

    /// While it holds, only open areas are let in: health, readiness, metadata; all else gets 503.
    void hold(bool holds) { _holds.store(holds, std::memory_order_release); }

    [[nodiscard]] guard::Admission admit(const guard::RequestFacts& facts) override
    {
        guard::Admission admission;
        renew(facts, admission);
        return admission;
    }
    void renew(const guard::RequestFacts& facts, guard::Admission& admission) override
    {
        if (_holds.load(std::memory_order_acquire) && facts.area != guard::Area::OPEN) [[unlikely]]
            admission = notYet();
        else
            _gate.renew(facts, admission);
    }
    [[nodiscard]] guard::Admission again(const base::PrincipalPtr& principal, std::string_view clientAddress) override
    {
        return _gate.again(principal, clientAddress);
    }
    [[nodiscard]] guard::HeaderPairs challenge(std::string_view path, base::Access access, std::string_view name,
                                               bool readOnly) override;
    [[nodiscard]] guard::Reply preflight(const guard::RequestFacts& facts, std::string_view methods) override
    {
        return _gate.preflight(facts, methods);
    }

private:
    [[nodiscard]] static guard::Admission notYet();

    guard::Gate& _gate;
    std::atomic<bool> _holds{false};
};

} // namespace tenon::net
