#pragma once

#include "base/text/GiveBack.h"
#include "plugin/abi/ResultWriter.h"
#include "plugin/call/CallBackend.h"

#include <tenon/tenon.h>

#include <atomic>
#include <forward_list>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::plugin
{

/// The host's side of one `tenon_call`: hands on to the backend what the plugin says, and keeps what the plugin
/// borrows.
///
/// Lives until the plugin's function has returned AND the plugin has ended the call, then it is used again. Calls whose
/// pointer a plugin may still hold (asynchronous ones, and those it did not end) wait long before that: what a faulty
/// plugin does to them late must not hit a call of somebody else.
///
/// Threading: as `tenon_call`'s functions say.
class HostCall
{
public:
    /// Gives what keeps the plugin alive; empty: somebody else does.
    using Keep = std::function<std::shared_ptr<void>()>;

    /// A call for `backend`. Ownership: borrows it until `returned`.
    [[nodiscard]] static HostCall* begin(CallBackend& backend);

    HostCall();
    HostCall(const HostCall&) = delete;
    HostCall& operator=(const HostCall&) = delete;

    [[nodiscard]] tenon_call* abi() noexcept { return &_call; }
    [[nodiscard]] static HostCall& of(const tenon_call* call) noexcept
    {
        return *static_cast<HostCall*>(call->host_data);
    }

    /// The plugin's function has returned `status`; `this` is dead afterwards unless the call goes on.
    ///
    /// Errors: what `Instance::enter` returns. A function that returned TENON_OK without ending its call gets a
    /// failure.
    /// Ownership: a call that goes on keeps its backend, and what `keep` gives.
    [[nodiscard]] tenon_status returned(tenon_status status, const CallBackendPtr& backend, const Keep& keep);

    // What the ABI's functions do.
    tenon_status finish(std::string_view result);
    tenon_status finishWritten();
    tenon_status fail(tenon_status status, std::string_view message);
    tenon_status requestInput(std::string_view key, std::string_view request, tenon_value* answer);
    [[nodiscard]] tenon_text jsonOf(tenon_value value);
    [[nodiscard]] tenon_value parse(std::string_view text);
    [[nodiscard]] ResultWriter& writer() noexcept { return _writer; }

    /// Gives back what it keeps to be quick in the next call: that one is far.
    void giveBackRoom() noexcept { base::giveBack(_writer.output()); }

    /// Null once the call has ended.
    [[nodiscard]] CallBackend* backend() const noexcept
    {
        return _marks.load(std::memory_order_acquire) & ENDED ? nullptr : _backend;
    }

private:
    enum Mark : unsigned
    {
        RETURNED = 1, ///< the plugin's function has
        ENDING = 2,   ///< somebody is ending the call; refused ends take it back
        ENDED = 4,
        ASYNCHRONOUS = 8, ///< the function returned TENON_ASYNC
        REFUSED = 16      ///< an end was refused while the function ran
    };

    template <typename Give>
    tenon_status end(Give give);
    tenon_status refused(tenon_status why, bool claimed);
    void failAsUnfinished(std::string_view number);
    void release(bool suspicious);

    tenon_call _call{};
    const void* _enterer = nullptr; ///< a mark of the thread that enters the plugin with it
    CallBackend* _backend = nullptr;
    CallBackendPtr _kept; ///< the same; this and the next only if the call goes on after its function
    std::shared_ptr<void> _plugin;
    std::atomic<unsigned> _marks{0};
    ResultWriter _writer;
    std::string_view _unfit; ///< the number that an end was refused for first; whoever sets REFUSED has written it
    std::vector<base::JsonDocumentPtr> _documents; ///< what the plugin parsed, and answers of the client
    std::forward_list<std::string> _texts;         ///< JSON texts the plugin asked for

public:
    HostCall* nextInPool = nullptr; ///< the pool's
};

} // namespace tenon::plugin
