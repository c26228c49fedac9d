#ifndef TENON_PLUGIN_HPP
#define TENON_PLUGIN_HPP

/// The whole C++ layer. A plugin includes this and nothing else of Tenon.
///
///     #include <tenon/plugin.hpp>
///
///     TENON_PLUGIN("hello", "1.0.0", plugin)
///     {
///         plugin.tool("greet", "Greets somebody by name",
///                     [](std::string name) { return "Hello, " + name + "!"; },
///                     tenon::arg("name", "Whom to greet"));
///     }

#include <tenon/detail/bridge.hpp>

/// Exports the plugin. The block that follows declares what it offers, with a `tenon::Plugin&` of the name given last.
#define TENON_PLUGIN(pluginName, pluginVersion, plugin)                                                                \
    static void tenonPluginBody(::tenon::Plugin& plugin);                                                              \
    static tenon_status TENON_ABI tenonPluginCreate(const tenon_host* host, tenon_plugin** made)                       \
    {                                                                                                                  \
        return ::tenon::detail::Bridge::create(host, made, pluginName, pluginVersion, &tenonPluginBody);               \
    }                                                                                                                  \
    const tenon_plugin_entry tenon_entry = {sizeof(tenon_plugin_entry), TENON_ABI_MAJOR, TENON_ABI_MINOR,              \
                                            &tenonPluginCreate};                                                       \
    static void tenonPluginBody(::tenon::Plugin& plugin)

#endif
