#pragma once

#include "schema/compile/Registry.h"
#include "schema/format/Formats.h"
#include "schema/program/Limits.h"
#include "schema/program/Program.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::schema
{

/// Turns one schema, and whatever it refers to, into a Program.
///
/// Threading: one thread; used once.
class Compiler
{
public:
    Compiler(const Limits& limits, FormatMode formats);

    /// Errors: SchemaException.
    std::unique_ptr<Program> compile(std::shared_ptr<Document> document);

private:
    using Element = simdjson::dom::element;

    NodeId nodeFor(std::uint32_t location);
    NodeId childOf(std::uint32_t location, const std::string& pointer);
    std::vector<NodeId> listOf(std::uint32_t location, std::string_view keyword);
    void build(NodeId id);
    void buildRules(Node& node, std::uint32_t location);
    void buildTypes(Node& node, std::uint32_t location);
    void buildChoices(Node& node, std::uint32_t location);
    void buildNumber(Node& node, std::uint32_t location);
    void buildString(Node& node, std::uint32_t location);
    void buildArray(Node& node, std::uint32_t location);
    void buildItems(ArrayRules& rules, std::uint32_t location);
    void buildContains(ArrayRules& rules, std::uint32_t location);
    void buildObject(Node& node, std::uint32_t location);
    void buildProperties(ObjectRules& rules, std::uint32_t location);
    void buildDependencies(ObjectRules& rules, std::uint32_t location, std::string_view keyword);
    void buildInPlace(Node& node, std::uint32_t location);
    void buildDynamicRef(InPlaceRules& rules, std::uint32_t location, std::string_view reference);
    std::unique_ptr<const re2::RE2> pattern(std::uint32_t location, std::string_view keyword, std::string_view text);
    void drain();
    void finishDynamicRefs();

    bool get(std::uint32_t location, std::string_view keyword, Element& out) const;
    bool getText(std::uint32_t location, std::string_view keyword, std::string_view& out) const;
    bool getNumber(std::uint32_t location, std::string_view keyword, Number& out) const;
    bool getCount(std::uint32_t location, std::string_view keyword, std::uint64_t& out) const;
    NodeId getChild(std::uint32_t location, std::string_view keyword);
    Dialect dialectOf(std::uint32_t location) const;
    [[noreturn]] void fail(std::uint32_t location, std::string_view keyword, const std::string& what) const;

    const FormatMode _formats;
    Registry _registry;
    std::unique_ptr<Program> _program;
    std::vector<NodeId> _nodeOf;            // by location
    std::vector<std::uint32_t> _locationOf; // by node
    std::size_t _built = 0;                 // nodes below are finished
    std::map<std::string, std::uint32_t> _dynamicAnchors;
};

} // namespace tenon::schema
