#pragma once

#include <map>
#include <vector>

namespace tenon::tests
{

/// The processes of this machine that live, with their parents; one that has ended and was not waited for does not live.
[[nodiscard]] std::map<int, int> livingProcesses();

/// The children of a process, and theirs.
[[nodiscard]] std::vector<int> descendantsOf(int process);

} // namespace tenon::tests
