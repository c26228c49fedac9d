#pragma once

#include "plugin/abi/Host.h"
#include "plugin/abi/HostCall.h"
#include "plugin/call/Instance.h"
#include "plugin/process/Library.h"

#include <memory>
#include <string>
#include <string_view>

namespace tenon::plugin
{

/// A plugin loaded into this process (the server's or a worker's), from its library to its extensions.
///
/// Threading: construction, `offer`, `start`, `loadState`, `stop`, destruction: never two at a time, the ABI's
///            [main-thread]. `enter`: any thread; SUBSCRIBE and UNSUBSCRIBE one at a time.
class LoadedPlugin
{
public:
    /// Loads the library and creates the plugin.
    ///
    /// Errors: LoadException.
    LoadedPlugin(std::shared_ptr<LibraryImage> image, std::string name, OwnSettings settings, HostListener& listener);

    /// Stops it if it was started, destroys it, unloads the library.
    ~LoadedPlugin();
    LoadedPlugin(const LoadedPlugin&) = delete;
    LoadedPlugin& operator=(const LoadedPlugin&) = delete;

    [[nodiscard]] const std::string& name() const noexcept { return _host.name(); }
    [[nodiscard]] std::string lacks() const { return _host.lacks(); } ///< see Host

    /// Reads the lists.
    ///
    /// Errors: LoadException if the plugin throws.
    [[nodiscard]] Offer offer();

    /// Hands the state of a predecessor over, before `start`. False if the plugin takes none or refused it.
    bool loadState(std::string_view fromVersion, std::string_view state);

    /// Errors: LoadException.
    void start();

    /// Stops it; `state` gets what it hands to its successor. No call may run.
    void stop(std::string* state = nullptr);

    /// See `Library::keep`.
    void keepLibrary() noexcept { _library.keep(); }

    /// As `Instance::enter`; exceptions end as failures. `keep` is asked if the call goes on after its function.
    tenon_status enter(Target target, std::uint32_t index, const CallBackendPtr& call, const HostCall::Keep& keep);

private:
    [[nodiscard]] tenon_status order(bool subscribe, const CallBackendPtr& call) const;

    void create();
    void destroy() noexcept;
    template <typename Extension>
    const Extension* extension(const char* id) const;
    [[nodiscard]] tenon_status call(Target target, std::uint32_t index, tenon_call* call) const;

    // Constant after construction.
    Host _host;
    Library _library;
    HostListener& _listener;
    tenon_plugin* _plugin = nullptr;
    const tenon_tools* _tools = nullptr;
    const tenon_resources* _resources = nullptr;
    const tenon_prompts* _prompts = nullptr;
    const tenon_completion* _completion = nullptr;
    const tenon_skills* _skills = nullptr;
    const tenon_state* _state = nullptr;

    bool _started = false; ///< [main-thread]
};

} // namespace tenon::plugin
