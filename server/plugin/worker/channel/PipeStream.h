#pragma once

#include "plugin/worker/channel/ByteStream.h"

namespace tenon::plugin
{

/// A stream over a connected named pipe of Windows that was opened for overlapped use.
///
/// Ownership: takes the HANDLE `pipe` over.
/// Errors:    std::system_error; the pipe is closed then.
[[nodiscard]] ByteStreamPtr streamOfPipe(void* pipe);

} // namespace tenon::plugin
