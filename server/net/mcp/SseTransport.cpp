#include "net/mcp/SseTransport.h"

#include "base/json/JsonWriter.h"
#include "base/text/Ascii.h"
#include "net/connection/Exchange.h"
#include "net/http/Negotiation.h"
#include "net/mcp/McpEndpoint.h"
#include "net/mcp/PlainPost.h"
#include "net/route/MemoryRequest.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>

#include <algorithm>
#include <atomic>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr auto INVALID_REQUEST = jsonrpc::ErrorKind::INVALID_REQUEST;
constexpr auto LIMIT = jsonrpc::ErrorKind::LIMIT;
constexpr std::size_t MAX_WAITING = 256; // messages of one session
constexpr std::string_view RETRY_SOON = "Retry-After: 1\r\n";
constexpr std::size_t MAX_ID_BYTES = 128;
constexpr std::string_view STANDS =
    R"({"type":"connection-status","connectionId":"{id}","status":"connected","timestamp":"{time}"})";
/// What `?events=a,b` names.
std::vector<std::string> namesIn(std::string_view list)
{
    std::vector<std::string> names;
    while (!list.empty())
    {
        const std::size_t comma = list.find(',');
        if (comma != 0)
            names.emplace_back(list.substr(0, comma));
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    }
    return names;
}

bool isPlainId(std::string_view id)
{
    return !id.empty() && id.size() <= MAX_ID_BYTES &&
           std::all_of(id.begin(), id.end(),
                       [](char c)
                       {
                           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                  c == '-' || c == '_' || c == '.';
                       });
}

/// The value of `name` in a query; ids need no decoding.
std::string_view queryValue(std::string_view query, std::string_view name)
{
    while (!query.empty())
    {
        const std::size_t end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
            return pair.substr(name.size() + 1);
        query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    }
    return {};
}

std::string keyOf(const base::PrincipalPtr& principal, std::string_view id)
{
    return principal->id + '\n' + std::string(id);
}

/// The headers of a request that has gone when its message is handled.
class KeptHeaders final : public mcp::HeaderReader
{
public:
    explicit KeptHeaders(const RequestHead& head)
    {
        for (std::size_t i = 0; i < head.fieldCount(); ++i)
            _fields.emplace_back(head.field(i).name, head.field(i).value);
    }

    [[nodiscard]] bool header(std::string_view name, std::string_view& value) const override
    {
        for (const auto& [own, content] : _fields)
            if (base::equalsIgnoringCase(own, name))
            {
                value = content;
                return true;
            }
        return false;
    }

private:
    std::vector<std::pair<std::string, std::string>> _fields;
};

} // namespace

struct SseTransport::Message
{
    std::string id;     ///< of the session
    std::string body;   ///< JSON-RPC; empty: the request's body as it is
    std::string method; ///< read only where a profile needs it
    std::string tool;
};

class SseTransport::StreamHandler final : public Poco::Net::HTTPRequestHandler
{
public:
    StreamHandler(SseTransport& transport, const std::vector<const SseProfile*>& profiles)
        : _transport(transport), _profiles(profiles)
    {
    }

    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse&) override
    {
        const auto& own = dynamic_cast<const MemoryRequest&>(request);
        _transport.open(own.front(), own.memory().park(), _profiles);
    }

private:
    SseTransport& _transport;
    const std::vector<const SseProfile*>& _profiles;
};

class SseTransport::MessageHandler final : public Poco::Net::HTTPRequestHandler
{
public:
    MessageHandler(SseTransport& transport, const SseProfile& profile) : _transport(transport), _profile(profile) {}

    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse&) override
    {
        const auto& own = dynamic_cast<const MemoryRequest&>(request);
        _transport.accept(own.front(), own.memory().park(), _profile);
    }

private:
    SseTransport& _transport;
    const SseProfile& _profile;
};

SseTransport::SseTransport(mcp::Dispatcher& dispatcher, base::Executor& executor, const Settings& settings)
    : _dispatcher(dispatcher), _executor(executor), _mcpPath(settings.mcpPath), _ssePath(settings.ssePath),
      _messagePath(settings.messagePath), _maxMessageBytes(settings.maxMessageBytes),
      _acceptedStatus(settings.acceptedStatus)
{
    for (const std::string& name : settings.sseProfiles)
        _profiles.push_back(&requireSseProfile(name));
}

std::string SseTransport::messagePath(const SseProfile& profile) const
{
    return profile.messagePath.empty() ? _messagePath : std::string(profile.messagePath);
}

