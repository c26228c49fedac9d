#include "schema/evaluate/FlatCheck.h"

#include "base/json/JsonDocument.h"

namespace tenon::schema
{

namespace
{

/// Whether nothing is said of a value but its type.
bool saysNoMore(const Node& node)
{
    return node.enumeration == NONE && node.constant == NONE && node.number == NONE && node.string == NONE &&
           node.array == NONE && node.object == NONE && node.inPlace == NONE && !node.tracks;
}

/// The types it has for sure: 1.0 is an integer, which takes a closer look.
TypeSet typesOf(const simdjson::dom::element& value) noexcept
{
    using simdjson::dom::element_type;
    switch (value.type())
    {
    case element_type::OBJECT:
        return TYPE_OBJECT;
    case element_type::ARRAY:
        return TYPE_ARRAY;
    case element_type::STRING:
        return base::bigNumber(value).empty() ? TYPE_STRING : 0;
    case element_type::INT64:
    case element_type::UINT64:
        return TYPE_INTEGER | TYPE_NUMBER;
    case element_type::DOUBLE:
        return TYPE_NUMBER;
    case element_type::BOOL:
        return TYPE_BOOLEAN;
    case element_type::NULL_VALUE:
        return TYPE_NULL;
    default:
        return 0;
    }
}

} // namespace

FlatCheck::FlatCheck(const Program& program)
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
    _open = rules.additional == NONE;
    if (!_open && program.nodes[rules.additional].kind != Node::Kind::NEVER)
        return;
    for (const ObjectRules::Member& member : rules.members)
    {
        if (member.node == NONE)
        {
            _types.push_back(_open ? TYPE_ANY : TypeSet(0));
            continue;
        }
        const Node& declared = program.nodes[member.node];
        _types.push_back(declared.kind == Node::Kind::ALWAYS                          ? TYPE_ANY
                         : declared.kind == Node::Kind::RULES && saysNoMore(declared) ? declared.types
                                                                                      : TypeSet(0));
    }
    _types.resize(rules.names.size());
    _rules = &rules;
}

bool FlatCheck::accepts(const simdjson::dom::element& instance) const noexcept
{
    simdjson::dom::object members;
    if (_rules == nullptr || instance.get_object().get(members))
        return false;
    const std::vector<std::string_view>& declared = _rules->names.names();
    std::uint64_t present = 0;
    std::uint32_t next = 0; // they mostly come in the order in which they are declared
    for (const auto& [name, value] : members)
    {
        const bool inOrder = next < declared.size() && declared[next] == name;
        const std::uint32_t number = inOrder ? next : _rules->names.find(name);
        if (number == NameTable::NOT_FOUND)
        {
            if (!_open)
                return false;
            continue;
        }
        if ((typesOf(value) & _types[number]) == 0)
            return false;
        present |= std::uint64_t(1) << number;
        next = number + 1;
    }
    return (_rules->requiredBits & ~present) == 0;
}

} // namespace tenon::schema
