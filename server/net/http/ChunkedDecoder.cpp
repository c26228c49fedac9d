#include "net/http/ChunkedDecoder.h"

#include "base/text/Hex.h"

#include <algorithm>
#include <cstring>

namespace tenon::net
{

namespace
{

constexpr std::uint16_t MAX_EXTRA_BYTES = 8192;
constexpr std::uint8_t MAX_SIZE_DIGITS = 12;

bool isText(char c)
{
    return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t';
}

} // namespace

/// Takes one byte of what surrounds the data; false if it may not stand there.
bool ChunkedDecoder::line(char c)
{
    switch (_expect)
    {
    case Expect::SIZE_FIRST:
    case Expect::SIZE:
        if (const int digit = base::hexValue(c); digit >= 0)
        {
            _left = _left * 16 + static_cast<std::uint64_t>(digit);
            _expect = Expect::SIZE;
            return ++_digits <= MAX_SIZE_DIGITS;
        }
        if (_expect == Expect::SIZE_FIRST)
            return false;
        _expect = c == '\r' ? Expect::SIZE_LF : Expect::EXTENSION;
        return c == '\r' || c == ';';
    case Expect::EXTENSION:
        if (c == '\r')
            _expect = Expect::SIZE_LF;
        return c == '\r' || (isText(c) && ++_extra <= MAX_EXTRA_BYTES);
    case Expect::SIZE_LF:
        _digits = 0;
        _expect = _left > 0 ? Expect::DATA : Expect::TRAILER_START;
        return c == '\n';
    case Expect::DATA_CR:
        _expect = Expect::DATA_LF;
        return c == '\r';
    case Expect::DATA_LF:
        _expect = Expect::SIZE_FIRST;
        return c == '\n';
    case Expect::TRAILER_START:
        _expect = c == '\r' ? Expect::LAST_LF : Expect::TRAILER;
        return c == '\r' || (isText(c) && c != ' ' && c != '\t' && ++_extra <= MAX_EXTRA_BYTES);
    case Expect::TRAILER:
        if (c == '\r')
            _expect = Expect::TRAILER_LF;
        return c == '\r' || (isText(c) && ++_extra <= MAX_EXTRA_BYTES);
    case Expect::TRAILER_LF:
        _expect = Expect::TRAILER_START;
        return c == '\n';
    case Expect::LAST_LF:
        _expect = Expect::END;
        return c == '\n';
    case Expect::DATA:
    case Expect::END:
        break;
    }
    return false;
}

ChunkedDecoder::State ChunkedDecoder::feed(const char* in, std::size_t size, char* out, std::size_t maxBytes,
                                           std::size_t& consumed, std::size_t& produced)
{
    consumed = 0;
    produced = 0;
    while (consumed < size)
    {
        if (_expect == Expect::DATA)
        {
            const std::size_t take = static_cast<std::size_t>(std::min<std::uint64_t>(_left, size - consumed));
            std::memmove(out + produced, in + consumed, take);
            consumed += take;
            produced += take;
            _left -= take;
            if (_left == 0)
                _expect = Expect::DATA_CR;
            continue;
        }
        if (!line(in[consumed++]))
            return State::MALFORMED;
        if (_expect == Expect::END)
            return State::DONE;
        if (_expect == Expect::DATA)
        {
            _total += _left;
            if (_total > maxBytes)
                return State::TOO_LARGE;
        }
    }
    return State::MORE;
}

} // namespace tenon::net
