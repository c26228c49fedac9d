#pragma once

#include <tenon/abi.h>

#include <string_view>

namespace tenon::attach
{

inline std::string_view toView(tenon_text text)
{
    return text.data ? std::string_view(text.data, static_cast<std::size_t>(text.size)) : std::string_view();
}

inline tenon_text toText(std::string_view text)
{
    return {text.data() ? text.data() : "", text.size()};
}

/// An empty text is an absent one.
inline tenon_text toOptionalText(std::string_view text)
{
    return text.empty() ? tenon_text{nullptr, 0} : toText(text);
}

} // namespace tenon::attach
