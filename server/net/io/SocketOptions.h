#pragma once

#include <Poco/Net/ServerSocket.h>

#include <cstdint>

namespace tenon::net
{

/// Has the system end connections whose peer has vanished without a word: `idleMs` after it last acknowledged anything,
/// whether something was sent meanwhile or not. 0: the system's own patience, a quarter of an hour and more.
///
/// Shape:     `heartbeatMs`, how often something is sent on a quiet stream: the system's clock begins with that.
///
/// What is set on a listener, its connections inherit: no call for each of them. Linux only.
void noticeVanishedPeers(const Poco::Net::ServerSocket& listener, std::uint32_t idleMs,
                         std::uint32_t heartbeatMs) noexcept;

/// Has the system leave unanswered who begins to connect from now on: they try again a second later. Connections that
/// stand, or are half made, still come through, so that after a moment the listener can be closed without resetting one.
///
/// Errors: false where the system cannot do that. Linux only.
[[nodiscard]] bool leaveNewcomersWaiting(const Poco::Net::ServerSocket& listener) noexcept;

} // namespace tenon::net
