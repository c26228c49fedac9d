#pragma once

#include "plugin/call/CallBackend.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tenon::plugin
{

/// Which function of a plugin a call enters.
enum class Target
{
    TOOL,
    RESOURCE,
    PROMPT,
    COMPLETION,
    DIRECTORY,  ///< `tenon.skills/1`, read_directory
    SUBSCRIBE,  ///< `tenon.resources/1`; the call's arguments are {"uri"}, its result says nothing
    UNSUBSCRIBE ///< likewise
};

/// What a plugin offers, read from it once: JSON texts as the ABI's lists give them, empty where it has none.
struct Offer
{
    std::string manifest;  ///< object
    std::string tools;     ///< array of Tool
    std::string resources; ///< array of Resource
    std::string templates; ///< array of ResourceTemplate
    std::string prompts;   ///< array of Prompt
    std::string skills;    ///< array, see `tenon.skills/1`
    bool readsResources = false;
    bool readsDirectories = false;
    bool completes = false;
    bool subscribes = false;
    bool keepsState = false; ///< hands its state over to its successor

    bool operator==(const Offer&) const = default;
};

class EntryQueue;

/// Told once how an order to a plugin ended: as the ABI's functions return, TENON_ERROR_CANCELLED if its time was up.
using OrderDone = std::function<void(tenon_status)>;

/// One live plugin, wherever it runs. Lives as long as a catalogue or a running call holds it; the last one to let go
/// stops it, destroys it and unloads its library (or ends its worker), off the hot path.
///
/// Threading: any thread.
class Instance
{
public:
    virtual ~Instance() = default;

    [[nodiscard]] virtual const std::string& name() const = 0; ///< as the settings know it

    /// Enters the plugin.
    ///
    /// Shape:  `index` is the position in the list (TOOL, PROMPT), else 0.
    /// Errors: as the ABI's functions return: TENON_OK (the call has ended), TENON_ASYNC (it ends later through `call`),
    ///         TENON_INPUT_PENDING (enter again when the answer is there), or a failure, which has not ended the call:
    ///         the caller turns it into an answer. An isolated instance returns TENON_ASYNC and later reports a
    ///         pending input by `CallBackend::inputPending`, a failure by `CallBackend::fail`.
    /// Ownership: keeps `call` until it has ended and the plugin's function has returned.
    virtual tenon_status enter(Target target, std::uint32_t index, const CallBackendPtr& call) = 0;

    /// Whether `enter` may hold the calling thread for long (in process: yes).
    [[nodiscard]] virtual bool mayBlock() const = 0;

    /// What lets in the entries other than those of tools, which have theirs in the catalogue; null: nothing does.
    [[nodiscard]] virtual EntryQueue* queue() const { return nullptr; }

    /// Orders of clients about one resource. They return at once; the plugin gets them one at a time, in the order given,
    /// through the same limits and deadlines as calls.
    ///
    /// Threading: `done` is called once, on any thread, with no lock held; on the caller's own only if the order cannot
    ///            even be kept.
    virtual void subscribe(std::string uri, OrderDone done) = 0;
    virtual void unsubscribe(std::string uri) = 0;
};

using InstancePtr = std::shared_ptr<Instance>;

} // namespace tenon::plugin
