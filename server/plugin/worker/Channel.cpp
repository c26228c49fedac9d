#include "plugin/worker/Channel.h"

namespace tenon::plugin
{

namespace
{

constexpr std::size_t MAX_KEPT_BYTES = 1 << 20;

void appendFrame(std::string& out, FrameType type, std::uint64_t id, std::string_view body)
{
    do
    {
        const auto piece = body.substr(0, MAX_FRAME_BODY);
        body.remove_prefix(piece.size());
        const FrameHeader header{static_cast<std::uint32_t>(piece.size()), type,
                                 static_cast<std::uint8_t>(body.empty() ? 0 : 1), 0, id};
        out.append(reinterpret_cast<const char*>(&header), sizeof header);
        out.append(piece);
    } while (!body.empty());
}

} // namespace

void Channel::send(FrameType type, std::uint64_t id, std::string_view body)
{
    std::unique_lock lock(_mutex);
    appendFrame(_outgoing, type, id, body);
    if (!_sending)
        drain(lock);
}

void Channel::flush()
{
    std::unique_lock lock(_mutex);
    if (!_sending)
        drain(lock);
}

/// Sends what lies in `_outgoing`, and what others put there meanwhile. The lock is not held while the system works.
void Channel::drain(std::unique_lock<std::mutex>& lock)
{
    thread_local std::string batch;
    _sending = true;
    bool full = false;
    while (!full && !_outgoing.empty())
    {
        batch.swap(_outgoing);
        lock.unlock();
        const std::size_t sent = write(batch.data(), batch.size(), full);
        lock.lock();
        if (full)
            _outgoing.insert(0, batch, sent);
        batch.clear();
        if (batch.capacity() > MAX_KEPT_BYTES)
            batch = std::string();
    }
    _kept.store(full, std::memory_order_release);
    _sending = false;
}

} // namespace tenon::plugin
