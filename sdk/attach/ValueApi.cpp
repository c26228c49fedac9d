#include "JsonTree.h"

#include "Call.h"
#include "Text.h"

namespace tenon::attach
{

namespace
{

bool is(tenon_value value, tenon_value_type type)
{
    return value.document && JsonTree::of(value)->type(value.index) == type;
}

bool isNumber(tenon_value value)
{
    return is(value, TENON_VALUE_INTEGER) || is(value, TENON_VALUE_NUMBER);
}

tenon_value_type TENON_ABI type(tenon_value value)
{
    return value.document ? JsonTree::of(value)->type(value.index) : TENON_VALUE_NONE;
}

std::uint64_t TENON_ABI size(tenon_value value)
{
    return value.document ? JsonTree::of(value)->size(value.index) : 0;
}

tenon_value TENON_ABI member(tenon_value object, tenon_text name)
{
    if (!is(object, TENON_VALUE_OBJECT))
        return {nullptr, 0};
    const JsonTree& tree = *JsonTree::of(object);
    const std::string_view wanted = toView(name);
    for (auto at = tree.inside(object.index); at < tree.behind(object.index); at = tree.behind(at + 1))
        if (tree.text(at) == wanted)
            return {object.document, at + 1};
    return {nullptr, 0};
}

tenon_value TENON_ABI element(tenon_value array, std::uint64_t index)
{
    if (!is(array, TENON_VALUE_ARRAY) || index >= size(array))
        return {nullptr, 0};
    const JsonTree& tree = *JsonTree::of(array);
    auto at = tree.inside(array.index);
    for (; index > 0; --index)
        at = tree.behind(at);
    return {array.document, at};
}

bool TENON_ABI next(tenon_value container, tenon_cursor* cursor, tenon_text* key, tenon_value* item)
{
    const bool isObject = is(container, TENON_VALUE_OBJECT);
    if (!isObject && !is(container, TENON_VALUE_ARRAY))
        return false;
    const JsonTree& tree = *JsonTree::of(container);
    const auto at = cursor->position == 0 ? tree.inside(container.index) : cursor->position;
    if (at >= tree.behind(container.index))
        return false;
    const auto value = isObject ? at + 1 : at;
    if (key)
        *key = isObject ? toText(tree.text(at)) : tenon_text{nullptr, 0};
    if (item)
        *item = {container.document, value};
    cursor->position = tree.behind(value);
    return true;
}

bool TENON_ABI boolean(tenon_value value)
{
    return is(value, TENON_VALUE_BOOLEAN) && JsonTree::of(value)->boolean(value.index);
}

std::int64_t TENON_ABI integer(tenon_value value)
{
    return isNumber(value) ? JsonTree::of(value)->integer(value.index) : 0;
}

double TENON_ABI number(tenon_value value)
{
    return isNumber(value) ? JsonTree::of(value)->number(value.index) : 0;
}

tenon_text TENON_ABI text(tenon_value value)
{
    return is(value, TENON_VALUE_TEXT) ? toText(JsonTree::of(value)->text(value.index)) : tenon_text{nullptr, 0};
}

tenon_text TENON_ABI json(tenon_call*, tenon_value value)
{
    return value.document ? toText(JsonTree::of(value)->source(value.index)) : tenon_text{nullptr, 0};
}

tenon_value TENON_ABI parse(tenon_call* call, tenon_text text)
{
    return Call::of(call).parse(toView(text));
}

constexpr tenon_value_api API = {
    sizeof(tenon_value_api), 0, type, size, member, element, next, boolean, integer, number, text, json, parse};

} // namespace

const tenon_value_api& valueApi()
{
    return API;
}

std::string_view textMember(tenon_value object, std::string_view name)
{
    return toView(text(member(object, toText(name))));
}

} // namespace tenon::attach
