#pragma once

#include "net/route/AccessListener.h"

#include <Poco/Message.h>

namespace tenon::ops
{

/// What the log says of an event stream: `stream opened` and `stream closed`, as lines of the room `net`.
[[nodiscard]] Poco::Message streamOpened(const net::StreamEntry& entry);

/// Shape: with why it closed, how long it lasted, and how many events it carried.
[[nodiscard]] Poco::Message streamClosed(const net::StreamEntry& entry);

} // namespace tenon::ops
