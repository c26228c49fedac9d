#pragma once

#include <simdjson.h>
#include <tenon/value.h>

#include <bit>
#include <string_view>

namespace tenon::plugin
{

/// The host's `tenon.value/1`: a `tenon_value` is an element of simdjson's tree, bit for bit, so that crossing costs
/// nothing.
[[nodiscard]] const tenon_value_api& valueApi();

static_assert(sizeof(tenon_value) == sizeof(simdjson::dom::element),
              "tenon_value must have the layout of simdjson's element");

[[nodiscard]] inline tenon_value toValue(const simdjson::dom::element& element) noexcept
{
    return std::bit_cast<tenon_value>(element);
}

/// Shape: `value` is not none.
[[nodiscard]] inline simdjson::dom::element toElement(tenon_value value) noexcept
{
    return std::bit_cast<simdjson::dom::element>(value);
}

[[nodiscard]] inline tenon_text toText(std::string_view text) noexcept
{
    return {text.data(), text.size()};
}

/// As `toText`, but an empty text is an absent one.
[[nodiscard]] inline tenon_text toOptionalText(std::string_view text) noexcept
{
    return text.empty() ? tenon_text{nullptr, 0} : tenon_text{text.data(), text.size()};
}

[[nodiscard]] inline std::string_view toView(tenon_text text) noexcept
{
    return text.data ? std::string_view(text.data, text.size) : std::string_view{};
}

} // namespace tenon::plugin
