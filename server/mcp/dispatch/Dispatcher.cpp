#include "mcp/dispatch/Dispatcher.h"

#include "base/threads/SteadyClock.h"
#include "mcp/dispatch/Batch.h"
#include "mcp/dispatch/ContextBuilder.h"
#include "mcp/dispatch/Initialization.h"
#include "mcp/dispatch/Observation.h"
#include "mcp/dispatch/Refusals.h"
#include "mcp/dispatch/SessionMessages.h"
#include "mcp/dispatch/SessionRequests.h"
#include "mcp/methods/Methods.h"
#include "mcp/methods/Protocol.h"

#include <memory>
#include <new>
#include <string>
#include <utility>

namespace tenon::mcp
{

using base::JsonDocument;
using jsonrpc::ErrorKind;
using jsonrpc::Message;
using jsonrpc::RpcException;

namespace
{

using enum ProtocolVersion;
using enum RequestParams::Name;
using namespace methods;

/// Those that are called most stand first.
constexpr Method METHODS[] = {
    {"tools/call", V2024_11_05, NEWEST, NAME, true, false, callTool},
    {"tools/list", V2024_11_05, NEWEST, NONE, false, false, listTools},
    {"ping", V2024_11_05, V2025_11_25, NONE, false, false, ping},
    {"logging/setLevel", V2024_11_05, V2025_11_25, NONE, false, false, setLogLevel},
    {"server/discover", V2026_07_28, NEWEST, NONE, false, false, discover},
    {"resources/list", V2024_11_05, NEWEST, NONE, false, false, listResources},
    {"resources/templates/list", V2024_11_05, NEWEST, NONE, false, false, listTemplates},
    {"resources/read", V2024_11_05, NEWEST, URI, true, false, readResource},
    {"resources/subscribe", V2024_11_05, V2025_11_25, NONE, true, false, subscribe},
    {"resources/unsubscribe", V2024_11_05, V2025_11_25, NONE, true, false, unsubscribe},
    {"resources/directory/read", V2026_07_28, NEWEST, NONE, true, false, readDirectory},
    {"subscriptions/listen", V2026_07_28, NEWEST, NONE, true, false, listen},
    {"prompts/list", V2024_11_05, NEWEST, NONE, false, false, listPrompts},
    {"prompts/get", V2024_11_05, NEWEST, NAME, true, false, getPrompt},
    {"completion/complete", V2024_11_05, NEWEST, NONE, true, false, complete},
    {"skills/list", V2026_07_28, NEWEST, NONE, false, false, listSkills},
    {"skills/get", V2026_07_28, NEWEST, NONE, false, false, getSkill},
    {"tasks/get", V2026_07_28, NEWEST, TASK_ID, false, true, getTask},
    {"tasks/update", V2026_07_28, NEWEST, TASK_ID, false, true, updateTask},
    {"tasks/cancel", V2026_07_28, NEWEST, TASK_ID, false, true, cancelTask},
    {"tasks/get", V2025_11_25, V2025_11_25, NONE, false, false, legacyGetTask},
    {"tasks/result", V2025_11_25, V2025_11_25, NONE, false, false, legacyTaskResult},
    {"tasks/list", V2025_11_25, V2025_11_25, NONE, false, false, legacyListTasks},
    {"tasks/cancel", V2025_11_25, V2025_11_25, NONE, false, false, legacyCancelTask},
};

/// The method of that name in a revision; null if the revision has none of it.
const Method* findMethod(std::string_view name, ProtocolVersion version)
{
    for (const Method& method : METHODS)
        if (method.name == name && version >= method.first && version <= method.last)
            return &method;
    return nullptr;
}

constexpr std::size_t TREE_TIMES = 10; // what a tree and its texts take of the message's bytes, at most

/// Whether the method is about one task, which may be another instance's.
bool ofTask(const Method& method)
{
    return method.name.starts_with("tasks/") && method.name != "tasks/list";
}

} // namespace

const std::string& idOf(const Session& session)
{
    return session.id;
}

struct Dispatcher::Impl
{
    explicit Impl(Services& services)
        : protocol(services), received(services.metrics.counter("messages_received_total", "Messages of clients")),
          refusals(protocol.figures,
                   services.metrics.counter("errors_total", "Requests answered with a JSON-RPC error")),
          sessionRequests(protocol, services.metrics.counter("tenon_events_replayed_total",
                                                             "Events sent again to clients that came back"))
    {
        if (services.quotas)
            services.quotas->share("calls", callsOf);
    }

