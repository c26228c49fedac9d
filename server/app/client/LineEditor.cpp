#include "app/client/LineEditor.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/Path.h>

#include <cstdlib>
#include <cstring>
#include <iostream>

#if defined(TENON_LIBEDIT)
#include <editline/readline.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace tenon::app
{

namespace
{

#if defined(TENON_LIBEDIT)

constexpr int HISTORY_LINES = 1000;

/// libedit's functions take no context.
LineEditor::Completer* theCompleter = nullptr;
std::vector<std::string> theCandidates;

char* nextCandidate(const char*, int state)
{
    static std::size_t at = 0;
    if (state == 0)
        at = 0;
    return at < theCandidates.size() ? ::strdup(theCandidates[at++].c_str()) : nullptr;
}

char** completeLine(const char* text, int, int end)
{
    rl_attempted_completion_over = 1;
    std::vector<std::string> words;
    const std::string line(rl_line_buffer, static_cast<std::size_t>(end));
    (void)splitWords(line, words);
    if (line.empty() || line.back() == ' ')
        words.emplace_back();
    try
    {
        theCandidates = (*theCompleter)(words);
    }
    catch (const Poco::Exception&)
    {
        theCandidates.clear(); // the next command says what is wrong
    }
    // A candidate that goes on, as "name=", gets no space behind it.
    rl_completion_append_character = theCandidates.size() == 1 && theCandidates.front().ends_with('=') ? '\0' : ' ';
    return theCandidates.empty() ? nullptr : rl_completion_matches(text, nextCandidate);
}

#endif

bool inputIsTerminal()
{
#if defined(TENON_LIBEDIT)
    return ::isatty(STDIN_FILENO) != 0;
#else
    return false;
#endif
}

} // namespace

LineEditor::LineEditor(std::string historyFile, [[maybe_unused]] Completer completer)
    : _historyFile(std::move(historyFile)), _terminal(inputIsTerminal())
{
#if defined(TENON_LIBEDIT)
    if (!_terminal)
        return;
    static Completer kept;
    kept = std::move(completer);
    theCompleter = &kept;
    rl_readline_name = "tenon";
    rl_attempted_completion_function = completeLine;
    static char breaks[] = " \t";
    rl_completer_word_break_characters = breaks;
    rl_basic_word_break_characters = breaks;
    using_history();
    stifle_history(HISTORY_LINES);
    if (!_historyFile.empty())
        (void)read_history(_historyFile.c_str());
#endif
}

LineEditor::~LineEditor()
{
#if defined(TENON_LIBEDIT)
    if (!_terminal || _historyFile.empty())
        return;
    try
    {
        Poco::File(Poco::Path(_historyFile).makeParent()).createDirectories();
        const int file = ::open(_historyFile.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (file >= 0)
            ::close(file);
        (void)write_history(_historyFile.c_str());
        (void)::chmod(_historyFile.c_str(), 0600);
    }
    catch (const Poco::Exception&)
    {
        // Without a folder to keep it in there is no history.
    }
#endif
}

bool LineEditor::read(const std::string& prompt, std::string& line)
{
#if defined(TENON_LIBEDIT)
    if (_terminal)
    {
        char* typed = readline(prompt.c_str());
        if (!typed)
            return false;
        line = typed;
        std::free(typed);
        if (!line.empty())
            add_history(line.c_str());
        return true;
    }
#else
    if (_terminal)
        std::cout << prompt << std::flush;
#endif
    return static_cast<bool>(std::getline(std::cin, line));
}

bool splitWords(const std::string& line, std::vector<std::string>& words)
{
    std::string word;
    bool inWord = false;
    char quote = '\0';
    for (std::size_t at = 0; at < line.size(); ++at)
    {
        const char byte = line[at];
        if (quote != '\0')
        {
            if (byte == quote)
                quote = '\0';
            else if (byte == '\\' && quote == '"' && at + 1 < line.size() &&
                     (line[at + 1] == '"' || line[at + 1] == '\\'))
                word += line[++at];
            else
                word += byte;
        }
        else if (byte == '"' || byte == '\'')
        {
            quote = byte;
            inWord = true;
        }
        else if (byte == ' ' || byte == '\t')
        {
            if (inWord)
                words.push_back(std::move(word));
            word.clear();
            inWord = false;
        }
        else
        {
            word += byte == '\\' && at + 1 < line.size() ? line[++at] : byte;
            inWord = true;
        }
    }
    if (inWord)
        words.push_back(std::move(word));
    return quote == '\0';
}

} // namespace tenon::app
