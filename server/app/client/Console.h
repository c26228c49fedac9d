#pragma once

#include "base/json/JsonDocument.h"
#include "client/protocol/Reply.h"

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::app
{

enum class OutputForm
{
    TEXT,  ///< for a person
    JSON,  ///< one document
    NDJSON ///< a line each
};

/// The output of the client's commands, and its format: results on standard output, all else on standard error.
/// What a server sent is shown without what would command the terminal. Colours only on a terminal, and not where
/// `NO_COLOR` is set.
///
/// Threading: any thread.
class Console
{
public:
    Console(OutputForm form, bool quiet);

    [[nodiscard]] OutputForm form() const { return _form; }
    [[nodiscard]] bool asks() const { return _asks; } ///< there is a user at a terminal who can be asked

    /// A line, or several, of a result.
    void print(std::string_view text);
    /// A line of a result that stands out.
    void printHeading(std::string_view heading, std::string_view rest = {});
    /// As it is, for programs.
    void printRaw(std::string_view text);
    /// A line beside the results.
    void note(std::string_view text);
    void fault(std::string_view text);
    /// How far a call has come: a bar on a terminal, a line of JSON where that was asked for.
    void progress(const client::Progress& progress);
    /// Removes the bar.
    void endProgress();

    struct Row
    {
        std::string name, signature, text;
    };
    /// Rows in columns as wide as the terminal.
    void table(const std::string& heading, const std::vector<Row>& rows);

    /// Asks the user for a line. False: there is no more.
    [[nodiscard]] bool ask(std::string_view prompt, std::string& answer);

    [[nodiscard]] std::string bold(std::string_view text) const;
    /// Without what would command a terminal.
    [[nodiscard]] static std::string tame(std::string_view text);

private:
    void clearBar();

    const OutputForm _form;
    const bool _quiet;
    const bool _terminal; ///< standard output is one
    const bool _errorTerminal;
    const bool _asks;
    const bool _colours;

    std::mutex _mutex; // guards all below, and the streams
    bool _bar = false;
};

} // namespace tenon::app
