#pragma once

#include "guard/Gate.h"
#include "ops/console/History.h"
#include "ops/live/LiveFeed.h"

#include <Poco/Net/HTTPRequestHandler.h>

namespace tenon::ops
{

/// `GET /console/api/events`: an event stream of what LiveFeed tells, for those with the permission for statistics. It
/// begins with the event `sample` if there is one.
///
/// Ownership: borrows all.
class EventsHandler : public Poco::Net::HTTPRequestHandler
{
public:
    EventsHandler(LiveFeed& feed, const History& history, const guard::Gate& gate)
        : _feed(feed), _history(history), _gate(gate)
    {
    }
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    LiveFeed& _feed;
    const History& _history;
    const guard::Gate& _gate;
};

} // namespace tenon::ops
