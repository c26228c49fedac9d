#include "net/http/Gzip.h"

#include <zlib.h>

#include <algorithm>

namespace tenon::net
{

namespace
{

constexpr int WINDOW_WITH_HEADER = 31; // 15 bits, and 16 for gzip's own header

} // namespace

std::string gzip(std::span<const std::string_view> parts) noexcept
{
    std::size_t total = 0;
    for (const std::string_view& part : parts)
        total += part.size();
    std::string out;
    try
    {
        out.resize(total);
    }
    catch (const std::exception&)
    {
        return {};
    }
    z_stream stream{};
    if (deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, WINDOW_WITH_HEADER, GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return {};
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(std::min<std::size_t>(out.size(), 1U << 30));
    int result = Z_OK;
    for (std::size_t i = 0; i < parts.size() && result == Z_OK; ++i)
    {
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(parts[i].data()));
        stream.avail_in = static_cast<uInt>(parts[i].size());
        result = deflate(&stream, i + 1 == parts.size() ? Z_FINISH : Z_NO_FLUSH);
        if (result == Z_OK && stream.avail_in > 0)
            result = Z_BUF_ERROR; // full: it would become larger
    }
    const std::size_t size = stream.total_out;
    deflateEnd(&stream);
    if (result != Z_STREAM_END)
        return {};
    out.resize(size);
    return out;
}

} // namespace tenon::net
