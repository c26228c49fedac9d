#pragma once

#include "base/Principal.h"
#include "base/limits/HolderLimits.h"
#include "guard/Gate.h"
#include "plugin/catalogue/Catalogue.h"

#include <Poco/Net/HTTPRequestHandler.h>

#include <string>

namespace tenon::ops
{

/// What a principal sees of a catalogue, and its limits, as the rules give them.
///
/// Shape: {"principal":…,"type":…,"tools":[…],"resources":[…],"templates":[…],"prompts":[…],"stats":…,"broadcast":…,
///        "limits":{"sessions"?,"streams"?,"callsInFlight"?,"tasks"?,"connections"?,"requestsPerMinute"?,
///        "sharePercent"}}; a limit that is not there is the share, or none.
[[nodiscard]] std::string accessJson(const base::Principal& principal, const base::HolderLimits& limits,
                                     const plugin::Catalogue& catalogue);

/// `GET /console/api/access`: what the one who asks sees; `/access/types`: {"types":[…]} and `/access/TYPE`: what one
/// of a type would see, both with the permission for statistics.
///
/// So whoever wonders about a token asks with that token, and nobody hands one to somebody else.
///
/// Ownership: borrows both.
class AccessHandler : public Poco::Net::HTTPRequestHandler
{
public:
    AccessHandler(const guard::Gate& gate, const plugin::CatalogueSource& catalogue)
        : _gate(gate), _catalogue(catalogue)
    {
    }
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    const guard::Gate& _gate;
    const plugin::CatalogueSource& _catalogue;
};

} // namespace tenon::ops
