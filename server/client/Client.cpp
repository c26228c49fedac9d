#include "client/Client.h"

#include "base/json/JsonWriter.h"
#include "client/ClientListener.h"
#include "client/ClientRelay.h"
#include "client/ListPages.h"
#include "client/Revision.h"
#include "client/protocol/Rounds.h"
#include "client/transport/HttpSse.h"
#include "client/transport/MessageSocket.h"
#include "client/transport/Stdio.h"
#include "client/transport/StreamableHttp.h"

#include <chrono>
#include <set>

namespace tenon::client
{

namespace
{

constexpr int HEADER_MISMATCH = -32020;

std::string oneMember(std::string_view name, std::string_view value)
{
    std::string text;
    base::JsonWriter(text).beginObject().member(name, value).endObject();
    return text;
}

/// Whether a server that refused the handshake over POST like this may speak HTTP+SSE.
bool maySpeakSse(const ClientException& exc)
{
    return exc.httpStatus() == 400 || exc.httpStatus() == 404 || exc.httpStatus() == 405 || exc.httpStatus() == 406;
}

} // namespace

Client::Client(ClientOptions options, ClientHandler& handler)
    : _options(std::move(options)), _handler(handler), _connections(_options.http),
      _relay(std::make_unique<Relay>(handler, _lists, _health))
{
    if (_options.healthMs > 0)
        _timers.every(std::chrono::milliseconds(_options.healthMs), [this] { look(); });
}

Client::~Client()
{
    close();
}

void Client::connect()
{
    (void)session();
}

void Client::close()
{
    std::shared_ptr<ClientSession> session;
    std::unique_ptr<Listener> listener;
    {
        const std::lock_guard lock(_mutex);
        _closed = true;
        session = std::move(_session);
        listener = std::move(_listener);
    }
    listener.reset();
    _timers.stop();
    if (session)
        session->close();
}

void Client::rest()
{
    std::shared_ptr<ClientSession> session;
    {
        const std::lock_guard lock(_mutex);
        session = std::move(_session);
    }
    if (session)
        session->close();
}

std::shared_ptr<ClientSession> Client::sessionIfOpen() const
{
    const std::lock_guard lock(_mutex);
    return _closed || _relay->isGone() ? nullptr : _session;
}

Peer Client::peer()
{
    return session()->peer();
}

std::shared_ptr<ClientSession> Client::session()
{
    const std::lock_guard opening(_opening);
    {
        const std::lock_guard lock(_mutex);
        if (_closed)
            throw ClientException(Fault::UNREACHABLE, "the client is closed");
        if (_session && !_relay->isGone())
            return _session;
    }
    std::shared_ptr<ClientSession> old;
    {
        const std::lock_guard lock(_mutex);
        old = std::move(_session);
    }
    if (old)
        old->close();
    _relay->begin();
    _health.connecting();
    std::shared_ptr<ClientSession> fresh;
    try
    {
        fresh = open();
    }
    catch (const ClientException& exc)
    {
        _health.gone(exc.message());
        throw;
    }
    _lists.forgetAll();
    _health.ready();
    // A legacy server asks on a stream of its own, if not on that of the request that made it ask.
    const Abilities can = _handler.abilities();
    if (_options.listening || can.forms || can.urls || can.sampling || can.roots)
        fresh->listen();
    const std::lock_guard lock(_mutex);
    _session = fresh;
    if (_listener)
        _listener->attach(fresh);
    return fresh;
}

std::unique_ptr<Transport> Client::transportFor(Target::Kind kind)
{
    switch (kind)
    {
    case Target::Kind::HTTP:
        return std::make_unique<StreamableHttp>(StreamableHttp::Options{_options.target.url}, _connections,
                                                _options.credentials);
    case Target::Kind::SSE:
        return std::make_unique<HttpSse>(HttpSse::Options{_options.target.url, _options.http.silenceMs}, _connections,
                                         _options.credentials);
    case Target::Kind::WEBSOCKET:
        return std::make_unique<MessageSocket>(MessageSocket::Options{_options.target.url}, _connections,
                                               _options.credentials);
    case Target::Kind::STDIO:
        break;
    }
    Stdio::Options stdio;
    stdio.start = [command = _options.target.command, tell = _options.onChild]
    {
        auto child = startChild(command);
        if (tell)
            tell(child->id());
        return child;
    };
    stdio.onErrors = _options.onErrorLine;
    stdio.trace = _options.http.trace;
    return std::make_unique<Stdio>(std::move(stdio));
}

std::shared_ptr<ClientSession> Client::open(std::unique_ptr<Transport> transport)
{
    auto session = std::make_shared<ClientSession>(std::move(transport), _options.session, *_relay, _timers);
    session->open();
    return session;
}

std::shared_ptr<ClientSession> Client::open()
{
    const Target::Kind kind = _options.target.kind;
    try
    {
        return open(transportFor(kind));
    }
    catch (const ClientException& exc)
    {
        // A server of 2024-11-05 has no endpoint for the POST; a child or a WebSocket may have ended at a probe that it did not know.
        if (kind == Target::Kind::HTTP && maySpeakSse(exc))
        {
            try
            {
                return open(transportFor(Target::Kind::SSE));
            }
            catch (const ClientException&)
            {
                throw ClientException(exc);
            }
        }
        if ((kind != Target::Kind::STDIO && kind != Target::Kind::WEBSOCKET) || exc.fault() != Fault::UNREACHABLE ||
            !_relay->isGone() || !_options.session.revision.empty())
            throw;
    }
    _relay->begin();
    ClientSession::Options legacy = _options.session;
    legacy.revision = LATEST_LEGACY_REVISION;
    legacy.anyLegacy = true;
    auto session = std::make_shared<ClientSession>(transportFor(kind), legacy, *_relay, _timers);
    session->open();
    return session;
}

void Client::drop(const std::shared_ptr<ClientSession>& session, const ClientException& why)
{
    {
        const std::lock_guard lock(_mutex);
        if (_session != session)
            return;
        _session.reset();
    }
    _health.failed(why.message());
    session->close();
}

Reply Client::followTask(ClientSession& session, std::string_view method, const std::string& params,
                         const RequestOptions& options)
{
    return Rounds(session, *_relay).run(method, params, options);
}

Reply Client::request(std::string_view method, const std::string& params, const RequestOptions& options)
{
    for (bool again = false;; again = true)
    {
        const auto current = session();
        try
        {
            Reply reply = Rounds(*current, *_relay).run(method, params, options);
            _health.answered();
            return reply;
        }
        catch (const ClientException& exc)
        {
            if (exc.fault() == Fault::SESSION_GONE)
                drop(current, exc);
            else if (exc.fault() == Fault::TIMEOUT || exc.fault() == Fault::UNREACHABLE)
                _health.failed(exc.message());
            if (again || exc.fault() != Fault::SESSION_GONE)
                throw;
        }
    }
}

ListingPtr Client::list(ListKind kind)
{
    if (ListingPtr known = _lists.fresh(kind))
        return known;
    return fetch(kind);
}

ListingPtr Client::fetch(ListKind kind)
{
    const auto current = session();
    // A server that does not declare a capability has nothing of its kind, and may not know the method.
    if (!current->peer().has(capabilityOf(kind)))
        return std::make_shared<Listing>();
    const bool strict = current->hasHeaders() && current->modern() && kind == ListKind::TOOLS;
    const auto listing = readPages(kind, strict, std::chrono::milliseconds(_options.listMs),
                                   [this, kind](const std::string& params, const RequestOptions& options)
                                   { return request(methodOf(kind), params, options); });
    _lists.keep(kind, listing);
    return listing;
}

RequestOptions Client::withHeaders(const RequestOptions& options, const std::string& name, const std::string& arguments)
{
    RequestOptions all = options;
    const auto current = session();
    if (!current->modern() || !current->hasHeaders())
        return all;
    all.headers.emplace_back("Mcp-Name", headerValue(name));
    if (arguments.empty())
        return all;
    ListingPtr tools = _lists.last(ListKind::TOOLS);
    if (!tools)
        tools = fetch(ListKind::TOOLS);
    for (const std::string& rejected : tools->rejected)
        if (rejected.starts_with(name + ": "))
            throw ClientException(Fault::PROTOCOL, "the tool must not be used: " + rejected);
    if (const auto found = tools->headers.find(name); found != tools->headers.end())
        for (auto& header : found->second.headersFor(arguments))
            all.headers.push_back(std::move(header));
    return all;
}

Reply Client::callTool(const std::string& name, const std::string& arguments, const RequestOptions& options)
{
    const std::string given = arguments.empty() ? "{}" : arguments;
    std::string params;
    base::JsonWriter writer(params);
    writer.beginObject().member("name", name).rawMember("arguments", given);
    if (const ListingPtr tools = _lists.last(ListKind::TOOLS); tools && session()->peer().revision == "2025-11-25")
        if (const auto* tool = tools->find(name))
        {
            base::JsonDocument::Element execution;
            if (base::findMember(*tool, "execution", execution) &&
                base::textMember(execution, "taskSupport") == "required")
                writer.key("task").beginObject().endObject();
        }
    writer.endObject();
    try
    {
        return request("tools/call", params, withHeaders(options, name, given));
    }
    catch (const ClientException& exc)
    {
        if (exc.fault() != Fault::RPC || exc.code() != HEADER_MISMATCH)
            throw;
    }
    // The tool's schema has changed since we read it.
    _lists.forget(ListKind::TOOLS);
    return request("tools/call", params, withHeaders(options, name, given));
}

Reply Client::readResource(const std::string& uri, const RequestOptions& options)
{
    return request("resources/read", oneMember("uri", uri), withHeaders(options, uri, ""));
}

Reply Client::getPrompt(const std::string& name, const std::string& arguments, const RequestOptions& options)
{
    std::string params;
    base::JsonWriter writer(params);
    writer.beginObject().member("name", name);
    if (!arguments.empty())
        writer.rawMember("arguments", arguments);
    writer.endObject();
    return request("prompts/get", params, withHeaders(options, name, ""));
}

std::vector<std::string> Client::complete(const std::string& reference, const std::string& argument,
                                          const std::string& value)
{
    std::vector<std::string> values;
    if (!session()->peer().has("completions"))
        return values;
    std::string params;
    base::JsonWriter(params)
        .beginObject()
        .rawMember("ref", reference)
        .key("argument")
        .beginObject()
        .member("name", argument)
        .member("value", value)
        .endObject()
        .endObject();
    const Reply reply = request("completion/complete", params);
    base::JsonDocument::Element completion, member;
    simdjson::dom::array list;
    std::string_view text;
    if (base::findMember(reply.result, "completion", completion) && base::findMember(completion, "values", member) &&
        !member.get(list))
        for (const auto& one : list)
            if (!one.get(text))
                values.emplace_back(text);
    return values;
}

void Client::listen(Interest interest, Completion told)
{
    const auto current = session();
    std::set<std::string> before;
    {
        const std::lock_guard lock(_mutex);
        if (_listener)
            before = _listener->subscribedOn(current);
    }
    auto listener = std::make_unique<Listener>(std::move(interest), _timers);
    listener->attach(current, before, told);
    const std::lock_guard lock(_mutex);
    _listener = std::move(listener);
}

void Client::look()
{
    std::shared_ptr<ClientSession> current;
    {
        const std::lock_guard lock(_mutex);
        current = _session;
    }
    if (!current || _relay->isGone())
        return; // the next request opens another
    RequestOptions options;
    options.timeoutMs = _options.healthMs;
    (void)current->start(current->modern() ? "server/discover" : "ping", "", options,
                         [this](Outcome outcome)
                         {
                             if (outcome.fault && outcome.fault->fault() != Fault::RPC)
                                 _health.failed(outcome.fault->message());
                             else
                                 _health.answered();
                         });
}

} // namespace tenon::client
