#pragma once

#include "base/text/GiveBack.h"
#include "plugin/worker/channel/Frame.h"

#include <string>

namespace tenon::plugin
{

/// An empty text for the body of a frame: one a thread, used again. Borrowed until the thread's next call.
[[nodiscard]] inline std::string& freshBody()
{
    thread_local std::string body;
    base::reuse(body, MAX_FRAME_BODY);
    return body;
}

} // namespace tenon::plugin
