#include "schema/program/Names.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace tenon::schema
{

namespace
{

/// Longer names are not compared: nobody types them by hand.
constexpr std::size_t LONGEST = 64;

std::string plain(std::string_view name)
{
    std::string out;
    for (const char c : name)
        if (c != '_' && c != '-' && c != ' ')
            out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

/// Edits (insert, delete, replace, swap of neighbours) that make one of the other.
std::size_t distance(std::string_view left, std::string_view right)
{
    std::vector<std::size_t> twoAgo(right.size() + 1);
    std::vector<std::size_t> before(right.size() + 1);
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(before.begin(), before.end(), std::size_t(0));
    for (std::size_t i = 1; i <= left.size(); ++i)
    {
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j)
        {
            const std::size_t replaced = before[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
            row[j] = std::min({before[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                row[j] = std::min(row[j], twoAgo[j - 2] + 1);
        }
        std::swap(twoAgo, before);
        std::swap(before, row);
    }
    return before[right.size()];
}

void collect(const Program& program, NodeId id, std::set<NodeId>& visited, std::vector<std::string_view>& names)
{
    if (id == NONE || !visited.insert(id).second)
        return;
    const Node& node = program.nodes[id];
    if (node.object != NONE)
    {
        const ObjectRules& rules = program.objects[node.object];
        for (std::size_t i = 0; i < rules.members.size(); ++i)
        {
            const NodeId member = rules.members[i].node;
            const std::string_view name = rules.names.names()[i];
            if (member != NONE && program.nodes[member].kind != Node::Kind::NEVER &&
                std::find(names.begin(), names.end(), name) == names.end())
                names.push_back(name);
        }
        for (const auto& dependency : rules.dependencies)
            collect(program, dependency.node, visited, names);
    }
    if (node.inPlace == NONE)
        return;
    const InPlaceRules& rules = program.inPlace[node.inPlace];
    for (const NodeId next : {rules.ref, rules.dynamicRef, rules.condition, rules.consequence, rules.alternative})
        collect(program, next, visited, names);
    for (const auto* list : {&rules.allOf, &rules.anyOf, &rules.oneOf})
        for (const NodeId next : *list)
            collect(program, next, visited, names);
}

} // namespace

std::vector<std::string_view> knownNames(const Program& program, NodeId id)
{
    std::set<NodeId> visited;
    std::vector<std::string_view> names;
    collect(program, id, visited, names);
    return names;
}

std::string_view nearestName(std::string_view name, const std::vector<std::string_view>& known)
{
    if (name.size() > LONGEST)
        return {};
    const std::string wanted = plain(name);
    std::string_view nearest;
    std::size_t least = std::max<std::size_t>(1, wanted.size() / 3) + 1;
    for (const std::string_view candidate : known)
    {
        if (candidate.size() > LONGEST)
            continue;
        const std::size_t edits = distance(wanted, plain(candidate));
        // Names that have next to nothing in common are not near, however short.
        if (edits < least && edits < candidate.size())
        {
            least = edits;
            nearest = candidate;
        }
    }
    return nearest;
}

std::string listNames(const std::vector<std::string_view>& names, std::size_t limit)
{
    std::string out;
    const std::size_t shown = std::min(limit, names.size());
    for (std::size_t i = 0; i < shown; ++i)
    {
        out += i == 0 ? "'" : i + 1 == names.size() ? " and '" : ", '";
        out += names[i];
        out += '\'';
    }
    if (shown < names.size())
        out += " and " + std::to_string(names.size() - shown) + " more";
    return out;
}

} // namespace tenon::schema
