#pragma once

#include <Poco/Net/ServerSocket.h>

#include <cstdint>

namespace tenon::net
{

/// Has the system end connections whose peer has vanished without a word: `idleMs` after it last acknowledged anything,
/// whether something was sent meanwhile or not. 0: the system's own patience, a quarter of an hour and more.
///
/// What is set on a listener, its connections inherit: no call for each of them. Linux only.
void noticeVanishedPeers(const Poco::Net::ServerSocket& listener, std::uint32_t idleMs) noexcept;

} // namespace tenon::net
