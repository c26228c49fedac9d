#pragma once

#include "schema/compile/Limits.h"
#include "schema/compile/Program.h"
#include "schema/evaluate/Evaluated.h"
#include "schema/evaluate/Explainer.h"
#include "schema/evaluate/Report.h"
#include "schema/evaluate/Value.h"

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

private:
    /// Applies a subschema; what it evaluates of the value is marked in `evaluated`, if that is not null.
    bool apply(NodeId id, const Value& value, Evaluated* evaluated);

    bool applyInResource(NodeId id, const Value& value, Evaluated* evaluated);
    bool applyRules(NodeId id, const Value& value, Evaluated* evaluated);
    bool applyTracking(NodeId id, const Value& value, Evaluated* evaluated);
    bool applyMember(NodeId id, std::string_view name, const Value& value);
    bool applyItem(NodeId id, std::size_t index, const Value& value);
    bool applyName(NodeId id, std::string_view name);
    bool applyMuted(NodeId id, const Value& value, Evaluated* evaluated);
    bool applyBranch(NodeId id, const Value& value, Evaluated* evaluated, std::vector<Report>& failures);

    bool checkAll(NodeId id, const Value& value, Evaluated* evaluated);
    bool checkChoice(NodeId id, RuleId rules, const char* keyword, const Value& value);
    bool checkNumber(NodeId id, const NumberRules& rules, const Value& value);
    bool checkString(NodeId id, const StringRules& rules, const Value& value);

    bool checkArray(NodeId id, const ArrayRules& rules, const Value& value, Evaluated* evaluated);
    bool checkItems(NodeId id, const ArrayRules& rules, const Value& value, Evaluated* evaluated, std::size_t size);
    bool checkContains(NodeId id, const ArrayRules& rules, const Value& value, Evaluated* evaluated);
    bool checkUnique(NodeId id, const Value& value, std::size_t size);
    bool checkUnevaluatedItems(NodeId id, const Value& value, Evaluated& evaluated);

    struct Presence;
    bool checkObject(NodeId id, const ObjectRules& rules, const Value& value, Evaluated* evaluated);
    bool checkMembers(NodeId id, const ObjectRules& rules, const Value& value, Evaluated* evaluated,
                      Presence& presence);
    bool checkMember(NodeId id, const ObjectRules& rules, std::string_view name, std::uint32_t number,
                     const Value& value, bool& matched);
    bool checkRequired(NodeId id, const ObjectRules& rules, const Presence& presence);
    bool checkDependencies(NodeId id, const ObjectRules& rules, const Value& value, Evaluated* evaluated,
                           const Presence& presence);
    bool checkUnevaluatedProperties(NodeId id, const Value& value, Evaluated& evaluated);

    bool checkInPlace(NodeId id, const InPlaceRules& rules, const Value& value, Evaluated* evaluated);
    bool checkAnyOf(NodeId id, const InPlaceRules& rules, const Value& value, Evaluated* evaluated);
    bool checkOneOf(NodeId id, const InPlaceRules& rules, const Value& value, Evaluated* evaluated);
    bool checkCondition(const InPlaceRules& rules, const Value& value, Evaluated* evaluated);

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
