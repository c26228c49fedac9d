#include "app/client/Console.h"

#include "base/json/JsonWriter.h"
#include "client/http/Proxy.h"

#include <algorithm>
#include <cmath>
#include <iostream>

#if defined(_WIN32)
#include <io.h>
#else
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace tenon::app
{

namespace
{

constexpr std::size_t BAR = 30;

bool isTerminal(int descriptor)
{
#if defined(_WIN32)
    return _isatty(descriptor) != 0;
#else
    return ::isatty(descriptor) != 0;
#endif
}

std::size_t terminalWidth()
{
#if !defined(_WIN32)
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
        return size.ws_col;
#endif
    return 100;
}

/// Cut to `width` characters, never inside one.
std::string cut(const std::string& text, std::size_t width)
{
    std::size_t characters = 0;
    for (std::size_t at = 0; at < text.size(); ++at)
        if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && ++characters > width)
            return text.substr(0, at);
    return text;
}

std::string oneLine(std::string_view text)
{
    std::string line(text);
    std::replace(line.begin(), line.end(), '\n', ' ');
    return line;
}

/// Whether a character writes what follows from right to left, so that it reads as something else: U+202A to U+202E and
/// U+2066 to U+2069.
bool turnsLine(std::string_view character)
{
    const auto last = static_cast<unsigned char>(character.back());
    return (character.starts_with("\xE2\x80") && last >= 0xAA && last <= 0xAE) ||
           (character.starts_with("\xE2\x81") && last >= 0xA6 && last <= 0xA9);
}

} // namespace

Console::Console(OutputForm form, bool quiet)
    : _form(form), _quiet(quiet), _terminal(isTerminal(1)), _errorTerminal(isTerminal(2)),
      _asks(isTerminal(0) && isTerminal(2)), _colours(_terminal && client::processEnvironment("NO_COLOR").empty() &&
                                                      client::processEnvironment("TERM") != "dumb")
{
}

std::string Console::tame(std::string_view text)
{
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at)
    {
        const auto byte = static_cast<unsigned char>(text[at]);
        const bool control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
        const bool second = byte == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0;
        const bool turns = turnsLine(text.substr(at, 3));
        if (second || turns)
            at += turns ? 2 : 1;
        if (control || second || turns)
            plain += '?';
        else
            plain += static_cast<char>(byte);
    }
    return plain;
}

std::string Console::bold(std::string_view text) const
{
    return _colours ? "\x1b[1m" + std::string(text) + "\x1b[0m" : std::string(text);
}

void Console::clearBar()
{
    if (_bar)
        std::cerr << "\r\x1b[K" << std::flush;
    _bar = false;
}

void Console::print(std::string_view text)
{
    const std::lock_guard lock(_mutex);
    clearBar();
    std::cout << (_terminal ? tame(text) : std::string(text));
    if (text.empty() || text.back() != '\n')
        std::cout << '\n';
    std::cout << std::flush;
}

void Console::printHeading(std::string_view heading, std::string_view rest)
{
    const std::lock_guard lock(_mutex);
    clearBar();
    std::cout << bold(tame(heading)) << tame(rest) << std::endl;
}

void Console::printRaw(std::string_view text)
{
    const std::lock_guard lock(_mutex);
    clearBar();
    std::cout << text << '\n' << std::flush;
}

void Console::note(std::string_view text)
{
    if (_quiet)
        return;
    const std::lock_guard lock(_mutex);
    clearBar();
    std::cerr << tame(text) << std::endl;
}

void Console::fault(std::string_view text)
{
    const std::lock_guard lock(_mutex);
    clearBar();
    std::cerr << "tenon: " << tame(text) << std::endl;
}

void Console::progress(const client::Progress& progress)
{
    const std::lock_guard lock(_mutex);
    if (_form == OutputForm::NDJSON)
    {
        std::string line;
        base::JsonWriter writer(line);
        writer.beginObject().key("progress").beginObject().member("progress", progress.done);
        if (progress.total)
            writer.member("total", *progress.total);
        if (!progress.message.empty())
            writer.member("message", progress.message);
        writer.endObject().endObject();
        std::cout << line << '\n' << std::flush;
        return;
    }
    if (!_errorTerminal || _quiet)
        return;
    std::string bar;
    if (progress.total && *progress.total > 0)
    {
        const double part = std::clamp(progress.done / *progress.total, 0.0, 1.0);
        const auto full = static_cast<std::size_t>(std::lround(part * BAR));
        bar = '[' + std::string(full, '=') + std::string(BAR - full, ' ') + "] " +
              std::to_string(std::lround(part * 100)) + "% ";
    }
    std::cerr << "\r\x1b[K" << bar << cut(oneLine(tame(progress.message)), terminalWidth() - BAR - 10) << std::flush;
    _bar = true;
}

void Console::endProgress()
{
    const std::lock_guard lock(_mutex);
    clearBar();
}

void Console::table(const std::string& heading, const std::vector<Row>& rows)
{
    if (rows.empty())
        return;
    std::size_t name = 0;
    for (const Row& row : rows)
        name = std::max(name, std::min<std::size_t>(row.name.size(), 32));
    const std::lock_guard lock(_mutex);
    std::cout << bold(heading) << '\n';
    for (const Row& row : rows)
    {
        std::string left = "  " + tame(row.name);
        left.resize(std::max(left.size(), name + 2), ' ');
        std::string line = left + "  " + oneLine(tame(row.text));
        std::cout << (_terminal ? cut(line, terminalWidth()) : line) << '\n';
        if (!row.signature.empty())
            std::cout << std::string(name + 4, ' ') << tame(row.signature) << '\n';
    }
    std::cout << std::flush;
}

bool Console::ask(std::string_view prompt, std::string& answer)
{
    {
        const std::lock_guard lock(_mutex);
        clearBar();
        std::cerr << tame(prompt) << std::flush;
    }
    return static_cast<bool>(std::getline(std::cin, answer));
}

} // namespace tenon::app
