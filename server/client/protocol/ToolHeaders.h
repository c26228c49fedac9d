#pragma once

#include "base/json/JsonDocument.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::client
{

/// Which arguments of a tool are mirrored into `Mcp-Param-*` headers, as its input schema says with `x-mcp-header`.
///
/// Spec: 2026-07-28, Streamable HTTP, Custom Headers from Tool Parameters.
class ToolHeaders
{
public:
    /// Reads the annotations of `inputSchema`.
    ///
    /// Shape: false: an annotation breaks the rules, the tool must not be used; `fault` says which.
    [[nodiscard]] bool read(const base::JsonDocument::Element& inputSchema, std::string& fault);

    /// The headers for a call.
    ///
    /// Shape:  `arguments` is the text of a JSON object, or empty.
    /// Errors: Poco::DataFormatException if it is no JSON.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> headersFor(std::string_view arguments) const;

    [[nodiscard]] bool empty() const { return _mirrored.empty(); }

private:
    struct Mirrored
    {
        std::vector<std::string> path; ///< of members, from the root of the arguments
        std::string header;            ///< "Mcp-Param-Region"
    };

    bool readProperties(const base::JsonDocument::Element& schema, std::vector<std::string>& path, std::string& fault);
    bool readProperty(std::string_view name, const base::JsonDocument::Element& schema, std::vector<std::string>& path,
                      std::string& fault);
    bool add(const base::JsonDocument::Element& schema, std::string_view header, const std::vector<std::string>& path,
             std::string& fault);

    std::vector<Mirrored> _mirrored;
};

/// A value as a header may carry it: as it stands, or in base64 between marks if it would not survive.
[[nodiscard]] std::string headerValue(std::string_view value);

} // namespace tenon::client