    Handled message(const IncomingMessage& incoming, base::JsonDocumentPtr document, const Message& message,
                    const ResponseSinkPtr& sink, bool inBatch);
    Handled batch(const IncomingMessage& incoming, const base::JsonDocumentPtr& document, const ResponseSinkPtr& sink);
    Handled request(const IncomingMessage& incoming, RequestContext& context, bool inBatch, std::int64_t sinceUs);
    void succeeded(std::string_view method, std::int64_t sinceUs) noexcept;
    void admit(const IncomingMessage& incoming, RequestContext& context, bool inBatch);

    Protocol protocol;
    base::Counter& received;
    const Refusals refusals;
    base::Quota callsOf; ///< in flight, by holder
    SessionRequests sessionRequests;
};

Dispatcher::Dispatcher(Services& services) : _impl(std::make_unique<Impl>(services))
{
    if (_impl->protocol.cluster)
        _impl->protocol.cluster->start({[this](const IncomingMessage& incoming, const ResponseSinkPtr& sink)
                                        { (void)handle(incoming, sink); },
                                        [this] { return _impl->protocol.describe(); }});
}

Dispatcher::~Dispatcher() = default;

Handled Dispatcher::handle(const IncomingMessage& incoming, const ResponseSinkPtr& sink)
{
    if (_impl->protocol.cluster && _impl->protocol.cluster->awaitsSession(incoming, sink))
        return Handled::DONE;
    base::JsonDocumentPtr document;
    try
    {
        document = JsonDocument::parse(incoming.body, incoming.padding);
    }
    catch (const base::JsonException& exc)
    {
        _impl->refusals.unreadable(incoming, exc, sink);
        return Handled::DONE;
    }
    catch (const std::bad_alloc&)
    {
        answerLost(*sink, {}, false);
        return Handled::DONE;
    }
    if (document->root().is_array())
        return _impl->batch(incoming, document, sink);
    const Message message = Message::read(document->root());
    const auto handled = _impl->message(incoming, std::move(document), message, sink, false);
    if (handled == Handled::DONE)
        _impl->received.add(); // what would block comes again
    return handled;
}

Handled Dispatcher::Impl::batch(const IncomingMessage& incoming, const base::JsonDocumentPtr& document,
                                const ResponseSinkPtr& sink)
{
    const simdjson::dom::array messages(document->root());
    if (const std::string fault =
            Batch::faultOf(sessionOf(protocol, incoming).get(), messages.size(), protocol.options.maxBatch);
        !fault.empty())
    {
        refusals.batch(sink, ErrorKind::INVALID_REQUEST, fault);
        return Handled::DONE;
    }
    if (!incoming.mayBlock)
        return Handled::WOULD_BLOCK;

    base::JsonDocumentPtr kept;
    try
    {
        kept = protocol.counted(document, incoming.allowance);
    }
    catch (const RpcException& exc)
    {
        refusals.batch(sink, exc.kind(), exc.message());
        return Handled::DONE;
    }
    const auto collected = std::make_shared<Batch>(sink, messages.size());
    std::vector<ResponseSinkPtr> items; // made before the first is finished: the batch counts them
    for (std::size_t index = 0; index < messages.size(); ++index)
        items.push_back(collected->item());
    std::size_t index = 0;
    received.add(messages.size());
    for (const auto element : messages)
        message(incoming, kept, Message::read(element), items[index++], true);
    return Handled::DONE;
}

/// Who takes the request's context takes the document too, which what is text in `message` borrows.
Handled Dispatcher::Impl::message(const IncomingMessage& incoming, base::JsonDocumentPtr document,
                                  const Message& message, const ResponseSinkPtr& sink, bool inBatch)
{
    RequestContext context;
    context.sink = sink;
    const auto sinceUs = inBatch || incoming.receivedUs == 0 ? base::steadyUs() : incoming.receivedUs;
    context.sinceUs = sinceUs;
    try
    {
        switch (message.kind)
        {
        case Message::Kind::INVALID:
            throw RpcException(ErrorKind::INVALID_REQUEST, "Invalid request: " + message.fault);
        case Message::Kind::RESPONSE:
        case Message::Kind::ERROR_RESPONSE:
            takeResponse(protocol, incoming, document, message, sink);
            return Handled::DONE;
        case Message::Kind::NOTIFICATION:
            takeNotification(protocol, incoming, message);
            sink->finish({});
            return Handled::DONE;
        case Message::Kind::REQUEST:
            break;
        }
        context.document = std::move(document);
        context.id = message.id;
        context.method = message.method;
        if (message.hasParams)
            context.params.read(message.params);
        if (inBatch && message.method == "initialize")
            throw RpcException(ErrorKind::INVALID_REQUEST, "initialize must not be part of a batch");
        return request(incoming, context, inBatch, sinceUs);
    }
    catch (const RpcException& exc)
    {
        refusals.refused({incoming, message, context, sink, sinceUs}, exc);
    }
    catch (const std::exception& exc)
    {
        refusals.failed({incoming, message, context, sink, sinceUs}, exc);
    }
    return Handled::DONE;
}

void Dispatcher::Impl::succeeded(std::string_view method, std::int64_t sinceUs) noexcept
{
    protocol.figures.succeeded(method, static_cast<std::uint64_t>(base::steadyUs() - sinceUs));
}

Handled Dispatcher::Impl::request(const IncomingMessage& incoming, RequestContext& context, bool inBatch,
                                  std::int64_t sinceUs)
{
    auto* const listener = protocol.services.operations;
    std::shared_ptr<ObservedSink> watched; // null: nobody watches
    if (listener && listener->wants())
        watched = observe(*listener, incoming, context);
    if (!fixVersion(protocol, incoming, context))
    {
        if (watched)
            identify(*listener, watched->operation(), nullptr, context);
        initialize(protocol, incoming, context, watched ? &watched->operation() : nullptr);
        succeeded("initialize", sinceUs);
        return Handled::DONE;
    }
    const Method* method = findMethod(context.method, context.version);
    if (watched)
        identify(*listener, watched->operation(), method, context);
    const bool named = method && context.params.find(method->nameParam, context.about);
    if (method && context.sink->logs())
        context.sink->asked(method->name, context.about,
                            context.session ? std::string_view(context.session->id) : std::string_view());
    checkRoutingHeaders(context, named);
    if (!method)
        throw RpcException(ErrorKind::METHOD_NOT_FOUND, "Method not found: " + std::string(context.method) +
                                                            " (in protocol revision " +
                                                            std::string(textOf(context.version)) + ")");
    if (!named && method->nameParam != RequestParams::NONE)
        context.about = context.requireText(RequestParams::NAMES[method->nameParam]);
    if (method->needsTasks && !context.client.tasks)
        throw RpcException(ErrorKind::MISSING_CAPABILITY, "Missing required client capability",
                           R"({"requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}})");
    if (protocol.cluster && ofTask(*method) &&
        protocol.cluster->awaitsTask(context.requireText("taskId"), incoming,
                                     watched ? watched->behind() : context.sink))
    {
        if (watched)
            watched->forget(); // it comes again, here or elsewhere
        return Handled::DONE;
    }
    if (incoming.taskAsked == Asked::NO_ANSWER)
        throw RpcException(ErrorKind::LIMIT, "the task cannot be looked up now; try again");
    const bool large = !incoming.mayBeLarge && !inBatch && protocol.large.expects(context.holder, context.about);
    if (method->mayBlock && (!incoming.mayBlock || large))
    {
        if (watched)
            watched->forget();
        return incoming.mayBlock ? Handled::LARGE : Handled::WOULD_BLOCK;
    }
    if (method->mayBlock)
        admit(incoming, context, inBatch);
    method->run(protocol, context);
    if (!method->mayBlock) // whoever answers for a plugin counts
        succeeded(method->name, sinceUs);
    return Handled::DONE;
}

