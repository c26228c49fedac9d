#include "client/protocol/RevisionProbe.h"

#include "client/Revision.h"
#include "client/protocol/ClientSession.h"

#include <algorithm>

namespace tenon::client
{

namespace
{

constexpr int HEADER_MISMATCH = -32020;
constexpr int MISSING_CAPABILITY = -32021;
constexpr int UNSUPPORTED_VERSION = -32022;

std::vector<std::string> textsOf(const base::JsonDocument::Element& element)
{
    std::vector<std::string> texts;
    simdjson::dom::array list;
    std::string_view text;
    if (!element.get(list))
        for (const auto& one : list)
            if (!one.get(text))
                texts.emplace_back(text);
    return texts;
}

/// The revisions that an error names in its data.
std::vector<std::string> supportedBy(const ClientException& exc)
{
    if (exc.data().empty())
        return {};
    const auto data = base::JsonDocument::parse(exc.data());
    base::JsonDocument::Element supported;
    return base::findMember(data->root(), "supported", supported) ? textsOf(supported) : std::vector<std::string>{};
}

std::string joined(const std::vector<std::string>& texts)
{
    std::string all;
    for (const std::string& text : texts)
        all += (all.empty() ? "" : ", ") + text;
    return all;
}

/// Whether a probe that failed like this says nothing of a modern server.
bool meansLegacy(const ClientException& exc)
{
    switch (exc.fault())
    {
    case Fault::RPC:
        return exc.code() != HEADER_MISMATCH && exc.code() != MISSING_CAPABILITY;
    case Fault::TIMEOUT:
    case Fault::PROTOCOL:
    case Fault::SESSION_GONE:
        return true;
    case Fault::UNREACHABLE:
        return exc.httpStatus() != 0; // it answered, if only with an error of its own
    case Fault::NOT_ALLOWED:
    case Fault::CANCELLED:
        return false;
    }
    return false;
}

} // namespace

void RevisionProbe::run()
{
    const std::string& wanted = _session.options().revision;
    if (!wanted.empty() && !isKnownRevision(wanted))
        throw ClientException(Fault::PROTOCOL, "revision " + wanted + " is not one that this client speaks");
    if (!wanted.empty() && !isModernRevision(wanted))
        initialize(wanted);
    else if (!_session.canBeModern() || !discover(MODERN_REVISION, false))
    {
        if (!wanted.empty())
            throw ClientException(Fault::PROTOCOL, "the server does not speak revision " + wanted);
        initialize(_legacy.empty() ? LATEST_LEGACY_REVISION : std::string_view(_legacy));
    }
}

bool RevisionProbe::discover(std::string_view revision, bool again)
{
    _session.setRevision(revision);
    RequestOptions options;
    options.timeoutMs = _session.options().probeMs;
    try
    {
        return settle(_session.request("server/discover", "", options), revision);
    }
    catch (const ClientException& exc)
    {
        if (exc.fault() == Fault::RPC && exc.code() == UNSUPPORTED_VERSION)
            return choose(supportedBy(exc), again);
        if (!meansLegacy(exc))
            throw;
        return false;
    }
}

bool RevisionProbe::settle(const Reply& reply, std::string_view revision)
{
    base::JsonDocument::Element member;
    if (!base::findMember(reply.result, "supportedVersions", member))
        return false; // a server that answers anything to everything
    Peer peer;
    peer.supportedRevisions = textsOf(member);
    if (std::find(peer.supportedRevisions.begin(), peer.supportedRevisions.end(), revision) ==
        peer.supportedRevisions.end())
        return choose(peer.supportedRevisions, true);
    peer.document = reply.document;
    peer.hasCapabilities = base::findMember(reply.result, "capabilities", peer.capabilities);
    base::JsonDocument::Element meta;
    if (base::findMember(reply.result, "_meta", meta) &&
        base::findMember(meta, "io.modelcontextprotocol/serverInfo", member))
        peer.readImplementation(member);
    else if (base::findMember(reply.result, "serverInfo", member))
        peer.readImplementation(member);
    peer.instructions = base::textMember(reply.result, "instructions");
    _session.setPeer(std::move(peer));
    return true;
}

bool RevisionProbe::choose(const std::vector<std::string>& supported, bool again)
{
    for (const std::string_view known : REVISIONS)
    {
        if (std::find(supported.begin(), supported.end(), known) == supported.end())
            continue;
        if (!isModernRevision(known))
        {
            _legacy = known;
            return false;
        }
        if (!again)
            return discover(known, true);
    }
    throw ClientException(Fault::PROTOCOL, "no revision in common: the server speaks " +
                                               (supported.empty() ? "others" : joined(supported)) + ", this client " +
                                               joined({REVISIONS.begin(), REVISIONS.end()}));
}

void RevisionProbe::initialize(std::string_view revision)
{
    std::string other;
    if (initializeOnce(revision, other))
        return;
    const std::string named = other;
    if (!initializeOnce(named, other))
        throw ClientException(Fault::PROTOCOL, "the server names revision " + named + " and refuses it");
}

/// False: `other` is a revision that the server named instead.
bool RevisionProbe::initializeOnce(std::string_view revision, std::string& other)
{
    // Earlier revisions know no header for it, and the handshake says it in its body.
    _session.setRevision("");
    RequestOptions options;
    options.timeoutMs = _session.options().initializeMs;
    Reply reply;
    try
    {
        reply = _session.request("initialize",
                                 initializeParams(_session.options().info, _session.abilities(), revision), options);
    }
    catch (const ClientException& exc)
    {
        if (exc.fault() != Fault::RPC)
            throw;
        const auto supported = supportedBy(exc);
        for (const std::string_view known : REVISIONS)
            if (!isModernRevision(known) && known != revision &&
                std::find(supported.begin(), supported.end(), known) != supported.end())
            {
                other = known;
                return false;
            }
        throw;
    }
    const std::string agreed(base::textMember(reply.result, "protocolVersion"));
    if (agreed.empty())
        throw ClientException(Fault::PROTOCOL, "the server answers initialize without a protocolVersion");
    if (!isKnownRevision(agreed) || isModernRevision(agreed))
        throw ClientException(Fault::PROTOCOL, "the server insists on revision " + agreed +
                                                   ", which this client does not speak after initialize; it speaks " +
                                                   joined({REVISIONS.begin(), REVISIONS.end()}));
    if (!_session.options().revision.empty() && !_session.options().anyLegacy && agreed != _session.options().revision)
        throw ClientException(Fault::PROTOCOL,
                              "the server speaks revision " + agreed + " instead of " + _session.options().revision);
    _session.setRevision(agreed);
    Peer peer;
    peer.document = reply.document;
    base::JsonDocument::Element member;
    peer.hasCapabilities = base::findMember(reply.result, "capabilities", peer.capabilities);
    if (base::findMember(reply.result, "serverInfo", member))
        peer.readImplementation(member);
    peer.instructions = base::textMember(reply.result, "instructions");
    _session.setPeer(std::move(peer));
    _session.notify("notifications/initialized", "");
    return true;
}

} // namespace tenon::client
