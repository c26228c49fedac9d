#ifndef TENON_TEXT_HPP
#define TENON_TEXT_HPP

#include <tenon/abi.h>

#include <string>
#include <string_view>

/// Between `std::string_view` and the ABI's borrowed `tenon_text`. An absent text is a view whose data is null.

namespace tenon
{

inline tenon_text toText(std::string_view text) noexcept
{
    return tenon_text{text.data(), static_cast<uint64_t>(text.size())};
}

inline std::string_view toView(tenon_text text) noexcept
{
    return std::string_view(text.data, static_cast<std::size_t>(text.size));
}

/// Binary data. Becomes base64 where JSON needs it.
struct Bytes
{
    std::string data;
};

/// Finished JSON text of one value. It is passed on as it is; the host checks it.
struct Json
{
    std::string text;
};

} // namespace tenon

#endif
