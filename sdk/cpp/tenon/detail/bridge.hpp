#ifndef TENON_DETAIL_BRIDGE_HPP
#define TENON_DETAIL_BRIDGE_HPP

#include <tenon/plugin_class.hpp>

#include <cstring>

namespace tenon::detail
{

/// The plugin as the host sees it: the ABI's structs, whose functions lead into `Plugin`. No exception leaves them.
///
/// Ownership: made by `create`, which gives it to the host; the host's `destroy` deletes it.
class Bridge
{
public:
    using Body = void (*)(Plugin&);

    static tenon_status create(const tenon_host* host, tenon_plugin** made, const char* name, const char* version,
                               Body body) noexcept
    {
        *made = nullptr;
        Host apis;
        apis.host = host;
        apis.value = find<tenon_value_api>(host, TENON_EXT_VALUE);
        apis.writer = find<tenon_writer_api>(host, TENON_EXT_WRITER);
        apis.log = find<tenon_log_api>(host, TENON_EXT_LOG);
        apis.settings = find<tenon_settings_api>(host, TENON_EXT_SETTINGS);
        apis.notify = find<tenon_notify_api>(host, TENON_EXT_NOTIFY);
        if (!apis.value || !apis.writer)
            return report(apis, TENON_ERROR_UNSUPPORTED, "the host lacks tenon.value/1 or tenon.writer/1");
        try
        {
            auto bridge = std::make_unique<Bridge>(apis, name, version);
            body(bridge->_plugin);
            bridge->_plugin._registry.check();
            bridge->writeManifest();
            *made = &bridge.release()->_abi;
            return TENON_OK;
        }
        catch (const std::exception& error)
        {
            return report(apis, TENON_ERROR_FAILED, error.what());
        }
        catch (...)
        {
            return report(apis, TENON_ERROR_FAILED, "an exception of an unknown type");
        }
    }

    Bridge(const Host& host, const char* name, const char* version) : _plugin(host, name, version)
    {
        _abi.struct_size = sizeof _abi;
        _abi.plugin_data = this;
        _abi.start = &start;
        _abi.stop = &stop;
        _abi.destroy = &destroy;
        _abi.extension = &extension;
        _tools = {sizeof _tools, 0, &listTools, &callTool};
        _prompts = {sizeof _prompts, 0, &listPrompts, &getPrompt};
        _completion = {sizeof _completion, 0, &complete};
        _skills = {sizeof _skills, 0, &listSkills, &readDirectory};
        _state = {sizeof _state, 0, &saveState, &loadState};
    }

private:
    template <class Api>
    static const Api* find(const tenon_host* host, const char* id)
    {
        return static_cast<const Api*>(host->extension(host, id));
    }

    static Bridge& of(tenon_plugin* plugin) { return *static_cast<Bridge*>(plugin->plugin_data); }

    static tenon_status report(const Host& host, tenon_status status, const char* message) noexcept
    {
        if (host.log)
            host.log->log(host.host, TENON_LOG_ERROR, toText(message));
        return status;
    }

    /// Runs `body`; what it throws goes to the server's log.
    template <class Function>
    tenon_status logged(const Function& function) const noexcept
    {
        try
        {
            function();
            return TENON_OK;
        }
        catch (const Error& error)
        {
            return report(_plugin._host, error.status(), error.what());
        }
        catch (const std::exception& error)
        {
            return report(_plugin._host, TENON_ERROR_FAILED, error.what());
        }
        catch (...)
        {
            return report(_plugin._host, TENON_ERROR_FAILED, "an exception of an unknown type");
        }
    }

    void writeManifest()
    {
        JsonWriter writer;
        writer.beginObject().member("name", _plugin._name).member("version", _plugin._version);
        if (!_plugin._title.empty())
            writer.member("title", _plugin._title);
        if (!_plugin._description.empty())
            writer.member("description", _plugin._description);
        if (!_plugin._websiteUrl.empty())
            writer.member("websiteUrl", _plugin._websiteUrl);
        writeIcons(writer, _plugin._icons);
        if (_plugin._settingsAreDeclared || !_plugin._declarations.empty())
        {
            writer.key("settings").beginArray();
            for (const SettingDeclaration& declaration : _plugin._declarations)
                declaration.write(writer);
            writer.endArray();
        }
        _manifest = writer.endObject().take();
        _abi.manifest = toText(_manifest);
    }

