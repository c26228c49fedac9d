#include "net/mcp/SseTransport.h"

#include "base/text/KeptHeaderFields.h"
#include "net/connection/Exchange.h"
#include "net/connection/FrontState.h"
#include "net/http/Negotiation.h"
#include "net/mcp/McpEndpoint.h"
#include "net/mcp/PlainPost.h"
#include "net/mcp/SseMessage.h"
#include "net/route/MemoryRequest.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/NumberParser.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr auto INVALID_REQUEST = jsonrpc::ErrorKind::INVALID_REQUEST;
constexpr auto LIMIT = jsonrpc::ErrorKind::LIMIT;
constexpr std::size_t MAX_WAITING = 256; // messages of one session
constexpr std::size_t KEPT_BYTES = 4096; // of a message that waits, beside its body

/// The headers of a request that has gone when its message is handled.
std::shared_ptr<const base::KeptHeaderFields> keptHeaders(const RequestHead& head)
{
    const auto kept = std::make_shared<base::KeptHeaderFields>();
    for (std::size_t i = 0; i < head.fieldCount(); ++i)
        kept->add(head.field(i).name, head.field(i).value);
    return kept;
}

/// What travels of a POST to the instance that has the stream.
struct Posted
{
    enum Field : std::size_t
    {
        PROFILE,
        ID,
        METHOD,
        TOOL,
        BODY,
        PRINCIPAL,
        ADDRESS,
        COUNT
    };
};

/// The answer to a POST that other instances were asked to take: the first that took it, or that nobody did.
class PostedElsewhere final : public std::enable_shared_from_this<PostedElsewhere>
{
public:
    explicit PostedElsewhere(ExchangePtr exchange) : _exchange(std::move(exchange)) {}

    /// For one more instance.
    [[nodiscard]] mcp::ResponseSinkPtr next()
    {
        ++_left;
        return std::make_shared<One>(shared_from_this());
    }

    /// No more come.
    void allAsked() { refused(); }

private:
    class One final : public mcp::ResponseSink
    {
    public:
        explicit One(std::shared_ptr<PostedElsewhere> all) : _all(std::move(all)) {}
        [[nodiscard]] bool streams() const override { return false; }
        void openStream(std::string_view, std::uint32_t) override {}
        bool send(std::string_view, std::string_view) override { return true; }
        bool send(const std::shared_ptr<const std::string>&, std::string_view) override { return true; }
        [[nodiscard]] bool closed() const override { return _ended; }
        void onDisconnect(std::weak_ptr<mcp::DisconnectListener>) override {}
        void close(std::uint32_t) override
        {
            if (!_ended.exchange(true))
                _all->refused();
        }
        void finish(const mcp::Answer& answer) override
        {
            if (_ended.exchange(true))
                return;
            std::string text;
            for (const auto part : answer.parts)
                text += part;
            _all->answered(text);
        }

    private:
        const std::shared_ptr<PostedElsewhere> _all;
        std::atomic<bool> _ended{false};
    };

    /// Shape: "<status>\n<body>".
    void answered(const std::string& text)
    {
        if (_answered.exchange(true))
            return;
        const auto line = text.find('\n');
        int status = 503;
        if (line == std::string::npos || !Poco::NumberParser::tryParse(text.substr(0, line), status))
            return refuseMessage(_exchange, 503, LIMIT, "the stream's instance cannot take it now", RETRY_SOON);
        const std::string body = text.substr(line + 1);
        const std::string_view part = body;
        _exchange->respond(status, body.empty() ? std::string_view() : "application/json",
                           body.empty() ? std::span<const std::string_view>() : std::span(&part, 1));
    }

    void refused()
    {
        if (--_left == 0 && !_answered.exchange(true))
            refuseMessage(_exchange, 404, INVALID_REQUEST, "there is no stream of this session; open one first");
    }

    const ExchangePtr _exchange;
    std::atomic<std::size_t> _left{1}; ///< instances that may take it, and who asks them
    std::atomic<bool> _answered{false};
};

} // namespace

/// GET on the path of streams, or on the one for polling.
class SseTransport::StreamHandler final : public Poco::Net::HTTPRequestHandler
{
public:
    using Serve = void (SseStreams::*)(const Request&, const ExchangePtr&, const SseStream::Profiles&);

    StreamHandler(SseStreams& streams, const SseStream::Profiles& profiles, Serve serve)
        : _streams(streams), _profiles(profiles), _serve(serve)
    {
    }

    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse&) override
    {
        const auto& own = dynamic_cast<const MemoryRequest&>(request);
        (_streams.*_serve)(own.front(), own.memory().park(), _profiles);
    }

