#pragma once

#include "base/json/JsonSlots.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace tenon::mcp
{

/// The `params` of a request: what calls carry found in one walk, the rest when somebody asks for it.
///
/// Threading: immutable once read.
/// Ownership: borrows the document.
class RequestParams
{
public:
    using Element = base::JsonDocument::Element;

    enum Name : std::size_t
    {
        META,
        NAME,
        URI,
        TASK_ID,
        ARGUMENTS,
        REQUEST_STATE,
        INPUT_RESPONSES,
        NONE
    };
    static constexpr std::array<std::string_view, NONE> NAMES = {"_meta",     "name",         "uri",           "taskId",
                                                                 "arguments", "requestState", "inputResponses"};

    /// Shape: what is no object has no members.
    void read(const Element& object) noexcept
    {
        _object = object;
        _present = _slots.read(object);
    }

    /// Whether the member is there and not null, which stands for none.
    [[nodiscard]] bool find(Name name, Element& value) const noexcept
    {
        return _slots.find(name, value) && !value.is_null();
    }
    [[nodiscard]] bool find(std::string_view name, Element& value) const noexcept
    {
        return _present && base::findMember(_object, name, value) && !value.is_null();
    }

    /// Whether the member is there and a text.
    [[nodiscard]] bool find(Name name, std::string_view& text) const noexcept { return _slots.find(name, text); }

    /// The whole; only if a member was found.
    [[nodiscard]] const Element& object() const { return _object; }

private:
    Element _object;
    base::JsonSlots<NAMES> _slots;
    bool _present = false;
};

} // namespace tenon::mcp
