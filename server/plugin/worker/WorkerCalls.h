#pragma once

#include "plugin/call/Instance.h"
#include "plugin/worker/InFlightCalls.h"
#include "plugin/worker/channel/Frame.h"
#include "plugin/worker/channel/FrameChannel.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace tenon::plugin
{

/// The calls inside one worker: what goes to it of each, and what comes back.
///
/// The worker is not trusted: results are parsed again, unknown ids are ignored, and a message that is none is dropped. One
/// that was larger than it may be is its call's affair alone.
///
/// Threading: any thread; `handle` one at a time.
class WorkerCalls
{
public:
    /// Ownership: borrows `channel`.
    WorkerCalls(std::string plugin, FrameChannel& channel) : _plugin(std::move(plugin)), _channel(channel) {}

    /// Counts the call as inside; `send` is due. From here on the worker's end ends it.
    ///
    /// Ownership: keeps `call` and `keep` until the call has ended.
    [[nodiscard]] std::uint64_t add(CallBackendPtr call, std::shared_ptr<void> keep)
    {
        return _inFlight.add(std::move(call), std::move(keep));
    }
    void send(Target target, std::uint32_t index, const CallBackendPtr& call, std::uint64_t id,
              const std::string* arguments = nullptr);

    /// A frame about one call.
    void handle(const Frame& frame);

    /// Tells the worker of calls that nobody waits for any more. True if one has not ended within `grace`.
    bool sweep(std::chrono::milliseconds grace);

    /// Ends one call as a failure, whatever the worker makes of it.
    void fail(std::uint64_t id, const std::string& message);

    /// The worker has ended: so do its calls. Gives how many there were.
    ///
    /// Shape: `message` is for the callers.
    std::size_t failAll(const std::string& message);

    [[nodiscard]] std::size_t size() const { return _inFlight.size(); }

private:
    void dispatch(CallBackend& call, const Frame& frame);
    void finish(CallBackend& call, const Frame& frame);
    void answer(CallBackend& call, const Frame& frame);
    void dispatchDropped(CallBackend& call, const Frame& frame);
    void sendAnswer(std::uint64_t id, tenon_status status, std::string_view answer);

    const std::string _plugin;
    FrameChannel& _channel;
    InFlightCalls _inFlight;
};

} // namespace tenon::plugin
