#include "Errand.h"

#include "system/Places.h"

#include "plugin/worker/channel/FrameChannel.h"
#include "plugin/worker/channel/FrameSplitter.h"

#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

namespace tenon::attach
{

namespace
{

using namespace std::chrono_literals;
using plugin::FieldReader;
using plugin::FieldWriter;
using plugin::Frame;
using plugin::FrameChannel;
using plugin::FrameType;
using Clock = std::chrono::steady_clock;

constexpr auto PATIENCE = 1s;
constexpr auto PAUSE = 10ms; // a server that is full for a moment closes what comes
constexpr std::size_t SPACE = 4 << 10;

/// The server's first word; false if it says none until `end`.
bool await(FrameChannel& channel, plugin::FrameSplitter& splitter, Clock::time_point end, Frame& frame)
{
    for (;;)
    {
        if (splitter.next(frame))
            return true;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
        if (left <= 0ms)
            return false;
        channel.wait(static_cast<int>(left.count()));
        if (channel.keepsSomething())
            channel.flush();
        const auto [data, size] = splitter.space();
        std::size_t got = 0;
        if (channel.receive(data, size, got) == FrameChannel::Received::CLOSED)
            return false;
        splitter.received(got);
    }
}

/// The body of the frame `answer`; nothing if that does not come.
std::optional<std::string> ask(const std::string& socket, FrameType question, std::string_view body, FrameType answer)
{
    for (const auto end = Clock::now() + PATIENCE; Clock::now() < end; std::this_thread::sleep_for(PAUSE))
    {
        NoConnection why;
        auto stream = connectToServer(socket, why);
        if (!stream && !why.isBusy)
            return std::nullopt;
        if (!stream)
            continue;
        FrameChannel channel(std::move(stream), FrameChannel::WhenFull::KEEP);
        plugin::FrameSplitter splitter(plugin::FrameSplitter::MAX_UNFINISHED, SPACE);
        channel.send(question, 0, body);
        Frame frame;
        if (await(channel, splitter, end, frame))
            return frame.type == answer ? std::optional(std::string(frame.body)) : std::nullopt;
    }
    return std::nullopt;
}

} // namespace

Preparation Preparation::read(std::string_view body)
{
    FieldReader in(body);
    Preparation made{std::string(in.text()), std::nullopt};
    if (in.number() == 0)
        return made;
    SavedState state;
    state.version = in.text();
    state.bytes = in.text();
    if (in.good())
        made.state = std::move(state);
    return made;
}

Preparation askForPreparation(const std::string& socket, std::string_view who)
{
    try
    {
        if (const auto body = ask(socket, FrameType::PREPARE, who, FrameType::PREPARED))
            return Preparation::read(*body);
    }
    catch (const std::runtime_error&) // what listens there speaks something else
    {
        return {};
    }
    return {};
}

bool leaveState(const std::string& socket, std::string who, const SavedState& state)
{
    try
    {
        FieldWriter(who).text(state.version).text(state.bytes);
        const auto body = ask(socket, FrameType::SAVE, who, FrameType::KEPT);
        return body && FieldReader(*body).number() != 0;
    }
    catch (const std::exception&) // as above, or memory: the program ends all the same
    {
        return false;
    }
}

} // namespace tenon::attach
