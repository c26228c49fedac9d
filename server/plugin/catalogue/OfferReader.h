#pragma once

#include "plugin/catalogue/Catalogue.h"
#include "plugin/config/PluginConfig.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// Something that was not taken into the catalogue, and why.
struct Refusal
{
    std::string plugin;
    std::string subject; ///< "tool 'echo'"; empty: the whole plugin
    std::string reason;  ///< for the operator

    bool operator==(const Refusal&) const = default;
};

/// What one plugin brings into the catalogue.
struct Entries
{
    std::string version; ///< of the manifest
    std::map<std::string, std::string>
        toolDigests; ///< SHA-256 of each definition as the plugin gives it, by its own name
    std::vector<ToolEntry> tools;
    std::vector<ResourceEntry> resources;
    std::vector<TemplateEntry> templates;
    std::vector<PromptEntry> prompts;
    std::vector<SkillEntry> skills;
    std::vector<Refusal> refusals; ///< of single tools, resources, …
    bool completes = false;
    bool readsDirectories = false;
};

/// Reads what a plugin offers: checks it, applies the settings, compiles the schemas.
///
/// Shape:     `instance` may be null (a check without a plugin). `before` is what the plugin offered until now, or
///            null: compiled schemas and admissions of tools that are the same are taken over.
/// Errors:    LoadException for a manifest or list that is not what the ABI says: the plugin is refused. What is wrong
///            with one tool is a refusal of that tool.
/// Threading: any thread.
[[nodiscard]] Entries readOffer(const PluginConfig& config, const Offer& offer, const InstancePtr& instance,
                                const std::shared_ptr<PluginLimit>& limit, const Entries* before);

/// Puts the entries of all plugins, in the order of their names, into one catalogue, not yet sealed. What has the name
/// of something of an earlier plugin is refused.
[[nodiscard]] std::shared_ptr<Catalogue> merge(const std::vector<std::pair<InstancePtr, const Entries*>>& plugins,
                                               std::vector<Refusal>& refusals);

} // namespace tenon::plugin
