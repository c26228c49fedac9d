#pragma once

#include <tenon/writer.h>

namespace tenon::plugin
{

/// The host's `tenon.writer/1`, over the call's `ResultWriter`.
[[nodiscard]] const tenon_writer_api& writerApi();

} // namespace tenon::plugin
