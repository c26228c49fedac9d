#pragma once

#include "base/json/JsonDocument.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace tenon::base
{

/// The members of one object, walked once: whoever asks for several of them need not walk it each time.
///
/// Threading: immutable.
/// Ownership: borrows the document.
class JsonMembers
{
public:
    using Element = JsonDocument::Element;

    /// No members.
    JsonMembers() = default;

    /// Shape: what is no object has no members.
    explicit JsonMembers(const Element& object) noexcept { read(object); }

    /// The members of `object` where there were none.
    void read(const Element& object) noexcept;

    /// Whether there is a member of that name; the first is put into `value`.
    [[nodiscard]] bool find(std::string_view name, Element& value) const noexcept;

    /// The member `name` as text; empty if it is absent or of another type.
    [[nodiscard]] std::string_view text(std::string_view name) const noexcept;

    /// The object itself, if there is one.
    [[nodiscard]] bool present() const { return _present; }
    [[nodiscard]] const Element& object() const { return _object; }

private:
    static constexpr std::size_t FEW = 6; // of an object with more, those behind are looked for each time

    struct Member
    {
        std::string_view name;
        Element value;
    };

    Element _object;
    std::array<Member, FEW> _first;
    std::size_t _count = 0;
    bool _present = false;
    bool _more = false;
};

} // namespace tenon::base
