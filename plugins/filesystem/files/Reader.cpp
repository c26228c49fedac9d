#include "filesystem/files/Reader.h"

#include "filesystem/text/Charset.h"
#include "filesystem/text/Text.h"

#include <algorithm>

namespace tenon::filesystem
{

namespace
{

constexpr std::size_t BLOCK = 64 * 1024;
constexpr std::size_t HEAD = 8 * 1024;
constexpr std::size_t BEFORE = 4; // at least as long as a character

void throwIf(const Stop& stop)
{
    if (stop && stop())
        throw Failure(Reason::CANCELLED, "The call was cancelled.");
}

/// Reads one part of one file.
class PartReader
{
public:
    PartReader(const OpenFile& file, Charset charset, std::uint64_t maxBytes, const Stop& stop, Excerpt& excerpt)
        : _file(file), _charset(charset), _maxBytes(maxBytes), _stop(stop), _excerpt(excerpt)
    {
    }

    void bytes(const Range& range)
    {
        const std::uint64_t from = range.offset.value_or(0);
        if (from > _excerpt.size)
            throw Failure(Reason::INVALID, "The offset " + std::to_string(from) + " is past the end: " + _excerpt.path +
                                               " has " + std::to_string(_excerpt.size) + " bytes.");
        const std::uint64_t into = bytesInto(from);
        if (into > 0)
            _excerpt.notes.push_back("The offset " + std::to_string(from) +
                                     " lies inside a character; the part begins " + std::to_string(into) +
                                     (into == 1 ? " byte" : " bytes") + " before it.");
        _excerpt.offset = from - into;
        const std::uint64_t wanted = range.length ? *range.length + into : UINT64_MAX;
        _excerpt.data = _file.read(_excerpt.offset, static_cast<std::size_t>(std::min(wanted, _maxBytes)));
        // Files in /proc and the like have no size, and others grow: what was read decides.
        _excerpt.size = std::max(_excerpt.size, _excerpt.offset + _excerpt.data.size());
        _excerpt.truncated = _excerpt.data.size() == _maxBytes && wanted > _maxBytes &&
                             _excerpt.offset + _excerpt.data.size() < _excerpt.size;
    }

    /// Finds the wanted lines, block by block; keeps at most `maxBytes` of them, whole lines if at least one fits.
    void lines(std::uint64_t first, std::uint64_t count)
    {
        std::uint64_t line = 1; // the one that `position` lies in
        std::uint64_t position = 0;
        std::uint64_t lineStart = 0;
        bool begun = first == 1;
        bool ended = count == 0;
        while (!ended)
        {
            throwIf(_stop);
            const std::string block = _file.read(position, BLOCK);
            if (block.empty())
                break;
            std::size_t at = 0;
            while (at < block.size() && !ended)
            {
                const std::size_t behind = afterNewline(block, at, _charset);
                const std::size_t end = std::min(behind, block.size());
                if (begun)
                    _excerpt.data.append(block, at, end - at);
                at = end;
                if (behind != std::string::npos)
                {
                    lineStart = position + end;
                    ++line;
                    if (line == first)
                    {
                        begun = true;
                        _excerpt.offset = lineStart;
                    }
                    ended = begun && line - first >= count;
                }
                ended = ended || _excerpt.data.size() > _maxBytes;
            }
            position += block.size();
        }
        if (!begun)
            throw Failure(Reason::INVALID, _excerpt.path + " has " +
                                               std::to_string(lineStart == position ? line - 1 : line) +
                                               " lines; line " + std::to_string(first) + " does not exist.");
        _excerpt.firstLine = first;
        _excerpt.size = std::max(_excerpt.size, _excerpt.offset + _excerpt.data.size());
        cutToLines();
    }

    /// From the end, block by block.
    void lastLines(std::uint64_t count)
    {
        std::uint64_t start = _excerpt.size;
        std::uint64_t newlines = 0;
        while (start > 0)
        {
            throwIf(_stop);
            const std::uint64_t size = std::min<std::uint64_t>(start % BLOCK ? start % BLOCK : BLOCK, start);
            const std::string block = _file.read(start - size, static_cast<std::size_t>(size));
            if (block.size() < size)
                break; // it shrank meanwhile
            std::vector<std::size_t> ends;
            for (std::size_t at = 0; (at = afterNewline(block, at, _charset)) != std::string::npos;)
                if (start - size + at < _excerpt.size)
                    ends.push_back(at);
            if (newlines + ends.size() >= count)
            {
                start = start - size + ends[ends.size() - static_cast<std::size_t>(count - newlines)];
                break;
            }
            newlines += ends.size();
            start -= size;
        }
        bytes({start, std::nullopt, std::nullopt, std::nullopt, std::nullopt});
        countLines();
    }

private:
    std::uint64_t bytesInto(std::uint64_t offset) const
    {
        if (offset == 0 || _charset == Charset::BINARY || _charset == Charset::WINDOWS_1252)
            return 0;
        // An even distance, so that units of UTF-16 stay whole.
        const std::uint64_t before = std::min<std::uint64_t>(offset, BEFORE + offset % 2);
        const std::string around = _file.read(offset - before, static_cast<std::size_t>(before) + BEFORE);
        return bytesIntoCharacter(around, static_cast<std::size_t>(before), _charset);
    }

    void cutToLines()
    {
        if (_excerpt.data.size() > _maxBytes)
        {
            _excerpt.truncated = true;
            std::size_t end = 0;
            for (std::size_t at = 0; (at = afterNewline(_excerpt.data, at, _charset)) <= _maxBytes;)
                end = at;
            _excerpt.data.resize(end ? end : static_cast<std::size_t>(_maxBytes));
        }
        countLines();
        // A line longer than the limit can only be read on by its bytes.
        if (_whole && _excerpt.firstLine && _excerpt.offset + _excerpt.data.size() < _excerpt.size)
            _excerpt.nextLine = *_excerpt.firstLine + *_excerpt.lines;
    }

