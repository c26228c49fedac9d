#pragma once

#include "plugin/config/OwnSettings.h"

#include <tenon/tenon.h>

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace tenon::plugin
{

/// What a plugin tells its host outside of calls.
///
/// Threading: any thread, several at once.
class HostListener
{
public:
    virtual ~HostListener() = default;
    virtual void logged(tenon_log_level level, std::string_view message) = 0;
    virtual void listChanged(tenon_list_kind list) = 0;
    virtual void resourceUpdated(std::string_view uri) = 0;
    virtual void lacking(std::string_view) {} ///< Host::lacks has changed
};

/// The `tenon_host` of one plugin, with its extensions: value, writer, log, settings, notify.
///
/// Threading: any thread.
/// Ownership: outlives the plugin it is given to; borrows `listener`.
class Host
{
public:
    Host(std::string name, OwnSettings settings, HostListener& listener);
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    [[nodiscard]] const tenon_host* abi() const noexcept { return &_host; }
    [[nodiscard]] const std::string& name() const noexcept { return _name; }

    /// What the plugin says that it lacks; empty: nothing.
    [[nodiscard]] std::string lacks() const;

    /// Whether notifications are passed on: from the return of `start` until `stop`.
    void setNotifying(bool notifying) noexcept { _notifying.store(notifying, std::memory_order_release); }

private:
    static Host& of(const tenon_host* host) noexcept { return *static_cast<Host*>(host->host_data); }
    static const void* TENON_ABI extension(const tenon_host* host, const char* id);
    static const tenon_log_api LOG;
    static const tenon_settings_api SETTINGS;
    static const tenon_notify_api NOTIFY;

    const std::string _name;
    const OwnSettings _settings;
    const std::map<std::string, std::string> _paths; ///< the values, taken for paths and made absolute
    HostListener& _listener;
    tenon_host _host;
    std::atomic<bool> _notifying{false};

    mutable std::mutex _mutex; // guards _lacks
    std::string _lacks;
};

} // namespace tenon::plugin
