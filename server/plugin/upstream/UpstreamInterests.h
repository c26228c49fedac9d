#pragma once

#include "client/Client.h"

#include <mutex>
#include <set>
#include <string>

namespace tenon::plugin
{

/// The resources of a server behind this one of which somebody wants news: said to it all at once, and again on each session.
///
/// Threading: any thread.
class UpstreamInterests
{
public:
    /// True for the first who asks: news are not listened for yet.
    [[nodiscard]] bool beginListening();
    /// All interests with this one more, or less.
    [[nodiscard]] client::Interest with(const std::string& uri, bool wanted);
    void forget(const std::string& uri);
    [[nodiscard]] bool empty() const;

private:
    mutable std::mutex _mutex; // guards all below
    std::set<std::string> _uris;
    bool _listening = false;
};

} // namespace tenon::plugin
