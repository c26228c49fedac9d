#include "net/http/HeadMemory.h"

#include "net/http/RequestHead.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tenon::net
{

void HeadMemory::keep(std::string_view bytes, const RequestHead& head) noexcept
{
    _length = _lineCount = _requestLineEnd = 0;
    if (head.length > MOST_BYTES || head.fieldCount() > MOST_LINES)
        return;
    const auto offset = [&](const char* at) { return static_cast<std::uint16_t>(at - bytes.data()); };
    std::memcpy(_bytes.data(), bytes.data(), head.length);
    _length = static_cast<std::uint16_t>(head.length);
    _methodEnd = static_cast<std::uint16_t>(head.method.size());
    _pathEnd = offset(head.path.data() + head.path.size());
    _targetEnd = offset(head.target.data() + head.target.size());
    for (; _lineCount < head.fieldCount(); ++_lineCount)
    {
        const auto& [name, value] = head.field(_lineCount);
        _lines[_lineCount] = {offset(name.data() + name.size()), offset(value.data()),
                              offset(value.data() + value.size() + 2), base::HeaderFields::fieldOf(name)};
    }
    _requestLineEnd = _lineCount > 0 ? offset(head.field(0).name.data()) : 0;
}

std::size_t HeadMemory::common(std::size_t offset, const char* at, const char* end) const noexcept
{
    const char* const kept = _bytes.data() + offset;
    const std::size_t most = std::min(_length - offset, static_cast<std::size_t>(end - at));
    std::size_t same = 0;
#if defined(__SSE2__)
    const auto equal = [&](std::size_t from)
    {
        return _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(kept + from)),
                              _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + from)));
    };
    while (most - same >= 32 && _mm_movemask_epi8(_mm_and_si128(equal(same), equal(same + 16))) == 0xffff)
        same += 32;
    for (; most - same >= 16; same += 16)
        if (const auto bits = static_cast<unsigned>(_mm_movemask_epi8(equal(same))); bits != 0xffffU)
            return same + static_cast<std::size_t>(std::countr_one(bits));
#endif
    while (same < most && kept[same] == at[same])
        ++same;
    return same;
}

void HeadMemory::requestLine(const char* at, RequestHead& head) const noexcept
{
    head.method = {at, _methodEnd};
    const char* const target = at + _methodEnd + 1;
    head.target = {target, static_cast<std::size_t>(at + _targetEnd - target)};
    head.path = {target, static_cast<std::size_t>(at + _pathEnd - target)};
    if (_pathEnd != _targetEnd)
        head.query = {at + _pathEnd + 1, static_cast<std::size_t>(_targetEnd - _pathEnd - 1)};
}

} // namespace tenon::net
