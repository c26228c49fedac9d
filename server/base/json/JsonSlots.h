#pragma once

#include "base/json/JsonDocument.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace tenon::base
{

/// Those members of an object that are asked for, found in one walk; of several of one name the first.
///
/// Shape:     `NAMES` is a constant array of their names; they are asked for by their place in it.
/// Threading: as for any value; reading is for any thread.
/// Ownership: borrows the document.
template <const auto& NAMES>
class JsonSlots
{
public:
    using Element = JsonDocument::Element;

    /// No members.
    JsonSlots() = default;

    /// Shape: what is no object has no members.
    explicit JsonSlots(const Element& object) noexcept { read(object); }

    /// The members of `object` where there were none. False if it is no object.
    bool read(const Element& object) noexcept
    {
        simdjson::dom::object members;
        if (object.get_object().get(members))
            return false;
        for (const auto& [name, value] : members)
            for (std::size_t slot = 0; slot < NAMES.size(); ++slot)
                if (name.size() == NAMES[slot].size() && name == NAMES[slot])
                {
                    if (!has(slot))
                        _values[slot] = value;
                    _present |= 1U << slot;
                    break;
                }
        return true;
    }

    /// Whether the member is there; it is put into `value`.
    [[nodiscard]] bool find(std::size_t slot, Element& value) const noexcept
    {
        if (!has(slot))
            return false;
        value = _values[slot];
        return true;
    }

    /// Whether the member is there and a text; it is put into `text`.
    [[nodiscard]] bool find(std::size_t slot, std::string_view& text) const noexcept
    {
        return has(slot) && !_values[slot].get_string().get(text);
    }

    /// The member as text; empty if it is absent or of another type.
    [[nodiscard]] std::string_view text(std::size_t slot) const noexcept
    {
        std::string_view text;
        return find(slot, text) ? text : std::string_view();
    }

private:
    static_assert(NAMES.size() <= 32);
    [[nodiscard]] bool has(std::size_t slot) const noexcept { return (_present & (1U << slot)) != 0; }

    std::array<Element, NAMES.size()> _values;
    unsigned _present = 0;
};

} // namespace tenon::base
