#pragma once

#include <functional>
#include <string>
#include <vector>

namespace tenon::app
{

/// Reads lines from a user, with history and completion where libedit is there and the input is a terminal.
///
/// Threading: one thread; one at a time, since libedit is one.
class LineEditor
{
public:
    /// What could stand in place of the last of the words.
    using Completer = std::function<std::vector<std::string>(const std::vector<std::string>& words)>;

    /// Shape: `historyFile` is made with mode 0600; empty: nothing is kept.
    LineEditor(std::string historyFile, Completer completer);
    ~LineEditor();
    LineEditor(const LineEditor&) = delete;
    LineEditor& operator=(const LineEditor&) = delete;

    /// False: there is no more.
    [[nodiscard]] bool read(const std::string& prompt, std::string& line);

private:
    const std::string _historyFile;
    const bool _terminal;
};

/// The words of a line: quotes and backslashes as in a shell. False: a quote is not closed; `words` has what there is.
[[nodiscard]] bool splitWords(const std::string& line, std::vector<std::string>& words);

} // namespace tenon::app
