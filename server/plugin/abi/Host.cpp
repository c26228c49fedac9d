#include "plugin/abi/Host.h"

#include "plugin/abi/ValueApi.h"
#include "plugin/abi/WriterApi.h"
#include "plugin/config/OwnPaths.h"

#include <array>
#include <iterator>
#include <utility>

namespace tenon::plugin
{

namespace
{

/// Nothing thrown gets into the plugin.
template <typename Work>
void shielded(Work work)
{
    try
    {
        work();
    }
    catch (...)
    {
        return;
    }
}

tenon_text textIn(const std::map<std::string, std::string>& values, tenon_text key)
{
    tenon_text text{nullptr, 0};
    shielded(
        [&]
        {
            if (const auto found = values.find(std::string(toView(key))); found != values.end())
                text = toText(found->second);
        });
    return text;
}

} // namespace

const tenon_log_api Host::LOG = {sizeof(tenon_log_api), 0,
                                 [](const tenon_host* host, tenon_log_level level, tenon_text message)
                                 { shielded([&] { of(host)._listener.logged(level, toView(message)); }); }};

const tenon_settings_api Host::SETTINGS = {
    sizeof(tenon_settings_api), 0,
    [](const tenon_host* host, tenon_text key) { return textIn(of(host)._settings.values, key); },
    [](const tenon_host* host, std::uint64_t index, tenon_text* key, tenon_text* value)
    {
        const auto& settings = of(host)._settings.values;
        if (index >= settings.size())
            return false;
        const auto found = std::next(settings.begin(), static_cast<std::ptrdiff_t>(index));
        if (key)
            *key = toText(found->first);
        if (value)
            *value = toText(found->second);
        return true;
    },
    [](const tenon_host* host, tenon_text key) { return textIn(of(host)._paths, key); }};

const tenon_notify_api Host::NOTIFY = {sizeof(tenon_notify_api), 0,
                                       [](const tenon_host* host, tenon_list_kind list)
                                       {
                                           Host& self = of(host);
                                           if (self._notifying.load(std::memory_order_acquire))
                                               shielded([&] { self._listener.listChanged(list); });
                                       },
                                       [](const tenon_host* host, tenon_text uri)
                                       {
                                           Host& self = of(host);
                                           if (self._notifying.load(std::memory_order_acquire))
                                               shielded([&] { self._listener.resourceUpdated(toView(uri)); });
                                       },
                                       [](const tenon_host* host, tenon_text what)
                                       {
                                           Host& self = of(host);
                                           shielded(
                                               [&]
                                               {
                                                   {
                                                       const std::lock_guard lock(self._mutex);
                                                       self._lacks = toView(what);
                                                   }
                                                   self._listener.lacking(toView(what));
                                               });
                                       }};

Host::Host(std::string name, OwnSettings settings, HostListener& listener)
    : _name(std::move(name)), _settings(std::move(settings)), _paths(absolutePaths(_settings)),
      _listener(listener), _host{sizeof(tenon_host), TENON_ABI_MAJOR,       TENON_ABI_MINOR, this,
                                 toText("tenon"),    toText(TENON_VERSION), toText(_name),   extension}
{
}

std::string Host::lacks() const
{
    const std::lock_guard lock(_mutex);
    return _lacks;
}

const void* Host::extension(const tenon_host*, const char* id)
{
    const std::array<std::pair<std::string_view, const void*>, 5> known = {{{TENON_EXT_VALUE, &valueApi()},
                                                                            {TENON_EXT_WRITER, &writerApi()},
                                                                            {TENON_EXT_LOG, &LOG},
                                                                            {TENON_EXT_SETTINGS, &SETTINGS},
                                                                            {TENON_EXT_NOTIFY, &NOTIFY}}};
    if (id)
        for (const auto& [name, api] : known)
            if (name == id)
                return api;
    return nullptr;
}

} // namespace tenon::plugin
