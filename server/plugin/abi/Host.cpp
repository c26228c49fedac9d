#include "plugin/abi/Host.h"

#include "plugin/abi/ValueApi.h"
#include "plugin/abi/WriterApi.h"

#include <array>
#include <cstddef>
#include <iterator>
#include <utility>

namespace tenon::plugin
{

namespace
{

/// Nothing thrown gets into the plugin.
template <typename Work>
void guarded(Work work)
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

} // namespace

const tenon_log_api Host::LOG = {sizeof(tenon_log_api), 0,
                                 [](const tenon_host* host, tenon_log_level level, tenon_text message)
                                 { guarded([&] { of(host)._listener.logged(level, toView(message)); }); }};

// Without `paths` so far: the size says so.
const tenon_settings_api Host::SETTINGS = {
    offsetof(tenon_settings_api, paths), 0,
    [](const tenon_host* host, tenon_text key)
    {
        const auto& settings = of(host)._settings;
        const auto found = settings.find(std::string(toView(key)));
        return found == settings.end() ? tenon_text{nullptr, 0} : toText(found->second);
    },
    [](const tenon_host* host, std::uint64_t index, tenon_text* key, tenon_text* value)
    {
        const auto& settings = of(host)._settings;
        if (index >= settings.size())
            return false;
        const auto found = std::next(settings.begin(), static_cast<std::ptrdiff_t>(index));
        if (key)
            *key = toText(found->first);
        if (value)
            *value = toText(found->second);
        return true;
    },
    nullptr};

const tenon_notify_api Host::NOTIFY = {sizeof(tenon_notify_api), 0,
                                       [](const tenon_host* host, tenon_list_kind list)
                                       {
                                           Host& self = of(host);
                                           if (self._notifying.load(std::memory_order_acquire))
                                               guarded([&] { self._listener.listChanged(list); });
                                       },
                                       [](const tenon_host* host, tenon_text uri)
                                       {
                                           Host& self = of(host);
                                           if (self._notifying.load(std::memory_order_acquire))
                                               guarded([&] { self._listener.resourceUpdated(toView(uri)); });
                                       }};

Host::Host(std::string name, std::map<std::string, std::string> settings, HostListener& listener)
    : _name(std::move(name)), _settings(std::move(settings)),
      _listener(listener), _host{sizeof(tenon_host), TENON_ABI_MAJOR,       TENON_ABI_MINOR, this,
                                 toText("tenon"),    toText(TENON_VERSION), toText(_name),   extension}
{
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
