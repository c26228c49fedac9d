#pragma once

#include "store/TaskStore.h"

#include <string>
#include <string_view>

namespace tenon::mcp
{

/// The member of `_meta` that marks what belongs to a task of 2025-11-25.
inline constexpr std::string_view RELATED_TASK = "io.modelcontextprotocol/related-task";

/// The members of a task for a modern client: `"taskId":…`, with result, error or inputRequests where its status has them
/// and `detailed` asks for it. No braces.
[[nodiscard]] std::string taskMembers(const store::TaskRecord& task, bool detailed);

/// The members of `Task` of 2025-11-25, to which a result with `isError` is a failed task. No braces.
[[nodiscard]] std::string legacyTaskMembers(const store::TaskRecord& task);

} // namespace tenon::mcp
