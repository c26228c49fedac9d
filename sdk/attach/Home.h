#pragma once

#include "Call.h"
#include "Errand.h"
#include "GivenSettings.h"

#include <tenon/tenon.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace tenon::attach
{

/// What the program's plugin says outside of calls.
///
/// Threading: any thread.
class HomeListener
{
public:
    virtual ~HomeListener() = default;
    virtual void logged(tenon_log_level level, std::string_view message) = 0;
    virtual void listChanged() = 0;
    virtual void resourceUpdated(std::string_view uri) = 0;
};

/// The program's plugin: made from its entry, asked for its lists, entered by calls.
///
/// Threading: `create`, `start`, `stop` on the program's thread; what the ABI calls [main-thread] one at a time.
class Home
{
public:
    /// Ownership: borrows `listener` and `entry`.
    Home(const tenon_plugin_entry& entry, std::string name, HomeListener& listener);
    ~Home();
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;

    /// Errors: what the plugin returned; nothing is left behind then.
    [[nodiscard]] tenon_status create();
    [[nodiscard]] tenon_status start();

    /// Hands over what its predecessor left, before `start`. A plugin that refuses it starts without.
    void load(const SavedState& state);

    /// The plugin stops and is destroyed. No call is inside. What it leaves, if it was started and leaves anything.
    std::optional<SavedState> stop();

    /// What `tenon.settings/1` gives.
    [[nodiscard]] GivenSettings& settings() { return _settings; }

    /// The body of READY: what the plugin offers now.
    [[nodiscard]] std::string readOffer();

    [[nodiscard]] bool wantsMainThread(const Call& call) const;
    void enter(Call& call);

private:
    static Home& of(const tenon_host* host) { return *static_cast<Home*>(host->host_data); }
    static const void* TENON_ABI extension(const tenon_host* host, const char* id);
    static const tenon_log_api LOG;
    static const tenon_settings_api SETTINGS;
    static const tenon_notify_api NOTIFY;

    template <typename Api>
    [[nodiscard]] const Api* find(const char* id) const
    {
        // A struct that ends before its first function is none.
        const auto* found = static_cast<const Api*>(_plugin->extension(_plugin, id));
        return found && found->struct_size >= 2 * sizeof(void*) ? found : nullptr;
    }
    void findExtensions();
    tenon_status run(Call& call);
    [[nodiscard]] tenon_status subscribe(std::string_view uri);
    void unsubscribe(std::string_view uri);
    void noteThreads(std::string_view tools);
    [[nodiscard]] std::optional<SavedState> save() const;

    // Constant after `create`.
    const tenon_plugin_entry& _entry;
    const std::string _name;
    HomeListener& _listener;
    tenon_host _host;
    tenon_plugin* _plugin = nullptr;
    const tenon_tools* _tools = nullptr;
    const tenon_resources* _resources = nullptr;
    const tenon_prompts* _prompts = nullptr;
    const tenon_completion* _completion = nullptr;
    const tenon_skills* _skills = nullptr;
    const tenon_state* _state = nullptr;
    bool _readsDirectories = false;

    GivenSettings _settings;
    std::atomic<bool> _running{false};
    std::mutex _mainThread; // one at a time of what the ABI calls [main-thread]

    mutable std::mutex _mutex;             // guards:
    std::set<std::uint32_t> _onMainThread; ///< numbers of tools
};

} // namespace tenon::attach
