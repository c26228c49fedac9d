#include "schema/evaluate/Explainer.h"

#include "schema/program/Names.h"
#include "schema/text/Pointer.h"

#include <algorithm>

namespace tenon::schema
{

namespace
{

constexpr std::size_t VALUES_LISTED = 24;
constexpr std::size_t NAMES_LISTED = 16;
constexpr std::size_t ALTERNATIVES_LISTED = 4;
constexpr std::size_t DESCRIPTION_BYTES = 160;

std::string counted(std::uint64_t count, const char* one, const char* many)
{
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

/// "at least 1 item", "exactly 2 items", "2 to 4 items".
std::string bounds(std::uint64_t least, std::uint64_t most, const char* one, const char* many)
{
    if (least == most)
        return "exactly " + counted(least, one, many);
    if (most == UNLIMITED)
        return "at least " + counted(least, one, many);
    if (least == 0)
        return "at most " + counted(most, one, many);
    return std::to_string(least) + " to " + counted(most, one, many);
}

/// The values of `enum`, as JSON, for a message.
std::string listValues(const simdjson::dom::array& values)
{
    std::string out;
    std::size_t count = 0;
    for (const auto value : values)
    {
        if (count++ < VALUES_LISTED)
            out += (out.empty() ? "" : ", ") + describe(Value(value));
    }
    if (count > VALUES_LISTED)
        out += " and " + std::to_string(count - VALUES_LISTED) + " more";
    return out;
}

std::string indefinite(const Value& value)
{
    if (value.kind() == Value::Kind::NUMBER)
        return (value.types() & TYPE_INTEGER) != 0 ? "an integer" : "a number";
    return describeTypes(value.types());
}

} // namespace

Explainer::Explainer(const Program& program, Report& report, const char* rootName)
    : _program(program), _rootName(rootName), _report(&report)
{
}

Report* Explainer::redirect(Report* report)
{
    std::swap(_report, report);
    return report;
}

std::string Explainer::schemaPath(NodeId id, std::string_view keyword) const
{
    std::string path = _program.sources[id].path;
    if (!keyword.empty())
        pointer::append(path, keyword);
    return path;
}

void Explainer::addAt(const Step* at, NodeId id, std::string_view keyword, std::string message)
{
    if (_report->full())
        return;
    _report->add({{pointerOf(at), std::string(keyword), schemaPath(id, keyword), std::move(message)}, depthOf(at)});
}

void Explainer::add(NodeId id, std::string_view keyword, std::string message)
{
    addAt(_at, id, keyword, std::move(message));
}

std::string Explainer::subject() const
{
    const std::string path = pointerOf(_at);
    if (_at && _at->kind == Step::Kind::NAME)
        return "the property name '" + std::string(_at->name) + "'" + (path.empty() ? "" : " of " + path);
    return path.empty() ? _rootName : path;
}

void Explainer::wrongType(NodeId id, const Value& value)
{
    if (_report->full())
        return;
    std::string message = subject() + " must be " + describeTypes(_program.nodes[id].types) + ", but is ";
    if (value.kind() == Value::Kind::NOTHING || value.kind() == Value::Kind::ARRAY ||
        value.kind() == Value::Kind::OBJECT)
        message += indefinite(value);
    else
        message += indefinite(value) + " (" + describe(value) + ")";
    add(id, "type", std::move(message));
}

void Explainer::notAllowed(NodeId id, std::string_view keyword, const Value& value)
{
    if (_report->full())
        return;
    simdjson::dom::element allowed;
    simdjson::dom::array values;
    std::string wanted;
    if (_program.sources[id].schema[keyword].get(allowed) == simdjson::SUCCESS)
    {
        if (keyword == "const")
            wanted = describe(Value(allowed));
        else if (allowed.get(values) == simdjson::SUCCESS)
            wanted = "one of " + listValues(values);
    }
    add(id, keyword, subject() + " must be " + wanted + ", but is " + describe(value));
}

void Explainer::nothingAllowed(NodeId id)
{
    if (!_report->full())
        add(id, "", subject() + " is not allowed: the schema here is false");
}

void Explainer::number(NodeId id, std::string_view keyword, std::string_view wording, const Number& limit,
                       const Value& value)
{
    if (!_report->full())
        add(id, keyword,
            subject() + " must be " + std::string(wording) + " " + toText(limit) + ", but is " + describe(value));
}

void Explainer::length(NodeId id, std::uint64_t length, const StringRules& rules)
{
    if (_report->full())
        return;
    const char* const keyword = length < rules.minLength ? "minLength" : "maxLength";
    add(id, keyword,
        subject() + " must have " + bounds(rules.minLength, rules.maxLength, "character", "characters") + ", but has " +
            std::to_string(length));
}

void Explainer::pattern(NodeId id, const StringRules& rules, const Value& value)
{
    if (!_report->full())
        add(id, "pattern",
            subject() + " must match the pattern " + std::string(rules.patternText) + ", but is " + describe(value));
}

void Explainer::format(NodeId id, const Format& format, const Value& value)
{
    if (!_report->full())
        add(id, "format", subject() + " must be " + std::string(format.expected) + ", but is " + describe(value));
}

void Explainer::itemCount(NodeId id, std::size_t size, const ArrayRules& rules)
{
    if (_report->full())
        return;
    const char* const keyword = size < rules.minItems ? "minItems" : "maxItems";
    add(id, keyword,
        subject() + " must have " + bounds(rules.minItems, rules.maxItems, "item", "items") + ", but has " +
            std::to_string(size));
}

void Explainer::tooManyItems(NodeId id, std::string_view keyword, std::size_t allowed, std::size_t size)
{
    if (!_report->full())
        add(id, keyword,
            subject() + " must have " + bounds(0, allowed, "item", "items") + ", but has " + std::to_string(size));
}

void Explainer::contains(NodeId id, std::uint64_t found, const ArrayRules& rules)
{
    if (_report->full())
        return;
    const bool tooMany = found > rules.maxContains;
    const char* const keyword = tooMany ? "maxContains" : rules.minContains == 1 ? "contains" : "minContains";
    add(id, keyword,
        subject() + " must contain " + bounds(rules.minContains, rules.maxContains, "item", "items") + " matching " +
            describe(Value(_program.sources[rules.contains].schema)) + ", but contains " + std::to_string(found) +
            (tooMany ? " or more" : ""));
}

void Explainer::doubledItem(NodeId id, std::size_t first, std::size_t second)
{
    if (!_report->full())
        add(id, "uniqueItems",
            subject() + " must have no equal items, but items " + std::to_string(first) + " and " +
                std::to_string(second) + " are equal");
}

void Explainer::memberCount(NodeId id, std::size_t size, const ObjectRules& rules)
{
    if (_report->full())
        return;
    const char* const keyword = size < rules.minProperties ? "minProperties" : "maxProperties";
    add(id, keyword,
        subject() + " must have " + bounds(rules.minProperties, rules.maxProperties, "property", "properties") +
            ", but has " + std::to_string(size));
}

void Explainer::forbiddenMember(NodeId id, std::string_view keyword, std::string_view name)
{
    if (_report->full())
        return;
    const Step member{_at, Step::Kind::MEMBER, name};
    std::string message;
    if (keyword == "additionalProperties" || keyword == "unevaluatedProperties")
    {
        message = (atRoot() ? "" : subject() + " has the ") + "unknown property '" + std::string(name) + "'";
        const auto known = knownNames(_program, id);
        const std::string_view nearest = nearestName(name, known);
        if (!nearest.empty())
            message += ", did you mean '" + std::string(nearest) + "'?";
        else if (!known.empty())
            message += " (known: " + listNames(known, NAMES_LISTED) + ")";
        else
            message += " (no properties are allowed)";
    }
    else
        message = (atRoot() ? "" : subject() + ": ") + "the property '" + std::string(name) + "' is not allowed";
    addAt(&member, id, keyword, std::move(message));
}

void Explainer::missingMember(NodeId id, const ObjectRules& rules, std::uint32_t number)
{
    if (!_report->full())
        add(id, "required",
            (atRoot() ? "missing required property " : subject() + " is missing the required property ") +
                describeMember(rules, number));
}

void Explainer::missingDependent(NodeId id, const ObjectRules& rules, const ObjectRules::Dependency& dependency,
                                 std::uint32_t number)
{
    if (!_report->full())
        add(id, dependency.keyword,
            (atRoot() ? "missing property " : subject() + " is missing the property ") + describeMember(rules, number) +
                ", which is required because '" + std::string(rules.names.names()[dependency.trigger]) + "' is given");
}

void Explainer::negated(NodeId id, NodeId schema)
{
    if (!_report->full())
        add(id, "not", subject() + " must not match " + describe(Value(_program.sources[schema].schema)));
}

void Explainer::severalMatch(NodeId id, std::size_t first, std::size_t second, std::size_t count)
{
    if (!_report->full())
        add(id, "oneOf",
            subject() + " must match exactly one of " + std::to_string(count) + " alternatives, but matches numbers " +
                std::to_string(first + 1) + " and " + std::to_string(second + 1));
}

std::string Explainer::describeSchema(NodeId id) const
{
    const Node& node = _program.nodes[id];
    const simdjson::dom::element schema = _program.sources[id].schema;
    simdjson::dom::array values;
    if (schema["enum"].get(values) == simdjson::SUCCESS)
        return "one of " + listValues(values);
    simdjson::dom::element constant;
    if (schema["const"].get(constant) == simdjson::SUCCESS)
        return describe(Value(constant));
    if (node.types != TYPE_ANY && node.types != 0)
    {
        std::string text = describeTypes(node.types);
        // "string", "string or null": in brackets the article is in the way.
        if (text.compare(0, 2, "a ") == 0)
            text.erase(0, 2);
        else if (text.compare(0, 3, "an ") == 0)
            text.erase(0, 3);
        return text;
    }
    return {};
}

/// "'path' (string: the file to read)".
std::string Explainer::describeMember(const ObjectRules& rules, std::uint32_t number) const
{
    std::string out = "'";
    out += rules.names.names()[number];
    out += '\'';
    const ObjectRules::Member& member = rules.members[number];
    if (member.node == NONE)
        return out;
    const std::string type = describeSchema(member.node);
    std::string description;
    for (const NodeId id : {member.declared, member.node})
    {
        std::string_view text;
        if (description.empty() && _program.sources[id].schema["description"].get(text) == simdjson::SUCCESS)
        {
            description = describe(Value(text), DESCRIPTION_BYTES);
            // Without the quotes of a JSON string; one that was cut off has none at its end.
            description.erase(0, 1);
            if (description.back() == '"')
                description.pop_back();
        }
    }
    if (type.empty() && description.empty())
        return out;
    return out + " (" + type + (type.empty() || description.empty() ? "" : ": ") + description + ")";
}

/// How likely it is that the alternative was meant: one for another type or with another tag hardly was.
int Explainer::likelihood(const Report& failure) const
{
    const std::size_t here = depthOf(_at);
    int likely = 4;
    for (const auto& [violation, depth] : failure.findings())
    {
        const std::string& keyword = violation.keyword;
        if (depth == here && keyword == "type")
            likely = std::min(likely, 0);
        else if (depth <= here + 1 && (keyword == "const" || keyword == "enum"))
            likely = std::min(likely, 1);
        else if (depth == here + 1 && keyword == "type")
            likely = std::min(likely, 2);
        else if (depth == here)
            likely = std::min(likely, 3);
    }
    return failure.findings().empty() ? 0 : likely;
}

void Explainer::noneMatches(NodeId id, std::string_view keyword, const std::vector<NodeId>& alternatives,
                            const std::vector<Report>& failures, const Value& value)
{
    if (_report->full() || failures.empty())
        return;
    int best = -1;
    const Report* likeliest = nullptr;
    bool unique = false;
    for (const Report& failure : failures)
    {
        const int likely = likelihood(failure);
        unique = likely != best && (likely > best || unique);
        if (likely > best)
        {
            best = likely;
            likeliest = &failure;
        }
    }
    if (best > 0 && (unique || failures.size() == 1))
    {
        for (const auto& finding : likeliest->findings())
            _report->add(finding);
        return;
    }

    TypeSet types = 0;
    for (const NodeId alternative : alternatives)
        types = static_cast<TypeSet>(types | _program.nodes[alternative].types);
    if (best <= 0 && types != TYPE_ANY)
        add(id, keyword,
            subject() + " must be " + describeTypes(types) + ", but is " + indefinite(value) + " (" + describe(value) +
                ")");
    else
        alternativesInShort(id, keyword, failures);
}

void Explainer::alternativesInShort(NodeId id, std::string_view keyword, const std::vector<Report>& failures)
{
    std::string message = subject() + " matches none of " + counted(failures.size(), "alternative", "alternatives");
    std::size_t listed = 0;
    for (const Report& failure : failures)
    {
        if (failure.findings().empty() || listed == ALTERNATIVES_LISTED)
            continue;
        ++listed;
        message += listed == 1 ? ": " : "; or ";
        message += failure.findings().front().violation.message;
    }
    add(id, keyword, std::move(message));
}

} // namespace tenon::schema