private:
    SseStreams& _streams;
    const SseStream::Profiles& _profiles;
    const Serve _serve;
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

SseTransport::SseTransport(const Services& services, const Settings& settings)
    : _services(services), _mcpPath(settings.mcpPath), _ssePath(settings.ssePath),
      _maxMessageBytes(settings.maxMessageBytes), _acceptedStatus(settings.acceptedStatus),
      _streams(std::make_shared<SseStreams>(services.dispatcher, services.timers, services.budget, settings)),
      _durations(requestDurations(services.metrics))
{
    for (const std::string& name : settings.sseProfiles)
        _profiles.push_back(&requireSseProfile(name));
    if (std::any_of(_profiles.begin(), _profiles.end(), [](const SseProfile* profile) { return profile->resumes; }))
        _streams->watch();
}

void SseTransport::addTo(Router& router)
{
    _services.dispatcher.takePosts(
        [weak = weak_from_this()](const std::vector<std::string>& fields, const mcp::ResponseSinkPtr& sink)
        {
            if (const auto self = weak.lock(); self && fields.size() == Posted::COUNT)
                self->acceptFor(fields, sink);
            else
                sink->close(0);
        });
    std::map<std::string, SseStream::Profiles> streamPaths, pollPaths;
    for (const SseProfile* profile : _profiles)
    {
        streamPaths[profile->streamPath.empty() ? _ssePath : std::string(profile->streamPath)].push_back(profile);
        if (!profile->pollPath.empty())
            pollPaths[std::string(profile->pollPath)].push_back(profile);
        Route route;
        route.methods = Route::POST;
        route.area = guard::Area::ENDPOINT;
        route.always = true;
        route.bodyBytes = _maxMessageBytes;
        router.add(_streams->messagePath(*profile), std::move(route),
                   [self = shared_from_this(), profile] { return std::make_unique<MessageHandler>(*self, *profile); });
    }
    if (std::any_of(_profiles.begin(), _profiles.end(), [](const SseProfile* profile) { return profile->plainPost; }))
        router.wrapDirect(
            _mcpPath, [this](std::shared_ptr<Endpoint> inner)
            { return std::make_shared<PlainPost>(_services.dispatcher, _services.executor, std::move(inner)); });
    const auto add = [&](const std::map<std::string, SseStream::Profiles>& paths, StreamHandler::Serve serve)
    {
        for (const auto& [path, sharing] : paths)
        {
            const auto profiles = std::make_shared<const SseStream::Profiles>(sharing);
            Route route;
            route.methods = Route::GET;
            route.area = guard::Area::SSE;
            route.always = true;
            router.add(path, std::move(route),
                       [self = shared_from_this(), profiles, serve]
                       { return std::make_unique<StreamHandler>(*self->_streams, *profiles, serve); });
        }
    };
    add(streamPaths, &SseStreams::open);
    add(pollPaths, &SseStreams::poll);
}

