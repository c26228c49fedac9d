#pragma once

#include "plugin/tools/TrialBench.h"

#include <chrono>

namespace tenon::plugin
{

/// Looks at what a plugin leaves behind: what it prints, what its calls keep, what stays when it is unloaded.
///
/// Errors:    LoadException, if the plugin does not start again.
/// Threading: one thread.
/// Ownership: borrows both.
class LeftoverCheck
{
public:
    LeftoverCheck(const TrialBench& bench, const SoundCalls& sound) : _bench(bench), _sound(sound) {}

    /// What is written to standard output would be a message where that is the transport.
    void prints() const;

    /// What a worker holds after many calls, against what it held after a few.
    void leaks() const;

    /// As hot reload does it in the server's process. Shape: `announced`: it is said beforehand.
    void reloads(bool announced) const;

private:
    const TrialBench& _bench;
    const SoundCalls& _sound;
};

} // namespace tenon::plugin
