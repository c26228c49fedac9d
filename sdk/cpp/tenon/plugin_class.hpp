#ifndef TENON_PLUGIN_CLASS_HPP
#define TENON_PLUGIN_CLASS_HPP

#include <tenon/detail/registry.hpp>
#include <tenon/settings.hpp>

namespace tenon
{

namespace detail
{
class Bridge;
}

/// The protocol's lists that clients are told about when they change.
enum class List : int32_t
{
    Tools = TENON_LIST_TOOLS,
    Resources = TENON_LIST_RESOURCES, ///< resources and resource templates
    Prompts = TENON_LIST_PROMPTS
};

/// What the body of TENON_PLUGIN fills in, and what handlers may keep a reference to: it lives as long as the plugin.
///
/// Errors:    an exception out of the body, or out of a function given to `onStart`, refuses the plugin; the server's
///            log says why.
/// Threading: the body, `onStart` and `onStop` run on the server's main thread. Tools, prompts and resources may be
///            added and removed on any thread while the plugin runs; `listChanged` makes it known. `log`, settings,
///            `listChanged` and `resourceUpdated`: any thread.
class Plugin
{
public:
    Plugin(const detail::Host& host, std::string name, std::string version)
        : _host(host), _registry(_host), _name(std::move(name)), _version(std::move(version))
    {
    }

    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;

    /// What people read about the plugin.
    Plugin& title(std::string text) { return _title = std::move(text), *this; }
    Plugin& description(std::string text) { return _description = std::move(text), *this; }
    Plugin& websiteUrl(std::string url) { return _websiteUrl = std::move(url), *this; }
    Plugin& icon(Icon icon) { return _icons.push_back(std::move(icon)), *this; }

    /// Errors: std::invalid_argument for a bad name or one that is taken.
    ToolBuilder<detail::NoStruct> tool(std::string name, std::string description)
    {
        detail::Tool& tool = addTool(std::move(name), std::move(description));
        return ToolBuilder<detail::NoStruct>(tool, {});
    }

    /// A tool whose parameters' types are those of `function`; one `tenon::arg(name, description)` for each. See
    /// DeclaredTool.
    template <class Function, class... Args>
    DeclaredTool tool(std::string name, std::string description, Function function, Args... args)
    {
        detail::Tool& tool = addTool(std::move(name), std::move(description));
        return DeclaredTool(tool, std::move(function), std::move(args)...);
    }

    ResourceBuilder resource(std::string uri, std::string name, std::string description = {})
    {
        return described(_registry.addResource(std::move(uri), std::move(name), false), std::move(description));
    }

    /// `uriTemplate` is of RFC 6570, with `{name}` (up to the next slash) and `{+name}` (slashes too).
    ResourceBuilder resourceTemplate(std::string uriTemplate, std::string name, std::string description = {})
    {
        return described(_registry.addResource(std::move(uriTemplate), std::move(name), true), std::move(description));
    }

    PromptBuilder<> prompt(std::string name, std::string description)
    {
        detail::Prompt& prompt = _registry.addPrompt(std::move(name));
        prompt.description = std::move(description);
        return PromptBuilder<>(prompt);
    }

    /// A skill, instructions for models. `folder` is its URI, "skill://acme/invoices", whose last part is its name:
    /// small letters, digits and single hyphens. Its SKILL.md is made of name, description and `body`, Markdown.
    /// Declared in the body of TENON_PLUGIN only.
    SkillBuilder skill(std::string folder, std::string description, std::string_view body)
    {
        detail::Skill& skill = _registry.addSkill(std::move(folder), std::move(description));
        SkillBuilder builder(skill, [this](std::string uri, std::string name, std::string text)
                             { return resource(std::move(uri), std::move(name), std::move(text)); });
        // A text in JSON's quotes is one in YAML's too.
        builder.file("SKILL.md",
                     "---\nname: " + skill.name + "\ndescription: " + toJson(skill.description).text + "\n---\n\n" +
                         std::string(body),
                     "text/markdown");
        return builder;
    }

    /// False if there was none. Calls that run go on.
    bool removeTool(std::string_view name) { return _registry.removeTool(name); }
    bool removePrompt(std::string_view name) { return _registry.removePrompt(name); }
    bool removeResource(std::string_view uri) { return _registry.removeResource(uri); }

    /// Says that the plugin will add its first tool, resource or prompt only while it runs.
    void offersLater(List list) { _later |= 1u << static_cast<uint32_t>(list); }

