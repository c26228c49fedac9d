#pragma once

#include "plugin/worker/channel/FrameChannel.h"

#include <tenon/abi.h>

#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace tenon::attach
{

class Call;

/// One connection to the server, and the calls that came over it. It outlives its socket as long as a call holds it: what
/// such a call says then reaches nobody.
///
/// Threading: any thread; receiving is the link's.
class Connection
{
public:
    /// Ownership: takes the descriptor over; borrows `link` until `abandon`.
    explicit Connection(int descriptor) : channel(descriptor, plugin::FrameChannel::WhenFull::KEEP) {}

    void add(std::uint64_t id, Call& call);
    void remove(std::uint64_t id);
    void cancel(std::uint64_t id);
    void answer(std::uint64_t id, tenon_status status, std::string_view text);

    /// The server has gone, or is being left: whoever asked something gets no answer, every call is cancelled.
    void abandon();

    plugin::FrameChannel channel;

private:
    std::mutex _mutex; // guards:
    std::unordered_map<std::uint64_t, Call*> _calls;
    bool _abandoned = false;
};

} // namespace tenon::attach
