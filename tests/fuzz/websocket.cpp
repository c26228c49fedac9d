// WebSocket frames, as they come whole and cut after each byte: the same events, and none that the protocol forbids.
#include "fuzz/Input.h"

#include "base/websocket/WebSocketReader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

using tenon::base::WebSocketReader;

namespace
{

constexpr std::size_t LARGEST = 4096;

/// Each event as text, for comparing; FAULT and CLOSE are the last.
std::vector<std::string> eventsOf(std::string bytes, std::size_t piece, WebSocketReader::From from)
{
    WebSocketReader reader(from, LARGEST);
    std::vector<std::string> seen;
    std::string kept;
    for (std::size_t at = 0; at < bytes.size(); at += piece)
    {
        kept.append(bytes, at, piece);
        std::span<char> rest(kept);
        for (;;)
        {
            const auto event = reader.next(rest);
            if (event.kind == WebSocketReader::Kind::NOTHING)
                break;
            const bool last = event.kind == WebSocketReader::Kind::FAULT || event.kind == WebSocketReader::Kind::CLOSE;
            tenon::fuzz::demand(event.kind != WebSocketReader::Kind::MESSAGE || event.data.size() <= LARGEST);
            seen.push_back(std::to_string(static_cast<int>(event.kind)) + ' ' + std::to_string(event.status) + ' ' +
                           (event.kind == WebSocketReader::Kind::FAULT ? std::string() : std::string(event.data)));
            if (last)
                return seen;
        }
        tenon::fuzz::demand(reader.heldBytes() <= 2 * LARGEST + 64);
        kept.erase(0, kept.size() - rest.size());
    }
    return seen;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const auto from = (data[0] & 1) != 0 ? WebSocketReader::From::CLIENT : WebSocketReader::From::SERVER;
    const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = eventsOf(bytes, std::max<std::size_t>(bytes.size(), 1), from);
    tenon::fuzz::demand(whole == eventsOf(bytes, 1, from));
    return 0;
}
