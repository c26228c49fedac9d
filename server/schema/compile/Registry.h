#pragma once

#include "schema/program/Dialect.h"
#include "schema/program/Limits.h"
#include "schema/text/Uri.h"

#include <simdjson.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::schema
{

/// A parsed text and how its schemas are to be read.
struct Document
{
    simdjson::dom::document tree;
    simdjson::dom::element root;
    Dialect dialect = Dialect::DRAFT_2020_12;
    std::string uri; ///< in front of '#' in schema paths; empty for the schema that is being compiled

    /// Errors: SchemaException if `text` is not JSON or beyond the limits.
    static std::shared_ptr<Document> parse(std::string_view text, const Limits& limits);
};

/// One schema or subschema, and what `$ref` needs to know of the place where it stands.
struct Location
{
    simdjson::dom::element schema;
    std::string pointer;    ///< in its document
    std::uint32_t document; ///< index
    std::uint32_t resource; ///< index: the schema resource it belongs to
};

/// Finds every subschema of the documents in play by pointer, `$id` and anchor. Used during compilation only.
class Registry
{
public:
    static constexpr std::uint32_t NONE = UINT32_MAX;

    struct Anchor
    {
        std::uint32_t location;
        bool dynamic;
    };

    struct Resource
    {
        Uri base;
        std::uint32_t document;
        std::uint32_t root; ///< its location
        std::map<std::string, Anchor, std::less<>> anchors;
    };

    explicit Registry(const Limits& limits);

    /// Indexes all subschemas of a document whose shape its meta-schema has found right, and returns the root's
    /// location.
    ///
    /// Errors: SchemaException for a doubled `$id`, anchor or member, and too many subschemas.
    std::uint32_t add(std::shared_ptr<Document> document);

    /// The location of a pointer; NONE if no schema is known to stand there.
    std::uint32_t find(std::uint32_t document, const std::string& pointer) const;

    /// What `reference`, found in the schema at `from`, leads to. Meta-schemas are added when they are first asked for.
    ///
    /// Errors: SchemaException, with `keyword` in its path, if nothing is there.
    std::uint32_t resolve(std::uint32_t from, std::string_view keyword, std::string_view reference);

    /// The anchor that `reference` ends in, if it ends in one; null otherwise. Call after `resolve`.
    const Anchor* anchorOf(std::uint32_t from, std::string_view reference) const;

    const Location& location(std::uint32_t index) const { return _locations[index]; }
    const Document& document(std::uint32_t index) const { return *_documents[index]; }
    const std::vector<Resource>& resources() const noexcept { return _resources; }
    std::size_t size() const noexcept { return _locations.size(); }
    const std::vector<std::shared_ptr<Document>>& documents() const noexcept { return _documents; }

    /// "#/properties/a" or, in a meta-schema, "https://...#/properties/a".
    std::string path(std::uint32_t location) const;

private:
    std::uint32_t walk(simdjson::dom::element schema, const std::string& pointer, std::uint32_t document,
                       std::uint32_t resource);
    void walkChildren(const Location& at);
    void walkMembers(simdjson::dom::element map, const std::string& pointer, const Location& parent);
    void walkItems(simdjson::dom::element list, const std::string& pointer, const Location& parent);
    std::uint32_t identify(Location& at, std::uint32_t index);
    void addAnchor(std::uint32_t resource, std::string_view name, std::uint32_t location, bool dynamic);
    std::uint32_t resourceAt(const std::string& uri);
    std::uint32_t byPointer(std::uint32_t resource, const std::string& pointer);
    std::uint32_t adopt(std::uint32_t document, const std::string& pointer);

    const Limits _limits;
    std::vector<std::shared_ptr<Document>> _documents;
    std::vector<Location> _locations;
    std::vector<Resource> _resources;
    std::map<std::string, std::uint32_t> _resourceOf;
    std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> _locationOf;
};

} // namespace tenon::schema
