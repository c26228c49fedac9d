#pragma once

#include "base/json/JsonDocument.h"

#include <string>
#include <string_view>
#include <vector>

namespace tenon::client
{

/// What a server said about itself when the session began.
struct Peer
{
    std::string revision; ///< agreed on; empty: not connected
    std::string name, title, version;
    std::string instructions;
    std::vector<std::string> supportedRevisions; ///< of `server/discover`; empty if a handshake was made
    base::JsonDocumentPtr document;              ///< null: not connected
    bool hasCapabilities = false;
    base::JsonDocument::Element capabilities; ///< of `document`, if it has any

    /// Whether the server has the capability, of one level ("tools") or two ("tools", "listChanged" as a true flag or
    /// an object).
    [[nodiscard]] bool has(std::string_view capability, std::string_view member = {}) const;

    /// Reads name, title and version of an implementation object.
    void readImplementation(const base::JsonDocument::Element& element);
};

} // namespace tenon::client