    /// Tells the clients. Only between `onStart` and `onStop`.
    void listChanged(List list) const
    {
        if (_host.notify)
            _host.notify->list_changed(_host.host, static_cast<tenon_list_kind>(list));
    }

    void resourceUpdated(std::string_view uri) const
    {
        if (_host.notify)
            _host.notify->resource_updated(_host.host, toText(uri));
    }

    /// Tells the operator what is missing at present of what the settings name, and with an empty text that nothing is any
    /// more. The plugin goes on without; `/ready` says it if the plugin is required. Any thread, at any time.
    void lacks(std::string_view what) const
    {
        if (_host.notify && TENON_HAS(tenon_notify_api, _host.notify, lacks) && _host.notify->lacks)
            _host.notify->lacks(_host.host, toText(what));
    }

    /// The first client wants to know of changes of a URI, the last one has gone. An exception refuses the
    /// subscription.
    void onSubscribe(std::function<void(std::string_view uri)> function) { _subscribe = std::move(function); }
    void onUnsubscribe(std::function<void(std::string_view uri)> function) { _unsubscribe = std::move(function); }

    /// Runs before the first call and after the last; the place for threads and connections.
    void onStart(std::function<void()> function) { _onStart.push_back(std::move(function)); }
    void onStop(std::function<void()> function) { _onStop.push_back(std::move(function)); }

    /// Hands state to the instance that replaces this one when the library file changes. `load` gets the version that
    /// saved it; it runs before `onStart`, `save` after `onStop`.
    void saveState(std::function<std::string()> save) { _save = std::move(save); }
    void loadState(std::function<void(std::string_view fromVersion, std::string_view state)> load)
    {
        _load = std::move(load);
    }

    /// Makes something that lives as long as the plugin, destroyed in reverse order: `auto& db =
    /// plugin.make<Db>(path);`
    template <class T, class... Args>
    T& make(Args&&... args)
    {
        auto made = std::make_shared<T>(std::forward<Args>(args)...);
        T& object = *made;
        _owned.push_back(std::move(made));
        return object;
    }

    /// The setting `plugin.<name>.<key>` of the server, if it is set.
    ///
    /// Errors: SettingError that names the key, what was expected and what is there.
    template <class T = std::string>
    std::optional<T> setting(std::string_view key) const
    {
        return readSetting<T>(key, {});
    }

    /// With what is used if it is not set: `plugin.setting("rowLimit", 1000)`.
    template <class T>
    auto setting(std::string_view key, const T& fallback) const
    {
        return readSetting<T>(key, {}).value_or(Setting<T>(fallback));
    }

    /// Declares the setting, too: `plugin.setting("rowLimit", 1000, "Rows of an answer at most", "1..10000")`. The
    /// server then refuses to start with a value that does not fit, `tenon plugin settings` shows it, and a key that is
    /// not declared is unknown. In the body of TENON_PLUGIN only; declare all or none.
    ///
    /// Shape:  `allowed` bounds a number, "1..100", either end may be missing.
    /// Errors: SettingError, as above.
    template <class T>
    auto setting(std::string_view key, const T& fallback, std::string help, std::string allowed = {})
    {
        using Reader = detail::SettingReader<Setting<T>>;
        auto value = readSetting<T>(key, allowed);
        _declarations.push_back({std::string(key), Reader::TYPE, Reader::write(Setting<T>(fallback)),
                                 allowed.empty() ? Reader::allowed() : std::move(allowed), std::move(help), false});
        return value.value_or(Setting<T>(fallback));
    }

    /// Declares a setting that need not be there, and reads it.
    template <class T = std::string>
    std::optional<T> optionalSetting(std::string_view key, std::string help)
    {
        declareSetting<T>(std::string(key), std::move(help));
        return setting<T>(key);
    }

    /// Declares a setting that must be there, and reads it.
    ///
    /// Errors: SettingError if it is not set either.
    template <class T = std::string>
    T requiredSetting(std::string_view key, std::string help)
    {
        declareSetting<T>(std::string(key), std::move(help));
        _declarations.back().required = true;
        return requiredSetting<T>(key);
    }

    /// Errors: SettingError if it is not set either.
    template <class T = std::string>
    T requiredSetting(std::string_view key) const
    {
        std::optional<T> value = setting<T>(key);
        if (!value)
            throw SettingError(settingName(key) + " is not set: expected " + detail::SettingReader<T>::expected());
        return std::move(*value);
    }

    /// Declares a setting that is read later, or many: "env.*" stands for any one part in place of the star.
    template <class T = std::string>
    void declareSetting(std::string key, std::string help)
    {
        using Reader = detail::SettingReader<T>;
        _declarations.push_back({std::move(key), Reader::TYPE, {}, Reader::allowed(), std::move(help), false});
    }