    void countLines()
    {
        std::uint64_t newlines = 0;
        std::size_t end = 0;
        for (std::size_t at = 0; (at = afterNewline(_excerpt.data, at, _charset)) != std::string::npos; end = at)
            ++newlines;
        _whole = end == _excerpt.data.size();
        _excerpt.lines = newlines + (_whole ? 0 : 1);
    }

    const OpenFile& _file;
    const Charset _charset;
    const std::uint64_t _maxBytes;
    const Stop& _stop;
    Excerpt& _excerpt;
    bool _whole = true; ///< the last line has its end
};

/// Turns the bytes of a text into UTF-8, cut between characters, and says what was done to them.
void toText(Charset charset, bool exact, bool more, Excerpt& excerpt)
{
    const std::size_t mark = excerpt.offset == 0 ? byteOrderMark(excerpt.data, charset) : 0;
    Decoded decoded = decode(std::string_view(excerpt.data).substr(mark), charset, more);
    // A range shorter than its first character would never get on.
    if (decoded.text.empty() && excerpt.data.size() > mark)
        throw Failure(Reason::INVALID, "The range ends within the first character; ask for at least 4 bytes.");
    if (mark + decoded.used < excerpt.data.size() && !excerpt.truncated)
        excerpt.notes.push_back("The range ends inside a character, which is left to the next part.");
    excerpt.length = mark + decoded.used;
    excerpt.data = std::move(decoded.text);
    excerpt.text = true;
    excerpt.charset = nameOf(charset);
    excerpt.lossy = decoded.replaced > 0;
    if (charset != Charset::UTF_8)
        excerpt.notes.push_back(std::string("Converted from ") + nameOf(charset) +
                                (charset == Charset::WINDOWS_1252 ? " (or ISO 8859-1)" : "") +
                                (exact ? "" : ", as it seems") + ".");
    if (mark > 0)
        excerpt.notes.push_back("The byte order mark at the beginning is left out.");
    if (decoded.replaced > 0)
        excerpt.notes.push_back(std::to_string(decoded.replaced) +
                                (decoded.replaced == 1 ? " fault that is" : " faults that are") + " no valid " +
                                nameOf(charset) + " became U+FFFD.");
}

/// What this part is written in: a file that begins as UTF-8 may go on in something else.
Charset charsetOfPart(Charset ofFile, Encoding encoding, const Excerpt& excerpt)
{
    if (encoding != Encoding::AUTO || ofFile != Charset::UTF_8 || looksLikeText(excerpt.data))
        return ofFile;
    return charsetOf(excerpt.data);
}

bool isMarked(std::string_view head, Charset charset)
{
    return byteOrderMark(head, charset) > 0;
}

void checkRange(const Range& range)
{
    const bool byBytes = range.offset || range.length;
    const bool byLines = range.firstLine || range.lines;
    if (byBytes + byLines + range.lastLines.has_value() > 1)
        throw Failure(Reason::INVALID, "Give a range of bytes (offset, length), one of lines (firstLine, lines) or "
                                       "lastLines, not several of them.");
}

} // namespace

Excerpt readFile(const Location& location, const Range& range, Encoding encoding, std::uint64_t maxBytes,
                 std::uint64_t maxMediaBytes, const Stop& stop)
{
    checkRange(range);
    const std::unique_ptr<OpenFile> file = location.tree->open(location.relative, location.shown());
    Excerpt excerpt;
    excerpt.path = location.shown();
    excerpt.uri = location.uri;
    excerpt.size = file->info().bytes;
    excerpt.modified = toDateTime(file->info().modifiedNs);

    const std::string head = file->read(0, HEAD);
    const std::string_view mediaType = mediaTypeOf(head);
    excerpt.media = encoding == Encoding::AUTO && range.isWhole() && !mediaType.empty();
    if (excerpt.media && excerpt.size > maxMediaBytes)
        throw Failure(Reason::LIMIT, excerpt.path + " (" + std::string(mediaType) + ") has " +
                                         std::to_string(excerpt.size) + " bytes; at most " +
                                         std::to_string(maxMediaBytes) +
                                         " are given as an image or a sound. With "
                                         "encoding=base64 it can be read in parts.");
    const Charset charset = encoding == Encoding::BASE64 || excerpt.media ? Charset::BINARY
                            : encoding == Encoding::TEXT                  ? Charset::UTF_8
                                                                          : charsetOf(head);
    PartReader reader(*file, charset, excerpt.media ? std::max(maxBytes, maxMediaBytes) : maxBytes, stop, excerpt);
    if (range.lastLines)
        reader.lastLines(*range.lastLines);
    else if (range.firstLine || range.lines)
        reader.lines(std::max<std::uint64_t>(1, range.firstLine.value_or(1)), range.lines.value_or(UINT64_MAX));
    else
        reader.bytes(range);

    const bool more = excerpt.offset + excerpt.data.size() < excerpt.size;
    const Charset ofPart = charsetOfPart(charset, encoding, excerpt);
    excerpt.length = excerpt.data.size();
    if (ofPart != Charset::BINARY)
        toText(ofPart, isMarked(head, ofPart), more, excerpt);
    excerpt.mimeType = mediaType.empty() ? mimeTypeOf(location.relative, excerpt.text) : std::string(mediaType);
    if (excerpt.offset + excerpt.length < excerpt.size)
        excerpt.nextOffset = excerpt.offset + excerpt.length;
    return excerpt;
}

} // namespace tenon::filesystem