    static tenon_status TENON_ABI start(tenon_plugin* plugin)
    {
        const Bridge& bridge = of(plugin);
        return bridge.logged(
            [&]
            {
                for (const auto& function : bridge._plugin._onStart)
                    function();
            });
    }

    static void TENON_ABI stop(tenon_plugin* plugin)
    {
        const Bridge& bridge = of(plugin);
        const auto& functions = bridge._plugin._onStop;
        for (auto function = functions.rbegin(); function != functions.rend(); ++function)
            bridge.logged(*function);
    }

    static void TENON_ABI destroy(tenon_plugin* plugin) { delete &of(plugin); }

    static const void* TENON_ABI extension(tenon_plugin* plugin, const char* id)
    {
        Bridge& bridge = of(plugin);
        const Plugin& self = bridge._plugin;
        const auto is = [id](const char* other) { return std::strcmp(id, other) == 0; };
        const auto later = [&self](List list) { return (self._later >> static_cast<uint32_t>(list) & 1u) != 0; };
        if (is(TENON_EXT_TOOLS) && (self._registry.hasTools() || later(List::Tools)))
            return &bridge._tools;
        if (is(TENON_EXT_PROMPTS) && (self._registry.hasPrompts() || later(List::Prompts)))
            return &bridge._prompts;
        if (is(TENON_EXT_RESOURCES) && (self._registry.hasResources() || later(List::Resources)))
        {
            bridge._resources = {sizeof(tenon_resources),
                                 0,
                                 &listResources,
                                 &listTemplates,
                                 &readResource,
                                 self._subscribe ? &subscribe : nullptr,
                                 self._unsubscribe ? &unsubscribe : nullptr};
            return &bridge._resources;
        }
        if (is(TENON_EXT_COMPLETION) && self._registry.hasCompleters())
            return &bridge._completion;
        if (is(TENON_EXT_SKILLS) && self._registry.hasSkills())
            return &bridge._skills;
        if (is(TENON_EXT_STATE) && (self._save || self._load))
            return &bridge._state;
        return nullptr;
    }

    /// The text must outlive the call that returns it; the host reads one list of a kind at a time.
    tenon_text keep(std::string& list, std::string text)
    {
        list = std::move(text);
        return toText(list);
    }

    static tenon_text TENON_ABI listTools(tenon_plugin* plugin)
    {
        Bridge& bridge = of(plugin);
        tenon_text list{nullptr, 0};
        bridge.logged([&] { list = bridge.keep(bridge._toolList, bridge._plugin._registry.listTools()); });
        return list;
    }

    static tenon_text TENON_ABI listPrompts(tenon_plugin* plugin)
    {
        Bridge& bridge = of(plugin);
        tenon_text list{nullptr, 0};
        bridge.logged([&] { list = bridge.keep(bridge._promptList, bridge._plugin._registry.listPrompts()); });
        return list;
    }

    static tenon_text TENON_ABI listResources(tenon_plugin* plugin)
    {
        Bridge& bridge = of(plugin);
        tenon_text list{nullptr, 0};
        bridge.logged([&] { list = bridge.keep(bridge._resourceList, bridge._plugin._registry.listResources()); });
        return list;
    }

    static tenon_text TENON_ABI listTemplates(tenon_plugin* plugin)
    {
        Bridge& bridge = of(plugin);
        tenon_text list{nullptr, 0};
        bridge.logged([&] { list = bridge.keep(bridge._templateList, bridge._plugin._registry.listTemplates()); });
        return list;
    }

    static tenon_text TENON_ABI listSkills(tenon_plugin* plugin)
    {
        Bridge& bridge = of(plugin);
        tenon_text list{nullptr, 0};
        bridge.logged([&] { list = bridge.keep(bridge._skillList, bridge._plugin._registry.listSkills()); });
        return list;
    }

