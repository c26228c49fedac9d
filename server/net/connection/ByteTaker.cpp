#include "net/connection/ByteTaker.h"

#include "net/connection/ConnectionInput.h"
#include "net/connection/FrontState.h"
#include "net/connection/ServingThread.h"

#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::uint32_t TURN_READS = 4; // of one connection, before it is others' turn

} // namespace

ByteTaker::Fed ByteTaker::feed(const Connection* connection, ConnectionInput& input, ConnectionOutput& output,
                               Scratch& scratch)
{
    std::span<char> bytes;
    for (std::uint32_t reads = 0;;)
    {
        switch (output.eventful() ? output.next() : ConnectionOutput::Next::SERVE)
        {
        case ConnectionOutput::Next::CLOSE:
            return Fed::END;
        case ConnectionOutput::Next::WAIT:
            return Fed::ALL;
        case ConnectionOutput::Next::LINGER:
            return Fed::LINGERS;
        case ConnectionOutput::Next::SERVE:
            break;
        }
        bool wantsMore = false;
        {
            const ServingThread serving(connection);
            wantsMore = take(std::exchange(bytes, {}));
        }
        if (!wantsMore)
            continue;
        if (!input.unread())
            return Fed::ALL;
        if (++reads > TURN_READS)
            return Fed::TURN;
        std::size_t got = 0;
        const SocketChannel::Io io = input.read({scratch.buffer.get(), Scratch::BYTES}, got);
        if (io == SocketChannel::Io::CLOSED)
            return Fed::END;
        if (io == SocketChannel::Io::WOULD_BLOCK)
            return Fed::ALL;
        bytes = {scratch.buffer.get(), got};
    }
}

} // namespace tenon::net
