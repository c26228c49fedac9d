#include "mcp/sessions/HolderSessions.h"

#include <algorithm>
#include <iterator>

namespace tenon::mcp
{

HolderSessions::Listed::Listed(HolderSessions& sessions, std::string_view holder, const SessionPtr& session)
    : _sessions(sessions), _holder(holder)
{
    Row one; // made first: a row is not left empty
    one.push_back(session);
    _at = one.begin();
    Shard& shard = _sessions.shardOf(_holder);
    const std::lock_guard lock(shard.mutex);
    Row& row = shard.rows[_holder];
    row.splice(row.end(), one);
}

HolderSessions::Listed::~Listed()
{
    Shard& shard = _sessions.shardOf(_holder);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.rows.find(_holder);
    found->second.erase(_at);
    if (found->second.empty())
        shard.rows.erase(found);
}

std::vector<SessionPtr> HolderSessions::next(std::string_view holder, std::size_t most)
{
    std::vector<SessionPtr> some;
    some.reserve(most);
    Shard& shard = shardOf(holder);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.rows.find(holder);
    if (found == shard.rows.end())
        return some;
    Row& row = found->second;
    const auto count = std::min(most, row.size());
    const auto end = std::next(row.begin(), static_cast<std::ptrdiff_t>(count));
    for (auto at = row.begin(); at != end; ++at)
        if (auto session = at->lock())
            some.push_back(std::move(session));
    row.splice(row.end(), row, row.begin(), end);
    return some;
}

} // namespace tenon::mcp
