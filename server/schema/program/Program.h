#pragma once

#include "schema/format/Formats.h"
#include "schema/program/Dialect.h"
#include "schema/program/NameTable.h"
#include "schema/value/Value.h"

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2
{
class RE2;
}

namespace tenon::schema
{

struct Document;

using NodeId = std::uint32_t;
using RuleId = std::uint32_t;

/// No node, no rules, no limit.
constexpr std::uint32_t NONE = UINT32_MAX;
constexpr std::uint64_t UNLIMITED = UINT64_MAX;

/// `enum` or `const`: strings by table, the rest one by one.
struct Choice
{
    NameTable strings;
    std::vector<Value> others;
};

struct NumberRules
{
    bool hasMinimum = false;
    bool hasMaximum = false;
    bool hasExclusiveMinimum = false;
    bool hasExclusiveMaximum = false;
    bool hasMultipleOf = false;
    Number minimum;
    Number maximum;
    Number exclusiveMinimum;
    Number exclusiveMaximum;
    Number multipleOf;
};

struct StringRules
{
    std::uint64_t minLength = 0;
    std::uint64_t maxLength = UNLIMITED;
    std::unique_ptr<const re2::RE2> pattern;
    std::string_view patternText;
    const Format* format = nullptr;
};

struct ArrayRules
{
    std::uint64_t minItems = 0;
    std::uint64_t maxItems = UNLIMITED;
    bool uniqueItems = false;
    bool marksContained = false; ///< 2020-12: what `contains` finds is evaluated
    std::vector<NodeId> prefix;
    std::string_view restKeyword; ///< "items" or "additionalItems"
    NodeId rest = NONE;
    NodeId contains = NONE;
    std::uint64_t minContains = 1;
    std::uint64_t maxContains = UNLIMITED;
};

struct ObjectRules
{
    /// A name that some keyword mentions.
    struct Member
    {
        NodeId node = NONE;     ///< NONE if `properties` does not have it
        NodeId declared = NONE; ///< the same before a lone `$ref` was followed: it may have a description
    };

    struct Pattern
    {
        std::unique_ptr<const re2::RE2> pattern;
        std::string_view text;
        NodeId node;
    };

    struct Dependency
    {
        std::uint32_t trigger;             ///< number of the name
        std::string_view keyword;          ///< "dependentRequired", "dependentSchemas" or "dependencies"
        std::vector<std::uint32_t> needed; ///< numbers of names
        NodeId node = NONE;
    };

    NameTable names; ///< of `properties`, `required` and the dependencies
    std::vector<Member> members;
    std::vector<std::uint32_t> required;
    std::uint64_t requiredBits = 0; ///< the same for names numbered below 64
    bool requiredBeyondBits = false;
    std::vector<Pattern> patterns;
    std::vector<Dependency> dependencies;
    NodeId additional = NONE;
    NodeId propertyNames = NONE;
    std::uint64_t minProperties = 0;
    std::uint64_t maxProperties = UNLIMITED;
};

/// What most tools declare: an object whose members have types, some of them required, and of which nothing else is said.
struct FlatRules
{
    const ObjectRules* object = nullptr; ///< of the same program; null: the schema is of another kind
    std::vector<TypeSet> types;          ///< by number of the name; 0: more is said of that member
    bool open = true;                    ///< there may be other members
};

/// The keywords that apply subschemas to the value itself.
struct InPlaceRules
{
    NodeId ref = NONE;
    NodeId dynamicRef = NONE;    ///< where it leads if no outer resource has the anchor
    std::uint32_t anchor = NONE; ///< number of the dynamic anchor; NONE if it is as good as a `$ref`
    std::vector<NodeId> allOf;
    std::vector<NodeId> anyOf;
    std::vector<NodeId> oneOf;
    NodeId negated = NONE;
    NodeId condition = NONE;
    NodeId consequence = NONE;
    NodeId alternative = NONE;
};

/// A subschema: what is looked at for every value here, the rest by number.
struct Node
{
    enum class Kind : std::uint8_t
    {
        ALWAYS, ///< true, {}
        NEVER,  ///< false
        RULES
    };

    Kind kind = Kind::ALWAYS;
    TypeSet types = TYPE_ANY;
    bool tracks = false; ///< has `unevaluatedItems` or `unevaluatedProperties`
    std::uint32_t resource = 0;
    RuleId enumeration = NONE;
    RuleId constant = NONE;
    RuleId number = NONE;
    RuleId string = NONE;
    RuleId array = NONE;
    RuleId object = NONE;
    RuleId inPlace = NONE;
    NodeId unevaluatedItems = NONE;
    NodeId unevaluatedProperties = NONE;
};

/// A compiled schema.
///
/// Threading: immutable once compiled.
/// Ownership: names, texts and values point into `documents`.
class Program
{
public:
    /// What messages need of a node.
    struct Source
    {
        simdjson::dom::element schema;
        std::string path; ///< "#/properties/a"
    };

    /// Where a dynamic anchor leads in one resource.
    struct DynamicTarget
    {
        std::uint32_t anchor;
        NodeId node;
    };

    Program();
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    Dialect dialect = Dialect::DRAFT_2020_12;
    NodeId root = 0;
    std::vector<Node> nodes;
    std::vector<Source> sources; ///< parallel to `nodes`
    std::vector<Choice> choices;
    std::vector<NumberRules> numbers;
    std::vector<StringRules> strings;
    std::vector<ArrayRules> arrays;
    std::vector<ObjectRules> objects;
    std::vector<InPlaceRules> inPlace;
    FlatRules flat; ///< of the root, for a look in one pass

    /// Number of dynamic anchors that some `$dynamicRef` asks for; 0 means that the dynamic scope need not be followed.
    std::uint32_t dynamicAnchors = 0;
    std::vector<std::vector<DynamicTarget>> dynamicTargets; ///< by resource

    std::vector<std::shared_ptr<Document>> documents;
};

} // namespace tenon::schema
