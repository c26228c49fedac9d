#pragma once

#include "base/text/SharedText.h"
#include "plugin/call/EntryQueue.h"
#include "plugin/call/Instance.h"
#include "plugin/catalogue/UriTemplate.h"
#include "schema/Schema.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tenon::plugin
{

/// One argument of a tool that travels in a header, `Mcp-Param-<header>` (`x-mcp-header` in the inputSchema).
struct HeaderParameter
{
    std::string header;            ///< as annotated, without "Mcp-Param-"
    std::vector<std::string> path; ///< the chain of property names that leads to the value
};

enum class TaskSupport
{
    FORBIDDEN,
    OPTIONAL,
    REQUIRED
};

/// A tool as the catalogue holds it. Immutable but for `queue`.
struct ToolEntry
{
    std::string name; ///< as clients see it, prefix included
    /// The JSON of `Tool` in the newest revision, prefix and overrides applied, no "tenon" member. Who needs its members
    /// parses it: a tree takes several times the text.
    base::SharedText definition;
    InstancePtr instance;
    std::uint32_t index = 0;
    std::shared_ptr<const schema::Schema> inputSchema;
    std::shared_ptr<const schema::Schema> outputSchema; ///< null if it declares none
    std::vector<HeaderParameter> headerParameters;
    TaskSupport taskSupport = TaskSupport::FORBIDDEN;
    bool taskOnDemand = false; ///< becomes a task by `begin_task`, not before it is entered
    bool readOnly = false;
    std::int64_t timeoutMs = -1;       ///< -1: the server's default; 0: none
    std::size_t maxResultBytes = 0;    ///< 0: the server's default
    std::shared_ptr<EntryQueue> queue; ///< who may run now; outlives catalogue versions
};

struct ResourceEntry
{
    std::string uri;
    std::string name;
    base::SharedText definition; ///< JSON of `Resource`
    InstancePtr instance;
};

struct TemplateEntry
{
    std::string uriTemplate;
    std::string name;
    base::SharedText definition; ///< JSON of `ResourceTemplate`
    InstancePtr instance;
    std::shared_ptr<const UriTemplate> pattern; ///< of `uriTemplate`; made by `Catalogue::seal` if it is null

    /// Whether `uri` is one of this template's; `variables` gets name and percent-decoded value, in order.
    [[nodiscard]] bool matches(std::string_view uri, std::vector<std::pair<std::string, std::string>>& variables) const;
};

struct PromptEntry
{
    std::string name;
    std::string ownName;         ///< as the plugin calls it, without prefix: for `tenon.completion/1`
    base::SharedText definition; ///< JSON of `Prompt`
    std::vector<std::string> requiredArguments;
    InstancePtr instance;
    std::uint32_t index = 0;
};

struct SkillEntry
{
    std::string uri;
    base::SharedText definition; ///< JSON: uri, frontmatter, resources
    InstancePtr instance;
};

/// Everything that clients can use at one moment, of all plugins, in a deterministic order (by name or URI).
///
/// Threading: immutable, shared; running calls keep the version they began with.
class Catalogue
{
public:
    std::uint64_t version = 0;                                                ///< grows with every change
    std::uint64_t toolsVersion = 0, resourcesVersion = 0, promptsVersion = 0; ///< versions of the lists alone
    std::vector<ToolEntry> tools;
    std::vector<ResourceEntry> resources;
    std::vector<TemplateEntry> templates;
    std::vector<PromptEntry> prompts;
    std::vector<SkillEntry> skills;
    std::vector<InstancePtr> instances;
    std::vector<InstancePtr> completers;       ///< those that offer completion
    std::vector<InstancePtr> directoryReaders; ///< those that list folders of skills

    // Constant time; null if there is none.
    [[nodiscard]] const ToolEntry* tool(std::string_view name) const;
    [[nodiscard]] const PromptEntry* prompt(std::string_view name) const;
    [[nodiscard]] const ResourceEntry* resource(std::string_view uri) const; ///< however it is escaped

    /// Sorts the lists and builds the indexes. Called once, by whoever fills the catalogue.
    ///
    /// Errors: Poco::DataFormatException for a URI template that is none.
    void seal();

private:
    std::unordered_map<std::string_view, std::size_t> _toolIndex, _promptIndex, _resourceIndex;
    std::unordered_map<std::string, std::size_t> _normalResourceIndex; ///< by `base::normalUri`
};

using CataloguePtr = std::shared_ptr<const Catalogue>;

/// News of the catalogue. Called on the thread that made the change, never two at once; must not block.
class CatalogueListener
{
public:
    virtual ~CatalogueListener() = default;

    /// `catalogue` has replaced its predecessor; the flags tell which lists differ.
    virtual void catalogueChanged(const CataloguePtr& catalogue, bool tools, bool resources, bool prompts) = 0;

    /// A plugin said that the resource `uri` changed. [any-thread], several at once.
    virtual void resourceUpdated(std::string_view uri) = 0;
};

/// Gives the current catalogue, without a lock.
///
/// Threading: any thread.
class CatalogueSource
{
public:
    virtual ~CatalogueSource() = default;
    [[nodiscard]] virtual CataloguePtr current() const = 0;

    /// Ownership: borrows `listener` until `removeListener` returns.
    virtual void addListener(CatalogueListener& listener) = 0;
    virtual void removeListener(CatalogueListener& listener) = 0;
};

} // namespace tenon::plugin
