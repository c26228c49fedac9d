#pragma once

#include "schema/evaluate/Evaluated.h"
#include "schema/evaluate/Explainer.h"
#include "schema/evaluate/Report.h"
#include "schema/program/Limits.h"
#include "schema/program/Program.h"
#include "schema/value/Value.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tenon::schema
{

/// One validation. There are two kinds, from the same source: the quick one says yes or no and stops at the first
/// violation; the explaining one goes on and writes what it finds to an Explainer.
///
/// Threading: one thread; used once.
/// Ownership: borrows the program, the explainer and the value.
template <bool EXPLAIN>
class Evaluator
{
public:
    /// Why a validation ended before its time.
    enum class Stop : std::uint8_t
    {
        NO,
        STEPS,
        DEPTH
    };

    /// `explainer` is null if and only if EXPLAIN is false.
    Evaluator(const Program& program, const Limits& limits, Explainer* explainer);

    /// True if the value is valid, and stop() is NO.
    bool run(const Value& value);

    Stop stop() const noexcept { return _stop; }

    // For the checks of single keywords (ArrayCheck, ObjectCheck, InPlaceCheck, ScalarCheck).

    [[nodiscard]] const Program& program() const noexcept { return _program; }
    [[nodiscard]] Explainer& explainer() const noexcept { return *_explainer; } ///< only if EXPLAIN
    [[nodiscard]] bool stopped() const noexcept { return _stop != Stop::NO; }

    /// Where a dynamic anchor leads in the dynamic scope; NONE if nowhere.
    [[nodiscard]] NodeId outermost(std::uint32_t anchor) const { return _outermost[anchor]; }

    /// Applies a subschema; what it evaluates of the value is marked in `evaluated`, if that is not null.
    bool apply(NodeId id, const Value& value, Evaluated* evaluated);
    bool applyMember(NodeId id, std::string_view name, const Value& value);
    bool applyItem(NodeId id, std::size_t index, const Value& value);
    bool applyName(NodeId id, std::string_view name);

    /// Applies a subschema that is allowed to fail.
    bool applyMuted(NodeId id, const Value& value, Evaluated* evaluated);

    /// Applies one of several alternatives: marks count only if it succeeds, findings are put aside.
    bool applyBranch(NodeId id, const Value& value, Evaluated* evaluated, std::vector<Report>& failures);

    /// Takes steps off the budget; false once it is used up.
    bool spend(std::uint64_t steps)
    {
        if (_steps >= steps)
        {
            _steps -= steps;
            return true;
        }
        _steps = 0;
        _stop = Stop::STEPS;
        return false;
    }

private:
    bool applyInResource(NodeId id, const Value& value, Evaluated* evaluated);
    bool applyRules(NodeId id, const Value& value, Evaluated* evaluated);
    bool applyTracking(NodeId id, const Value& value, Evaluated* evaluated);
    bool checkAll(NodeId id, const Value& value, Evaluated* evaluated);

    const Program& _program;
    Explainer* const _explainer;
    const std::size_t _maxDepth;
    std::uint64_t _steps;
    std::size_t _depth = 0;
    Stop _stop = Stop::NO;
    std::uint32_t _resource = NONE; // the innermost one of the dynamic scope
    std::vector<NodeId> _outermost; // by dynamic anchor: where it leads in the dynamic scope
};

extern template class Evaluator<true>;
extern template class Evaluator<false>;

} // namespace tenon::schema
