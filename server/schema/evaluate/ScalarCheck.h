#pragma once

#include "schema/evaluate/Evaluator.h"
#include "schema/text/Regex.h"
#include "schema/text/Utf8.h"

namespace tenon::schema
{

/// What a schema says of a number, a string, or any value that it lists.
///
/// A header alone: both kinds of evaluator inline it.
/// Threading: one thread. Ownership: borrows the evaluator.
template <bool EXPLAIN>
class ScalarCheck
{
public:
    explicit ScalarCheck(Evaluator<EXPLAIN>& evaluator) : _evaluator(evaluator) {}

    bool checkChoice(NodeId id, RuleId rules, const char* keyword, const Value& value);
    bool checkNumber(NodeId id, const NumberRules& rules, const Value& value);
    bool checkString(NodeId id, const StringRules& rules, const Value& value);

private:
    Evaluator<EXPLAIN>& _evaluator;
};

template <bool EXPLAIN>
bool ScalarCheck<EXPLAIN>::checkChoice(NodeId id, RuleId rules, const char* keyword, const Value& value)
{
    const Choice& choice = _evaluator.program().choices[rules];
    if (value.kind() == Value::Kind::STRING)
    {
        if (choice.strings.find(value.text()) != NameTable::NOT_FOUND)
            return true;
    }
    else
    {
        if (!_evaluator.spend(choice.others.size()))
            return false;
        for (const Value& allowed : choice.others)
            if (equal(allowed, value))
                return true;
    }
    if constexpr (EXPLAIN)
        _evaluator.explainer().notAllowed(id, keyword, value);
    else
    {
        (void)id;
        (void)keyword;
    }
    return false;
}

template <bool EXPLAIN>
bool ScalarCheck<EXPLAIN>::checkNumber(NodeId id, const NumberRules& rules, const Value& value)
{
    const Number& number = value.number();
    const auto broken = [&](const char* keyword, const char* wording, const Number& limit)
    {
        if constexpr (EXPLAIN)
            _evaluator.explainer().number(id, keyword, wording, limit, value);
        else
        {
            (void)id;
            (void)keyword;
            (void)wording;
            (void)limit;
        }
        return false;
    };
    bool valid = true;
    if (rules.hasMinimum && compare(number, rules.minimum) < 0)
        valid = broken("minimum", "at least", rules.minimum);
    if (rules.hasMaximum && compare(number, rules.maximum) > 0)
        valid = broken("maximum", "at most", rules.maximum);
    if (rules.hasExclusiveMinimum && compare(number, rules.exclusiveMinimum) <= 0)
        valid = broken("exclusiveMinimum", "greater than", rules.exclusiveMinimum);
    if (rules.hasExclusiveMaximum && compare(number, rules.exclusiveMaximum) >= 0)
        valid = broken("exclusiveMaximum", "less than", rules.exclusiveMaximum);
    if (rules.hasMultipleOf && !isMultipleOf(number, rules.multipleOf))
        valid = broken("multipleOf", "a multiple of", rules.multipleOf);
    return valid;
}

template <bool EXPLAIN>
bool ScalarCheck<EXPLAIN>::checkString(NodeId id, const StringRules& rules, const Value& value)
{
    const std::string_view text = value.text();
    bool valid = true;
    // A character has one to four bytes: mostly the number of bytes settles it.
    if (text.size() / 4 < rules.minLength || text.size() > rules.maxLength)
    {
        const std::uint64_t length = utf8::length(text);
        valid = length >= rules.minLength && length <= rules.maxLength;
        if (!_evaluator.spend(text.size() / 64))
            return false;
        if constexpr (EXPLAIN)
            if (!valid)
                _evaluator.explainer().length(id, length, rules);
        if (!valid && !EXPLAIN)
            return false;
    }
    if (rules.pattern)
    {
        if (!_evaluator.spend(1 + text.size() / 64))
            return false;
        if (!search(*rules.pattern, text))
        {
            if constexpr (EXPLAIN)
                _evaluator.explainer().pattern(id, rules, value);
            valid = false;
        }
    }
    if (rules.format && (valid || EXPLAIN))
    {
        if (!_evaluator.spend(1 + text.size() / 64))
            return false;
        if (!rules.format->matches(text))
        {
            if constexpr (EXPLAIN)
                _evaluator.explainer().format(id, *rules.format, value);
            valid = false;
        }
    }
    return valid;
}

} // namespace tenon::schema
