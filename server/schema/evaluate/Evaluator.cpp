#include "schema/evaluate/EvaluatorArray.h"
#include "schema/evaluate/EvaluatorInPlace.h"
#include "schema/evaluate/EvaluatorObject.h"

#include "schema/text/Regex.h"
#include "schema/text/Utf8.h"

namespace tenon::schema
{

template <bool EXPLAIN>
Evaluator<EXPLAIN>::Evaluator(const Program& program, const Limits& limits, Explainer* explainer)
    : _program(program), _explainer(explainer), _maxDepth(limits.maxEvaluationDepth), _steps(limits.maxSteps),
      _outermost(program.dynamicAnchors, NONE)
{
}

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::run(const Value& value)
{
    return apply(_program.root, value, nullptr) && _stop == Stop::NO;
}

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::apply(NodeId id, const Value& value, Evaluated* evaluated)
{
    const Node& node = _program.nodes[id];
    if (!spend(1))
        return false;
    if (node.kind == Node::Kind::ALWAYS)
        return true;
    if (node.kind == Node::Kind::NEVER)
    {
        if constexpr (EXPLAIN)
            _explainer->nothingAllowed(id);
        return false;
    }
    if (_depth >= _maxDepth)
    {
        // Out of steps as well, so that everything else ends at once.
        _stop = Stop::DEPTH;
        _steps = 0;
        return false;
    }
    ++_depth;
    const bool valid = _program.dynamicAnchors != 0 && node.resource != _resource
                           ? applyInResource(id, value, evaluated)
                           : applyRules(id, value, evaluated);
    --_depth;
    return valid;
}

/// Enters another resource: its dynamic anchors count unless a resource further out has them already.
template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::applyInResource(NodeId id, const Value& value, Evaluated* evaluated)
{
    const std::uint32_t before = _resource;
    _resource = _program.nodes[id].resource;
    const auto& targets = _program.dynamicTargets[_resource];
    std::uint64_t entered = 0; // by place in `targets`
    for (std::size_t i = 0; i < targets.size() && i < 64; ++i)
    {
        if (_outermost[targets[i].anchor] != NONE)
            continue;
        _outermost[targets[i].anchor] = targets[i].node;
        entered |= std::uint64_t(1) << i;
    }
    const bool valid = applyRules(id, value, evaluated);
    for (std::size_t i = 0; entered != 0; ++i, entered >>= 1)
        if ((entered & 1) != 0)
            _outermost[targets[i].anchor] = NONE;
    _resource = before;
    return valid;
}

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::applyRules(NodeId id, const Value& value, Evaluated* evaluated)
{
    const bool tracks =
        _program.nodes[id].tracks && (value.kind() == Value::Kind::OBJECT || value.kind() == Value::Kind::ARRAY);
    return tracks ? applyTracking(id, value, evaluated) : checkAll(id, value, evaluated);
}

/// What subschemas beside this one have evaluated does not count, hence a set of its own.
template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::applyTracking(NodeId id, const Value& value, Evaluated* evaluated)
{
    Evaluated own;
    if (!checkAll(id, value, &own))
        return false;
    const Node& node = _program.nodes[id];
    if (value.kind() == Value::Kind::ARRAY && node.unevaluatedItems != NONE && !checkUnevaluatedItems(id, value, own))
        return false;
    if (value.kind() == Value::Kind::OBJECT && node.unevaluatedProperties != NONE &&
        !checkUnevaluatedProperties(id, value, own))
        return false;
    if (evaluated)
        evaluated->merge(own);
    return true;
}

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::applyMember(NodeId id, std::string_view name, const Value& value)
{
    if constexpr (!EXPLAIN)
    {
        (void)name;
        return apply(id, value, nullptr);
    }
    else
    {
        const Explainer::Descent descent(*_explainer, {nullptr, Step::Kind::MEMBER, name});
        return apply(id, value, nullptr);
    }
}

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::applyItem(NodeId id, std::size_t index, const Value& value)
{
    if constexpr (!EXPLAIN)
    {
        (void)index;
        return apply(id, value, nullptr);
    }
    else
    {
        const Explainer::Descent descent(*_explainer, {nullptr, Step::Kind::ITEM, {}, index});
        return apply(id, value, nullptr);
    }
}

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::applyName(NodeId id, std::string_view name)
{
    const Value value(name);
    if constexpr (!EXPLAIN)
        return apply(id, value, nullptr);
    else
    {
        const Explainer::Descent descent(*_explainer, {nullptr, Step::Kind::NAME, name});
        return apply(id, value, nullptr);
    }
}

/// Applies a subschema that is allowed to fail.
template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::applyMuted(NodeId id, const Value& value, Evaluated* evaluated)
{
    std::vector<Report> ignored;
    return applyBranch(id, value, evaluated, ignored);
}

/// Applies one of several alternatives: marks count only if it succeeds, findings are put aside.
template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::applyBranch(NodeId id, const Value& value, Evaluated* evaluated, std::vector<Report>& failures)
{
    bool valid = false;
    const auto evaluate = [&]
    {
        if (!evaluated)
            return apply(id, value, nullptr);
        Evaluated marks;
        if (!apply(id, value, &marks))
            return false;
        evaluated->merge(marks);
        return true;
    };
    if constexpr (!EXPLAIN)
        valid = evaluate();
    else
    {
        Report report(Explainer::FINDINGS_PER_BRANCH);
        Report* const before = _explainer->redirect(&report);
        valid = evaluate();
        _explainer->redirect(before);
        if (!valid)
            failures.push_back(std::move(report));
    }
    return valid;
}

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::checkAll(NodeId id, const Value& value, Evaluated* evaluated)
{
    const Node& node = _program.nodes[id];
    if ((node.types & value.types()) == 0)
    {
        if constexpr (EXPLAIN)
            _explainer->wrongType(id, value);
        return false;
    }
    bool valid = true;
    if (node.enumeration != NONE)
        valid = checkChoice(id, node.enumeration, "enum", value);
    if (node.constant != NONE && (valid || EXPLAIN))
        valid = checkChoice(id, node.constant, "const", value) && valid;
    if (valid || EXPLAIN)
    {
        switch (value.kind())
        {
        case Value::Kind::NUMBER:
            if (node.number != NONE)
                valid = checkNumber(id, _program.numbers[node.number], value) && valid;
            break;
        case Value::Kind::STRING:
            if (node.string != NONE)
                valid = checkString(id, _program.strings[node.string], value) && valid;
            break;
        case Value::Kind::ARRAY:
            if (node.array != NONE)
                valid = checkArray(id, _program.arrays[node.array], value, evaluated) && valid;
            break;
        case Value::Kind::OBJECT:
            if (node.object != NONE)
                valid = checkObject(id, _program.objects[node.object], value, evaluated) && valid;
            break;
        default:
            break;
        }
    }
    if (node.inPlace != NONE && (valid || EXPLAIN))
        valid = checkInPlace(id, _program.inPlace[node.inPlace], value, evaluated) && valid;
    return valid;
}

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::checkChoice(NodeId id, RuleId rules, const char* keyword, const Value& value)
{
    const Choice& choice = _program.choices[rules];
    if (value.kind() == Value::Kind::STRING)
    {
        if (choice.strings.find(value.text()) != NameTable::NOT_FOUND)
            return true;
    }
    else
    {
        if (!spend(choice.others.size()))
            return false;
        for (const Value& allowed : choice.others)
            if (equal(allowed, value))
                return true;
    }
    if constexpr (EXPLAIN)
        _explainer->notAllowed(id, keyword, value);
    else
    {
        (void)id;
        (void)keyword;
    }
    return false;
}

template <bool EXPLAIN>
bool Evaluator<EXPLAIN>::checkNumber(NodeId id, const NumberRules& rules, const Value& value)
{
    const Number& number = value.number();
    const auto broken = [&](const char* keyword, const char* wording, const Number& limit)
    {
        if constexpr (EXPLAIN)
            _explainer->number(id, keyword, wording, limit, value);
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
bool Evaluator<EXPLAIN>::checkString(NodeId id, const StringRules& rules, const Value& value)
{
    const std::string_view text = value.text();
    bool valid = true;
    // A character has one to four bytes: mostly the number of bytes settles it.
    if (text.size() / 4 < rules.minLength || text.size() > rules.maxLength)
    {
        const std::uint64_t length = utf8::length(text);
        valid = length >= rules.minLength && length <= rules.maxLength;
        if (!spend(text.size() / 64))
            return false;
        if constexpr (EXPLAIN)
            if (!valid)
                _explainer->length(id, length, rules);
        if (!valid && !EXPLAIN)
            return false;
    }
    if (rules.pattern)
    {
        if (!spend(1 + text.size() / 64))
            return false;
        if (!search(*rules.pattern, text))
        {
            if constexpr (EXPLAIN)
                _explainer->pattern(id, rules, value);
            valid = false;
        }
    }
    if (rules.format && (valid || EXPLAIN))
    {
        if (!spend(1 + text.size() / 64))
            return false;
        if (!rules.format->matches(text))
        {
            if constexpr (EXPLAIN)
                _explainer->format(id, *rules.format, value);
            valid = false;
        }
    }
    return valid;
}

template class Evaluator<true>;
template class Evaluator<false>;

} // namespace tenon::schema
