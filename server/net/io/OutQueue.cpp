#include "net/io/OutQueue.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::size_t GATHERED = 16;

} // namespace

void OutQueue::append(std::span<const std::string_view> parts, std::size_t skip)
{
    std::string own;
    std::size_t total = 0;
    for (const std::string_view& part : parts)
        total += part.size();
    if (total <= skip)
        return;
    own.reserve(total - skip);
    for (std::string_view part : parts)
    {
        const std::size_t drop = std::min(skip, part.size());
        skip -= drop;
        own.append(part.substr(drop));
    }
    put({std::move(own), nullptr, 0});
}

void OutQueue::append(std::shared_ptr<const std::string> text)
{
    if (text->empty())
        return;
    put({{}, std::move(text), 0});
}

void OutQueue::put(Chunk chunk)
{
    const std::size_t all = chunk.text().size();
    const std::size_t counted = chunk.shared ? all / static_cast<std::size_t>(chunk.shared.use_count()) : all;
    chunk.counted = counted;
    _chunks.push_back(std::move(chunk));
    _bytes += all;
    _place.add(counted);
}

SocketChannel::Io OutQueue::flush(SocketChannel& channel)
{
    while (!_chunks.empty())
    {
        std::array<std::string_view, GATHERED> parts;
        std::size_t count = 0;
        for (; count < GATHERED && count < _chunks.size(); ++count)
            parts[count] = _chunks[count].text();
        parts[0].remove_prefix(_offset);
        std::size_t wanted = 0;
        for (std::size_t i = 0; i < count; ++i)
            wanted += parts[i].size();

        std::size_t sent = 0;
        const SocketChannel::Io io = channel.write({parts.data(), count}, sent);
        if (io != SocketChannel::Io::DONE)
            return io;
        _bytes -= sent;
        const bool all = sent == wanted;
        std::uint64_t counted = 0;
        for (std::size_t i = 0; i < count && sent >= parts[i].size(); ++i)
        {
            sent -= parts[i].size();
            _offset = 0;
            counted += _chunks.front().counted;
            _chunks.pop_front();
        }
        _offset += sent;
        _place.took(counted);
        if (!all)
            return SocketChannel::Io::WOULD_BLOCK;
    }
    return SocketChannel::Io::DONE;
}

} // namespace tenon::net
