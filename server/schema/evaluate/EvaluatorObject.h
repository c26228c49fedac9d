#pragma once

// The part of Evaluator that looks into objects; included by Evaluator.cpp alone, so that the compiler can inline.

#include "schema/evaluate/Evaluator.h"
#include "schema/text/Regex.h"

namespace tenon::schema
{

/// Which of the names that a schema mentions an object has. The first 64 need no allocation.
template <bool EXPLAIN>
struct Evaluator<EXPLAIN>::Presence
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

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::checkObject(NodeId id, const ObjectRules& rules, const Value& value, Evaluated* evaluated)
{
    Presence presence;
    bool valid = checkMembers(id, rules, value, evaluated, presence);
    if ((valid || EXPLAIN) && (rules.requiredBits != (rules.requiredBits & presence.bits) || rules.requiredBeyondBits))
        valid = checkRequired(id, rules, presence) && valid;
    if ((valid || EXPLAIN) && (presence.count < rules.minProperties || presence.count > rules.maxProperties))
    {
        if constexpr (EXPLAIN)
            _explainer->memberCount(id, presence.count, rules);
        valid = false;
    }
    if ((valid || EXPLAIN) && !rules.dependencies.empty())
        valid = checkDependencies(id, rules, value, evaluated, presence) && valid;
    return valid;
}

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::checkMembers(NodeId id, const ObjectRules& rules, const Value& value, Evaluated* evaluated,
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
            if (!EXPLAIN || _stop != Stop::NO)
                return false;
        }
        if (evaluated && matched)
            evaluated->mark(presence.count);
        ++presence.count;
    }
    return valid;
}

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::checkMember(NodeId id, const ObjectRules& rules, std::string_view name, std::uint32_t number,
                                     const Value& value, bool& matched)
{
    const auto allowed = [&](NodeId node, const char* keyword)
    {
        matched = true;
        if constexpr (EXPLAIN)
        {
            if (_program.nodes[node].kind == Node::Kind::NEVER)
            {
                _explainer->forbiddenMember(id, keyword, name);
                return false;
            }
        }
        else
        {
            (void)id;
            (void)keyword;
        }
        return applyMember(node, name, value);
    };

    bool valid = true;
    if (number != NameTable::NOT_FOUND && rules.members[number].node != NONE)
        valid = allowed(rules.members[number].node, "properties");
    if (!rules.patterns.empty() && (valid || EXPLAIN))
    {
        for (const auto& pattern : rules.patterns)
        {
            if (!spend(1 + name.size() / 64))
                return false;
            if (search(*pattern.pattern, name))
                valid = allowed(pattern.node, "patternProperties") && valid;
        }
    }
    if (!matched && rules.additional != NONE)
        valid = allowed(rules.additional, "additionalProperties") && valid;
    if (rules.propertyNames != NONE && (valid || EXPLAIN))
        valid = applyName(rules.propertyNames, name) && valid;
    return valid;
}

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::checkRequired(NodeId id, const ObjectRules& rules, const Presence& presence)
{
    bool valid = true;
    for (const std::uint32_t number : rules.required)
    {
        if (presence.has(number))
            continue;
        valid = false;
        if constexpr (EXPLAIN)
            _explainer->missingMember(id, rules, number);
        else
        {
            (void)id;
            return false;
        }
    }
    return valid;
}

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::checkDependencies(NodeId id, const ObjectRules& rules, const Value& value,
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
                    _explainer->missingDependent(id, rules, dependency, number);
                else
                    (void)id;
            }
        if (dependency.node != NONE && (valid || EXPLAIN))
            valid = apply(dependency.node, value, evaluated) && valid;
        if (!valid && !EXPLAIN)
            return false;
    }
    return valid;
}

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::checkUnevaluatedProperties(NodeId id, const Value& value, Evaluated& evaluated)
{
    const NodeId node = _program.nodes[id].unevaluatedProperties;
    bool valid = true;
    std::size_t place = 0;
    for (const auto field : value.object())
    {
        if (!evaluated.has(place++))
        {
            bool fine = false;
            if (EXPLAIN && _program.nodes[node].kind == Node::Kind::NEVER)
                _explainer->forbiddenMember(id, "unevaluatedProperties", field.key);
            else
                fine = applyMember(node, field.key, Value(field.value));
            if (!fine)
            {
                valid = false;
                if (!EXPLAIN || _stop != Stop::NO)
                    return false;
            }
        }
    }
    evaluated.markAll();
    return valid;
}

} // namespace tenon::schema
