#pragma once

#include "support/ServerProcess.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace tenon::tests
{

/// How long an attack of a test lasts: `TENON_ATTACK_SECONDS`, by default a few.
[[nodiscard]] std::chrono::seconds attackTime();

/// What a process has of the system's.
struct Vitals
{
    /// Of the process as it is now; all 0 if it has gone.
    explicit Vitals(int process);

    long residentKb = 0;
    std::size_t descriptors = 0;
    std::size_t threads = 0;

    void raiseTo(const Vitals& other);

    /// Whether each is at most a tenth above `before`, or a few that no attack explains.
    [[nodiscard]] bool isLevelWith(const Vitals& before) const;
    [[nodiscard]] std::string text() const;
};

/// Fails the running test unless all of them end soon.
void assertGone(const std::vector<int>& processes);

/// SIGTERM; fails the running test unless the server ends with status 0 within `drain` and what stopping may take, with all
/// its processes.
void assertEndsInTime(ServerProcess& server, std::chrono::milliseconds drain);

/// SIGKILL; fails the running test if a process of the server stays.
void assertLeavesNothing(ServerProcess& server);

} // namespace tenon::tests
