#pragma once

#include "schema/evaluate/Evaluator.h"
#include "schema/text/Regex.h"

#include <vector>

namespace tenon::schema
{

/// Which of the names that a schema mentions an object has. The first 64 need no allocation.
struct Presence
{
    std::uint64_t bits = 0;
    std::vector<bool> more;
    std::size_t count = 0; ///< of members, whatever they are called

    void mark(std::uint32_t number, std::size_t names)
    {
        if (number < 64)
        {
            bits |= std::uint64_t(1) << number;
            return;
        }
        if (more.empty())
            more.resize(names - 64);
        more[number - 64] = true;
    }

    bool has(std::uint32_t number) const
    {
        return number < 64 ? (bits >> number & 1) != 0 : !more.empty() && more[number - 64];
    }
};

/// What a schema says of an object: its members, their names and number, and which of them are evaluated.
///
/// A header alone: both kinds of evaluator inline it.
/// Threading: one thread. Ownership: borrows the evaluator.
template <bool EXPLAIN>
class ObjectCheck
{
public:
    explicit ObjectCheck(Evaluator<EXPLAIN>& evaluator) : _evaluator(evaluator) {}

    bool check(NodeId id, const ObjectRules& rules, const Value& value, Evaluated* evaluated);
    bool checkUnevaluated(NodeId id, const Value& value, Evaluated& evaluated);

private:
    bool checkMembers(NodeId id, const ObjectRules& rules, const Value& value, Evaluated* evaluated,
                      Presence& presence);
    bool checkMember(NodeId id, const ObjectRules& rules, std::string_view name, std::uint32_t number,
                     const Value& value, bool& matched);
    bool checkRequired(NodeId id, const ObjectRules& rules, const Presence& presence);
    bool checkDependencies(NodeId id, const ObjectRules& rules, const Value& value, Evaluated* evaluated,
                           const Presence& presence);

    Evaluator<EXPLAIN>& _evaluator;
};

template <bool EXPLAIN>
bool ObjectCheck<EXPLAIN>::check(NodeId id, const ObjectRules& rules, const Value& value, Evaluated* evaluated)
{
    Presence presence;
    bool valid = checkMembers(id, rules, value, evaluated, presence);
    if ((valid || EXPLAIN) && (rules.requiredBits != (rules.requiredBits & presence.bits) || rules.requiredBeyondBits))
        valid = checkRequired(id, rules, presence) && valid;
    if ((valid || EXPLAIN) && (presence.count < rules.minProperties || presence.count > rules.maxProperties))
    {
        if constexpr (EXPLAIN)
            _evaluator.explainer().memberCount(id, presence.count, rules);
        valid = false;
    }
    if ((valid || EXPLAIN) && !rules.dependencies.empty())
        valid = checkDependencies(id, rules, value, evaluated, presence) && valid;
    return valid;
}

template <bool EXPLAIN>
bool ObjectCheck<EXPLAIN>::checkMembers(NodeId id, const ObjectRules& rules, const Value& value, Evaluated* evaluated,
                                        Presence& presence)
{
    bool valid = true;
    for (const auto field : value.object())
    {
        const std::string_view name = field.key;
        const std::uint32_t number = rules.names.find(name);
        if (number != NameTable::NOT_FOUND)
            presence.mark(number, rules.names.size());
        bool matched = false;
        if (!checkMember(id, rules, name, number, Value(field.value), matched))
        {
            valid = false;
            if (!EXPLAIN || _evaluator.stopped())
                return false;
        }
        if (evaluated && matched)
            evaluated->mark(presence.count);
        ++presence.count;
    }
    return valid;
}

template <bool EXPLAIN>
bool ObjectCheck<EXPLAIN>::checkMember(NodeId id, const ObjectRules& rules, std::string_view name, std::uint32_t number,
                                       const Value& value, bool& matched)
{
    const auto allowed = [&](NodeId node, const char* keyword)
    {
        matched = true;
        if constexpr (EXPLAIN)
        {
            if (_evaluator.program().nodes[node].kind == Node::Kind::NEVER)
            {
                _evaluator.explainer().forbiddenMember(id, keyword, name);
                return false;
            }
        }
        else
        {
            (void)id;
            (void)keyword;
        }
        return _evaluator.applyMember(node, name, value);
    };

    bool valid = true;
    if (number != NameTable::NOT_FOUND && rules.members[number].node != NONE)
        valid = allowed(rules.members[number].node, "properties");
    if (!rules.patterns.empty() && (valid || EXPLAIN))
    {
        for (const auto& pattern : rules.patterns)
        {
            if (!_evaluator.spend(1 + name.size() / 64))
                return false;
            if (search(*pattern.pattern, name))
                valid = allowed(pattern.node, "patternProperties") && valid;
        }
    }
    if (!matched && rules.additional != NONE)
        valid = allowed(rules.additional, "additionalProperties") && valid;
    if (rules.propertyNames != NONE && (valid || EXPLAIN))
        valid = _evaluator.applyName(rules.propertyNames, name) && valid;
    return valid;
}

template <bool EXPLAIN>
bool ObjectCheck<EXPLAIN>::checkRequired(NodeId id, const ObjectRules& rules, const Presence& presence)
{
    bool valid = true;
    for (const std::uint32_t number : rules.required)
    {
        if (presence.has(number))
            continue;
        valid = false;
        if constexpr (EXPLAIN)
            _evaluator.explainer().missingMember(id, rules, number);
        else
        {
            (void)id;
            return false;
        }
    }
    return valid;
}

template <bool EXPLAIN>
bool ObjectCheck<EXPLAIN>::checkDependencies(NodeId id, const ObjectRules& rules, const Value& value,
                                             Evaluated* evaluated, const Presence& presence)
{
    bool valid = true;
    for (const auto& dependency : rules.dependencies)
    {
        if (!presence.has(dependency.trigger))
            continue;
        for (const std::uint32_t number : dependency.needed)
            if (!presence.has(number))
            {
                valid = false;
                if constexpr (EXPLAIN)
                    _evaluator.explainer().missingDependent(id, rules, dependency, number);
                else
                    (void)id;
            }
        if (dependency.node != NONE && (valid || EXPLAIN))
            valid = _evaluator.apply(dependency.node, value, evaluated) && valid;
        if (!valid && !EXPLAIN)
            return false;
    }
    return valid;
}

template <bool EXPLAIN>
bool ObjectCheck<EXPLAIN>::checkUnevaluated(NodeId id, const Value& value, Evaluated& evaluated)
{
    const NodeId node = _evaluator.program().nodes[id].unevaluatedProperties;
    bool valid = true;
    std::size_t place = 0;
    for (const auto field : value.object())
    {
        if (!evaluated.has(place++))
        {
            bool fine = false;
            if (EXPLAIN && _evaluator.program().nodes[node].kind == Node::Kind::NEVER)
                _evaluator.explainer().forbiddenMember(id, "unevaluatedProperties", field.key);
            else
                fine = _evaluator.applyMember(node, field.key, Value(field.value));
            if (!fine)
            {
                valid = false;
                if (!EXPLAIN || _evaluator.stopped())
                    return false;
            }
        }
    }
    evaluated.markAll();
    return valid;
}

} // namespace tenon::schema
