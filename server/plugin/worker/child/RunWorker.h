#pragma once

#include <optional>

namespace tenon::plugin
{

/// Runs this process as a worker if it was started as one (`--plugin-worker NAME`), and gives its exit status then.
/// Call it first in `main`, before anything opens a file or starts a thread.
[[nodiscard]] std::optional<int> runWorker(int argc, char** argv);

} // namespace tenon::plugin
