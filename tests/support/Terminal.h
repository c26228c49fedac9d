#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::tests
{

/// A program under a pseudo-terminal, and somebody who types.
///
/// Errors:    everything that does not happen in time fails the running test with what the terminal showed.
/// Threading: one thread.
class Terminal
{
public:
    Terminal(const std::string& program, const std::vector<std::string>& arguments,
             const std::vector<std::string>& environment = {});
    ~Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    void type(std::string_view text);

    /// Waits until `text` is shown, behind what earlier waits found.
    void waitFor(std::string_view text, std::chrono::milliseconds limit = std::chrono::seconds(30));

    /// Waits for the end of the program: its exit status, or 128 + the signal that ended it.
    int waitForEnd(std::chrono::milliseconds limit = std::chrono::seconds(30));

    /// All that was shown.
    [[nodiscard]] const std::string& shown() const { return _shown; }

private:
    /// False: the program has closed the terminal.
    bool readSome(std::chrono::milliseconds limit);

    int _terminal = -1;
    int _pid = -1;
    std::string _shown;
    std::size_t _found = 0;
};

} // namespace tenon::tests
