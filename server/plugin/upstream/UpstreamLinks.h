#pragma once

#include "plugin/upstream/UpstreamConfig.h"
#include "plugin/upstream/UpstreamLink.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// The sessions with one server behind this one: everybody's, and those of single clients.
///
/// Threading: any thread. Links that it gives away are closed by who gets them, where that may wait.
/// Ownership: borrows what it is made with.
class UpstreamLinks
{
public:
    using Clock = std::chrono::steady_clock;
    using LinkPtr = std::shared_ptr<UpstreamLink>;

    UpstreamLinks(const UpstreamConfig& config, UpstreamLink::News& news);

    /// Everybody's, which lists and news come over.
    [[nodiscard]] const LinkPtr& main() const { return _main; }

    /// For calls of a client's session or of a principal, empty: of nobody in particular. Null if there would be too many
    /// and all have calls inside.
    ///
    /// Shape: `token` lets its calls in, null: whatever lets everybody in; `evicted` gets one that made room, to be closed.
    [[nodiscard]] LinkPtr linkFor(const std::string& session, const base::ForwardedTokenPtr& token, LinkPtr& evicted);

    /// All, the main one first.
    [[nodiscard]] std::vector<LinkPtr> all() const;

    /// Takes out those of clients that were unused for `idle`, to be closed.
    [[nodiscard]] std::vector<LinkPtr> takeIdle(Clock::time_point now, std::chrono::milliseconds idle);

    /// Ends all sessions; waits.
    void close();

private:
    const UpstreamConfig& _config;
    UpstreamLink::News& _news;
    const LinkPtr _main;

    mutable std::mutex _mutex;             // guards all below; before that of a link
    std::map<std::string, LinkPtr> _links; ///< by whose they are; without `_main`
};

} // namespace tenon::plugin
