#include "plugin/upstream/ParkedCalls.h"

#include "base/text/RandomId.h"

#include <utility>

namespace tenon::plugin
{

std::string ParkedCalls::add(const std::shared_ptr<UpstreamCall>& call)
{
    std::string name = base::randomId();
    const std::lock_guard lock(_mutex);
    _calls[name] = call;
    return name;
}

std::shared_ptr<UpstreamCall> ParkedCalls::take(std::string_view name)
{
    const std::lock_guard lock(_mutex);
    const auto found = _calls.find(name);
    if (found == _calls.end())
        return nullptr;
    auto call = std::move(found->second);
    _calls.erase(found);
    return call;
}

void ParkedCalls::remove(const UpstreamCall& call)
{
    const std::lock_guard lock(_mutex);
    std::erase_if(_calls, [&](const auto& entry) { return entry.second.get() == &call; });
}

} // namespace tenon::plugin
