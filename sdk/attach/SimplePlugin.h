#pragma once

#include <tenon/attach.h>
#include <tenon/notify.h>
#include <tenon/tools.h>

#include <memory>
#include <mutex>
#include <string>

namespace tenon::attach
{

/// A plugin of tools that are given as JSON, and one function that runs them.
///
/// Threading: as the ABI says; `setTools` on any thread.
class SimplePlugin
{
public:
    using Function = tenon_status(TENON_ABI*)(void* userData, std::uint32_t index, tenon_call* call);

    SimplePlugin(std::string manifest, std::string tools, Function call, void* userData);
    SimplePlugin(const SimplePlugin&) = delete;
    SimplePlugin& operator=(const SimplePlugin&) = delete;

    /// An entry that makes this plugin; to be used on this thread only, until another is asked for.
    [[nodiscard]] const tenon_plugin_entry& entry();

    void setTools(std::string tools);

private:
    static SimplePlugin& of(tenon_plugin* plugin) { return *static_cast<SimplePlugin*>(plugin->plugin_data); }
    static tenon_status TENON_ABI create(const tenon_host* host, tenon_plugin** made);
    static tenon_text TENON_ABI list(tenon_plugin* plugin);

    const std::string _manifest;
    const Function _call;
    void* const _userData;
    const tenon_host* _host = nullptr;
    tenon_plugin _plugin{};

    std::mutex _mutex; // guards:
    std::string _tools;
    std::string _given; ///< what `list` gave last
};

} // namespace tenon::attach
