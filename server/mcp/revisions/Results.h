#pragma once

#include "base/json/JsonDocument.h"
#include "mcp/revisions/ProtocolVersion.h"

#include <string>
#include <string_view>

namespace tenon::mcp
{

/// The result of which method a text is; decides its shape.
enum class ResultKind
{
    CALL_TOOL,
    READ_RESOURCE,
    GET_PROMPT,
    COMPLETE,
    READ_DIRECTORY
};

/// The member of `_meta` that names this server.
inline constexpr std::string_view SERVER_INFO = "io.modelcontextprotocol/serverInfo";

/// The server's identity as results of modern revisions carry it.
class ResultMeta
{
public:
    /// Shape: `implementation` is the JSON of `Implementation`.
    explicit ResultMeta(std::string_view implementation);

    /// `"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{…}}`, no braces around.
    [[nodiscard]] const std::string& complete() const { return _complete; }

    /// How a result of a revision begins that a plugin's own members follow.
    [[nodiscard]] std::string_view opening(ProtocolVersion version) const
    {
        return isModern(version) ? std::string_view(_opening) : "{";
    }

    /// `"io.modelcontextprotocol/serverInfo":{…}`, to stand in another `_meta`.
    [[nodiscard]] const std::string& serverInfo() const { return _serverInfo; }

private:
    std::string _serverInfo;
    std::string _complete;
    std::string _opening; ///< `{`, `complete()` and a comma
};

/// Defaults of the caching hints where a plugin gives none.
struct CacheHints
{
    std::int64_t ttlMs = 0;
    std::string_view scope = "private";
};

/// A result as it goes to one client: `head() + rest` is the result object, so that a large text is not copied.
struct ShapedResult
{
    std::string_view opening; ///< of a result that goes out as it stands; borrows the ResultMeta
    std::string rewritten;    ///< else: its beginning, or all of it
    std::string_view rest;    ///< the plugin's own text after its `{`, or empty

    /// Of an object, as it stands behind an opening.
    [[nodiscard]] static std::string_view restOf(std::string_view text) { return text.substr(text.find('{') + 1); }

    /// Begins with `{`.
    [[nodiscard]] std::string_view head() const { return rewritten.empty() ? opening : std::string_view(rewritten); }
};

/// Turns a plugin's result, given in the shape of the newest revision, into the one that the client's revision knows.
///
/// Shape:  `text` is one JSON object without line breaks, `tree` the same, parsed.
/// Errors: Poco::DataFormatException if it is not a result of this kind (a plugin's mistake; says what is wrong).
/// Ownership: `rest` borrows `text`.
[[nodiscard]] ShapedResult shapeResult(ResultKind kind, ProtocolVersion version, std::string_view text,
                                       const base::JsonDocument::Element& tree, const ResultMeta& meta,
                                       const CacheHints& hints);

} // namespace tenon::mcp
