#include "GivenSettings.h"

#include "Text.h"

#include "plugin/worker/channel/Frame.h"

#include <iterator>
#include <utility>

namespace tenon::attach
{

void GivenSettings::take(std::string_view body)
{
    plugin::FieldReader in(body);
    const std::lock_guard lock(_mutex);
    _settings.clear();
    for (auto left = in.number(); left > 0; --left)
    {
        const auto key = in.text(), value = in.text(), paths = in.text();
        if (!in.good())
            return;
        _settings[kept(key)] = {kept(value), kept(paths)};
    }
}

tenon_text GivenSettings::find(std::string_view key, std::string_view Setting::*what) const
{
    const std::lock_guard lock(_mutex);
    const auto found = _settings.find(key);
    return found == _settings.end() ? tenon_text{nullptr, 0} : toText(found->second.*what);
}

bool GivenSettings::at(std::uint64_t index, tenon_text& key, tenon_text& value) const
{
    const std::lock_guard lock(_mutex);
    if (index >= _settings.size())
        return false;
    const auto found = std::next(_settings.begin(), static_cast<std::ptrdiff_t>(index));
    key = toText(found->first);
    value = toText(found->second.value);
    return true;
}

} // namespace tenon::attach
