#pragma once

#include "base/json/JsonDocument.h"
#include "mcp/revisions/ProtocolVersion.h"

#include <string>
#include <string_view>

namespace tenon::mcp
{

/// What kind of object a text defines or holds; decides which members a revision knows.
enum class Shape
{
    TOOL,
    RESOURCE,
    RESOURCE_TEMPLATE,
    PROMPT,
    IMPLEMENTATION,
    RESOURCE_CONTENTS
};

/// Appends `object`, an object in the shape of the newest revision, with the members that `version` knows.
///
/// Spec: the schemas of the five revisions.
void appendFor(std::string& out, ProtocolVersion version, Shape shape, const base::JsonDocument::Element& object);

/// Appends a content block of a tool result or prompt message. What a revision does not know becomes what it knows: audio
/// and resource links become text.
void appendContentFor(std::string& out, ProtocolVersion version, const base::JsonDocument::Element& content);

/// Whether the content block can go out as it stands.
[[nodiscard]] bool contentIsKnown(ProtocolVersion version, const base::JsonDocument::Element& content);

} // namespace tenon::mcp
