#include "net/http/GzipStream.h"

#include "net/http/Gzip.h"

#include <zlib.h>

#include <algorithm>

namespace tenon::net
{

namespace
{

constexpr std::string_view HEADER("\x1f\x8b\x08\0\0\0\0\0\x04\xff", 10); // no name, no time, fastest, any system
constexpr std::string_view FLUSH("\0\0\0\xff\xff", 5);                   // an empty stored block
constexpr std::string_view LAST("\x03\0", 2);                            // an empty block that is the last one
constexpr std::size_t STORED_BYTES = 65535;                              // of one block
constexpr std::size_t MOST_BYTES = 1024 * 1024;                          // compressing more would hold others up
constexpr int RAW_WINDOW = -15;

void appendLittleEndian(std::string& out, std::uint32_t number, int bytes)
{
    for (int at = 0; at < bytes; ++at)
        out += static_cast<char>(number >> (8 * at) & 0xFF);
}

void store(std::string& out, std::string_view text)
{
    while (!text.empty())
    {
        const std::string_view block = text.substr(0, STORED_BYTES);
        text.remove_prefix(block.size());
        out += '\0';
        appendLittleEndian(out, static_cast<std::uint32_t>(block.size()), 2);
        appendLittleEndian(out, ~static_cast<std::uint32_t>(block.size()), 2);
        out += block;
    }
}

/// One a thread: what it needs to compress is not small.
class Deflater
{
public:
    Deflater()
        : _usable(deflateInit2(&_stream, GZIP_LEVEL, Z_DEFLATED, RAW_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY) == Z_OK)
    {
    }
    ~Deflater()
    {
        if (_usable)
            deflateEnd(&_stream);
    }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;

    /// Appends the parts compressed, up to a byte's end; false, and nothing appended, if that is not smaller.
    bool append(std::string& out, std::span<const std::string_view> parts, std::size_t total)
    {
        if (!_usable || deflateReset(&_stream) != Z_OK)
            return false;
        const std::size_t before = out.size();
        out.resize(before + total);
        _stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
        _stream.avail_out = static_cast<uInt>(total);
        int result = Z_OK;
        for (std::size_t at = 0; at < parts.size() && result == Z_OK && _stream.avail_out > 0; ++at)
        {
            _stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(parts[at].data()));
            _stream.avail_in = static_cast<uInt>(parts[at].size());
            result = deflate(&_stream, at + 1 == parts.size() ? Z_FULL_FLUSH : Z_NO_FLUSH);
        }
        const bool whole = result == Z_OK && _stream.avail_out > 0; // room left: nothing waits inside
        out.resize(whole ? before + total - _stream.avail_out : before);
        return whole;
    }

private:
    z_stream _stream{};
    const bool _usable;
};

} // namespace

void GzipStream::begin(std::string& out)
{
    out += HEADER;
}

void GzipStream::append(std::string& out, std::span<const std::string_view> parts)
{
    std::size_t total = 0;
    uLong checksum = _checksum;
    for (const std::string_view& part : parts)
    {
        total += part.size();
        checksum = crc32_z(checksum, reinterpret_cast<const Bytef*>(part.data()), part.size());
    }
    _checksum = static_cast<std::uint32_t>(checksum);
    _size += static_cast<std::uint32_t>(total);
    if (total >= _from && total <= MOST_BYTES)
    {
        thread_local Deflater deflater;
        if (deflater.append(out, parts, total))
            return; // a full flush ends as FLUSH does
    }
    for (const std::string_view& part : parts)
        store(out, part);
    out += FLUSH;
}

void GzipStream::end(std::string& out) const
{
    out += LAST;
    appendLittleEndian(out, _checksum, 4);
    appendLittleEndian(out, _size, 4);
}

} // namespace tenon::net