    static tenon_status TENON_ABI readDirectory(tenon_plugin* plugin, tenon_call* raw)
    {
        const Bridge& bridge = of(plugin);
        return enter(bridge._plugin._host, raw,
                     [&](Call& call)
                     {
                         const std::string folder(call.uri());
                         const auto children = bridge._plugin._registry.directory(folder);
                         Writer writer = call.writer();
                         writer.beginObject().key("resources").beginArray();
                         for (const auto& [name, isFolder] : children)
                         {
                             const std::string uri = folder + '/' + name;
                             writer.beginObject().member("uri", uri).member("name", name);
                             if (isFolder)
                                 writer.member("mimeType", "inode/directory");
                             else if (const Resource* file = bridge._plugin._registry.resource(uri))
                                 writer.member("mimeType", file->defaults.mimeType).member("size", file->size);
                             writer.endObject();
                         }
                         writer.endArray().endObject();
                         return finish(writer, raw);
                     });
    }

    static tenon_status TENON_ABI callTool(tenon_plugin* plugin, uint32_t index, tenon_call* call)
    {
        const Tool* const tool = of(plugin)._plugin._registry.tool(index);
        return tool && tool->call ? tool->call(call) : TENON_ERROR_NOT_FOUND;
    }

    static tenon_status TENON_ABI getPrompt(tenon_plugin* plugin, uint32_t index, tenon_call* call)
    {
        const Prompt* const prompt = of(plugin)._plugin._registry.prompt(index);
        return prompt && prompt->get ? prompt->get(call) : TENON_ERROR_NOT_FOUND;
    }

    static tenon_status TENON_ABI readResource(tenon_plugin* plugin, tenon_call* call)
    {
        const Bridge& bridge = of(plugin);
        const Value arguments(bridge._plugin._host.value, call, call->arguments);
        const Registry& registry = bridge._plugin._registry;
        const Value uriTemplate = arguments["template"];
        const Resource* const resource = uriTemplate.isText() ? registry.resourceTemplate(uriTemplate.text())
                                                              : registry.resource(arguments["uri"].text());
        return resource ? resource->read(call) : TENON_ERROR_NOT_FOUND;
    }

    static tenon_status TENON_ABI subscribe(tenon_plugin* plugin, tenon_text uri)
    {
        const Bridge& bridge = of(plugin);
        return bridge.logged([&] { bridge._plugin._subscribe(toView(uri)); });
    }

    static void TENON_ABI unsubscribe(tenon_plugin* plugin, tenon_text uri)
    {
        const Bridge& bridge = of(plugin);
        bridge.logged([&] { bridge._plugin._unsubscribe(toView(uri)); });
    }

    static tenon_status TENON_ABI complete(tenon_plugin* plugin, tenon_call* raw)
    {
        const Bridge& bridge = of(plugin);
        return enter(bridge._plugin._host, raw,
                     [&](Call& call)
                     {
                         const Value reference = call.arguments()["ref"];
                         const Value argument = call.arguments()["argument"];
                         const Registry& registry = bridge._plugin._registry;
                         const std::vector<Completer>* completers = nullptr;
                         if (const Prompt* prompt = registry.prompt(reference["name"].text()))
                             completers = &prompt->completers;
                         else if (const Resource* found = registry.resourceTemplate(reference["uri"].text()))
                             completers = &found->completers;
                         if (completers)
                             for (const Completer& completer : *completers)
                                 if (completer.argument == argument["name"].text())
                                     return completer.complete(call, argument["value"].text());
                         return answerCompletion(call, Completion{});
                     });
    }

    static tenon_text TENON_ABI saveState(tenon_plugin* plugin)
    {
        Bridge& bridge = of(plugin);
        tenon_text state{nullptr, 0};
        if (bridge._plugin._save)
            bridge.logged([&] { state = bridge.keep(bridge._saved, bridge._plugin._save()); });
        return state;
    }

    static tenon_status TENON_ABI loadState(tenon_plugin* plugin, tenon_text fromVersion, tenon_text state)
    {
        const Bridge& bridge = of(plugin);
        if (!bridge._plugin._load)
            return TENON_OK;
        return bridge.logged([&] { bridge._plugin._load(toView(fromVersion), toView(state)); });
    }

    tenon_plugin _abi{};
    tenon_tools _tools{};
    tenon_prompts _prompts{};
    tenon_resources _resources{};
    tenon_completion _completion{};
    tenon_skills _skills{};
    tenon_state _state{};
    Plugin _plugin;
    std::string _manifest;
    std::string _toolList;
    std::string _promptList;
    std::string _resourceList;
    std::string _templateList;
    std::string _skillList;
    std::string _saved;
};

} // namespace tenon::detail

#endif
