#include "schema/compile/Linker.h"

#include "schema/SchemaException.h"

#include <functional>

namespace tenon::schema
{

namespace
{

void forEachInPlace(const Program& program, NodeId id, const std::function<void(NodeId)>& visit)
{
    const Node& node = program.nodes[id];
    const auto visitOne = [&visit](NodeId next)
    {
        if (next != NONE)
            visit(next);
    };
    if (node.inPlace != NONE)
    {
        const InPlaceRules& rules = program.inPlace[node.inPlace];
        visitOne(rules.ref);
        visitOne(rules.anchor == NONE ? rules.dynamicRef : NONE);
        for (const auto* list : {&rules.allOf, &rules.anyOf, &rules.oneOf})
            for (const NodeId next : *list)
                visit(next);
        visitOne(rules.negated);
        visitOne(rules.condition);
        visitOne(rules.consequence);
        visitOne(rules.alternative);
    }
    if (node.object != NONE)
        for (const auto& dependency : program.objects[node.object].dependencies)
            visitOne(dependency.node);
}

bool isLoneReference(const Program& program, NodeId id)
{
    const Node& node = program.nodes[id];
    if (node.kind != Node::Kind::RULES || node.types != TYPE_ANY || node.tracks || node.inPlace == NONE)
        return false;
    for (const RuleId rules : {node.enumeration, node.constant, node.number, node.string, node.array, node.object})
        if (rules != NONE)
            return false;
    const InPlaceRules& rules = program.inPlace[node.inPlace];
    return rules.ref != NONE && rules.dynamicRef == NONE && rules.allOf.empty() && rules.anyOf.empty() &&
           rules.oneOf.empty() && rules.negated == NONE && rules.condition == NONE;
}

/// Whether nothing is said of a value but its type.
bool saysNoMore(const Node& node)
{
    return node.enumeration == NONE && node.constant == NONE && node.number == NONE && node.string == NONE &&
           node.array == NONE && node.object == NONE && node.inPlace == NONE && !node.tracks;
}

} // namespace

void refuseLoops(const Program& program)
{
    enum class State : std::uint8_t
    {
        NEW,
        OPEN,
        DONE
    };
    struct Frame
    {
        NodeId node;
        std::vector<NodeId> next;
    };

    std::vector<State> states(program.nodes.size(), State::NEW);
    std::vector<Frame> stack;
    const auto open = [&](NodeId id)
    {
        states[id] = State::OPEN;
        Frame frame{id, {}};
        forEachInPlace(program, id, [&frame](NodeId next) { frame.next.push_back(next); });
        stack.push_back(std::move(frame));
    };

    for (NodeId start = 0; start < program.nodes.size(); ++start)
    {
        if (states[start] != State::NEW)
            continue;
        open(start);
        while (!stack.empty())
        {
            if (stack.back().next.empty())
            {
                states[stack.back().node] = State::DONE;
                stack.pop_back();
                continue;
            }
            const NodeId next = stack.back().next.back();
            stack.back().next.pop_back();
            if (states[next] == State::OPEN)
                throw SchemaException(program.sources[stack.back().node].path + " leads back to " +
                                      program.sources[next].path + " for the same value: validation would never end");
            if (states[next] == State::NEW)
                open(next);
        }
    }
}

void followLoneReferences(Program& program)
{
    // With a dynamic scope the way there counts, not only the target.
    if (program.dynamicAnchors != 0)
        return;
    std::vector<NodeId> targets(program.nodes.size());
    for (NodeId id = 0; id < targets.size(); ++id)
    {
        targets[id] = id;
        while (isLoneReference(program, targets[id]))
            targets[id] = program.inPlace[program.nodes[targets[id]].inPlace].ref;
    }
    const auto follow = [&targets](NodeId& id)
    {
        if (id != NONE)
            id = targets[id];
    };
    const auto followAll = [&follow](std::vector<NodeId>& ids)
    {
        for (NodeId& id : ids)
            follow(id);
    };

    follow(program.root);
    for (Node& node : program.nodes)
    {
        follow(node.unevaluatedItems);
        follow(node.unevaluatedProperties);
    }
    for (ArrayRules& rules : program.arrays)
    {
        followAll(rules.prefix);
        follow(rules.rest);
        follow(rules.contains);
    }
    for (ObjectRules& rules : program.objects)
    {
        for (auto& member : rules.members)
            follow(member.node);
        for (auto& pattern : rules.patterns)
            follow(pattern.node);
        for (auto& dependency : rules.dependencies)
            follow(dependency.node);
        follow(rules.additional);
        follow(rules.propertyNames);
    }
    for (InPlaceRules& rules : program.inPlace)
    {
        follow(rules.ref);
        followAll(rules.allOf);
        followAll(rules.anyOf);
        followAll(rules.oneOf);
        follow(rules.negated);
        follow(rules.condition);
        follow(rules.consequence);
        follow(rules.alternative);
    }
}

void noteFlatRules(Program& program)
{
    Node node = program.nodes[program.root];
    if (node.kind != Node::Kind::RULES || (node.types & TYPE_OBJECT) == 0 || node.object == NONE ||
        program.dynamicAnchors != 0)
        return;
    const ObjectRules& rules = program.objects[node.object];
    node.object = NONE;
    if (!saysNoMore(node) || rules.requiredBeyondBits || rules.names.size() > 64 || !rules.patterns.empty() ||
        !rules.dependencies.empty() || rules.propertyNames != NONE || rules.minProperties != 0 ||
        rules.maxProperties != UNLIMITED)
        return;
    FlatRules& flat = program.flat;
    flat.open = rules.additional == NONE;
    if (!flat.open && program.nodes[rules.additional].kind != Node::Kind::NEVER)
        return;
    for (const ObjectRules::Member& member : rules.members)
    {
        if (member.node == NONE)
        {
            flat.types.push_back(flat.open ? TYPE_ANY : TypeSet(0));
            continue;
        }
        const Node& declared = program.nodes[member.node];
        flat.types.push_back(declared.kind == Node::Kind::ALWAYS                          ? TYPE_ANY
                             : declared.kind == Node::Kind::RULES && saysNoMore(declared) ? declared.types
                                                                                          : TypeSet(0));
    }
    flat.types.resize(rules.names.size());
    flat.object = &rules;
}

} // namespace tenon::schema
