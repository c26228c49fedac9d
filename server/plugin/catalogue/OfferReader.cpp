#include "plugin/catalogue/OfferReader.h"

#include "base/json/JsonWriter.h"
#include "plugin/call/LoadException.h"
#include "plugin/catalogue/ToolReader.h"
#include "plugin/config/LockFile.h"

#include <Poco/Exception.h>

#include <functional>
#include <set>
#include <utility>

namespace tenon::plugin
{

namespace
{

using simdjson::dom::element;

/// Reads the lists of one plugin, one after the other.
class Reader
{
public:
    Reader(const PluginConfig& config, const Offer& offer, InstancePtr instance)
        : _config(config), _offer(offer), _instance(std::move(instance))
    {
    }

    Entries read(const std::shared_ptr<PluginLimit>& limit, const Entries* before)
    {
        readManifest();
        each("tool", _offer.tools, "name",
             [&](const element& tool, const std::string& name, std::size_t index)
             {
                 _entries.toolDigests[name] = sha256Of(base::toJson(tool));
                 if (!_config.offersTool(name))
                     return;
                 ToolEntry entry = readTool(_config, tool, name, limit, toolBefore(before, _config.prefix + name));
                 entry.instance = _instance;
                 entry.index = static_cast<std::uint32_t>(index);
                 _entries.tools.push_back(std::move(entry));
             });
        if (_offer.readsResources)
            readResources();
        readPrompts();
        each("skill", _offer.skills, "uri",
             [&](const element& skill, const std::string& uri, std::size_t) {
                 _entries.skills.push_back({uri, base::toJson(skill), _instance});
             });
        _entries.completes = _offer.completes;
        _entries.readsDirectories = _offer.readsDirectories;
        return std::move(_entries);
    }

private:
    using Take = std::function<void(const element&, const std::string& key, std::size_t index)>;

    void readManifest()
    {
        base::JsonDocumentPtr manifest;
        try
        {
            manifest = base::JsonDocument::parse(_offer.manifest);
        }
        catch (const Poco::DataFormatException& exc)
        {
            throw LoadException("its manifest is not JSON: " + exc.message(), exc);
        }
        if (!manifest->root().is_object())
            throw LoadException("its manifest is not a JSON object");
        for (const char* name : {"name", "version"})
            if (base::textMember(manifest->root(), name).empty())
                throw LoadException(std::string("its manifest lacks '") + name + "', a text");
        _entries.version = base::textMember(manifest->root(), "version");
    }

    /// Hands each object of a list to `take`; what it throws refuses that object.
    void each(const char* what, const std::string& list, const char* keyName, const Take& take)
    {
        if (list.empty())
            return;
        base::JsonDocumentPtr document;
        simdjson::dom::array items;
        try
        {
            document = base::JsonDocument::parse(list);
        }
        catch (const Poco::DataFormatException& exc)
        {
            throw LoadException(std::string("its list of ") + what + "s is not JSON: " + exc.message(), exc);
        }
        if (document->root().get_array().get(items))
            throw LoadException(std::string("its list of ") + what + "s is not a JSON array");

        std::set<std::string> seen;
        std::size_t index = 0;
        for (const auto item : items)
        {
            const std::string key(base::textMember(item, keyName));
            const std::string subject =
                std::string(what) + (key.empty() ? " " + std::to_string(index) : " '" + key + "'");
            try
            {
                if (key.empty())
                    throw Poco::DataFormatException(std::string("it lacks '") + keyName + "', a text");
                if (!seen.insert(key).second)
                    throw Poco::DataFormatException("the plugin offers it twice");
                take(item, key, numberOf(item, index));
            }
            catch (const Poco::Exception& exc)
            {
                _entries.refusals.push_back({_config.name, subject, exc.message()});
            }
            ++index;
        }
    }

    /// The number by which the plugin knows the entry: its own, or its position.
    static std::size_t numberOf(const element& item, std::size_t position)
    {
        element own, number;
        if (!base::findMember(item, "tenon", own) || !base::findMember(own, "index", number))
            return position;
        std::uint64_t given = 0;
        if (number.get_uint64().get(given) || given > UINT32_MAX)
            throw Poco::DataFormatException("'tenon.index' must be an integer from 0");
        return given;
    }

