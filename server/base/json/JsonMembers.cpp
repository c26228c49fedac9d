#include "base/json/JsonMembers.h"

namespace tenon::base
{

void JsonMembers::read(const Element& object) noexcept
{
    _object = object;
    simdjson::dom::object members;
    if (object.get_object().get(members))
        return;
    _present = true;
    for (const auto& [name, value] : members)
    {
        if (_count == FEW)
        {
            _more = true;
            return;
        }
        _first[_count++] = {name, value};
    }
}

bool JsonMembers::find(std::string_view name, Element& value) const noexcept
{
    for (std::size_t i = 0; i < _count; ++i)
        if (_first[i].name == name)
        {
            value = _first[i].value;
            return true;
        }
    return _more && findMember(_object, name, value);
}

std::string_view JsonMembers::text(std::string_view name) const noexcept
{
    Element value;
    std::string_view text;
    return find(name, value) && !value.get_string().get(text) ? text : std::string_view();
}

} // namespace tenon::base
