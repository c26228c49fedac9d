#include "plugin/worker/channel/FrameSplitter.h"

#include "base/text/GiveBack.h"

#include <algorithm>
#include <stdexcept>

namespace tenon::plugin
{

namespace
{
constexpr std::size_t KEPT = 512 * 1024; // of a buffer, from one message to the next
} // namespace

std::pair<char*, std::size_t> FrameSplitter::space()
{
    if (_begin == _end)
        _begin = _end = 0;
    const std::size_t wanted = std::max(_space, missing());
    if (_buffer.size() - _end < wanted)
    {
        // What is left of the last frame moves to the front before the buffer grows.
        _buffer.erase(0, _begin);
        _end -= _begin;
        _begin = 0;
        if (_buffer.size() - _end < wanted)
            _buffer.resize(_end + wanted + _space);
    }
    return {_buffer.data() + _end, _buffer.size() - _end};
}

/// Of the frame that has begun to arrive.
std::size_t FrameSplitter::missing() const
{
    const std::size_t there = _end - _begin;
    if (there < FrameHeader::SIZE)
        return 0;
    const auto size =
        FrameHeader::SIZE + std::min<std::size_t>(FrameHeader::read(_buffer.data() + _begin).size, MAX_FRAME_BODY);
    return size > there ? size - there : 0;
}

bool FrameSplitter::next(Frame& frame)
{
    for (;;)
    {
        if (_end - _begin < FrameHeader::SIZE)
            return false;
        const auto header = FrameHeader::read(_buffer.data() + _begin);
        if (header.size > MAX_FRAME_BODY || header.more > 1)
            throw std::runtime_error("a frame is malformed");
        if (_end - _begin < FrameHeader::SIZE + header.size)
            return false;
        const std::string_view body(_buffer.data() + _begin + FrameHeader::SIZE, header.size);
        _begin += FrameHeader::SIZE + header.size;

        const auto key = std::make_pair(header.type, header.id);
        const auto part = _parts.empty() ? _parts.end() : _parts.find(key);
        if (part == _parts.end() && !header.more)
        {
            frame = {header.type, header.id, body, 0};
            return true;
        }
        if (part == _parts.end())
            _unfinished += PART_OVERHEAD;
        Part& whole = part == _parts.end() ? _parts[key] : part->second;
        add(whole, body);
        if (header.more)
            continue;
        _unfinished -= whole.body.size() + PART_OVERHEAD;
        _assembled = std::move(whole.body);
        frame = {header.type, header.id, _assembled, whole.dropped};
        _parts.erase(key);
        return true;
    }
}

void FrameSplitter::add(Part& part, std::string_view piece)
{
    if (part.dropped == 0 && part.body.size() + piece.size() <= _maxBody)
    {
        part.body += piece;
        _unfinished += piece.size();
        if (_unfinished > MAX_UNFINISHED)
            throw std::runtime_error("its messages are larger than allowed");
        return;
    }
    drop(part);
    part.dropped += piece.size();
}

void FrameSplitter::drop(Part& part)
{
    part.dropped += part.body.size();
    _unfinished -= part.body.size();
    base::giveBack(part.body);
}

bool FrameSplitter::dropLargest()
{
    const auto largest = std::max_element(_parts.begin(), _parts.end(),
                                          [](const auto& one, const auto& other)
                                          { return one.second.body.size() < other.second.body.size(); });
    if (largest == _parts.end() || largest->second.body.empty())
        return false;
    drop(largest->second);
    return true;
}

void FrameSplitter::trim()
{
    if (_assembled.capacity() > KEPT)
        base::giveBack(_assembled);
    if (_begin == _end && _buffer.size() > KEPT)
    {
        _begin = _end = 0;
        base::giveBack(_buffer);
    }
}

} // namespace tenon::plugin
