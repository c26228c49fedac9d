#pragma once

#include "client/Listing.h"
#include "client/protocol/Peer.h"
#include "plugin/call/Instance.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// What a server behind this one offers, as a plugin would.
struct UpstreamOffer
{
    Offer offer;
    std::set<std::string> safe;       ///< tools that change nothing when they are called twice
    std::set<std::string> tasksOnly;  ///< tools that it runs only as tasks
    std::vector<std::string> remarks; ///< for the log: what of it is left out, and why
};

/// Gives everything of one kind that a server lists. Errors: ClientException.
using ReadList = std::function<client::ListingPtr(client::ListKind)>;

/// Reads all lists of the server, which said of itself what is in `peer`; waits for it.
///
/// Errors: ClientException.
[[nodiscard]] UpstreamOffer readUpstream(const client::Peer& peer, const ReadList& list);

/// An offer without tools, of a server that has not been reached yet.
[[nodiscard]] Offer emptyOffer(const std::string& name);

/// Compares the tools with the digests in `file`, takes out those that differ or are not there, and says so in the
/// remarks. A file that is not there is made of the tools as they are.
///
/// Errors: Poco::Exception if it can be neither read nor made.
void holdToPins(UpstreamOffer& upstream, const std::string& name, const std::string& file);

} // namespace tenon::plugin