    void readResources()
    {
        const auto named = [](const element& item)
        {
            if (base::textMember(item, "name").empty())
                throw Poco::DataFormatException("it lacks 'name', a text");
            return std::string(base::textMember(item, "name"));
        };
        each("resource", _offer.resources, "uri",
             [&](const element& item, const std::string& uri, std::size_t) {
                 _entries.resources.push_back({uri, named(item), base::toJson(item), _instance});
             });
        each("resource template", _offer.templates, "uriTemplate",
             [&](const element& item, const std::string& text, std::size_t)
             {
                 _entries.templates.push_back(
                     {text, named(item), base::toJson(item), _instance, std::make_shared<const UriTemplate>(text)});
             });
    }

    void readPrompts()
    {
        each("prompt", _offer.prompts, "name",
             [&](const element& item, const std::string& name, std::size_t index)
             {
                 PromptEntry entry;
                 entry.name = _config.prefix + name;
                 entry.ownName = name;
                 entry.instance = _instance;
                 entry.index = static_cast<std::uint32_t>(index);
                 element arguments;
                 simdjson::dom::array list;
                 if (base::findMember(item, "arguments", arguments))
                 {
                     if (arguments.get_array().get(list))
                         throw Poco::DataFormatException("its 'arguments' must be an array");
                     for (const auto argument : list)
                     {
                         const auto argumentName = base::textMember(argument, "name");
                         if (argumentName.empty())
                             throw Poco::DataFormatException("an argument lacks 'name', a text");
                         element required;
                         if (base::findMember(argument, "required", required) && required.is_bool() &&
                             required.get_bool().value())
                             entry.requiredArguments.emplace_back(argumentName);
                     }
                 }
                 std::string definition;
                 base::JsonWriter out(definition);
                 out.beginObject().member("name", entry.name);
                 simdjson::dom::object members = item.get_object();
                 for (const auto member : members)
                     if (member.key != "name" && member.key != "tenon")
                         out.member(member.key, member.value);
                 out.endObject();
                 entry.definition = std::move(definition);
                 _entries.prompts.push_back(std::move(entry));
             });
    }

    static const ToolEntry* toolBefore(const Entries* before, const std::string& name)
    {
        if (before)
            for (const auto& entry : before->tools)
                if (entry.name == name)
                    return &entry;
        return nullptr;
    }

    const PluginConfig& _config;
    const Offer& _offer;
    const InstancePtr _instance;
    Entries _entries;
};

/// Appends what no earlier plugin has; `key` names it.
template <typename Entry>
void append(std::vector<Entry>& all, const std::vector<Entry>& some, std::string Entry::*key, const char* what,
            std::map<std::string, std::string>& owners, std::vector<Refusal>& refusals)
{
    for (const auto& entry : some)
    {
        const std::string& plugin = entry.instance ? entry.instance->name() : std::string();
        const auto [owner, isNew] = owners.emplace(entry.*key, plugin);
        if (isNew)
            all.push_back(entry);
        else
            refusals.push_back(
                {plugin, std::string(what) + " '" + entry.*key + "'",
                 "the plugin '" + owner->second + "' offers it already; a prefix would tell them apart"});
    }
}

} // namespace

Entries readOffer(const PluginConfig& config, const Offer& offer, const InstancePtr& instance,
                  const std::shared_ptr<PluginLimit>& limit, const Entries* before)
{
    return Reader(config, offer, instance).read(limit, before);
}

std::shared_ptr<Catalogue> merge(const std::vector<std::pair<InstancePtr, const Entries*>>& plugins,
                                 std::vector<Refusal>& refusals)
{
    auto catalogue = std::make_shared<Catalogue>();
    std::map<std::string, std::string> tools, resources, templates, prompts, skills;
    for (const auto& [instance, entries] : plugins)
    {
        append(catalogue->tools, entries->tools, &ToolEntry::name, "tool", tools, refusals);
        append(catalogue->resources, entries->resources, &ResourceEntry::uri, "resource", resources, refusals);
        append(catalogue->templates, entries->templates, &TemplateEntry::uriTemplate, "resource template", templates,
               refusals);
        append(catalogue->prompts, entries->prompts, &PromptEntry::name, "prompt", prompts, refusals);
        append(catalogue->skills, entries->skills, &SkillEntry::uri, "skill", skills, refusals);
        catalogue->instances.push_back(instance);
        if (entries->completes)
            catalogue->completers.push_back(instance);
        if (entries->readsDirectories)
            catalogue->directoryReaders.push_back(instance);
    }
    return catalogue;
}

} // namespace tenon::plugin