void SseTransport::addTo(Router& router)
{
    std::map<std::string, std::vector<const SseProfile*>> streamPaths;
    for (const SseProfile* profile : _profiles)
    {
        streamPaths[profile->streamPath.empty() ? _ssePath : std::string(profile->streamPath)].push_back(profile);
        Route route;
        route.methods = Route::POST;
        route.area = guard::Area::ENDPOINT;
        route.always = true;
        route.bodyBytes = _maxMessageBytes;
        router.add(messagePath(*profile), std::move(route),
                   [self = shared_from_this(), profile] { return std::make_unique<MessageHandler>(*self, *profile); });
    }
    if (std::any_of(_profiles.begin(), _profiles.end(), [](const SseProfile* profile) { return profile->plainPost; }))
        router.wrapDirect(_mcpPath, [this](std::shared_ptr<Endpoint> inner)
                          { return std::make_shared<PlainPost>(_dispatcher, _executor, std::move(inner)); });
    for (const auto& [path, profiles] : streamPaths)
    {
        Route route;
        route.methods = Route::GET;
        route.area = guard::Area::SSE;
        route.always = true;
        router.add(path, std::move(route),
                   [self = shared_from_this(), profiles] { return std::make_unique<StreamHandler>(*self, profiles); });
    }
}

std::size_t SseTransport::streams() const
{
    const std::lock_guard lock(_mutex);
    return _streams.size();
}

void SseTransport::open(const Request& request, const ExchangePtr& exchange,
                        const std::vector<const SseProfile*>& profiles)
{
    const SseProfile& first = *profiles.front();
    const bool chosen = first.idPlace == SseProfile::IdPlace::PATH;
    if (request.head.method != "GET")
        return exchange->refuse(405, "a stream is opened with GET", "Allow: GET, OPTIONS\r\n");
    if (chosen && !isPlainId(request.rest))
        return exchange->refuse(400, "the session id in the path may hold letters, digits, '-', '_' and '.'");
    if (const auto full = exchange->takeStream(request.admission))
        return exchange->refuse(full->status, full->message, RETRY_SOON);

    exchange->form().acceptsStream = true;
    exchange->form().event = first.notificationEvent;
    const std::vector<std::string> wanted = namesIn(queryValue(request.head.query, "events"));
    const bool beats = wanted.empty() || std::find(wanted.begin(), wanted.end(), "heartbeat") != wanted.end();
    exchange->setHeartbeat(beats ? first.heartbeat : std::string_view());
    const auto self = shared_from_this();
    const auto stream = std::make_shared<SseStream>(exchange, profiles, request.admission.principal,
                                                    [self](SseStream& gone, const std::shared_ptr<mcp::Session>& ended)
                                                    { self->forget(gone, ended); });
    const auto session = _dispatcher.openConnectionSession(mcp::Transport::HTTP_SSE, request.admission.principal,
                                                           stream, allowanceOf(request.admission));
    if (!session)
        return exchange->refuse(request.admission.limits.sessions.value_or(0) == 0 ? 503 : 429,
                                "there are too many sessions, or as many of yours as you may have", RETRY_SOON);
    stream->begin(chosen ? std::string(request.rest) : mcp::idOf(*session), session);
    exchange->ofSession(stream->id());

    SseStreamPtr replaced;
    {
        const std::lock_guard lock(_mutex);
        SseStreamPtr& entry = _streams[keyOf(stream->principal(), stream->id())];
        replaced = std::exchange(entry, stream);
    }
    if (replaced)
        replaced->replace(); // the client has come back before its old connection was found dead
    exchange->openStream({}, 0);
    for (const SseProfile* profile : profiles)
        if (!profile->welcomeEvent.empty())
            exchange->sendEvent(profile->welcomeEvent, {}, stream->fill(profile->welcomeData, messagePath(*profile)));
    stream->want(wanted);
    for (const SseProfile* profile : profiles)
        if (!profile->statusEvent.empty())
            stream->sendEvent(profile->statusEvent, stream->fill(STANDS, {}));
    exchange->onDisconnect(stream);
}

void SseTransport::forget(SseStream& stream, const std::shared_ptr<mcp::Session>& session)
{
    SseStreamPtr gone;
    {
        const std::lock_guard lock(_mutex);
        const auto entry = _streams.find(keyOf(stream.principal(), stream.id()));
        if (entry != _streams.end() && entry->second.get() == &stream)
        {
            gone = std::move(entry->second);
            _streams.erase(entry);
        }
    }
    if (session)
        _dispatcher.endConnectionSession(session);
}

SseStreamPtr SseTransport::find(const base::PrincipalPtr& principal, const std::string& id) const
{
    const std::lock_guard lock(_mutex);
    const auto entry = _streams.find(keyOf(principal, id));
    return entry == _streams.end() ? nullptr : entry->second;
}

