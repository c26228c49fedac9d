#pragma once

#include "plugin/tools/ArgumentGenerator.h"
#include "plugin/tools/Check.h"
#include "plugin/tools/Trial.h"
#include "plugin/tools/TrialCall.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tenon::plugin
{

/// Tools whose calls end, by their index, and arguments of such a call.
using SoundCalls = std::vector<std::pair<std::uint32_t, std::string>>;

/// What all checks of one plugin work with: fresh starts of it, calls of its tools, and whom they tell.
///
/// Threading: one thread.
/// Ownership: borrows all it is given.
class TrialBench
{
public:
    static constexpr std::chrono::seconds SOON{1}; ///< who waits longer is told for what
    static constexpr std::int64_t LEAK_BYTES = 512 * 1024;

    TrialBench(const std::string& checked, const CheckOptions& given, const std::function<void(const Finding&)>& tell)
        : file(checked), options(given), found(tell)
    {
    }

    void report(const std::string& check, Finding::Verdict verdict, const std::string& detail = {}) const
    {
        found({check, verdict, detail});
    }
    void say(const std::string& what) const;

    /// Errors: LoadException.
    [[nodiscard]] std::unique_ptr<Trial> started() const;

    /// Ownership: none of them keeps the instance. A trial that another one replaces must come to its end.
    [[nodiscard]] static std::vector<ToolEntry> toolsOf(const Trial& trial);

    /// Valid arguments, those that were given for the tool if there are some; "" if none were found.
    [[nodiscard]] std::string argumentsFor(const ToolEntry& tool, ArgumentGenerator& generator) const;

    [[nodiscard]] static std::shared_ptr<TrialCall> enter(Trial& trial, std::uint32_t tool,
                                                          const std::string& arguments);

    /// `call.wait`, which says for what it waits once that is long.
    TrialCall::End wait(TrialCall& call, std::chrono::milliseconds timeout, const std::string& what) const;

    /// What went wrong in a call that ended with `end`, whatever its arguments were; empty: nothing.
    [[nodiscard]] static std::string faultOfEnd(const TrialCall& call, TrialCall::End end);

    const std::string& file;
    const CheckOptions& options;
    const std::function<void(const Finding&)>& found;
};

} // namespace tenon::plugin
