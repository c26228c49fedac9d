#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::net
{

/// Takes the chunked transfer coding off a body, in place, as it arrives.
///
/// Chunk extensions and trailer fields are read and dropped; both are bounded. Bare LF, sizes that are not plain
/// hexadecimal, and anything behind a chunk but CR LF are refused.
///
/// Threading: one thread at a time.
/// Spec:      RFC 9112, 7.1.
class ChunkedDecoder
{
public:
    enum class State
    {
        MORE, ///< everything was consumed
        DONE, ///< the body is complete
        MALFORMED,
        TOO_LARGE ///< more data than `maxBytes`
    };

    /// Decodes `size` bytes at `in` to `out`, which is not behind `in`.
    ///
    /// Shape: `consumed` counts what was read of `in` (all of it unless DONE), `produced` what was written to `out`.
    State feed(const char* in, std::size_t size, char* out, std::size_t maxBytes, std::size_t& consumed,
               std::size_t& produced);

private:
    enum class Expect : std::uint8_t
    {
        SIZE_FIRST,
        SIZE,
        EXTENSION,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILER_START,
        TRAILER,
        TRAILER_LF,
        LAST_LF,
        END
    };

    bool line(char c);

    Expect _expect = Expect::SIZE_FIRST;
    std::uint8_t _digits = 0;
    std::uint16_t _extra = 0; ///< bytes of extensions and trailers so far
    std::uint64_t _left = 0;  ///< of the current chunk
    std::uint64_t _total = 0; ///< announced so far
};

} // namespace tenon::net