void SseTransport::accept(const Request& request, const ExchangePtr& exchange, const SseProfile& profile)
{
    if (!isJson(request.head.header(base::Field::CONTENT_TYPE)))
        return refuseMessage(exchange, 415, INVALID_REQUEST, "Content-Type must be application/json");
    SseMessage message;
    std::string fault;
    if (!message.read(request, profile, fault))
        return refuseMessage(exchange, 400, INVALID_REQUEST, fault);
    const SseStreamPtr stream = _streams->find(request.admission.principal, message.id);
    if ((!stream || !stream->session()) && handElsewhere(request, exchange, profile, message))
        return;
    if (!stream || !stream->session())
        return refuseMessage(exchange, 404, INVALID_REQUEST, "there is no stream of this session; open one first");

    beginSession(*stream, stream->session(), profile, message.method, request.admission.principal,
                 request.admission.clientAddress);
    const auto reply = std::make_shared<SseReply>(stream, profile, message.method, message.tool, exchange, _durations);
    if (const int status = hand(request, exchange, stream, reply, message); status != 0)
        return refuseMessage(exchange, status, LIMIT,
                             status == 429 ? "too many messages of this session wait for their turn"
                                           : "the server has no room for this now; try again later",
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

bool SseTransport::handElsewhere(const Request& request, const ExchangePtr& exchange, const SseProfile& profile,
                                 const SseMessage& message)
{
    const auto asked = std::make_shared<PostedElsewhere>(exchange);
    const std::string body(message.body.empty() ? request.body : std::string_view(message.body));
    const std::vector<std::string> fields = {std::string(profile.name),
                                             std::string(message.id),
                                             std::string(message.method),
                                             std::string(message.tool),
                                             body,
                                             request.admission.principal->id,
                                             std::string(request.admission.clientAddress)};
    if (_services.dispatcher.postElsewhere(message.id, fields, [&] { return asked->next(); }) == 0)
        return false;
    asked->allAsked();
    return true;
}

void SseTransport::acceptFor(const std::vector<std::string>& fields, const mcp::ResponseSinkPtr& sink)
{
    const auto profile =
        std::find_if(_profiles.begin(), _profiles.end(),
                     [&](const SseProfile* candidate) { return candidate->name == fields[Posted::PROFILE]; });
    const auto owner = std::make_shared<base::Principal>();
    owner->id = fields[Posted::PRINCIPAL];
    const SseStreamPtr stream = _streams->find(owner, fields[Posted::ID]);
    const auto session = stream ? stream->session() : nullptr;
    if (profile == _profiles.end() || !session)
        return sink->close(0);
    mcp::IncomingMessage incoming;
    incoming.transport = mcp::Transport::HTTP_SSE;
    incoming.principal = stream->principal();
    incoming.session = session;
    incoming.clientAddress = fields[Posted::ADDRESS];
    beginSession(*stream, session, **profile, fields[Posted::METHOD], incoming.principal, incoming.clientAddress);
    const base::HeaderFields none;
    incoming.headers = &none;
    incoming.body = fields[Posted::BODY];
    const auto reply = std::make_shared<SseReply>(stream, **profile, fields[Posted::METHOD], fields[Posted::TOOL],
                                                  nullptr, _durations);
    (void)_services.dispatcher.handle(incoming, reply);
    const std::string rejection = reply->settle();
    const int accepted = _acceptedStatus != 0 ? _acceptedStatus : (*profile)->acceptedStatus;
    const std::string status = std::to_string(rejection.empty() ? accepted : 400) + '\n';
    const std::string body = !rejection.empty() ? rejection
                             : accepted == 204  ? std::string()
                                                : stream->fill((*profile)->acceptedBody, {});
    const std::array<std::string_view, 2> parts = {status, body};
    mcp::Answer answer;
    answer.parts = parts;
    sink->finish(answer);
}

void SseTransport::beginSession(SseStream& stream, const std::shared_ptr<mcp::Session>& session,
                                const SseProfile& profile, std::string_view method, const base::PrincipalPtr& principal,
                                std::string_view clientAddress)
{
    stream.onFirstMessage(
        [&]
        {
            if (profile.initializes && method != "initialize")
                initializeFor(_services.dispatcher, principal, clientAddress, session);
        });
}

int SseTransport::hand(const Request& request, const ExchangePtr& exchange, const SseStreamPtr& stream,
                       const std::shared_ptr<SseReply>& reply, const SseMessage& message)
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
    incoming.allowance = {request.admission.holder, request.admission.limits};
    incoming.mayBlock = false;
    if (_services.dispatcher.handle(incoming, reply) == mcp::Handled::DONE)
        return 0;
    // What was accepted waits without a connection that holds it back: a client must not fill the queue for the others.
    auto waiting = _waiting.take(stream->key(), MAX_WAITING);
    if (!waiting)
        return 429;
    const auto memory =
        std::make_shared<base::HolderShare>(exchange->keepsFor(request.admission.holder, request.admission.limits));
    if (!memory->tryResize(incoming.body.size() + KEPT_BYTES))
        return 503;
    const auto work = [this, self = shared_from_this(), stream, reply, body = std::string(incoming.body),
                       principal = incoming.principal, holder = std::string(incoming.allowance.holder),
                       allowance = incoming.allowance, waiting = std::move(waiting), memory,
                       headers = keptHeaders(request.head), address = std::string(incoming.clientAddress)]
    {
        mcp::IncomingMessage again;
        again.body = body;
        again.transport = mcp::Transport::HTTP_SSE;
        again.principal = principal;
        again.headers = &headers->fields();
        again.session = stream->session();
        again.clientAddress = address;
        again.allowance = allowance;
        again.allowance.holder = holder;
        _services.dispatcher.handle(again, reply);
    };
    try
    {
        _services.executor.post(work);
    }
    catch (const Poco::Exception&) // the system gives no thread
    {
        return 503;
    }
    return 0;
}

} // namespace tenon::net
