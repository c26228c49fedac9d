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

/// Bounds what the system holds for one connection: bytes that the server does not read, as it reads none of a peer that
/// does not take its answers, and bytes for which that peer has no room. Left to itself the system gives each megabytes, and
/// when all of them together have what it gives to sockets, it drops what is sent to anybody.
///
/// What is set on a listener, its connections inherit. Linux only.
void boundWhatTheSystemHolds(const Poco::Net::ServerSocket& listener) noexcept;

/// Has the system leave unanswered who begins to connect from now on: they try again a second later. Connections that
/// stand, or are half made, still come through, so that after a moment the listener can be closed without resetting one.
///
/// Errors: false where the system cannot do that. Linux only.
[[nodiscard]] bool leaveNewcomersWaiting(const Poco::Net::ServerSocket& listener) noexcept;

} // namespace tenon::net
