#include "plugin/call/Memories.h"

#include <utility>

namespace tenon::plugin
{

tenon_status Memories::remember(std::string_view key, std::string_view value)
{
    const std::string name(key);
    const auto known = _values.find(name);
    const std::size_t before = known == _values.end() ? 0 : name.size() + known->second.size();
    const std::size_t bytes = _bytes - before + name.size() + value.size();
    if (bytes > MAX_BYTES || _replacedBytes + before > MAX_REPLACED_BYTES)
        return TENON_ERROR_RESOURCES;
    if (known != _values.end())
        _replaced.push_back(_values.extract(known));
    _values.emplace(name, value);
    _bytes = bytes;
    _replacedBytes += before;
    return TENON_OK;
}

bool Memories::recall(std::string_view key, std::string_view& value) const
{
    const auto known = _values.find(std::string(key));
    if (known == _values.end())
        return false;
    value = known->second;
    return true;
}

void Memories::restore(Values values)
{
    _values = std::move(values);
    for (const auto& [key, value] : _values)
        _bytes += key.size() + value.size();
}

} // namespace tenon::plugin
