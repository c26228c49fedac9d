#include "schema/compile/Compiler.h"

#include "base/text/PercentCoding.h"
#include "schema/SchemaException.h"
#include "schema/compile/Linker.h"
#include "schema/text/Pointer.h"
#include "schema/text/Regex.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>

namespace tenon::schema
{

using simdjson::SUCCESS;

Compiler::Compiler(const Limits& limits, FormatMode formats)
    : _formats(formats), _registry(limits), _program(std::make_unique<Program>())
{
}

std::unique_ptr<Program> Compiler::compile(std::shared_ptr<Document> document)
{
    _program->dialect = document->dialect;
    const std::uint32_t root = _registry.add(std::move(document));
    _program->root = nodeFor(root);
    // Every subschema of the document, referred to or not: a broken one is the author's mistake in any case.
    const std::size_t own = _registry.size();
    for (std::uint32_t location = 0; location < own; ++location)
        nodeFor(location);
    drain();
    finishDynamicRefs();
    for (NodeId id = 0; id < _program->nodes.size(); ++id)
        _program->sources.push_back({_registry.location(_locationOf[id]).schema, _registry.path(_locationOf[id])});
    _program->documents = _registry.documents();
    refuseLoops(*_program);
    followLoneReferences(*_program);
    noteFlatRules(*_program);
    return std::move(_program);
}

/// Compiles what is still open. Building a node may open others.
void Compiler::drain()
{
    for (; _built < _program->nodes.size(); ++_built)
        build(static_cast<NodeId>(_built));
}

NodeId Compiler::nodeFor(std::uint32_t location)
{
    if (_nodeOf.size() <= location)
        _nodeOf.resize(_registry.size(), NONE);
    if (_nodeOf[location] == NONE)
    {
        _nodeOf[location] = static_cast<NodeId>(_program->nodes.size());
        _program->nodes.emplace_back();
        _locationOf.push_back(location);
    }
    return _nodeOf[location];
}

NodeId Compiler::childOf(std::uint32_t location, const std::string& pointer)
{
    const std::uint32_t child = _registry.find(_registry.location(location).document, pointer);
    if (child == Registry::NONE)
        throw SchemaException("#" + pointer + " must be a schema, that is an object or a boolean");
    return nodeFor(child);
}

NodeId Compiler::getChild(std::uint32_t location, std::string_view keyword)
{
    Element value;
    if (!get(location, keyword, value))
        return NONE;
    return childOf(location, pointer::child(_registry.location(location).pointer, keyword));
}

std::vector<NodeId> Compiler::listOf(std::uint32_t location, std::string_view keyword)
{
    std::vector<NodeId> nodes;
    simdjson::dom::array list;
    if (_registry.location(location).schema[keyword].get(list) != SUCCESS)
        return nodes;
    const std::size_t size = list.size();
    for (std::size_t i = 0; i < size; ++i)
        nodes.push_back(childOf(location, pointer::child(_registry.location(location).pointer, keyword, i)));
    return nodes;
}

bool Compiler::get(std::uint32_t location, std::string_view keyword, Element& out) const
{
    return _registry.location(location).schema[keyword].get(out) == SUCCESS;
}

bool Compiler::getText(std::uint32_t location, std::string_view keyword, std::string_view& out) const
{
    return _registry.location(location).schema[keyword].get(out) == SUCCESS;
}

bool Compiler::getNumber(std::uint32_t location, std::string_view keyword, Number& out) const
{
    Element element;
    if (!get(location, keyword, element) || !element.is_number())
        return false;
    out = Value(element).number();
    return true;
}

bool Compiler::getCount(std::uint32_t location, std::string_view keyword, std::uint64_t& out) const
{
    Number number;
    if (!getNumber(location, keyword, number))
        return false;
    if (number.kind == Number::Kind::SIGNED)
        out = static_cast<std::uint64_t>(std::max<std::int64_t>(number.asSigned, 0));
    else if (number.kind == Number::Kind::UNSIGNED)
        out = number.asUnsigned;
    else
        out = number.asReal >= 1e18 ? UNLIMITED : static_cast<std::uint64_t>(std::max(number.asReal, 0.0));
    return true;
}

Dialect Compiler::dialectOf(std::uint32_t location) const
{
    return _registry.document(_registry.location(location).document).dialect;
}

void Compiler::fail(std::uint32_t location, std::string_view keyword, const std::string& what) const
{
    throw SchemaException(_registry.path(location) + "/" + std::string(keyword) + " " + what);
}

void Compiler::build(NodeId id)
{
    const std::uint32_t location = _locationOf[id];
    Node node;
    node.resource = _registry.location(location).resource;
    bool allows = false;
    if (_registry.location(location).schema.get(allows) == SUCCESS)
        node.kind = allows ? Node::Kind::ALWAYS : Node::Kind::NEVER;
    else
        buildRules(node, location);
    _program->nodes[id] = node;
}

void Compiler::buildRules(Node& node, std::uint32_t location)
{
    Element reference;
    if (dialectOf(location) == Dialect::DRAFT_07 && get(location, "$ref", reference))
        buildInPlace(node, location);
    else
    {
        buildTypes(node, location);
        buildChoices(node, location);
        buildNumber(node, location);
        buildString(node, location);
        buildArray(node, location);
        buildObject(node, location);
        buildInPlace(node, location);
        if (dialectOf(location) == Dialect::DRAFT_2020_12)
        {
            node.unevaluatedItems = getChild(location, "unevaluatedItems");
            node.unevaluatedProperties = getChild(location, "unevaluatedProperties");
            node.tracks = node.unevaluatedItems != NONE || node.unevaluatedProperties != NONE;
        }
    }
    bool empty = node.types == TYPE_ANY && !node.tracks;
    for (const RuleId rules :
         {node.enumeration, node.constant, node.number, node.string, node.array, node.object, node.inPlace})
        empty = empty && rules == NONE;
    node.kind = empty ? Node::Kind::ALWAYS : Node::Kind::RULES;
}

void Compiler::buildTypes(Node& node, std::uint32_t location)
{
    Element type;
    if (!get(location, "type", type))
        return;
    node.types = 0;
    const auto add = [&](Element element)
    {
        std::string_view name;
        const TypeSet bits = element.get(name) == SUCCESS ? typeNamed(name) : TypeSet(0);
        if (bits == 0)
            fail(location, "type", "must name JSON types");
        node.types = static_cast<TypeSet>(node.types | bits);
    };
    simdjson::dom::array list;
    if (type.get(list) == SUCCESS)
        for (const Element item : list)
            add(item);
    else
        add(type);
    if ((node.types & TYPE_NUMBER) != 0)
        node.types |= TYPE_INTEGER;
}

void Compiler::buildChoices(Node& node, std::uint32_t location)
{
    const auto add = [](Choice& choice, Element element)
    {
        const Value value(element);
        if (value.kind() == Value::Kind::STRING)
            choice.strings.add(value.text());
        else
            choice.others.push_back(value);
    };
    const auto keep = [this](Choice&& choice)
    {
        _program->choices.push_back(std::move(choice));
        return static_cast<RuleId>(_program->choices.size() - 1);
    };

    simdjson::dom::array values;
    if (_registry.location(location).schema["enum"].get(values) == SUCCESS)
    {
        Choice choice;
        for (const Element value : values)
            add(choice, value);
        node.enumeration = keep(std::move(choice));
    }
    Element value;
    if (get(location, "const", value))
    {
        Choice choice;
        add(choice, value);
        node.constant = keep(std::move(choice));
    }
}

void Compiler::buildNumber(Node& node, std::uint32_t location)
{
    NumberRules rules;
    rules.hasMinimum = getNumber(location, "minimum", rules.minimum);
    rules.hasMaximum = getNumber(location, "maximum", rules.maximum);
    rules.hasExclusiveMinimum = getNumber(location, "exclusiveMinimum", rules.exclusiveMinimum);
    rules.hasExclusiveMaximum = getNumber(location, "exclusiveMaximum", rules.exclusiveMaximum);
    rules.hasMultipleOf = getNumber(location, "multipleOf", rules.multipleOf);
    if (!rules.hasMinimum && !rules.hasMaximum && !rules.hasExclusiveMinimum && !rules.hasExclusiveMaximum &&
        !rules.hasMultipleOf)
        return;
    node.number = static_cast<RuleId>(_program->numbers.size());
    _program->numbers.push_back(rules);
}

std::unique_ptr<const re2::RE2> Compiler::pattern(std::uint32_t location, std::string_view keyword,
                                                  std::string_view text)
{
    try
    {
        return compilePattern(text);
    }
    catch (const SchemaException& exc)
    {
        fail(location, keyword, describe(Value(text)) + " " + exc.message());
    }
}

void Compiler::buildString(Node& node, std::uint32_t location)
{
    StringRules rules;
    bool any = getCount(location, "minLength", rules.minLength);
    any = getCount(location, "maxLength", rules.maxLength) || any;
    if (getText(location, "pattern", rules.patternText))
    {
        rules.pattern = pattern(location, "pattern", rules.patternText);
        any = true;
    }
    std::string_view format;
    if (_formats == FormatMode::ASSERTION && getText(location, "format", format))
    {
        rules.format = findFormat(format);
        any = any || rules.format;
    }
    if (!any)
        return;
    node.string = static_cast<RuleId>(_program->strings.size());
    _program->strings.push_back(std::move(rules));
}

void Compiler::buildArray(Node& node, std::uint32_t location)
{
    ArrayRules rules;
    bool any = getCount(location, "minItems", rules.minItems);
    any = getCount(location, "maxItems", rules.maxItems) || any;
    Element unique;
    rules.uniqueItems = get(location, "uniqueItems", unique) && unique.get_bool().value_unsafe();
    buildItems(rules, location);
    buildContains(rules, location);
    if (!any && !rules.uniqueItems && rules.prefix.empty() && rules.rest == NONE && rules.contains == NONE)
        return;
    node.array = static_cast<RuleId>(_program->arrays.size());
    _program->arrays.push_back(std::move(rules));
}

void Compiler::buildItems(ArrayRules& rules, std::uint32_t location)
{
    Element items;
    rules.restKeyword = "items";
    if (dialectOf(location) == Dialect::DRAFT_2020_12)
    {
        rules.prefix = listOf(location, "prefixItems");
        rules.rest = getChild(location, "items");
    }
    else if (get(location, "items", items) && items.is_array())
    {
        rules.prefix = listOf(location, "items");
        rules.rest = getChild(location, "additionalItems");
        rules.restKeyword = "additionalItems";
    }
    else
        rules.rest = getChild(location, "items");
}

void Compiler::buildContains(ArrayRules& rules, std::uint32_t location)
{
    rules.contains = getChild(location, "contains");
    if (dialectOf(location) == Dialect::DRAFT_07)
        return;
    rules.marksContained = true;
    getCount(location, "minContains", rules.minContains);
    getCount(location, "maxContains", rules.maxContains);
}

void Compiler::buildObject(Node& node, std::uint32_t location)
{
    ObjectRules rules;
    bool any = getCount(location, "minProperties", rules.minProperties);
    any = getCount(location, "maxProperties", rules.maxProperties) || any;
    buildProperties(rules, location);
    buildDependencies(rules, location, "dependencies");
    if (dialectOf(location) == Dialect::DRAFT_2020_12)
    {
        buildDependencies(rules, location, "dependentRequired");
        buildDependencies(rules, location, "dependentSchemas");
    }
    rules.members.resize(rules.names.size());
    rules.additional = getChild(location, "additionalProperties");
    rules.propertyNames = getChild(location, "propertyNames");
    if (!any && rules.names.size() == 0 && rules.patterns.empty() && rules.additional == NONE &&
        rules.propertyNames == NONE)
        return;
    node.object = static_cast<RuleId>(_program->objects.size());
    _program->objects.push_back(std::move(rules));
}

void Compiler::buildProperties(ObjectRules& rules, std::uint32_t location)
{
    const std::string at = _registry.location(location).pointer;
    simdjson::dom::object map;
    if (_registry.location(location).schema["properties"].get(map) == SUCCESS)
        for (const auto field : map)
        {
            const NodeId child = childOf(location, pointer::child(at, "properties", field.key));
            rules.names.add(field.key);
            rules.members.push_back({child, child});
        }
    if (_registry.location(location).schema["patternProperties"].get(map) == SUCCESS)
        for (const auto field : map)
            rules.patterns.push_back({pattern(location, "patternProperties", field.key), field.key,
                                      childOf(location, pointer::child(at, "patternProperties", field.key))});
    simdjson::dom::array names;
    if (_registry.location(location).schema["required"].get(names) != SUCCESS)
        return;
    for (const Element name : names)
    {
        const std::uint32_t number = rules.names.add(name.get_string().value_unsafe());
        rules.required.push_back(number);
        if (number < 64)
            rules.requiredBits |= std::uint64_t(1) << number;
        else
            rules.requiredBeyondBits = true;
    }
}

void Compiler::buildDependencies(ObjectRules& rules, std::uint32_t location, std::string_view keyword)
{
    simdjson::dom::object map;
    if (_registry.location(location).schema[keyword].get(map) != SUCCESS)
        return;
    const std::string at = _registry.location(location).pointer;
    for (const auto field : map)
    {
        ObjectRules::Dependency dependency;
        dependency.trigger = rules.names.add(field.key);
        dependency.keyword = keyword;
        simdjson::dom::array names;
        if (field.value.get(names) == SUCCESS)
            for (const Element name : names)
                dependency.needed.push_back(rules.names.add(name.get_string().value_unsafe()));
        else
            dependency.node = childOf(location, pointer::child(at, keyword, field.key));
        rules.dependencies.push_back(std::move(dependency));
    }
}

void Compiler::buildInPlace(Node& node, std::uint32_t location)
{
    const bool modern = dialectOf(location) == Dialect::DRAFT_2020_12;
    InPlaceRules rules;
    std::string_view reference;
    const bool hasRef = getText(location, "$ref", reference);
    if (hasRef)
        rules.ref = nodeFor(_registry.resolve(location, "$ref", reference));
    if (modern || !hasRef)
    {
        if (modern && getText(location, "$dynamicRef", reference))
            buildDynamicRef(rules, location, reference);
        rules.allOf = listOf(location, "allOf");
        rules.anyOf = listOf(location, "anyOf");
        rules.oneOf = listOf(location, "oneOf");
        rules.negated = getChild(location, "not");
        rules.condition = getChild(location, "if");
        if (rules.condition != NONE)
        {
            rules.consequence = getChild(location, "then");
            rules.alternative = getChild(location, "else");
        }
    }
    if (rules.ref == NONE && rules.dynamicRef == NONE && rules.allOf.empty() && rules.anyOf.empty() &&
        rules.oneOf.empty() && rules.negated == NONE && rules.condition == NONE)
        return;
    node.inPlace = static_cast<RuleId>(_program->inPlace.size());
    _program->inPlace.push_back(std::move(rules));
}

void Compiler::buildDynamicRef(InPlaceRules& rules, std::uint32_t location, std::string_view reference)
{
    rules.dynamicRef = nodeFor(_registry.resolve(location, "$dynamicRef", reference));
    const Registry::Anchor* anchor = _registry.anchorOf(location, reference);
    if (!anchor || !anchor->dynamic)
        return;
    const std::string name = base::percentDecodedStrictly(Uri::parse(reference).fragment.value_or("")).value_or("");
    const auto next = static_cast<std::uint32_t>(_dynamicAnchors.size());
    rules.anchor = _dynamicAnchors.emplace(name, next).first->second;
}

/// Every resource may turn out to be the outermost one, so the anchors of all of them are compiled; that may bring in
/// further dynamic references and resources.
void Compiler::finishDynamicRefs()
{
    auto& targets = _program->dynamicTargets;
    std::size_t nodes = 0;
    do
    {
        nodes = _program->nodes.size();
        targets.clear();
        for (const Registry::Resource& resource : _registry.resources())
        {
            targets.emplace_back();
            for (const auto& [name, number] : _dynamicAnchors)
            {
                const auto anchor = resource.anchors.find(name);
                if (anchor != resource.anchors.end() && anchor->second.dynamic)
                    targets.back().push_back({number, nodeFor(anchor->second.location)});
            }
        }
        drain();
    } while (_program->nodes.size() != nodes);
    _program->dynamicAnchors = static_cast<std::uint32_t>(_dynamicAnchors.size());
}

} // namespace tenon::schema
