#include "schema/evaluate/Evaluator.h"

#include "schema/evaluate/ArrayCheck.h"
#include "schema/evaluate/InPlaceCheck.h"
#include "schema/evaluate/ObjectCheck.h"
#include "schema/evaluate/ScalarCheck.h"

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
    if (value.kind() == Value::Kind::ARRAY && node.unevaluatedItems != NONE &&
        !ArrayCheck<EXPLAIN>(*this).checkUnevaluated(id, value, own))
        return false;
    if (value.kind() == Value::Kind::OBJECT && node.unevaluatedProperties != NONE &&
        !ObjectCheck<EXPLAIN>(*this).checkUnevaluated(id, value, own))
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
    ScalarCheck<EXPLAIN> scalar(*this);
    bool valid = true;
    if (node.enumeration != NONE)
        valid = scalar.checkChoice(id, node.enumeration, "enum", value);
    if (node.constant != NONE && (valid || EXPLAIN))
        valid = scalar.checkChoice(id, node.constant, "const", value) && valid;
    if (valid || EXPLAIN)
    {
        switch (value.kind())
        {
        case Value::Kind::NUMBER:
            if (node.number != NONE)
                valid = scalar.checkNumber(id, _program.numbers[node.number], value) && valid;
            break;
        case Value::Kind::STRING:
            if (node.string != NONE)
                valid = scalar.checkString(id, _program.strings[node.string], value) && valid;
            break;
        case Value::Kind::ARRAY:
            if (node.array != NONE)
                valid = ArrayCheck<EXPLAIN>(*this).check(id, _program.arrays[node.array], value, evaluated) && valid;
            break;
        case Value::Kind::OBJECT:
            if (node.object != NONE)
                valid = ObjectCheck<EXPLAIN>(*this).check(id, _program.objects[node.object], value, evaluated) && valid;
            break;
        default:
            break;
        }
    }
    if (node.inPlace != NONE && (valid || EXPLAIN))
        valid = InPlaceCheck<EXPLAIN>(*this).check(id, _program.inPlace[node.inPlace], value, evaluated) && valid;
    return valid;
}

template class Evaluator<true>;
template class Evaluator<false>;

} // namespace tenon::schema