bool SseTransport::read(const Request& request, const SseProfile& profile, Message& message, std::string& fault) const
{
    if (profile.idPlace == SseProfile::IdPlace::QUERY)
        message.id = queryValue(request.head.query, profile.idName);
    else if (profile.idPlace == SseProfile::IdPlace::PATH)
        message.id = request.rest;
    if (profile.idPlace != SseProfile::IdPlace::BODY && profile.envelope == SseProfile::Envelope::NONE)
    {
        fault = message.id.empty() ? "the session's id is missing" : "";
        return !message.id.empty();
    }
    base::JsonDocumentPtr document;
    try
    {
        document = base::JsonDocument::parse(request.body, base::JsonDocument::Padding::PRESENT);
    }
    catch (const Poco::DataFormatException& exc)
    {
        fault = "Parse error: " + exc.message();
        return false;
    }
    message.id = base::textMember(document->root(), profile.idName);
    if (message.id.empty())
        fault = "the member " + std::string(profile.idName) + " is missing";
    auto content = document->root();
    if (profile.envelope == SseProfile::Envelope::WRAPPED && !base::findMember(document->root(), "message", content))
        fault = "the member message is missing";
    simdjson::dom::object members;
    if (fault.empty() && content.get(members) != simdjson::SUCCESS)
        fault = "the message is no object";
    if (!fault.empty())
        return false;

    message.method = base::textMember(content, "method");
    simdjson::dom::element member;
    if (message.method == "tools/call" && base::findMember(content, "params", member))
        message.tool = base::textMember(member, "name");
    // What belongs to the profile is left out, what JSON-RPC demands is added.
    static std::atomic<std::uint64_t> nextId{1};
    base::JsonWriter writer(message.body);
    writer.beginObject();
    if (!base::findMember(content, "jsonrpc", member))
        writer.member("jsonrpc", "2.0");
    if (profile.envelope == SseProfile::Envelope::WRAPPED && !base::findMember(content, "id", member) &&
        !message.method.starts_with("notifications/"))
        writer.member("id", nextId.fetch_add(1));
    for (const auto& [name, value] : members)
        if (name != profile.idName)
            writer.key(name).value(value);
    writer.endObject();
    return true;
}

void SseTransport::accept(const Request& request, const ExchangePtr& exchange, const SseProfile& profile)
{
    if (!isJson(request.head.header("Content-Type")))
        return refuseMessage(exchange, 415, INVALID_REQUEST, "Content-Type must be application/json");
    Message message;
    std::string fault;
    if (!read(request, profile, message, fault))
        return refuseMessage(exchange, 400, INVALID_REQUEST, fault);
    const SseStreamPtr stream = find(request.admission.principal, message.id);
    if (!stream || !stream->session())
        return refuseMessage(exchange, 404, INVALID_REQUEST, "there is no stream of this session; open one first");

    if (stream->firstMessage() && profile.initializes && message.method != "initialize")
        initialize(stream, request);
    const auto reply = std::make_shared<SseReply>(stream, profile, message.method, message.tool, exchange);
    if (const int status = hand(request, stream, reply, message); status != 0)
        return refuseMessage(exchange, status, LIMIT,
                             status == 429 ? "too many messages of this session wait for their turn"
                                           : "the server has no thread left for this; try again later",
                             RETRY_SOON);
    const std::string rejection = reply->settle();
    if (!rejection.empty())
    {
        const std::string_view part = rejection;
        return exchange->respond(400, "application/json", std::span(&part, 1));
    }
    const int status = _acceptedStatus != 0 ? _acceptedStatus : profile.acceptedStatus;
    const std::string body = status == 204 ? std::string() : stream->fill(profile.acceptedBody, {});
    const std::string_view part = body;
    exchange->respond(status, body.empty() ? std::string_view() : "application/json",
                      body.empty() ? std::span<const std::string_view>() : std::span(&part, 1));
}

void SseTransport::initialize(const SseStreamPtr& stream, const Request& request)
{
    initializeFor(_dispatcher, request, stream->session());
}

int SseTransport::hand(const Request& request, const SseStreamPtr& stream, const std::shared_ptr<SseReply>& reply,
                       const Message& message)
{
    mcp::IncomingMessage incoming;
    incoming.body = message.body.empty() ? request.body : std::string_view(message.body);
    if (message.body.empty())
        incoming.padding = base::JsonDocument::Padding::PRESENT;
    incoming.transport = mcp::Transport::HTTP_SSE;
    incoming.principal = request.admission.principal;
    incoming.headers = &request.head;
    incoming.session = stream->session();
    incoming.clientAddress = request.admission.clientAddress;
    incoming.allowance = allowanceOf(request.admission);
    incoming.mayBlock = false;
    if (_dispatcher.handle(incoming, reply) == mcp::Handled::DONE)
        return 0;
    // What was accepted waits without a connection that holds it back: a client must not fill the queue for the others.
    auto waiting = _waiting.take(keyOf(stream->principal(), stream->id()), MAX_WAITING);
    if (!waiting)
        return 429;
    const auto work = [this, self = shared_from_this(), stream, reply, body = std::string(incoming.body),
                       principal = incoming.principal, holder = std::string(incoming.allowance.holder),
                       allowance = incoming.allowance, waiting = std::move(waiting),
                       headers = std::make_shared<KeptHeaders>(request.head),
                       address = std::string(incoming.clientAddress)]
    {
        mcp::IncomingMessage again;
        again.body = body;
        again.transport = mcp::Transport::HTTP_SSE;
        again.principal = principal;
        again.headers = headers.get();
        again.session = stream->session();
        again.clientAddress = address;
        again.allowance = allowance;
        again.allowance.holder = holder;
        _dispatcher.handle(again, reply);
    };
    try
    {
        _executor.post(work);
    }
    catch (const Poco::Exception&) // the system gives no thread
    {
        return 503;
    }
    return 0;
}

} // namespace tenon::net
