#pragma once

#include "plugin/catalogue/Catalogue.h"
#include "plugin/config/PluginConfig.h"

#include <simdjson.h>

#include <string>

namespace tenon::plugin
{

/// Reads one `Tool` of a plugin's list into an entry without instance and index: checks it, applies the settings,
/// compiles its schemas, makes its queue.
///
/// Shape:  `own` is the plugin's name of the tool; `before` is the entry it had until now, or null: its schemas and
///         queue are kept if nothing about them changed.
/// Errors: Poco::DataFormatException and schema::SchemaException with the reason.
[[nodiscard]] ToolEntry readTool(const PluginConfig& config, const simdjson::dom::element& tool, const std::string& own,
                                 const std::shared_ptr<PluginLimit>& limit, const ToolEntry* before);

/// Letters, digits, '_', '-', '.', up to 128. Spec: 2026-07-28, Tools, Tool Names.
[[nodiscard]] bool isToolName(std::string_view name);

} // namespace tenon::plugin
