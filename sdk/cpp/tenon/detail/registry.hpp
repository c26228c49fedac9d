#ifndef TENON_DETAIL_REGISTRY_HPP
#define TENON_DETAIL_REGISTRY_HPP

#include <tenon/detail/stable_list.hpp>
#include <tenon/prompt.hpp>
#include <tenon/resource.hpp>
#include <tenon/skill.hpp>
#include <tenon/tool.hpp>

#include <shared_mutex>

namespace tenon::detail
{

/// Everything that a plugin offers. An entry that was removed stays alive, unlisted, because calls may still run.
///
/// Threading: adding, removing and listing exclude each other; finding an entry never waits for them, except for
///            resources, which are found by their URI.
class Registry
{
public:
    explicit Registry(const Host& host) : _host(&host) {}

    Tool& addTool(std::string name)
    {
        const std::lock_guard<std::shared_mutex> lock(_mutex);
        return add(_tools, std::move(name), "tool");
    }

    Prompt& addPrompt(std::string name)
    {
        const std::lock_guard<std::shared_mutex> lock(_mutex);
        return add(_prompts, std::move(name), "prompt");
    }

    Resource& addResource(std::string uri, std::string name, bool isTemplate)
    {
        const std::lock_guard<std::shared_mutex> lock(_mutex);
        auto& list = isTemplate ? _templates : _resources;
        auto& index = isTemplate ? _templateIndex : _resourceIndex;
        const auto found = index.find(uri);
        if (found != index.end() && found->second->listed)
            throw std::invalid_argument("the resource " + uri + " is declared twice");
        auto resource = std::make_unique<Resource>();
        resource->host = _host;
        resource->name = std::move(name);
        if (isTemplate)
            resource->variables = variablesOf(uri);
        resource->uri = std::move(uri);
        Resource& added = list.append(std::move(resource));
        index[added.uri] = &added;
        return added;
    }

    bool hasResource(const std::string& uri)
    {
        const std::lock_guard<std::shared_mutex> lock(_mutex);
        const auto found = _resourceIndex.find(uri);
        return found != _resourceIndex.end() && found->second->listed;
    }

    /// `folder` is a URI; its last part is the skill's name.
    Skill& addSkill(std::string folder, std::string description)
    {
        const std::lock_guard<std::shared_mutex> lock(_mutex);
        auto skill = std::make_unique<Skill>();
        skill->name = folder.substr(folder.rfind('/') + 1);
        if (folder.compare(0, 8, "skill://") != 0 || !isValidSkillName(skill->name))
            throw std::invalid_argument("skill '" + folder +
                                        "': expected skill://…/name with a name of 1 to 64 small letters, digits and "
                                        "single hyphens");
        skill->folder = std::move(folder);
        skill->description = std::move(description);
        return _skills.append(std::move(skill));
    }

    bool removeTool(std::string_view name)
    {
        return remove(_tools, [name](const Tool& tool) { return tool.name == name; });
    }

    bool removePrompt(std::string_view name)
    {
        return remove(_prompts, [name](const Prompt& prompt) { return prompt.name == name; });
    }

    bool removeResource(std::string_view uri)
    {
        const auto isIt = [uri](const Resource& resource) { return resource.uri == uri; };
        return remove(_resources, isIt) || remove(_templates, isIt);
    }

    Tool* tool(uint32_t index) const { return _tools.find(index); }
    Prompt* prompt(uint32_t index) const { return _prompts.find(index); }

    Prompt* prompt(std::string_view name) const
    {
        return findIn(_prompts, [name](const Prompt& prompt) { return prompt.name == name; });
    }

    Resource* resource(std::string_view uri) const { return lookUp(_resourceIndex, uri); }
    Resource* resourceTemplate(std::string_view uriTemplate) const { return lookUp(_templateIndex, uriTemplate); }

    bool hasTools() const { return _tools.size() > 0; }
    bool hasPrompts() const { return _prompts.size() > 0; }
    bool hasResources() const { return _resources.size() > 0 || _templates.size() > 0; }

    bool hasSkills() const { return _skills.size() > 0; }

