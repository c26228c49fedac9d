#include "plugin/upstream/UpstreamInterests.h"

#include <utility>

namespace tenon::plugin
{

bool UpstreamInterests::beginListening()
{
    const std::lock_guard lock(_mutex);
    return !std::exchange(_listening, true);
}

client::Interest UpstreamInterests::with(const std::string& uri, bool wanted)
{
    client::Interest interest;
    const std::lock_guard lock(_mutex);
    wanted ? (void)_uris.insert(uri) : (void)_uris.erase(uri);
    interest.uris.assign(_uris.begin(), _uris.end());
    _listening = true;
    return interest;
}

void UpstreamInterests::forget(const std::string& uri)
{
    const std::lock_guard lock(_mutex);
    _uris.erase(uri);
}

bool UpstreamInterests::empty() const
{
    const std::lock_guard lock(_mutex);
    return _uris.empty();
}

} // namespace tenon::plugin
