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

/// Lets the allocator divide the heap into few parts, and keep little free memory at the end of each. By itself it keeps there twice the
/// largest block that was ever given back, up to 64 MB for each, and `returnFreeMemory` does not reach it. Threading: before
/// there are other threads.
void boundFreeMemory() noexcept;

/// Gives memory that is free inside this process back to the system, if there is much of it: the allocator keeps what a few
/// large results needed for good. To be called now and then. Threading: one thread.
void returnFreeMemory() noexcept;

} // namespace tenon::app