/// Counts what a call takes before it is made: one of the calls that may be in flight, by sender and in all, and the memory of
/// its message, which a batch counts as a whole. Errors: RpcException: LIMIT (all together have too much) or QUOTA (this
/// sender has).
void Dispatcher::Impl::admit(const IncomingMessage& incoming, RequestContext& context, bool inBatch)
{
    const std::size_t inAll = protocol.options.maxCalls;
    if (inAll && protocol.calls.count() >= inAll)
        throw RpcException(ErrorKind::LIMIT, "too many calls are in flight; try again later");
    context.holder = incoming.allowance.holder;
    context.limits = incoming.allowance.limits;
    // On stdio nobody is told apart from others.
    const auto most = context.holder.empty() ? 0 : context.limits.most(context.limits.callsInFlight, inAll);
    if (most != 0 && !(context.held = callsOf.take(context.holder, most)))
        throw RpcException(ErrorKind::QUOTA, "you have " + std::to_string(most) +
                                                 " calls in flight, which is your limit; wait until one ends");
    if (!inBatch && incoming.body.size() * TREE_TIMES > Protocol::SMALL_DOCUMENT)
        context.document = protocol.counted(std::move(context.document), incoming.allowance);
}

void Dispatcher::openSessionStream(const base::PrincipalPtr& principal, std::string_view sessionId,
                                   std::string_view protocolVersion, std::string_view lastEventId,
                                   const ResponseSinkPtr& sink)
{
    _impl->sessionRequests.openStream(principal, sessionId, protocolVersion, lastEventId, sink);
}

