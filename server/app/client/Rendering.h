#pragma once

#include "app/client/Console.h"
#include "base/json/JsonDocument.h"
#include "client/Listing.h"
#include "client/protocol/Peer.h"

#include <string>
#include <vector>

namespace tenon::app
{

/// Shows what a server answered, in the form that the console has.
///
/// Threading: one thread.
class Rendering
{
public:
    /// Shape: `folder` is where media are saved; empty: nowhere.
    Rendering(Console& console, std::string folder) : _console(console), _folder(std::move(folder)) {}

    void server(const client::Peer& peer);
    void list(client::ListKind kind, const client::Listing& listing);
    /// One document of all lists, for --output json.
    void document(const client::Peer& peer, const std::vector<std::pair<client::ListKind, client::ListingPtr>>& lists);

    /// False: the tool says that it failed.
    bool toolResult(const base::JsonDocument::Element& result);
    void resource(const base::JsonDocument::Element& result);
    void prompt(const base::JsonDocument::Element& result);

private:
    void content(const base::JsonDocument::Element& block);
    void resourceContents(const base::JsonDocument::Element& contents);
    void media(std::string_view kind, std::string_view type, std::string_view base64, std::string_view name);
    bool whole(const base::JsonDocument::Element& result);

    Console& _console;
    const std::string _folder;
    int _saved = 0;
};

} // namespace tenon::app