    bool hasCompleters() const
    {
        const auto completes = [](const auto& entry) { return !entry.completers.empty(); };
        return findIn(_prompts, completes) || findIn(_templates, completes);
    }

    std::string listTools() const { return list(_tools); }
    std::string listPrompts() const { return list(_prompts); }
    std::string listResources() const { return list(_resources, false); }
    std::string listTemplates() const { return list(_templates, true); }

    std::string listSkills() const
    {
        JsonWriter writer;
        writer.beginArray();
        for (uint32_t index = 0; index < _skills.size(); ++index)
            _skills.find(index)->write(writer);
        return writer.endArray().take();
    }

    /// What stands in a folder of a skill: name, and whether it is a folder.
    ///
    /// Errors: NotFound.
    std::map<std::string, bool> directory(std::string_view uri) const
    {
        for (uint32_t index = 0; index < _skills.size(); ++index)
            if (auto children = childrenOf(*_skills.find(index), uri); !children.empty())
                return children;
        throw NotFound("There is no folder " + std::string(uri) + ".");
    }

    /// Errors: std::invalid_argument if something was declared without a handler.
    void check() const
    {
        checkIn(_tools, "tool");
        checkIn(_prompts, "prompt");
        checkIn(_resources, "resource");
        checkIn(_templates, "resource template");
    }

private:
    template <class T>
    T& add(StableList<T>& list, std::string name, const char* what)
    {
        if (!isValidName(name))
            throw std::invalid_argument(std::string(what) + " '" + name +
                                        "': a name is 1 to 128 of the characters A-Z, a-z, 0-9, '_', '-' and '.'");
        if (findIn(list, [&name](const T& entry) { return entry.name == name; }))
            throw std::invalid_argument(std::string(what) + " '" + name + "' is declared twice");
        auto entry = std::make_unique<T>();
        entry->host = _host;
        entry->name = std::move(name);
        return list.append(std::move(entry));
    }

    template <class T, class Predicate>
    static T* findIn(const StableList<T>& list, const Predicate& predicate)
    {
        for (uint32_t index = 0; index < list.size(); ++index)
            if (T* const entry = list.find(index); entry->listed.load(std::memory_order_acquire) && predicate(*entry))
                return entry;
        return nullptr;
    }

    template <class T, class Predicate>
    bool remove(StableList<T>& list, const Predicate& predicate)
    {
        const std::lock_guard<std::shared_mutex> lock(_mutex);
        T* const entry = findIn(list, predicate);
        if (entry)
            entry->listed.store(false, std::memory_order_release);
        return entry != nullptr;
    }

    using Index = std::map<std::string, Resource*, std::less<>>;

    Resource* lookUp(const Index& index, std::string_view uri) const
    {
        const std::shared_lock<std::shared_mutex> lock(_mutex);
        const auto found = index.find(uri);
        return found != index.end() && found->second->listed ? found->second : nullptr;
    }

    template <class T, class... Flag>
    std::string list(const StableList<T>& entries, Flag... isTemplate) const
    {
        const std::lock_guard<std::shared_mutex> lock(_mutex);
        JsonWriter writer;
        writer.beginArray();
        for (uint32_t index = 0, position = 0; index < entries.size(); ++index)
        {
            const T& entry = *entries.find(index);
            if (!entry.listed.load(std::memory_order_acquire))
                continue;
            if constexpr (sizeof...(Flag) > 0)
                entry.write(writer, isTemplate...);
            else
                entry.write(writer, position, index);
            ++position;
        }
        return writer.endArray().take();
    }

    template <class T>
    static void checkIn(const StableList<T>& list, const char* what)
    {
        for (uint32_t index = 0; index < list.size(); ++index)
            if (const T& entry = *list.find(index); !entry.listed)
                throw std::invalid_argument(std::string(what) + " '" + entry.name + "' has no handler");
    }

    const Host* _host;
    mutable std::shared_mutex _mutex;
    StableList<Tool> _tools;
    StableList<Prompt> _prompts;
    StableList<Resource> _resources;
    StableList<Resource> _templates;
    StableList<Skill> _skills;
    Index _resourceIndex; ///< guarded by _mutex, as the next
    Index _templateIndex;
};

} // namespace tenon::detail

#endif
