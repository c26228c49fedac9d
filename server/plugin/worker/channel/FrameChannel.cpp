#include "plugin/worker/channel/FrameChannel.h"

#include "base/text/GiveBack.h"

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
        const std::uint8_t more = body.empty() ? 0 : 1;
        const auto header = FrameHeader{static_cast<std::uint32_t>(piece.size()), type, more, id}.bytes();
        out.append(header.data(), header.size());
        out.append(piece);
    } while (!body.empty());
}

} // namespace

void FrameChannel::send(FrameType type, std::uint64_t id, std::string_view body)
{
    std::unique_lock lock(_mutex);
    const std::size_t before = _outgoing.size();
    try
    {
        appendFrame(_outgoing, type, id, body);
    }
    catch (...)
    {
        _outgoing.resize(before); // half a frame would make nonsense of all that follow
        throw;
    }
    if (!_sending)
        drain(lock);
}

void FrameChannel::flush()
{
    std::unique_lock lock(_mutex);
    if (!_sending)
        drain(lock);
}

/// Sends what lies in `_outgoing`, and what others put there meanwhile. The lock is not held while the system works.
void FrameChannel::drain(std::unique_lock<std::mutex>& lock)
{
    _sending = true;
    bool full = false;
    while (!full && (!_batch.empty() || !_outgoing.empty()))
    {
        if (_batch.empty())
            _batch.swap(_outgoing);
        lock.unlock();
        _batchSent +=
            _stream->write(_batch.data() + _batchSent, _batch.size() - _batchSent, _whenFull == WhenFull::WAIT, full);
        if (!full)
        {
            base::reuse(_batch, MAX_KEPT_BYTES);
            _batchSent = 0;
        }
        lock.lock();
    }
    _kept.store(_batch.size() - _batchSent + _outgoing.size(), std::memory_order_release);
    _sending = false;
}

} // namespace tenon::plugin
