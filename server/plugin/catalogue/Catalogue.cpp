#include "plugin/catalogue/Catalogue.h"

#include "base/text/PercentCoding.h"

#include <algorithm>

namespace tenon::plugin
{

namespace
{

template <typename Entry>
const Entry* find(const std::vector<Entry>& entries, const std::unordered_map<std::string_view, std::size_t>& index,
                  std::string_view key)
{
    const auto found = index.find(key);
    return found == index.end() ? nullptr : &entries[found->second];
}

/// Sorts by `key` and maps the keys, which borrow the sorted entries, to their positions; of equal ones the first
/// counts.
template <typename Entry>
void arrange(std::vector<Entry>& entries, std::string Entry::*key,
             std::unordered_map<std::string_view, std::size_t>* index)
{
    std::stable_sort(entries.begin(), entries.end(),
                     [key](const Entry& left, const Entry& right) { return left.*key < right.*key; });
    if (!index)
        return;
    index->reserve(entries.size());
    for (std::size_t at = 0; at < entries.size(); ++at)
        index->emplace(entries[at].*key, at);
}

} // namespace

bool TemplateEntry::matches(std::string_view uri, std::vector<std::pair<std::string, std::string>>& variables) const
{
    return pattern && pattern->matches(uri, variables);
}

const ToolEntry* Catalogue::tool(std::string_view name) const
{
    return find(tools, _toolIndex, name);
}

const PromptEntry* Catalogue::prompt(std::string_view name) const
{
    return find(prompts, _promptIndex, name);
}

const ResourceEntry* Catalogue::resource(std::string_view uri) const
{
    if (const ResourceEntry* const exact = find(resources, _resourceIndex, uri))
        return exact;
    const auto found = _normalResourceIndex.find(base::normalUri(uri));
    return found == _normalResourceIndex.end() ? nullptr : &resources[found->second];
}

void Catalogue::seal()
{
    arrange(tools, &ToolEntry::name, &_toolIndex);
    arrange(prompts, &PromptEntry::name, &_promptIndex);
    arrange(resources, &ResourceEntry::uri, &_resourceIndex);
    for (std::size_t at = 0; at < resources.size(); ++at)
        _normalResourceIndex.emplace(base::normalUri(resources[at].uri), at);
    arrange(templates, &TemplateEntry::uriTemplate, nullptr);
    arrange(skills, &SkillEntry::uri, nullptr);
    for (auto& entry : templates)
        if (!entry.pattern)
            entry.pattern = std::make_shared<const UriTemplate>(entry.uriTemplate);
}

} // namespace tenon::plugin
