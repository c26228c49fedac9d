#include "plugin/upstream/UpstreamOffer.h"

#include "base/json/JsonWriter.h"
#include "plugin/config/LockFile.h"

#include <Poco/File.h>

#include <mutex>

namespace tenon::plugin
{

namespace
{

using base::JsonDocument;

bool flag(const JsonDocument::Element& object, const char* name)
{
    JsonDocument::Element member;
    bool value = false;
    return base::findMember(object, name, member) && !member.get(value) && value;
}

/// A tool or prompt as it is offered here. What is for a host under "tenon" is not for a stranger to say, and a tool that
/// runs only as a task is one that may: the waiting is done here.
void writeItem(base::JsonWriter& out, const JsonDocument::Element& item)
{
    simdjson::dom::object members;
    if (item.get(members))
    {
        out.value(item);
        return;
    }
    out.beginObject();
    for (const auto& [key, value] : members)
    {
        if (key == "tenon")
            continue;
        simdjson::dom::object execution;
        if (key != "execution" || value.get(execution))
        {
            out.member(key, value);
            continue;
        }
        out.key("execution").beginObject();
        for (const auto& [name, content] : execution)
            if (name == "taskSupport" && base::textMember(value, "taskSupport") == "required")
                out.member(name, "optional");
            else
                out.member(name, content);
        out.endObject();
    }
    out.endObject();
}

/// A list as JSON text; empty if there is nothing in it.
std::string listOf(const client::ListingPtr& listing,
                   const std::function<void(const JsonDocument::Element&)>& look = {})
{
    if (listing->items.empty())
        return {};
    std::string text;
    base::JsonWriter out(text);
    out.beginArray();
    for (const auto& item : listing->items)
    {
        writeItem(out, item);
        if (look)
            look(item);
    }
    out.endArray();
    return text;
}

std::string manifestOf(const client::Peer& peer)
{
    std::string text;
    base::JsonWriter(text)
        .beginObject()
        .member("name", peer.name.empty() ? std::string("upstream") : peer.name)
        .member("version", peer.version.empty() ? std::string("unknown") : peer.version)
        .endObject();
    return text;
}

/// What `file` says of the tools of `name`; `digests`, which it says from now on, if it has nothing of them.
std::map<std::string, std::string>
acceptedTools(const std::string& name, const std::map<std::string, std::string>& digests, const std::string& file)
{
    // Servers that share a file are connected at the same time: what one wrote must not be lost to another.
    static std::mutex writing;
    const std::lock_guard lock(writing);
    LockFile pins;
    if (Poco::File(file).exists())
        pins = LockFile::read(file);
    const auto [known, fresh] = pins.tools.try_emplace(name, digests);
    if (fresh)
        pins.write(file);
    return known->second;
}

} // namespace

Offer emptyOffer(const std::string& name)
{
    client::Peer peer;
    peer.name = name;
    Offer offer;
    offer.manifest = manifestOf(peer);
    return offer;
}

UpstreamOffer readUpstream(const client::Peer& peer, const ReadList& list)
{
    UpstreamOffer made;
    const client::ListingPtr tools = list(client::ListKind::TOOLS);
    made.offer.manifest = manifestOf(peer);
    made.offer.tools =
        listOf(tools,
               [&](const JsonDocument::Element& tool)
               {
                   const std::string name(base::textMember(tool, "name"));
                   JsonDocument::Element part;
                   if (base::findMember(tool, "annotations", part) &&
                       (flag(part, "readOnlyHint") || flag(part, "idempotentHint")))
                       made.safe.insert(name);
                   if (base::findMember(tool, "execution", part) && base::textMember(part, "taskSupport") == "required")
                       made.tasksOnly.insert(name);
               });
    for (const auto& rejected : tools->rejected)
        made.remarks.push_back("the tool " + rejected);
    made.offer.resources = listOf(list(client::ListKind::RESOURCES));
    made.offer.templates = listOf(list(client::ListKind::TEMPLATES));
    made.offer.prompts = listOf(list(client::ListKind::PROMPTS));
    made.offer.readsResources = peer.has("resources");
    // The first revision has completion without a capability.
    made.offer.completes = peer.has("completions") || (peer.revision == "2024-11-05" &&
                                                       (!made.offer.prompts.empty() || !made.offer.templates.empty()));
    made.offer.subscribes = peer.has("resources", "subscribe");
    return made;
}

void holdToPins(UpstreamOffer& upstream, const std::string& name, const std::string& file)
{
    if (upstream.offer.tools.empty())
        return;
    const auto tools = JsonDocument::parse(upstream.offer.tools);
    simdjson::dom::array items;
    if (tools->root().get(items))
        return;
    std::map<std::string, std::string> digests;
    for (const auto& tool : items)
        digests[std::string(base::textMember(tool, "name"))] = sha256Of(base::toJson(tool));
    const auto accepted = acceptedTools(name, digests, file);
    std::string kept;
    base::JsonWriter out(kept);
    out.beginArray();
    for (const auto& tool : items)
    {
        const std::string own(base::textMember(tool, "name"));
        const auto pin = accepted.find(own);
        if (pin != accepted.end() && pin->second == digests[own])
            out.value(tool);
        else
            upstream.remarks.push_back("the tool '" + own + "' is refused: " +
                                       (pin == accepted.end() ? "it is not in " : "it differs from what is in ") +
                                       file + "; to accept it, take its server's lines out of that file");
    }
    out.endArray();
    upstream.offer.tools = kept;
}

} // namespace tenon::plugin
