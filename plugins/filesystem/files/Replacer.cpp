#include "filesystem/files/Replacer.h"

#include <algorithm>

namespace tenon::filesystem
{

namespace
{

constexpr std::size_t SHOWN_TEXT = 60;

bool usesCrLf(const std::string& text)
{
    bool any = false;
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1))
    {
        if (at == 0 || text[at - 1] != '\r')
            return false;
        any = true;
    }
    return any;
}

std::string withCrLf(const std::string& text)
{
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at)
    {
        if (text[at] == '\n' && (at == 0 || text[at - 1] != '\r'))
            result += '\r';
        result += text[at];
    }
    return result;
}

std::string trimmed(const std::string& line)
{
    const std::size_t first = line.find_first_not_of(" \t\r\n");
    return first == std::string::npos ? std::string()
                                      : line.substr(first, line.find_last_not_of(" \t\r\n") + 1 - first);
}

std::string quoted(const std::string& text)
{
    std::string first = text.substr(0, text.find('\n'));
    const bool cut = first.size() > SHOWN_TEXT || first.size() < text.size();
    std::size_t end = std::min(first.size(), SHOWN_TEXT);
    while (end > 0 && end < first.size() && (static_cast<unsigned char>(first[end]) & 0xC0) == 0x80)
        --end;
    return "'" + first.substr(0, end) + (cut ? "...'" : "'");
}

} // namespace

Replacer::Replacer(std::string text) : _text(std::move(text)), _crLf(usesCrLf(_text)) {}

void Replacer::replace(const Replacement& replacement)
{
    if (replacement.oldText.empty())
        throw Failure(Reason::INVALID,
                      "oldText is empty: give the text to be replaced. To add something, replace a text "
                      "beside it by itself and the addition.");
    std::string wanted = replacement.oldText;
    std::string put = replacement.newText;
    std::size_t first = _text.find(wanted);
    if (_crLf)
    {
        const std::string crLf = withCrLf(wanted);
        if (first == std::string::npos && crLf != wanted)
        {
            wanted = crLf;
            first = _text.find(wanted);
        }
        const std::string putCrLf = withCrLf(put);
        _tookCrLf = _tookCrLf || (first != std::string::npos && (wanted != replacement.oldText || putCrLf != put));
        put = putCrLf;
    }
    if (first == std::string::npos)
        refuseMissing(wanted);
    if (!replacement.all && _text.find(wanted, first + 1) != std::string::npos)
        refuseRepeated(wanted, first);
    std::string result = _text.substr(0, first);
    std::size_t at = first;
    while (at != std::string::npos)
    {
        result += put;
        ++_count;
        const std::size_t behind = at + wanted.size();
        at = replacement.all ? _text.find(wanted, behind) : std::string::npos;
        result.append(_text, behind, at == std::string::npos ? at : at - behind);
    }
    _text = std::move(result);
}

std::size_t Replacer::lineAt(std::size_t at) const
{
    return static_cast<std::size_t>(std::count(_text.begin(), _text.begin() + static_cast<std::ptrdiff_t>(at), '\n')) +
           1;
}

/// Most often only the indentation is wrong: the line is named where the first line of the text stands but for that.
void Replacer::refuseMissing(const std::string& wanted) const
{
    std::string message = "oldText " + quoted(wanted) + " does not occur in the file, character for character. ";
    std::string firstLine;
    for (std::size_t at = 0; at < wanted.size() && firstLine.empty();)
    {
        const std::size_t end = std::min(wanted.find('\n', at), wanted.size());
        firstLine = trimmed(wanted.substr(at, end - at));
        at = end + 1;
    }
    const std::size_t near = firstLine.empty() ? std::string::npos : _text.find(firstLine);
    if (near != std::string::npos)
        message +=
            "Line " + std::to_string(lineAt(near)) + " has its first line; compare blanks and the lines after it. ";
    throw Failure(Reason::INVALID, message + "Nothing was changed. Read the file and copy the text from it.");
}

void Replacer::refuseRepeated(const std::string& wanted, std::size_t first) const
{
    std::string lines;
    std::size_t count = 0;
    for (std::size_t at = first; at != std::string::npos; at = _text.find(wanted, at + wanted.size()))
        if (++count <= 5)
            lines += (lines.empty() ? "" : ", ") + std::to_string(lineAt(at));
    throw Failure(Reason::INVALID, "oldText " + quoted(wanted) + " occurs " + std::to_string(count) + " times (lines " +
                                       lines + (count > 5 ? ", ..." : "") +
                                       "). Nothing was changed. Give more of the text around the one that is meant, or "
                                       "set replaceAll.");
}

} // namespace tenon::filesystem
