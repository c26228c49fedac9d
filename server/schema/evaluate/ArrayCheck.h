#pragma once

#include "schema/evaluate/Evaluator.h"

#include <algorithm>
#include <utility>

namespace tenon::schema
{

/// simdjson counts up to 2^24 - 1 and then stops counting.
template <typename Container>
std::size_t sizeOf(const Container& container)
{
    constexpr std::size_t SATURATED = 0xFFFFFF;
    const std::size_t size = container.size();
    if (size < SATURATED)
        return size;
    std::size_t counted = 0;
    for (auto it = container.begin(); it != container.end(); ++it)
        ++counted;
    return counted;
}

/// What a schema says of an array: its items, how many, and which of them are evaluated.
///
/// A header alone: both kinds of evaluator inline it.
/// Threading: one thread. Ownership: borrows the evaluator.
template <bool EXPLAIN>
class ArrayCheck
{
public:
    explicit ArrayCheck(Evaluator<EXPLAIN>& evaluator) : _evaluator(evaluator) {}

    bool check(NodeId id, const ArrayRules& rules, const Value& value, Evaluated* evaluated);
    bool checkUnevaluated(NodeId id, const Value& value, Evaluated& evaluated);

private:
    bool checkItems(NodeId id, const ArrayRules& rules, const Value& value, Evaluated* evaluated, std::size_t size);
    bool checkItem(NodeId node, std::size_t index, const Value& item, bool& valid);
    bool checkContains(NodeId id, const ArrayRules& rules, const Value& value, Evaluated* evaluated);
    bool checkUnique(NodeId id, const Value& value, std::size_t size);

    Evaluator<EXPLAIN>& _evaluator;
};

template <bool EXPLAIN>
bool ArrayCheck<EXPLAIN>::check(NodeId id, const ArrayRules& rules, const Value& value, Evaluated* evaluated)
{
    const std::size_t size = sizeOf(value.array());
    bool valid = true;
    if (size < rules.minItems || size > rules.maxItems)
    {
        if constexpr (EXPLAIN)
            _evaluator.explainer().itemCount(id, size, rules);
        valid = false;
    }
    if ((valid || EXPLAIN) && (!rules.prefix.empty() || rules.rest != NONE))
        valid = checkItems(id, rules, value, evaluated, size) && valid;
    if ((valid || EXPLAIN) && rules.contains != NONE)
        valid = checkContains(id, rules, value, evaluated) && valid;
    if ((valid || EXPLAIN) && rules.uniqueItems && size > 1)
        valid = checkUnique(id, value, size) && valid;
    return valid;
}

/// Clears `valid` if the item is not. False: nothing more of the array need be looked at.
template <bool EXPLAIN>
bool ArrayCheck<EXPLAIN>::checkItem(NodeId node, std::size_t index, const Value& item, bool& valid)
{
    if (_evaluator.applyItem(node, index, item))
        return true;
    valid = false;
    return EXPLAIN && !_evaluator.stopped();
}

template <bool EXPLAIN>
bool ArrayCheck<EXPLAIN>::checkItems(NodeId id, const ArrayRules& rules, const Value& value, Evaluated* evaluated,
                                     std::size_t size)
{
    bool valid = true;
    std::size_t index = 0;
    for (const auto item : value.array())
    {
        const NodeId node = index < rules.prefix.size() ? rules.prefix[index] : rules.rest;
        if (node == NONE)
            break;
        if constexpr (EXPLAIN)
        {
            if (index >= rules.prefix.size() && _evaluator.program().nodes[node].kind == Node::Kind::NEVER)
            {
                _evaluator.explainer().tooManyItems(id, rules.restKeyword, rules.prefix.size(), size);
                return false;
            }
        }
        if (!checkItem(node, index, Value(item), valid))
            return false;
        ++index;
    }
    if (evaluated)
    {
        if (rules.rest != NONE)
            evaluated->markAll();
        else
            evaluated->markBelow(rules.prefix.size());
    }
    (void)id;
    (void)size;
    return valid;
}

template <bool EXPLAIN>
bool ArrayCheck<EXPLAIN>::checkContains(NodeId id, const ArrayRules& rules, const Value& value, Evaluated* evaluated)
{
    const bool marks = evaluated && rules.marksContained;
    std::uint64_t found = 0;
    std::size_t index = 0;
    for (const auto item : value.array())
    {
        if (_evaluator.applyMuted(rules.contains, Value(item), nullptr))
        {
            ++found;
            if (marks)
                evaluated->mark(index);
        }
        if (_evaluator.stopped())
            return false;
        ++index;
        const bool decided =
            found > rules.maxContains || (found >= rules.minContains && rules.maxContains == UNLIMITED);
        if (decided && !marks)
            break;
    }
    if (found >= rules.minContains && found <= rules.maxContains)
        return true;
    if constexpr (EXPLAIN)
        _evaluator.explainer().contains(id, found, rules);
    else
        (void)id;
    return false;
}

template <bool EXPLAIN>
bool ArrayCheck<EXPLAIN>::checkUnique(NodeId id, const Value& value, std::size_t size)
{
    constexpr std::size_t FEW = 16;
    const auto doubled = [&](std::size_t first, std::size_t second)
    {
        if constexpr (EXPLAIN)
            _evaluator.explainer().doubledItem(id, first, second);
        else
        {
            (void)id;
            (void)first;
            (void)second;
        }
        return false;
    };
    const simdjson::dom::array array = value.array();
    if (size <= FEW)
    {
        if (!_evaluator.spend(size * size / 2))
            return false;
        std::size_t second = 0;
        for (auto right = array.begin(); right != array.end(); ++right, ++second)
        {
            std::size_t first = 0;
            for (auto left = array.begin(); first < second; ++left, ++first)
                if (equal(Value(*left), Value(*right)))
                    return doubled(first, second);
        }
        return true;
    }

    struct Hashed
    {
        std::uint64_t hash;
        std::size_t index;
        simdjson::dom::element item;
    };
    std::vector<Hashed> items;
    items.reserve(size);
    for (const auto item : array)
    {
        if (!_evaluator.spend(2))
            return false;
        items.push_back({hashOf(Value(item)), items.size(), item});
    }
    std::sort(items.begin(), items.end(),
              [](const Hashed& a, const Hashed& b) { return a.hash != b.hash ? a.hash < b.hash : a.index < b.index; });
    for (std::size_t i = 0; i < items.size(); ++i)
        for (std::size_t j = i + 1; j < items.size() && items[j].hash == items[i].hash; ++j)
        {
            if (!_evaluator.spend(1))
                return false;
            if (equal(Value(items[i].item), Value(items[j].item)))
                return doubled(items[i].index, items[j].index);
        }
    return true;
}

template <bool EXPLAIN>
bool ArrayCheck<EXPLAIN>::checkUnevaluated(NodeId id, const Value& value, Evaluated& evaluated)
{
    const NodeId node = _evaluator.program().nodes[id].unevaluatedItems;
    bool valid = true;
    std::size_t index = 0;
    for (const auto item : value.array())
    {
        if (!evaluated.has(index))
        {
            if constexpr (EXPLAIN)
            {
                if (_evaluator.program().nodes[node].kind == Node::Kind::NEVER)
                {
                    _evaluator.explainer().tooManyItems(id, "unevaluatedItems", index, sizeOf(value.array()));
                    return false;
                }
            }
            if (!checkItem(node, index, Value(item), valid))
                return false;
        }
        ++index;
    }
    evaluated.markAll();
    return valid;
}

} // namespace tenon::schema
