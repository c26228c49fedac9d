#pragma once

#include "schema/evaluate/Evaluator.h"

#include <vector>

namespace tenon::schema
{

/// What other subschemas say of the same value: references, alternatives, conditions.
///
/// A header alone: both kinds of evaluator inline it.
/// Threading: one thread. Ownership: borrows the evaluator.
template <bool EXPLAIN>
class InPlaceCheck
{
public:
    explicit InPlaceCheck(Evaluator<EXPLAIN>& evaluator) : _evaluator(evaluator) {}

    bool check(NodeId id, const InPlaceRules& rules, const Value& value, Evaluated* evaluated);

private:
    bool checkAnyOf(NodeId id, const InPlaceRules& rules, const Value& value, Evaluated* evaluated);
    bool checkOneOf(NodeId id, const InPlaceRules& rules, const Value& value, Evaluated* evaluated);
    bool checkCondition(const InPlaceRules& rules, const Value& value, Evaluated* evaluated);

    Evaluator<EXPLAIN>& _evaluator;
};

template <bool EXPLAIN>
bool InPlaceCheck<EXPLAIN>::check(NodeId id, const InPlaceRules& rules, const Value& value, Evaluated* evaluated)
{
    bool valid = true;
    const auto goesOn = [&valid](bool result)
    {
        valid = result && valid;
        return valid || EXPLAIN;
    };
    if (rules.ref != NONE && !goesOn(_evaluator.apply(rules.ref, value, evaluated)))
        return false;
    if (rules.dynamicRef != NONE)
    {
        NodeId target = rules.dynamicRef;
        if (rules.anchor != NONE && _evaluator.outermost(rules.anchor) != NONE)
            target = _evaluator.outermost(rules.anchor);
        if (!goesOn(_evaluator.apply(target, value, evaluated)))
            return false;
    }
    for (const NodeId part : rules.allOf)
        if (!goesOn(_evaluator.apply(part, value, evaluated)))
            return false;
    if (!rules.anyOf.empty() && !goesOn(checkAnyOf(id, rules, value, evaluated)))
        return false;
    if (!rules.oneOf.empty() && !goesOn(checkOneOf(id, rules, value, evaluated)))
        return false;
    if (rules.negated != NONE && _evaluator.applyMuted(rules.negated, value, nullptr))
    {
        if constexpr (EXPLAIN)
            _evaluator.explainer().negated(id, rules.negated);
        if (!goesOn(false))
            return false;
    }
    if (rules.condition != NONE && !goesOn(checkCondition(rules, value, evaluated)))
        return false;
    return valid;
}

template <bool EXPLAIN>
bool InPlaceCheck<EXPLAIN>::checkAnyOf(NodeId id, const InPlaceRules& rules, const Value& value, Evaluated* evaluated)
{
    std::vector<Report> failures;
    bool valid = false;
    for (const NodeId branch : rules.anyOf)
    {
        valid = _evaluator.applyBranch(branch, value, evaluated, failures) || valid;
        // With marks to collect, every branch that succeeds counts.
        if (valid && !evaluated)
            return true;
    }
    if constexpr (EXPLAIN)
    {
        if (!valid)
            _evaluator.explainer().noneMatches(id, "anyOf", rules.anyOf, failures, value);
    }
    else
        (void)id;
    return valid;
}

template <bool EXPLAIN>
bool InPlaceCheck<EXPLAIN>::checkOneOf(NodeId id, const InPlaceRules& rules, const Value& value, Evaluated* evaluated)
{
    std::vector<Report> failures;
    std::size_t matches = 0;
    std::size_t first = 0;
    for (std::size_t i = 0; i < rules.oneOf.size(); ++i)
    {
        if (!_evaluator.applyBranch(rules.oneOf[i], value, evaluated, failures))
            continue;
        if (++matches == 1)
            first = i;
        else
        {
            if constexpr (EXPLAIN)
                _evaluator.explainer().severalMatch(id, first, i, rules.oneOf.size());
            return false;
        }
    }
    if (matches == 1)
        return true;
    if constexpr (EXPLAIN)
        _evaluator.explainer().noneMatches(id, "oneOf", rules.oneOf, failures, value);
    else
    {
        (void)id;
        (void)first;
    }
    return false;
}

template <bool EXPLAIN>
bool InPlaceCheck<EXPLAIN>::checkCondition(const InPlaceRules& rules, const Value& value, Evaluated* evaluated)
{
    const NodeId next =
        _evaluator.applyMuted(rules.condition, value, evaluated) ? rules.consequence : rules.alternative;
    return next == NONE || _evaluator.apply(next, value, evaluated);
}

} // namespace tenon::schema
