#pragma once

#include <optional>
#include <string>

#include <Poco/Net/ServerSocket.h>

namespace tenon::app
{

/// What systemd is told and gives, over its plain protocols (sd_notify, LISTEN_FDS); nothing where it is not there.
///
/// Threading: any thread.
namespace service_manager
{

/// "READY=1", "STOPPING=1", "RELOADING=1", "WATCHDOG=1", "STATUS=…".
void notify(const std::string& state);

/// Half the interval in which the watchdog wants to hear "WATCHDOG=1", in milliseconds; 0: there is none.
[[nodiscard]] long watchdogMs();

/// The first socket handed over at start.
[[nodiscard]] std::optional<Poco::Net::ServerSocket> inheritedSocket();

} // namespace service_manager

} // namespace tenon::app
