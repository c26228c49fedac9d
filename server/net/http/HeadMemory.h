#pragma once

#include "base/text/HeaderFields.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tenon::net
{

class RequestHead;

/// The head that a client sent last. Clients send nearly the same head with each request, and a line that is the same byte
/// for byte means the same: `PlainHead` takes it as it was read then.
///
/// Threading: one thread at a time.
class HeadMemory
{
public:
    /// A line of a field; all offsets from the beginning of the head.
    struct Line
    {
        std::uint16_t nameEnd = 0;
        std::uint16_t valueBegin = 0;
        std::uint16_t end = 0; ///< behind its CR and LF
        base::Field field = base::Field::OTHER;
    };

    /// Keeps a head that was found plain; one that is too large is forgotten.
    void keep(std::string_view bytes, const RequestHead& head) noexcept;

    /// How many bytes at `at` are those that were kept from `offset` on. Nothing from `end` on is read.
    [[nodiscard]] std::size_t common(std::size_t offset, const char* at, const char* end) const noexcept;

    /// The request line. Shape: 0: nothing is kept.
    [[nodiscard]] std::size_t requestLineEnd() const { return _requestLineEnd; }
    /// As it was. Shape: `at` is where one that is the same begins.
    void requestLine(const char* at, RequestHead& head) const noexcept;

    [[nodiscard]] std::size_t lineCount() const { return _lineCount; }
    [[nodiscard]] const Line& line(std::size_t index) const { return _lines[index]; }

private:
    static constexpr std::size_t MOST_BYTES = 1024, MOST_LINES = 24;

    std::array<char, MOST_BYTES> _bytes;
    std::array<Line, MOST_LINES> _lines;
    std::uint16_t _length = 0;
    std::uint16_t _lineCount = 0;
    std::uint16_t _requestLineEnd = 0, _methodEnd = 0, _pathEnd = 0, _targetEnd = 0;
};

} // namespace tenon::net