void Dispatcher::endSession(const base::PrincipalPtr& principal, std::string_view sessionId,
                            const ResponseSinkPtr& sink)
{
    _impl->sessionRequests.end(principal, sessionId, sink);
}

SessionPtr Dispatcher::openConnectionSession(Transport transport, const base::PrincipalPtr& principal,
                                             const ResponseSinkPtr& stream, const Allowance& allowance)
{
    return _impl->protocol.sessions.open(principal, transport, stream, allowance);
}

bool Dispatcher::takesSessions() const
{
    return !_impl->protocol.draining && !_impl->protocol.sessions.full();
}

SessionPtr Dispatcher::findConnectionSession(const base::PrincipalPtr& principal, std::string_view sessionId) const
{
    auto session = _impl->protocol.sessions.find(principal, sessionId);
    if (session && session->transport != Transport::HTTP_SSE)
        return nullptr;
    return session;
}

void Dispatcher::endConnectionSession(const SessionPtr& session)
{
    _impl->protocol.sessions.end(session);
}

std::size_t Dispatcher::postElsewhere(std::string_view sessionId, const std::vector<std::string>& fields,
                                      const std::function<ResponseSinkPtr()>& sinkFor)
{
    const auto& cluster = _impl->protocol.cluster;
    return cluster ? cluster->post(sessionId, fields, sinkFor) : 0;
}

void Dispatcher::takePosts(
    std::function<void(const std::vector<std::string>& fields, const ResponseSinkPtr& sink)> taker)
{
    if (const auto& cluster = _impl->protocol.cluster)
        cluster->onPost(std::move(taker));
}

void Dispatcher::drain(std::uint32_t retryMs)
{
    _impl->protocol.drain(retryMs);
}

void Dispatcher::endAllSessions(std::uint32_t retryMs)
{
    _impl->protocol.endAll(retryMs);
}

std::size_t Dispatcher::callsInFlight() const
{
    return _impl->protocol.calls.count();
}

Protocol& Dispatcher::protocol()
{
    return _impl->protocol;
}

} // namespace tenon::mcp
