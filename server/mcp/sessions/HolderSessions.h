#pragma once

#include "base/text/TextMap.h"
#include "mcp/sessions/Session.h"

#include <array>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::mcp
{

/// The sessions that each holder has, so that one of them is found without a look at those of others.
///
/// Threading: any thread.
class HolderSessions
{
    using Row = std::list<std::weak_ptr<Session>>;

public:
    HolderSessions() = default;
    HolderSessions(const HolderSessions&) = delete;
    HolderSessions& operator=(const HolderSessions&) = delete;

    /// A session is listed as long as this lives. Ownership: borrows the whole.
    class Listed
    {
    public:
        Listed(HolderSessions& sessions, std::string_view holder, const SessionPtr& session);
        ~Listed();
        Listed(const Listed&) = delete;
        Listed& operator=(const Listed&) = delete;

    private:
        HolderSessions& _sessions;
        const std::string _holder;
        Row::iterator _at;
    };

    /// Some of them, `most` at a time: each look gives those that were not looked at for longest.
    [[nodiscard]] std::vector<SessionPtr> next(std::string_view holder, std::size_t most);

private:
    struct Shard
    {
        std::mutex mutex; // guards the map
        base::TextMap<Row> rows;
    };

    [[nodiscard]] Shard& shardOf(std::string_view holder) { return _shards[base::TextHash()(holder) % _shards.size()]; }

    std::array<Shard, 16> _shards;
};

} // namespace tenon::mcp
