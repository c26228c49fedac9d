#pragma once

#include "plugin/tools/TrialBench.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// Calls every tool of a plugin: with arguments of its schema, with faulty ones, cancelled, several at once.
///
/// Errors:    LoadException, if the plugin does not start again.
/// Threading: one thread.
/// Ownership: borrows the bench.
class CallCheck
{
public:
    explicit CallCheck(const TrialBench& bench) : _bench(bench) {}

    /// Each tool with many arguments, one after the other. The first: the others use what it found.
    void calls();

    /// Arguments with one fault each. Most are refused before the plugin is entered; what its schema lets through must
    /// end as other calls do.
    void malformed() const;

    void cancellation() const;
    void overlap() const;

    [[nodiscard]] const SoundCalls& sound() const { return _sound; }

private:
    [[nodiscard]] std::string faultOfAll(const std::vector<std::shared_ptr<TrialCall>>& calls,
                                         const std::string& what) const;

    const TrialBench& _bench;
    std::set<std::uint32_t> _endless; ///< tools whose calls do not end
    SoundCalls _sound;
};

} // namespace tenon::plugin
