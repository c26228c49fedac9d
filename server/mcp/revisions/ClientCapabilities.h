#pragma once

#include "base/json/JsonDocument.h"
#include "mcp/revisions/ProtocolVersion.h"
#include "plugin/call/CallBackend.h"

#include <string>
#include <string_view>

namespace tenon::mcp
{

inline constexpr std::string_view TASKS_EXTENSION = "io.modelcontextprotocol/tasks";
inline constexpr std::string_view UI_EXTENSION = "io.modelcontextprotocol/ui";
inline constexpr std::string_view SKILLS_EXTENSION = "io.modelcontextprotocol/skills";

/// What a client said it can do, as far as this server asks for it.
///
/// Spec: 2026-07-28, ClientCapabilities; legacy revisions, Initialization.
struct ClientCapabilities
{
    bool elicitation = false; ///< in form mode
    bool elicitationUrl = false;
    bool sampling = false;
    bool samplingTools = false;
    bool samplingContext = false; ///< legacy revisions before 2025-11-25 have no word for it: they may
    bool roots = false;
    bool tasks = false; ///< the extension; legacy clients have no such capability for what they call

    /// Reads the `capabilities` `object`; what is missing, or not of that revision, is not there.
    [[nodiscard]] static ClientCapabilities read(const base::JsonDocument::Element& object, ProtocolVersion version);

    /// Whether the client has what a plugin asks for; what is not about its capabilities it has not.
    [[nodiscard]] bool has(tenon_client_feature feature) const;

    /// Whether a request of this method and params may be sent to the client. If not, `required` gets the
    /// ClientCapabilities object that is missing, as JSON text.
    [[nodiscard]] bool allow(std::string_view method, const base::JsonDocument::Element& params,
                             std::string& required) const;
};

} // namespace tenon::mcp
