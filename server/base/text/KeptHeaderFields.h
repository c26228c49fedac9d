#pragma once

#include "base/text/HeaderFields.h"

#include <deque>
#include <string>
#include <string_view>

namespace tenon::base
{

/// Header fields that own their text, for a message that outlives its request.
///
/// Threading: one thread at a time.
class KeptHeaderFields
{
public:
    void add(std::string_view name, std::string_view value)
    {
        const std::string& kept = _texts.emplace_back(name);
        _fields.addField(kept, _texts.emplace_back(value));
    }

    [[nodiscard]] const HeaderFields& fields() const { return _fields; }

private:
    std::deque<std::string> _texts;
    HeaderFields _fields;
};

} // namespace tenon::base
