#include "SimplePlugin.h"

#include "Text.h"

#include <cstring>
#include <utility>

namespace tenon::attach
{

namespace
{

thread_local SimplePlugin* toBeMade = nullptr; ///< what the next `create` on this thread is for

} // namespace

SimplePlugin::SimplePlugin(std::string manifest, std::string tools, Function call, void* userData)
    : _manifest(std::move(manifest)), _call(call), _userData(userData), _tools(std::move(tools))
{
    static constexpr tenon_tools TOOLS = {sizeof(tenon_tools), 0, list,
                                          [](tenon_plugin* plugin, std::uint32_t index, tenon_call* made)
                                          { return of(plugin)._call(of(plugin)._userData, index, made); }};
    _plugin.struct_size = sizeof _plugin;
    _plugin.plugin_data = this;
    _plugin.manifest = toText(_manifest);
    _plugin.destroy = [](tenon_plugin*) {};
    _plugin.extension = [](tenon_plugin*, const char* id) -> const void*
    { return std::strcmp(id, TENON_EXT_TOOLS) == 0 ? &TOOLS : nullptr; };
}

const tenon_plugin_entry& SimplePlugin::entry()
{
    static constexpr tenon_plugin_entry ENTRY = {sizeof(tenon_plugin_entry), TENON_ABI_MAJOR, TENON_ABI_MINOR, create};
    toBeMade = this;
    return ENTRY;
}

tenon_status SimplePlugin::create(const tenon_host* host, tenon_plugin** made)
{
    SimplePlugin* const self = std::exchange(toBeMade, nullptr);
    if (!self)
        return TENON_ERROR_STATE;
    self->_host = host;
    *made = &self->_plugin;
    return TENON_OK;
}

tenon_text SimplePlugin::list(tenon_plugin* plugin)
{
    SimplePlugin& self = of(plugin);
    const std::lock_guard lock(self._mutex);
    self._given = self._tools;
    return toText(self._given);
}

void SimplePlugin::setTools(std::string tools)
{
    {
        const std::lock_guard lock(_mutex);
        _tools = std::move(tools);
    }
    const auto* notify = static_cast<const tenon_notify_api*>(_host->extension(_host, TENON_EXT_NOTIFY));
    notify->list_changed(_host, TENON_LIST_TOOLS);
}

} // namespace tenon::attach
