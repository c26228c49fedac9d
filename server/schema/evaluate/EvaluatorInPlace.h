#pragma once

/// The part of Evaluator that applies subschemas to the value itself; included by Evaluator.cpp alone.

#include "schema/evaluate/Evaluator.h"

namespace tenon::schema
{

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::checkInPlace(NodeId id, const InPlaceRules& rules, const Value& value, Evaluated* evaluated)
{
    bool valid = true;
    const auto goesOn = [&valid](bool result)
    {
        valid = result && valid;
        return valid || EXPLAIN;
    };
    if (rules.ref != NONE && !goesOn(apply(rules.ref, value, evaluated)))
        return false;
    if (rules.dynamicRef != NONE)
    {
        NodeId target = rules.dynamicRef;
        if (rules.anchor != NONE && _outermost[rules.anchor] != NONE)
            target = _outermost[rules.anchor];
        if (!goesOn(apply(target, value, evaluated)))
            return false;
    }
    for (const NodeId part : rules.allOf)
        if (!goesOn(apply(part, value, evaluated)))
            return false;
    if (!rules.anyOf.empty() && !goesOn(checkAnyOf(id, rules, value, evaluated)))
        return false;
    if (!rules.oneOf.empty() && !goesOn(checkOneOf(id, rules, value, evaluated)))
        return false;
    if (rules.negated != NONE && applyMuted(rules.negated, value, nullptr))
    {
        if constexpr (EXPLAIN)
            _explainer->negated(id, rules.negated);
        if (!goesOn(false))
            return false;
    }
    if (rules.condition != NONE && !goesOn(checkCondition(rules, value, evaluated)))
        return false;
    return valid;
}

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::checkAnyOf(NodeId id, const InPlaceRules& rules, const Value& value, Evaluated* evaluated)
{
    std::vector<Report> failures;
    bool valid = false;
    for (const NodeId branch : rules.anyOf)
    {
        valid = applyBranch(branch, value, evaluated, failures) || valid;
        // With marks to collect, every branch that succeeds counts.
        if (valid && !evaluated)
            return true;
    }
    if constexpr (EXPLAIN)
    {
        if (!valid)
            _explainer->noneMatches(id, "anyOf", rules.anyOf, failures, value);
    }
    else
        (void)id;
    return valid;
}

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::checkOneOf(NodeId id, const InPlaceRules& rules, const Value& value, Evaluated* evaluated)
{
    std::vector<Report> failures;
    std::size_t matches = 0;
    std::size_t first = 0;
    for (std::size_t i = 0; i < rules.oneOf.size(); ++i)
    {
        if (!applyBranch(rules.oneOf[i], value, evaluated, failures))
            continue;
        if (++matches == 1)
            first = i;
        else
        {
            if constexpr (EXPLAIN)
                _explainer->severalMatch(id, first, i, rules.oneOf.size());
            return false;
        }
    }
    if (matches == 1)
        return true;
    if constexpr (EXPLAIN)
        _explainer->noneMatches(id, "oneOf", rules.oneOf, failures, value);
    else
    {
        (void)id;
        (void)first;
    }
    return false;
}

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::checkCondition(const InPlaceRules& rules, const Value& value, Evaluated* evaluated)
{
    const NodeId next = applyMuted(rules.condition, value, evaluated) ? rules.consequence : rules.alternative;
    return next == NONE || apply(next, value, evaluated);
}

} // namespace tenon::schema
