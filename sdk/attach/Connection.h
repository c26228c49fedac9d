#pragma once

#include "system/System.h"

#include "plugin/worker/channel/FrameChannel.h"

#include <tenon/abi.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace tenon::attach
{

class Call;

/// One connection to the server, and the calls that came over it. It outlives its link's interest as long as a call holds
/// it: what such a call says then reaches nobody.
///
/// Threading: any thread; receiving is the link's.
class Connection
{
public:
    /// Shape:     `kept` is called when the server does not take what is sent, so that it is sent later.
    /// Ownership: what `kept` leads to is borrowed until `abandon`.
    Connection(plugin::ByteStreamPtr stream, std::function<void()> kept)
        : channel(std::move(stream), plugin::FrameChannel::WhenFull::KEEP),
          _keptFromChildren(channel.stream().descriptor()), _keptSomething(std::move(kept))
    {
    }

    /// What the server does not take at once leaves when it does.
    void send(plugin::FrameType type, std::uint64_t id, std::string_view body);

    void add(std::uint64_t id, Call& call);
    void remove(std::uint64_t id);
    void cancel(std::uint64_t id);
    void answer(std::uint64_t id, tenon_status status, std::string_view text);

    /// The server has gone, or is being left: whoever asked something gets no answer, every call is cancelled.
    void abandon();

    plugin::FrameChannel channel;

private:
    const KeptFromChildren _keptFromChildren; ///< ends before the channel closes
    const std::function<void()> _keptSomething;

    std::mutex _mutex; // guards:
    std::unordered_map<std::uint64_t, Call*> _calls;
    bool _abandoned = false;
};

} // namespace tenon::attach
