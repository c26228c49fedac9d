#include "schema/compile/Registry.h"

#include "base/json/KeptJson.h"
#include "base/text/PercentCoding.h"
#include "schema/SchemaException.h"
#include "schema/compile/MetaSchemas.h"
#include "schema/text/Pointer.h"

#include <algorithm>
#include <array>
#include <set>

namespace tenon::schema
{

namespace
{

/// What a keyword's value is made of.
enum class Shape
{
    SCHEMA,
    LIST,
    MAP,
    SCHEMA_OR_LIST
};

struct Applicator
{
    std::string_view keyword;
    Shape shape;
    bool draft07;
    bool draft202012;
};

constexpr std::array<Applicator, 23> APPLICATORS{{
    {"properties", Shape::MAP, true, true},
    {"patternProperties", Shape::MAP, true, true},
    {"additionalProperties", Shape::SCHEMA, true, true},
    {"propertyNames", Shape::SCHEMA, true, true},
    {"$defs", Shape::MAP, false, true},
    {"definitions", Shape::MAP, true, true},
    {"dependencies", Shape::MAP, true, true},
    {"dependentSchemas", Shape::MAP, false, true},
    {"items", Shape::SCHEMA_OR_LIST, true, false},
    {"items", Shape::SCHEMA, false, true},
    {"additionalItems", Shape::SCHEMA, true, false},
    {"prefixItems", Shape::LIST, false, true},
    {"contains", Shape::SCHEMA, true, true},
    {"allOf", Shape::LIST, true, true},
    {"anyOf", Shape::LIST, true, true},
    {"oneOf", Shape::LIST, true, true},
    {"not", Shape::SCHEMA, true, true},
    {"if", Shape::SCHEMA, true, true},
    {"then", Shape::SCHEMA, true, true},
    {"else", Shape::SCHEMA, true, true},
    {"unevaluatedItems", Shape::SCHEMA, false, true},
    {"unevaluatedProperties", Shape::SCHEMA, false, true},
    {"contentSchema", Shape::SCHEMA, false, true},
}};

bool isSchema(simdjson::dom::element element)
{
    return element.is_object() || element.is_bool();
}

std::string_view textMember(simdjson::dom::element schema, std::string_view name)
{
    std::string_view text;
    if (schema[name].get(text) != simdjson::SUCCESS)
        return {};
    return text;
}

bool hasMember(simdjson::dom::element schema, std::string_view name)
{
    return schema[name].error() == simdjson::SUCCESS;
}

void refuseDoubles(simdjson::dom::element element, const std::string& path)
{
    std::set<std::string_view> names;
    const simdjson::dom::object object = element.get_object().value_unsafe();
    for (const auto field : object)
        if (!names.insert(field.key).second)
            throw SchemaException(path + " has the member '" + std::string(field.key) + "' twice");
}

simdjson::dom::element step(simdjson::dom::element at, const std::string& token, bool& found)
{
    simdjson::dom::element next;
    found = false;
    if (at.is_object())
        found = at[token].get(next) == simdjson::SUCCESS;
    else if (at.is_array() && !token.empty() && token.find_first_not_of("0123456789") == std::string::npos &&
             token.size() < 10 && (token == "0" || token[0] != '0'))
        found = at.get_array().value_unsafe().at(std::stoul(token)).get(next) == simdjson::SUCCESS;
    return next;
}

} // namespace

std::shared_ptr<Document> Document::parse(std::string_view text, const Limits& limits)
{
    if (text.size() > limits.maxTextBytes)
        throw SchemaException("the schema has " + std::to_string(text.size()) + " bytes, the limit is " +
                              std::to_string(limits.maxTextBytes));
    auto document = std::make_shared<Document>();
    simdjson::dom::parser parser;
    // The parser counts the root's level too.
    simdjson::error_code error = parser.allocate(text.size() + 64, limits.maxDepth + 1);
    if (!error)
        error = parser.parse_into_document(document->tree, text.data(), text.size()).get(document->root);
    if (error == simdjson::DEPTH_ERROR)
        throw SchemaException("the schema is nested more than " + std::to_string(limits.maxDepth) + " levels deep");
    if (error)
        throw SchemaException(std::string("the schema is not JSON: ") + simdjson::error_message(error));
    base::fitToContent(document->tree);
    return document;
}

Registry::Registry(const Limits& limits) : _limits(limits) {}

std::uint32_t Registry::add(std::shared_ptr<Document> document)
{
    const auto index = static_cast<std::uint32_t>(_documents.size());
    const simdjson::dom::element root = document->root;
    _documents.push_back(std::move(document));
    const auto resource = static_cast<std::uint32_t>(_resources.size());
    _resources.push_back({Uri{}, index, static_cast<std::uint32_t>(_locations.size()), {}});
    const std::uint32_t location = walk(root, "", index, resource);
    if (_locations[location].resource == resource)
        _resourceOf.emplace("", resource);
    return location;
}

std::uint32_t Registry::walk(simdjson::dom::element schema, const std::string& pointer, std::uint32_t document,
                             std::uint32_t resource)
{
    const auto index = static_cast<std::uint32_t>(_locations.size());
    if (index >= _limits.maxSubschemas)
        throw SchemaException("the schema has more than " + std::to_string(_limits.maxSubschemas) + " subschemas");
    if (!_locationOf.emplace(std::make_pair(document, pointer), index).second)
        return _locationOf.at(std::make_pair(document, pointer));
    _locations.push_back({schema, pointer, document, resource});
    if (schema.is_object())
    {
        refuseDoubles(schema, path(index));
        Location at = _locations[index];
        at.resource = identify(at, index);
        _locations[index].resource = at.resource;
        walkChildren(at);
    }
    return index;
}

std::uint32_t Registry::identify(Location& at, std::uint32_t index)
{
    const Dialect dialect = _documents[at.document]->dialect;
    // In draft-07 nothing beside `$ref` counts, `$id` included.
    if (dialect == Dialect::DRAFT_07 && hasMember(at.schema, "$ref"))
        return at.resource;

    std::uint32_t resource = at.resource;
    const std::string_view id = textMember(at.schema, "$id");
    if (!id.empty())
    {
        Uri uri = Uri::parse(id);
        const std::string fragment = uri.fragment.value_or("");
        uri.fragment.reset();
        if (!uri.resource().empty())
        {
            uri = Uri::resolve(_resources[at.resource].base, uri);
            resource = static_cast<std::uint32_t>(_resources.size());
            const auto [known, isNew] = _resourceOf.emplace(uri.resource(), resource);
            // A meta-schema that comes later yields to a schema that bears its name.
            if (!isNew && _resources[known->second].document == at.document)
                throw SchemaException(path(index) + "/$id is the same as that of " +
                                      path(_resources[known->second].root) + ": '" + uri.resource() + "'");
            _resources.push_back({uri, at.document, index, {}});
        }
        if (!fragment.empty())
            addAnchor(resource, fragment, index, false);
    }
    if (dialect == Dialect::DRAFT_2020_12)
    {
        const std::string_view anchor = textMember(at.schema, "$anchor");
        if (!anchor.empty())
            addAnchor(resource, anchor, index, false);
        const std::string_view dynamicAnchor = textMember(at.schema, "$dynamicAnchor");
        if (!dynamicAnchor.empty())
            addAnchor(resource, dynamicAnchor, index, true);
    }
    return resource;
}

void Registry::addAnchor(std::uint32_t resource, std::string_view name, std::uint32_t location, bool dynamic)
{
    const auto [known, isNew] = _resources[resource].anchors.emplace(std::string(name), Anchor{location, dynamic});
    if (isNew)
        return;
    if (known->second.location != location)
        throw SchemaException(path(location) + " has the anchor '" + std::string(name) + "' that " +
                              path(known->second.location) + " has already");
    known->second.dynamic = known->second.dynamic || dynamic;
}

void Registry::walkChildren(const Location& at)
{
    const bool draft07 = _documents[at.document]->dialect == Dialect::DRAFT_07;
    const bool ignoresSiblings = draft07 && hasMember(at.schema, "$ref");
    for (const Applicator& applicator : APPLICATORS)
    {
        simdjson::dom::element value;
        if (!(draft07 ? applicator.draft07 : applicator.draft202012) ||
            at.schema[applicator.keyword].get(value) != simdjson::SUCCESS)
            continue;
        // What stands beside `$ref` is no schema in draft-07, but definitions are commonly put there and referred to.
        if (ignoresSiblings && applicator.keyword != "definitions")
            continue;
        const std::string pointer = pointer::child(at.pointer, applicator.keyword);
        if (applicator.shape == Shape::MAP)
            walkMembers(value, pointer, at);
        else if (applicator.shape == Shape::LIST || value.is_array())
            walkItems(value, pointer, at);
        else if (isSchema(value))
            walk(value, pointer, at.document, at.resource);
    }
}

void Registry::walkMembers(simdjson::dom::element map, const std::string& pointer, const Location& parent)
{
    if (!map.is_object())
        return;
    refuseDoubles(map, _documents[parent.document]->uri + "#" + pointer);
    const simdjson::dom::object members = map.get_object().value_unsafe();
    for (const auto field : members)
        if (isSchema(field.value)) // `dependencies` has lists of names, too
            walk(field.value, pointer::child(pointer, field.key), parent.document, parent.resource);
}

void Registry::walkItems(simdjson::dom::element list, const std::string& pointer, const Location& parent)
{
    if (!list.is_array())
        return;
    std::size_t index = 0;
    const simdjson::dom::array items = list.get_array().value_unsafe();
    for (const auto item : items)
    {
        if (isSchema(item))
            walk(item, pointer::child(pointer, std::to_string(index)), parent.document, parent.resource);
        ++index;
    }
}

std::uint32_t Registry::find(std::uint32_t document, const std::string& pointer) const
{
    const auto found = _locationOf.find(std::make_pair(document, pointer));
    return found == _locationOf.end() ? NONE : found->second;
}

std::string Registry::path(std::uint32_t location) const
{
    const Location& at = _locations[location];
    return _documents[at.document]->uri + "#" + at.pointer;
}

std::uint32_t Registry::resourceAt(const std::string& uri)
{
    auto found = _resourceOf.find(uri);
    if (found != _resourceOf.end())
        return found->second;
    const MetaSchema* wanted = findMetaSchema(uri);
    if (!wanted)
        return NONE;
    const auto load = [this](const MetaSchema& meta)
    {
        auto document = Document::parse(meta.text, Limits());
        document->dialect = meta.dialect;
        document->uri = std::string(meta.uri);
        add(std::move(document));
    };
    // All together, for `$dynamicRef` may lead from any of them to any other.
    if (wanted->dialect == Dialect::DRAFT_07)
        load(*wanted);
    else
        for (const MetaSchema& meta : META_SCHEMAS_2020_12)
            if (_resourceOf.find(std::string(meta.uri)) == _resourceOf.end())
                load(meta);
    return _resourceOf.at(uri);
}

std::uint32_t Registry::resolve(std::uint32_t from, std::string_view keyword, std::string_view reference)
{
    const auto fail = [&](const std::string& why)
    {
        throw SchemaException(path(from) + "/" + std::string(keyword) + " cannot be resolved: '" +
                              std::string(reference) + "' " + why);
    };
    const Uri target = Uri::resolve(_resources[_locations[from].resource].base, Uri::parse(reference));
    const std::uint32_t resource = resourceAt(target.resource());
    if (resource == NONE)
        fail("is neither in this document nor a meta-schema of draft-07 or 2020-12 (schemas are never fetched)");
    const auto fragment = base::percentDecodedStrictly(target.fragment.value_or(""));
    if (!fragment)
        fail("has a broken percent-encoding");
    if (fragment->empty())
        return _resources[resource].root;
    if ((*fragment)[0] == '/')
    {
        const std::uint32_t found = byPointer(resource, *fragment);
        if (found == NONE)
            fail("points to nothing that is a schema");
        return found;
    }
    const auto anchor = _resources[resource].anchors.find(*fragment);
    if (anchor == _resources[resource].anchors.end())
        fail("names an anchor that does not exist");
    return anchor->second.location;
}

const Registry::Anchor* Registry::anchorOf(std::uint32_t from, std::string_view reference) const
{
    const Uri target = Uri::resolve(_resources[_locations[from].resource].base, Uri::parse(reference));
    const auto resource = _resourceOf.find(target.resource());
    if (resource == _resourceOf.end() || !target.fragment)
        return nullptr;
    const auto& anchors = _resources[resource->second].anchors;
    const auto anchor = anchors.find(base::percentDecodedStrictly(*target.fragment).value_or(""));
    return anchor == anchors.end() ? nullptr : &anchor->second;
}

std::uint32_t Registry::byPointer(std::uint32_t resource, const std::string& pointer)
{
    const Location& root = _locations[_resources[resource].root];
    const std::string full = root.pointer + pointer;
    const std::uint32_t known = find(root.document, full);
    return known != NONE ? known : adopt(root.document, full);
}

/// A schema that stands under a keyword nobody knows becomes one by being referred to.
std::uint32_t Registry::adopt(std::uint32_t document, const std::string& pointer)
{
    simdjson::dom::element at = _documents[document]->root;
    std::string walked;
    std::uint32_t nearest = find(document, "");
    std::size_t start = 1;
    while (start <= pointer.size())
    {
        const std::size_t end = std::min(pointer.find('/', start), pointer.size());
        std::string token;
        for (std::size_t i = start; i < end; ++i)
        {
            if (pointer[i] == '~' && i + 1 < end && (pointer[i + 1] == '0' || pointer[i + 1] == '1'))
                token += pointer[++i] == '0' ? '~' : '/';
            else
                token += pointer[i];
        }
        bool found = false;
        at = step(at, token, found);
        if (!found)
            return NONE;
        pointer::append(walked, token);
        const std::uint32_t known = find(document, walked);
        nearest = known != NONE ? known : nearest;
        start = end + 1;
    }
    // The same place may have been reached by another spelling.
    const std::uint32_t known = find(document, walked);
    if (known != NONE || !isSchema(at))
        return known;
    checkAgainstMetaSchema(at, _documents[document]->dialect, walked);
    return walk(at, walked, document, _locations[nearest].resource);
}

} // namespace tenon::schema
