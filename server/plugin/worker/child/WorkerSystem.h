#pragma once

namespace tenon::plugin
{

/// Ends this process at once: neither the plugin's destructors run nor those of the server's code.
[[noreturn]] void leaveWorker(int status) noexcept;

} // namespace tenon::plugin
