#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tenon::net
{

/// A stream of texts as one gzip member, each of which the reader has as soon as it has its bytes.
///
/// No text refers to an earlier one: what is small is stored as it is, what is large is compressed by itself. So a stream
/// needs no window of its own, 256 kB each, but twelve bytes.
///
/// Threading: one thread at a time.
/// Spec:      RFC 1951, 1952.
class GzipStream
{
public:
    /// Shape: texts of `from` bytes and more are compressed.
    explicit GzipStream(std::size_t from) : _from(from) {}

    /// What stands before the first text.
    static void begin(std::string& out);

    /// Appends the parts as one text, and what makes readers deliver it.
    void append(std::string& out, std::span<const std::string_view> parts);

    /// What stands after the last one.
    void end(std::string& out) const;

private:
    const std::size_t _from;
    std::uint32_t _checksum = 0;
    std::uint32_t _size = 0;
};

} // namespace tenon::net