    /// Says that every setting was declared, also if there is none: any other key of `plugin.<name>.` is a mistake then.
    void takesNoOtherSettings() { _settingsAreDeclared = true; }

    /// All settings, without the prefix; those that the host reads itself included.
    std::map<std::string, std::string> settings() const
    {
        std::map<std::string, std::string> all;
        tenon_text key{nullptr, 0};
        tenon_text value{nullptr, 0};
        if (_host.settings)
            for (uint64_t index = 0; _host.settings->at(_host.host, index, &key, &value); ++index)
                all.emplace(toView(key), toView(value));
        return all;
    }

    /// A line in the server's log. Nothing of it reaches clients.
    void log(LogLevel level, std::string_view message) const
    {
        if (_host.log)
            _host.log->log(_host.host, static_cast<tenon_log_level>(level), toText(message));
    }

    /// The name under which the settings know the plugin.
    std::string_view name() const { return toView(_host.host->plugin_name); }
    std::string_view serverVersion() const { return toView(_host.host->version); }
    const tenon_host* host() const { return _host.host; }

private:
    friend class detail::Bridge;

    detail::Tool& addTool(std::string name, std::string description)
    {
        detail::Tool& tool = _registry.addTool(std::move(name));
        tool.description = std::move(description);
        tool.addView = [this](const Ui& view) { addView(view); };
        return tool;
    }

    void addView(const Ui& view)
    {
        if (_registry.hasResource(view.uri()))
            return;
        detail::Resource& added = _registry.addResource(view.uri(), "view " + view.uri().substr(5), false);
        added.description = "A view of tools, for hosts of MCP Apps";
        added.ui = view.resourceMeta();
        ResourceBuilder(added)
            .mimeType(Ui::MIME_TYPE)
            .size(static_cast<int64_t>(view.html().size()))
            .handle(
                [html = view.html(), meta = added.wholeMeta()]
                {
                    ResourceResult result;
                    result.text(html);
                    if (!meta.empty())
                        result.meta(Json{meta});
                    return result;
                });
    }

    ResourceBuilder described(detail::Resource& resource, std::string description)
    {
        resource.description = std::move(description);
        return ResourceBuilder(resource);
    }

    template <class T>
    using Setting = std::conditional_t<detail::isText<T>, std::string, T>;

    template <class T>
    std::optional<Setting<T>> readSetting(std::string_view key, std::string_view allowed) const
    {
        using Reader = detail::SettingReader<Setting<T>>;
        if (!_host.settings)
            return std::nullopt;
        tenon_text text = _host.settings->get(_host.host, toText(key));
        if (!text.data)
            return std::nullopt;
        if constexpr (detail::isPath<T>)
            if (TENON_HAS(tenon_settings_api, _host.settings, paths))
                text = _host.settings->paths(_host.host, toText(key));
        const std::string_view trimmed = detail::trimmed(toView(text));
        std::optional<Setting<T>> value = Reader::read(trimmed);
        if constexpr (std::is_arithmetic_v<T>)
            if (value && !detail::isWithin(static_cast<double>(*value), allowed))
                throw SettingError(settingName(key) + ": expected a number in " + std::string(allowed) + ", found '" +
                                   std::string(trimmed) + "'");
        if (!value)
            throw SettingError(settingName(key) + ": expected " + Reader::expected() + ", found '" +
                               std::string(trimmed) + "'");
        return value;
    }

    std::string settingName(std::string_view key) const
    {
        return "plugin." + std::string(name()) + '.' + std::string(key);
    }

    const detail::Host _host;
    // Owned objects go last, after the handlers that refer to them; in reverse order of their making.
    struct OwnedObjects : std::vector<std::shared_ptr<void>>
    {
        ~OwnedObjects()
        {
            while (!empty())
                pop_back();
        }
    } _owned;
    detail::Registry _registry;
    std::string _name;
    std::string _version;
    std::string _title;
    std::string _description;
    std::string _websiteUrl;
    std::vector<Icon> _icons;
    std::vector<detail::SettingDeclaration> _declarations;
    bool _settingsAreDeclared = false;
    uint32_t _later = 0;
    std::function<void(std::string_view)> _subscribe;
    std::function<void(std::string_view)> _unsubscribe;
    std::vector<std::function<void()>> _onStart;
    std::vector<std::function<void()>> _onStop;
    std::function<std::string()> _save;
    std::function<void(std::string_view, std::string_view)> _load;
};

} // namespace tenon

#endif
