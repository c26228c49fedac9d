#pragma once

#include <string>

namespace tenon::plugin
{

/// Makes fatal signals write the plugin's name and a backtrace to standard error before they end the process.
void installCrashReport(const std::string& plugin);

/// Gives the calling thread a stack for that, so that an overflow of its own is reported too.
void provideSignalStack();

} // namespace tenon::plugin
