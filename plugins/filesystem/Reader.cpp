#include "filesystem/Reader.h"

#include "filesystem/Text.h"

#include <algorithm>

namespace tenon::filesystem
{

namespace
{

constexpr std::size_t BLOCK = 64 * 1024;

void throwIf(const Stop& stop)
{
    if (stop && stop())
        throw Failure(Reason::CANCELLED, "The call was cancelled.");
}

void readBytes(const OpenFile& file, const Range& range, std::uint64_t maxBytes, Excerpt& excerpt)
{
    excerpt.offset = range.offset.value_or(0);
    if (excerpt.offset > excerpt.size)
        throw Failure(Reason::INVALID, "The offset " + std::to_string(excerpt.offset) + " lies behind the end: " +
                                           excerpt.path + " has " + std::to_string(excerpt.size) + " bytes.");
    const std::uint64_t wanted = range.length.value_or(UINT64_MAX);
    excerpt.data = file.read(excerpt.offset, static_cast<std::size_t>(std::min(wanted, maxBytes)));
    // Files in /proc and the like have no size, and others grow: what was read decides.
    excerpt.size = std::max(excerpt.size, excerpt.offset + excerpt.data.size());
    excerpt.truncated =
        excerpt.data.size() == maxBytes && wanted > maxBytes && excerpt.offset + excerpt.data.size() < excerpt.size;
}

/// Finds the wanted lines, block by block; keeps at most `maxBytes` of them, whole lines if at least one fits.
void readLines(const OpenFile& file, const Range& range, std::uint64_t maxBytes, const Stop& stop, Excerpt& excerpt)
{
    const std::uint64_t first = std::max<std::uint64_t>(1, range.firstLine.value_or(1));
    const std::uint64_t count = range.lines.value_or(UINT64_MAX);
    std::uint64_t line = 1; // the one that `position` lies in
    std::uint64_t position = 0;
    std::uint64_t lineStart = 0;
    bool begun = first == 1;
    bool ended = count == 0;
    while (!ended)
    {
        throwIf(stop);
        const std::string block = file.read(position, BLOCK);
        if (block.empty())
            break;
        std::size_t at = 0;
        while (at < block.size() && !ended)
        {
            const std::size_t newline = block.find('\n', at);
            const std::size_t end = newline == std::string::npos ? block.size() : newline + 1;
            if (begun)
                excerpt.data.append(block, at, end - at);
            at = end;
            if (newline != std::string::npos)
            {
                lineStart = position + end;
                ++line;
                if (line == first)
                {
                    begun = true;
                    excerpt.offset = lineStart;
                }
                ended = begun && line - first >= count;
            }
            ended = ended || excerpt.data.size() > maxBytes;
        }
        position += block.size();
    }
    if (!begun)
        throw Failure(Reason::INVALID, excerpt.path + " has " +
                                           std::to_string(lineStart == position ? line - 1 : line) + " lines; line " +
                                           std::to_string(first) + " does not exist.");
    excerpt.firstLine = first;
    if (excerpt.data.size() > maxBytes)
    {
        excerpt.truncated = true;
        const std::size_t newline = excerpt.data.rfind('\n', static_cast<std::size_t>(maxBytes) - 1);
        excerpt.data.resize(newline == std::string::npos ? static_cast<std::size_t>(maxBytes) : newline + 1);
    }
    const auto newlines = static_cast<std::uint64_t>(std::count(excerpt.data.begin(), excerpt.data.end(), '\n'));
    const bool whole = excerpt.data.empty() || excerpt.data.back() == '\n';
    excerpt.lines = newlines + (whole ? 0 : 1);
    // A line longer than the limit can only be read on by its bytes.
    if (excerpt.truncated && whole)
        excerpt.nextLine = first + newlines;
}

/// Decides between text and bytes, and cuts a text between characters.
void decode(Encoding encoding, bool cut, Excerpt& excerpt)
{
    excerpt.text = encoding == Encoding::TEXT || (encoding == Encoding::AUTO && looksLikeText(excerpt.data));
    excerpt.length = excerpt.data.size();
    if (!excerpt.text)
        return;
    if (cut && endsInsideCharacter(excerpt.data))
    {
        excerpt.data.resize(validUtf8Prefix(excerpt.data));
        // A range shorter than its first character would never get on.
        if (excerpt.data.empty())
            throw Failure(Reason::INVALID, "The range ends within the first character; ask for at least 4 bytes.");
        excerpt.length = excerpt.data.size();
    }
    excerpt.data = toUtf8(excerpt.data);
}

} // namespace

Excerpt readFile(const Location& location, const Range& range, Encoding encoding, std::uint64_t maxBytes,
                 const Stop& stop)
{
    if ((range.offset || range.length) && (range.firstLine || range.lines))
        throw Failure(Reason::INVALID, "Give a range of bytes (offset, length) or one of lines (firstLine, lines), not "
                                       "both.");
    const std::unique_ptr<OpenFile> file = location.tree->open(location.relative, location.shown());
    Excerpt excerpt;
    excerpt.path = location.shown();
    excerpt.uri = location.uri;
    excerpt.size = file->info().bytes;
    excerpt.modified = toDateTime(file->info().modifiedNs);
    if (range.firstLine || range.lines)
        readLines(*file, range, maxBytes, stop, excerpt);
    else
        readBytes(*file, range, maxBytes, excerpt);

    const bool more = excerpt.offset + excerpt.data.size() < excerpt.size;
    decode(encoding, more, excerpt);
    excerpt.mimeType = mimeTypeOf(location.relative, excerpt.text);
    if (excerpt.truncated)
        excerpt.nextOffset = excerpt.offset + excerpt.length;
    return excerpt;
}

} // namespace tenon::filesystem
