#pragma once

#include "net/route/AccessListener.h"
#include "ops/live/LiveFeed.h"
#include "ops/log/AccessLog.h"

namespace tenon::ops
{

/// The front's one listener: the access log, and those who watch, while they do.
///
/// Threading: any thread.
/// Ownership: borrows both.
class AccessFan : public net::AccessListener
{
public:
    AccessFan(AccessLog& log, LiveFeed& feed) : _log(log), _feed(feed) {}

    bool wantsRequests() const noexcept override { return _log.wantsRequests() || _feed.roomForRequest(); }
    void answered(const net::AccessEntry& entry) override
    {
        if (_log.wantsRequests())
            _log.answered(entry);
        if (_feed.watched())
            _feed.refused(entry);
    }
    void opened(const net::StreamEntry& entry) override { _log.opened(entry); }
    void closed(const net::StreamEntry& entry) override { _log.closed(entry); }

private:
    AccessLog& _log;
    LiveFeed& _feed;
};

} // namespace tenon::ops
