#include "plugin/upstream/UpstreamLinks.h"

#include <utility>

namespace tenon::plugin
{

UpstreamLinks::UpstreamLinks(const UpstreamConfig& config, UpstreamLink::News& news)
    : _config(config), _news(news), _main(std::make_shared<UpstreamLink>(config, std::string(), nullptr, news))
{
}

UpstreamLinks::LinkPtr UpstreamLinks::linkFor(const std::string& session, const base::ForwardedTokenPtr& token,
                                              LinkPtr& evicted)
{
    if (_config.sessions == UpstreamConfig::Sessions::SHARED || session.empty())
        return _main;
    const std::lock_guard lock(_mutex);
    if (const auto found = _links.find(session); found != _links.end())
        return found->second;
    if (_links.size() >= _config.maxSessions)
    {
        const auto now = Clock::now();
        auto oldest = _links.end();
        for (auto link = _links.begin(); link != _links.end(); ++link)
            if (link->second->calls() == 0 &&
                (oldest == _links.end() || link->second->unused(now) > oldest->second->unused(now)))
                oldest = link;
        if (oldest == _links.end())
            return nullptr;
        evicted = std::move(oldest->second);
        _links.erase(oldest);
    }
    const auto link = std::make_shared<UpstreamLink>(_config, session, token, _news);
    _links.emplace(session, link);
    return link;
}

std::vector<UpstreamLinks::LinkPtr> UpstreamLinks::all() const
{
    std::vector<LinkPtr> links{_main};
    const std::lock_guard lock(_mutex);
    for (const auto& [key, link] : _links)
        links.push_back(link);
    return links;
}

std::vector<UpstreamLinks::LinkPtr> UpstreamLinks::takeIdle(Clock::time_point now, std::chrono::milliseconds idle)
{
    std::vector<LinkPtr> taken;
    const std::lock_guard lock(_mutex);
    std::erase_if(_links,
                  [&](const auto& entry)
                  {
                      const bool unused = entry.second->unused(now) >= idle;
                      if (unused)
                          taken.push_back(entry.second);
                      return unused;
                  });
    return taken;
}

void UpstreamLinks::close()
{
    std::map<std::string, LinkPtr> links;
    {
        const std::lock_guard lock(_mutex);
        links.swap(_links);
    }
    for (const auto& [key, link] : links)
        link->close();
    _main->close();
}

} // namespace tenon::plugin
