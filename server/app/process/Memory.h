#pragma once

#include <cstdint>
#include <string>

namespace tenon::app
{

/// What the machine has, or the control group of this process if that is less.
///
/// Units: bytes; 0 if the system does not tell.
[[nodiscard]] std::uint64_t memoryOfMachine();

/// The least limit on the way from a control group up to the root; 0 if there is none.
///
/// Shape: `membership` is the text of /proc/self/cgroup, `root` where control groups are mounted: "/sys/fs/cgroup".
[[nodiscard]] std::uint64_t memoryOfGroup(const std::string& membership, const std::string& root);

} // namespace tenon::app
