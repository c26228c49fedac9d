#include "plugin/abi/ValueApi.h"

#include "base/json/BigNumber.h"
#include "plugin/abi/HostCall.h"

#include <cmath>
#include <limits>

namespace tenon::plugin
{

namespace
{

using simdjson::dom::element_type;

constexpr tenon_value NONE{nullptr, 0};

tenon_value_type TENON_ABI type(tenon_value value)
{
    if (!value.document)
        return TENON_VALUE_NONE;
    switch (toElement(value).type())
    {
    case element_type::ARRAY:
        return TENON_VALUE_ARRAY;
    case element_type::OBJECT:
        return TENON_VALUE_OBJECT;
    case element_type::INT64:
        return TENON_VALUE_INTEGER;
    case element_type::UINT64: // simdjson gives this type only to what int64_t cannot hold
    case element_type::DOUBLE:
        return TENON_VALUE_NUMBER;
    case element_type::STRING:
        return base::bigNumber(toElement(value)).empty() ? TENON_VALUE_TEXT : TENON_VALUE_NUMBER;
    case element_type::BOOL:
        return TENON_VALUE_BOOLEAN;
    case element_type::NULL_VALUE:
        return TENON_VALUE_NULL;
    }
    return TENON_VALUE_NONE;
}

/// simdjson's own count saturates at 2^24 - 1.
constexpr std::size_t SATURATED = 0xFFFFFF;

template <typename Container>
std::uint64_t count(const Container& container)
{
    const std::size_t counted = container.size();
    if (counted < SATURATED)
        return counted;
    std::uint64_t exact = 0;
    for (auto at = container.begin(), end = container.end(); at != end; ++at)
        ++exact;
    return exact;
}

std::uint64_t TENON_ABI size(tenon_value value)
{
    if (!value.document)
        return 0;
    const auto element = toElement(value);
    simdjson::dom::object object;
    simdjson::dom::array array;
    std::string_view text;
    if (!element.get_object().get(object))
        return count(object);
    if (!element.get_array().get(array))
        return count(array);
    return element.get_string().get(text) || base::BigNumbers::of(text) ? 0 : text.size();
}

tenon_value TENON_ABI member(tenon_value value, tenon_text name)
{
    simdjson::dom::object object;
    simdjson::dom::element found;
    if (!value.document || toElement(value).get_object().get(object) || object.at_key(toView(name)).get(found))
        return NONE;
    return toValue(found);
}

tenon_value TENON_ABI element(tenon_value value, std::uint64_t index)
{
    simdjson::dom::array array;
    simdjson::dom::element found;
    if (!value.document || toElement(value).get_array().get(array) || array.at(index).get(found))
        return NONE;
    return toValue(found);
}

static_assert(sizeof(tenon_value) == sizeof(simdjson::dom::array::iterator) &&
                  sizeof(tenon_value) == sizeof(simdjson::dom::object::iterator),
              "an iteration is resumed from its position in the tree");

/// The iterator of `container` that stands where `cursor` says.
template <typename Container>
auto resume(const Container& container, tenon_value value, const tenon_cursor& cursor)
{
    auto at = container.begin();
    if (cursor.position != 0)
        at = std::bit_cast<decltype(at)>(tenon_value{value.document, cursor.position});
    return at;
}

bool TENON_ABI next(tenon_value value, tenon_cursor* cursor, tenon_text* key, tenon_value* item)
{
    if (!value.document || !cursor || !item)
        return false;
    const auto container = toElement(value);
    simdjson::dom::array array;
    simdjson::dom::object object;
    if (!container.get_array().get(array))
    {
        auto at = resume(array, value, *cursor);
        if (!(at != array.end()))
            return false;
        *item = toValue(*at);
        cursor->position = std::bit_cast<tenon_value>(++at).index;
        return true;
    }
    if (!container.get_object().get(object))
    {
        auto at = resume(object, value, *cursor);
        if (!(at != object.end()))
            return false;
        if (key)
            *key = toText(at.key());
        *item = toValue(at.value());
        cursor->position = std::bit_cast<tenon_value>(++at).index;
        return true;
    }
    return false;
}

bool TENON_ABI boolean(tenon_value value)
{
    bool flag = false;
    return value.document && !toElement(value).get_bool().get(flag) && flag;
}

/// The nearest double; infinite beyond all of them, 0 for what is no number.
double realOf(const simdjson::dom::element& element)
{
    double number = 0;
    if (const std::string_view digits = base::bigNumber(element); !digits.empty())
        return base::nearestReal(digits);
    return element.get_double().get(number) ? 0 : number;
}

std::int64_t TENON_ABI integer(tenon_value value)
{
    if (!value.document)
        return 0;
    const auto element = toElement(value);
    std::int64_t exact = 0;
    if (!element.get_int64().get(exact))
        return exact;
    const double number = realOf(element);
    constexpr double LIMIT = 9223372036854775808.0; // 2^63
    if (number >= LIMIT)
        return std::numeric_limits<std::int64_t>::max();
    if (number < -LIMIT)
        return std::numeric_limits<std::int64_t>::min();
    return static_cast<std::int64_t>(number);
}

double TENON_ABI number(tenon_value value)
{
    return value.document ? realOf(toElement(value)) : 0;
}

tenon_text TENON_ABI text(tenon_value value)
{
    std::string_view text;
    if (!value.document || toElement(value).get_string().get(text) || base::BigNumbers::of(text))
        return {nullptr, 0};
    return toText(text);
}

tenon_text TENON_ABI json(tenon_call* call, tenon_value value)
{
    return HostCall::of(call).jsonOf(value);
}

tenon_value TENON_ABI parse(tenon_call* call, tenon_text text)
{
    return HostCall::of(call).parse(toView(text));
}

} // namespace

const tenon_value_api& valueApi()
{
    static const tenon_value_api api = {
        sizeof(tenon_value_api), 0, type, size, member, element, next, boolean, integer, number, text, json, parse};
    return api;
}

} // namespace tenon::plugin
