#include "mcp/dispatch/Dispatcher.h"

#include "base/json/JsonScan.h"
#include "base/json/JsonWriter.h"
#include "base/text/LogEscape.h"
#include "base/text/RandomId.h"
#include "base/threads/SteadyClock.h"
#include "base/threads/ThreadRoot.h"
#include "jsonrpc/Envelope.h"
#include "mcp/calls/Call.h"
#include "mcp/dispatch/Batch.h"
#include "mcp/dispatch/ContextBuilder.h"
#include "mcp/messages/MirroredHeaders.h"
#include "mcp/messages/ObservedSink.h"
#include "mcp/methods/Methods.h"
#include "mcp/methods/Protocol.h"
#include "mcp/revisions/Definitions.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>
#include <Poco/NumberParser.h>

#include <array>
#include <new>

namespace tenon::mcp
{

using base::findMember;
using base::JsonDocument;
using jsonrpc::ErrorKind;
using jsonrpc::Message;
using jsonrpc::RpcException;

namespace
{

Poco::Logger& logger()
{
    static Poco::Logger& instance = Poco::Logger::get("tenon.mcp");
    return instance;
}

void finishError(const ResponseSinkPtr& sink, ErrorKind kind, std::string_view id, std::string_view message,
                 bool modern = false, std::string_view data = {})
{
    std::string text;
    jsonrpc::appendError(text, id, kind, modern, message, data);
    const std::array<std::string_view, 1> parts = {text};
    Answer answer;
    answer.parts = parts;
    answer.error = kind;
    answer.modern = modern;
    sink->finish(answer);
}

/// What a text has that JSON has not, if it were JSON without it: whoever sent that has a serialiser, and waits for an answer
/// under an id. Empty for any other fault.
std::string foreignIn(std::string_view body)
{
    if (!simdjson::validate_utf8(body.data(), body.size()))
        return "the text is not valid UTF-8";
    try
    {
        (void)JsonDocument::parse(base::withoutForeignNumbers(body));
        return "NaN and Infinity have no form in JSON";
    }
    catch (const base::JsonException&)
    {
        return {};
    }
}

/// The id of a message that cannot be read as a whole, so that whoever waits for its answer gets one; empty if there is
/// none.
std::string idWithin(std::string_view body)
{
    std::string id;
    try
    {
        const auto member = JsonDocument::parse(std::string(base::topLevelMember(body, "id")));
        (void)jsonrpc::readId(member->root(), id); // one that is refused is answered under it, too
    }
    catch (const base::JsonException&)
    {
        id.clear();
    }
    return id;
}

/// Puts a watcher before the sink, if anybody watches; null: nobody does.
std::shared_ptr<ObservedSink> watch(OperationListener* listener, const IncomingMessage& incoming,
                                    RequestContext& context)
{
    if (!listener || !listener->wants())
        return nullptr;
    auto watched = std::make_shared<ObservedSink>(context.sink, *listener);
    Operation& operation = watched->operation();
    operation.method = context.method;
    operation.requestId = context.id;
    operation.principal = incoming.principal->name;
    operation.clientAddress = incoming.clientAddress;
    operation.transport = incoming.transport;
    context.sink = watched;
    return watched;
}

/// What is known of a watched request before its method runs.
void identify(OperationListener& listener, Operation& operation, const Method* method, RequestContext& context)
{
    constexpr std::size_t TRACE_AT = 3, TRACE_DIGITS = 32;
    if (context.session || context.modern()) // initialize has yet to agree on one
        operation.protocolVersion = textOf(context.version);
    if (context.session)
        operation.sessionId = context.session->id;
    if (method && !method->nameParam.empty())
        operation.name = context.params.text(method->nameParam);
    if (!context.trace.traceparent.empty())
        operation.traceId = context.trace.traceparent.substr(TRACE_AT, TRACE_DIGITS);
    listener.begins(operation, context.trace);
}

/// Whether the method is about one task, which may be another instance's.
bool ofTask(const Method& method)
{
    return method.name.starts_with("tasks/") && method.name != "tasks/list";
}

/// What other instances see of this one.
std::string describe(Protocol& protocol)
{
    std::string text;
    base::JsonWriter(text)
        .beginObject()
        .member("version", TENON_VERSION)
        .member("sessions", protocol.sessions.count())
        .member("callsInFlight", protocol.calls.count())
        .member("streams", protocol.subscriptions.listeners.count())
        .member("tools", protocol.services.catalogue.current()->tools.size())
        .member("draining", protocol.draining.load())
        .endObject();
    return text;
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
          errors(services.metrics.counter("errors_total", "Requests answered with a JSON-RPC error")),
          replayed(
              services.metrics.counter("tenon_events_replayed_total", "Events sent again to clients that came back"))
    {
        if (services.quotas)
            services.quotas->share("calls", calls);
    }

    Handled message(const IncomingMessage& incoming, const base::JsonDocumentPtr& document, const Message& message,
                    const ResponseSinkPtr& sink, bool inBatch);
    void unreadable(const IncomingMessage& incoming, const base::JsonException& why, const ResponseSinkPtr& sink);
    void refuse(const IncomingMessage& incoming, const Message& message, const ResponseSinkPtr& sink, ErrorKind kind,
                const std::string& why, bool modern, std::string_view data = {});
    Handled batch(const IncomingMessage& incoming, const base::JsonDocumentPtr& document, const ResponseSinkPtr& sink);
    Handled request(const IncomingMessage& incoming, RequestContext& context, bool inBatch);
    void initialize(const IncomingMessage& incoming, const RequestContext& context, Operation* watched);
    void notification(const SessionPtr& session, const Message& message);
    template <typename Refuse>
    void orLost(const IncomingMessage& incoming, const Message& message, const RequestContext& context,
                const ResponseSinkPtr& sink, Refuse refuse) noexcept;
    void failed(const RequestContext& context, ErrorKind kind, std::int64_t sinceUs);
    void takeCall(const IncomingMessage& incoming, RequestContext& context);
    [[nodiscard]] base::JsonDocumentPtr counted(const IncomingMessage& incoming, base::JsonDocumentPtr document);
    void withSession(const base::PrincipalPtr& principal, std::string_view sessionId, const ResponseSinkPtr& sink,
                     const std::function<void(const SessionPtr&)>& then);
    void openStream(const SessionPtr& session, const std::string& lastEventId, const ResponseSinkPtr& sink);

    base::Quota calls; ///< by holder
    Protocol protocol;
    base::Counter& received;
    base::Counter& errors;
    base::Counter& replayed;
};

Dispatcher::Dispatcher(Services& services) : _impl(std::make_unique<Impl>(services))
{
    if (_impl->protocol.cluster)
        _impl->protocol.cluster->start({[this](const IncomingMessage& incoming, const ResponseSinkPtr& sink)
                                        { (void)handle(incoming, sink); },
                                        nullptr, [this] { return describe(_impl->protocol); }});
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
        _impl->unreadable(incoming, exc, sink);
        return Handled::DONE;
    }
    catch (const std::bad_alloc&)
    {
        answerLost(*sink, {}, false);
        return Handled::DONE;
    }
    if (document->root().is_array())
        return _impl->batch(incoming, document, sink);
    const auto handled = _impl->message(incoming, document, Message::read(document->root()), sink, false);
    if (handled == Handled::DONE)
        _impl->received.add(); // what would block comes again
    return handled;
}

/// What may well be a message, but is not taken, is answered under its id, or not at all if it has none to be answered
/// under: whoever asked would wait for ever.
void Dispatcher::Impl::unreadable(const IncomingMessage& incoming, const base::JsonException& why,
                                  const ResponseSinkPtr& sink)
{
    errors.add();
    const bool malformed = why.kind() == base::JsonException::Kind::MALFORMED;
    const std::string foreign = malformed ? foreignIn(incoming.body) : std::string();
    if (malformed && foreign.empty())
        return finishError(sink, ErrorKind::PARSE, {}, "Parse error: " + why.message());
    const std::string id = idWithin(incoming.body);
    const bool asks = !base::topLevelMember(incoming.body, "method").empty();
    if (asks && id.empty() && incoming.transport != Transport::STREAMABLE_HTTP)
        return sink->finish({}); // a notification
    finishError(sink, malformed ? ErrorKind::PARSE : ErrorKind::INVALID_REQUEST, asks ? id : std::string(),
                malformed ? "Parse error: malformed JSON: " + foreign : "Invalid request: " + why.message());
}

Handled Dispatcher::Impl::batch(const IncomingMessage& incoming, const base::JsonDocumentPtr& document,
                                const ResponseSinkPtr& sink)
{
    const auto session = sessionOf(protocol, incoming);
    const auto refuse = [&](const std::string& why)
    {
        errors.add();
        finishError(sink, ErrorKind::INVALID_REQUEST, {}, why);
        return Handled::DONE;
    };
    const simdjson::dom::array messages(document->root());
    if (!session || session->version() != ProtocolVersion::V2025_03_26)
        return refuse("batches are part of protocol revision 2025-03-26 only; send one message at a time");
    if (messages.size() == 0)
        return refuse("the batch is empty");
    if (messages.size() > protocol.options.maxBatch)
        return refuse("the batch has more than " + std::to_string(protocol.options.maxBatch) + " messages");
    if (!incoming.mayBlock)
        return Handled::WOULD_BLOCK;

    base::JsonDocumentPtr kept;
    try
    {
        kept = counted(incoming, document);
    }
    catch (const RpcException& exc)
    {
        errors.add();
        finishError(sink, exc.kind(), {}, exc.message());
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

Handled Dispatcher::Impl::message(const IncomingMessage& incoming, const base::JsonDocumentPtr& document,
                                  const Message& message, const ResponseSinkPtr& sink, bool inBatch)
{
    RequestContext context;
    context.sink = sink;
    const auto sinceUs = base::steadyUs();
    try
    {
        switch (message.kind)
        {
        case Message::Kind::INVALID:
            throw RpcException(ErrorKind::INVALID_REQUEST, "Invalid request: " + message.fault);
        case Message::Kind::RESPONSE:
        case Message::Kind::ERROR_RESPONSE:
        {
            const auto session = requireSession(protocol, incoming);
            if (!message.id.empty() && !session->respond(message, document))
            {
                logger().debug("a response to no request of this instance: id " + message.id);
                if (protocol.cluster)
                {
                    protocol.cluster->respond(*session, message, [sink] { sink->finish({}); });
                    return Handled::DONE;
                }
            }
            sink->finish({});
            return Handled::DONE;
        }
        case Message::Kind::NOTIFICATION:
            if (const auto session = notifier(protocol, incoming, message))
                notification(session, message);
            sink->finish({});
            return Handled::DONE;
        case Message::Kind::REQUEST:
            break;
        }
        context.document = document;
        context.id = message.id;
        context.method = message.method;
        if (message.hasParams)
            context.params = base::JsonMembers(message.params);
        if (inBatch && message.method == "initialize")
            throw RpcException(ErrorKind::INVALID_REQUEST, "initialize must not be part of a batch");
        const auto handled = request(incoming, context, inBatch);
        if (handled == Handled::DONE && !context.entersPlugins)
            protocol.figures.succeeded(message.method, static_cast<std::uint64_t>(base::steadyUs() - sinceUs));
        return handled;
    }
    catch (const RpcException& exc)
    {
        orLost(incoming, message, context, sink,
               [&](const ResponseSinkPtr& to)
               {
                   failed(context, exc.kind(), sinceUs);
                   refuse(incoming, message, to, exc.kind(), exc.message(), context.modern() && context.hasMeta,
                          exc.data());
               });
    }
    catch (const std::exception& exc)
    {
        orLost(incoming, message, context, sink,
               [&](const ResponseSinkPtr& to)
               {
                   const std::string id = base::randomId(12);
                   const auto* poco = dynamic_cast<const Poco::Exception*>(&exc);
                   logger().error("error " + id + " in " + base::forLog(message.method) + ": " +
                                  (poco ? poco->displayText() : std::string(exc.what())));
                   failed(context, ErrorKind::INTERNAL, sinceUs);
                   refuse(incoming, message, to, ErrorKind::INTERNAL, "Internal error " + id, context.modern());
               });
    }
    return Handled::DONE;
}

/// Refuses; if that fails too, for want of memory, whoever asked is told so.
template <typename Refuse>
void Dispatcher::Impl::orLost(const IncomingMessage& incoming, const Message& message, const RequestContext& context,
                              const ResponseSinkPtr& sink, Refuse refuse) noexcept
{
    // Who took the context may have failed to answer.
    const ResponseSinkPtr& to = context.sink ? context.sink : sink;
    if (base::threadRoot("the refusal of a message", [&] { refuse(to); }))
        return;
    const bool silent = message.notifies && incoming.transport != Transport::STREAMABLE_HTTP;
    if (silent)
        base::threadRoot("the end of a notification", [&] { to->finish({}); });
    else
        answerLost(*to, message.answerable ? std::string_view(message.id) : std::string_view(), context.modern());
}

/// A notification is never answered, but for HTTP, which has to say something; what is wrong with a response is told
/// without the id, which is one of ours.
void Dispatcher::Impl::refuse(const IncomingMessage& incoming, const Message& message, const ResponseSinkPtr& sink,
                              ErrorKind kind, const std::string& why, bool modern, std::string_view data)
{
    errors.add();
    if (message.notifies && incoming.transport != Transport::STREAMABLE_HTTP)
        return sink->finish({});
    finishError(sink, kind, message.answerable ? std::string_view(message.id) : std::string_view(), why, modern, data);
}

void Dispatcher::Impl::failed(const RequestContext& context, ErrorKind kind, std::int64_t sinceUs)
{
    if (!context.id.empty()) // a request
        protocol.figures.failed(context.method, {}, std::to_string(jsonrpc::codeOf(kind, context.modern())),
                                static_cast<std::uint64_t>(base::steadyUs() - sinceUs));
}

Handled Dispatcher::Impl::request(const IncomingMessage& incoming, RequestContext& context, bool inBatch)
{
    auto* const listener = protocol.services.operations;
    const auto watched = watch(listener, incoming, context);
    if (!fixVersion(protocol, incoming, context))
    {
        if (watched)
            identify(*listener, watched->operation(), nullptr, context);
        initialize(incoming, context, watched ? &watched->operation() : nullptr);
        return Handled::DONE;
    }
    const Method* method = findMethod(context.method, context.version);
    if (watched)
        identify(*listener, watched->operation(), method, context);
    if (method && context.sink->logs())
    {
        std::string_view name;
        if (!method->nameParam.empty())
            name = context.params.text(method->nameParam);
        context.sink->asked(method->name, name,
                            context.session ? std::string_view(context.session->id) : std::string_view());
    }
    if (context.modern() && incoming.headers)
        checkMethodHeader(*incoming.headers, context.method);
    if (!method)
        throw RpcException(ErrorKind::METHOD_NOT_FOUND, "Method not found: " + std::string(context.method) +
                                                            " (in protocol revision " +
                                                            std::string(textOf(context.version)) + ")");
    if (context.modern() && incoming.headers && !method->nameParam.empty())
        checkNameHeader(*incoming.headers, context.requireText(method->nameParam));
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
    if (method->mayBlock && !incoming.mayBlock)
    {
        if (watched)
            watched->forget();
        return Handled::WOULD_BLOCK;
    }
    context.entersPlugins = method->mayBlock;
    if (method->mayBlock)
    {
        takeCall(incoming, context);
        if (!inBatch) // which is counted as a whole
            context.document = counted(incoming, std::move(context.document));
    }
    method->run(protocol, context);
    return Handled::DONE;
}

/// Counts a call before it is made. Errors: RpcException.
void Dispatcher::Impl::takeCall(const IncomingMessage& incoming, RequestContext& context)
{
    if (protocol.options.maxCalls && protocol.calls.count() >= protocol.options.maxCalls)
        throw RpcException(ErrorKind::LIMIT, "too many calls are in flight; try again later");
    context.holder = incoming.allowance.holder;
    context.limits = incoming.allowance.limits;
    const auto& limits = incoming.allowance.limits;
    // On stdio nobody is told apart from others.
    const auto most = context.holder.empty() ? 0 : limits.most(limits.callsInFlight, protocol.options.maxCalls);
    if (most == 0)
        return;
    context.held = calls.take(incoming.allowance.holder, most);
    if (!context.held)
        throw RpcException(ErrorKind::QUOTA, "you have " + std::to_string(most) +
                                                 " calls in flight, as many as you may; wait until one has ended");
}

/// The document, counted as long as anybody keeps it. Small ones are not: calls are counted, too. Errors: RpcException.
base::JsonDocumentPtr Dispatcher::Impl::counted(const IncomingMessage& incoming, base::JsonDocumentPtr document)
{
    constexpr std::size_t SMALL = 4096;
    const std::size_t bytes = document->bytes();
    if (bytes <= SMALL)
        return document;
    struct Counted
    {
        base::JsonDocumentPtr document;
        base::HolderShare share;
    };
    const auto kept = std::make_shared<Counted>(
        Counted{std::move(document), protocol.memory.shareOf(incoming.allowance.holder, incoming.allowance.limits)});
    if (kept->share.tryResize(bytes))
        return {kept, kept->document.get()};
    if (protocol.memory.full(bytes))
        throw RpcException(ErrorKind::LIMIT, "limits.memoryMb is used up; try again later");
    throw RpcException(ErrorKind::QUOTA, "your calls and tasks take as much memory as they may; wait until one has "
                                         "ended, or send less");
}

void Dispatcher::Impl::initialize(const IncomingMessage& incoming, const RequestContext& context, Operation* watched)
{
    JsonDocument::Element capabilities, info;
    const auto requested = context.requireText("protocolVersion");
    const auto known = versionOf(requested);
    const auto version = known && !isModern(*known) ? *known : NEWEST_LEGACY;
    ClientCapabilities client;
    if (context.param("capabilities", capabilities))
        client = ClientCapabilities::read(capabilities, version);
    std::string clientName;
    if (context.param("clientInfo", info))
        clientName = base::forLog(std::string(base::textMember(info, "name")) + ' ' +
                                  std::string(base::textMember(info, "version")));

    const bool http = incoming.transport == Transport::STREAMABLE_HTTP;
    auto session = http ? protocol.sessions.open(incoming.principal, incoming.transport, nullptr, incoming.allowance)
                        : incoming.session;
    if (!session && protocol.draining)
        throw RpcException(ErrorKind::LIMIT, "the server is shutting down; connect again");
    if (!session && protocol.sessions.full())
        throw RpcException(ErrorKind::LIMIT, "too many sessions; try again later");
    if (!session)
        throw RpcException(ErrorKind::QUOTA,
                           "you have as many sessions as you may; end one (DELETE), or try again later");
    if (!session->initialize(version, client, clientName))
        throw RpcException(ErrorKind::INVALID_REQUEST, "the session is initialized already");
    session->touch();
    if (watched) // before it is answered
    {
        watched->protocolVersion = textOf(version);
        watched->sessionId = session->id;
    }
    if (context.sink->logs())
        context.sink->asked("initialize", {}, session->id);
    if (logger().information())
        logger().information("session opened session=" + session->id.substr(0, 8) +
                             " principal=" + incoming.principal->name + " client=" + clientName + " revision=" +
                             std::string(textOf(version)) + " address=" + std::string(incoming.clientAddress));

    std::string text;
    jsonrpc::appendResponseHead(text, context.id);
    base::JsonWriter writer(text);
    writer.beginObject().member("protocolVersion", textOf(version));
    writer.rawMember("capabilities", serverCapabilities(protocol, version, context.identified())).key("serverInfo");
    std::string implementation;
    appendFor(implementation, version, Shape::IMPLEMENTATION,
              JsonDocument::parse(protocol.options.implementation)->root());
    writer.raw(implementation);
    if (!protocol.options.instructions.empty())
        writer.member("instructions", protocol.options.instructions);
    writer.endObject();
    text += jsonrpc::RESPONSE_END;
    const auto finish = [text = std::move(text), sink = context.sink, session, http]
    {
        const std::array<std::string_view, 1> parts = {text};
        Answer answer;
        answer.parts = parts;
        if (http)
            answer.sessionId = session->id;
        sink->finish(answer);
    };
    if (http && protocol.cluster) // the client's next message may go to another instance
        return protocol.cluster->agreed(session, finish);
    finish();
}

void Dispatcher::Impl::notification(const SessionPtr& session, const Message& message)
{
    if (message.method != "notifications/cancelled" || !message.hasParams)
        return; // the others ask for nothing
    JsonDocument::Element requestId;
    std::string id;
    if (!findMember(message.params, "requestId", requestId) || !jsonrpc::readId(requestId, id))
        return;
    const auto reason = base::textMember(message.params, "reason");
    if (const auto request = session->running(id))
        request->withdraw(reason);
    else if (!protocol.subscriptions.listeners.cancel(*session, id) && protocol.cluster)
        protocol.cluster->cancel(*session, id, reason);
}

void Dispatcher::openSessionStream(const base::PrincipalPtr& principal, std::string_view sessionId,
                                   std::string_view protocolVersion, std::string_view lastEventId,
                                   const ResponseSinkPtr& sink)
{
    if (sessionId.empty())
        return finishError(sink, ErrorKind::SESSION_REQUIRED, {},
                           "send the header Mcp-Session-Id that initialize gave");
    const auto known = versionOf(protocolVersion);
    if (!protocolVersion.empty() && (!known || isModern(*known)))
        return finishError(sink, ErrorKind::BAD_VERSION_HEADER, {},
                           "MCP-Protocol-Version must name a revision with sessions, such as 2025-11-25");
    _impl->withSession(principal, sessionId, sink,
                       [this, sink, lastEvent = std::string(lastEventId)](const SessionPtr& session)
                       { _impl->openStream(session, lastEvent, sink); });
}

/// Goes on with the session of that id, once it is here; the sink gets an error if there is none.
void Dispatcher::Impl::withSession(const base::PrincipalPtr& principal, std::string_view sessionId,
                                   const ResponseSinkPtr& sink, const std::function<void(const SessionPtr&)>& then)
{
    if (const auto session = protocol.sessions.find(principal, sessionId))
        return then(session);
    if (!protocol.cluster)
        return finishError(sink, ErrorKind::SESSION_NOT_FOUND, {}, "Session not found; initialize a new one");
    protocol.cluster->fetch(
        principal, std::string(sessionId), {},
        [sink, then](store::Outcome outcome, const SessionPtr& session)
        {
            if (session)
                return then(session);
            if (outcome == store::Outcome::AWAY)
                return finishError(sink, ErrorKind::LIMIT, {}, "the session cannot be looked up now; try again");
            finishError(sink, ErrorKind::SESSION_NOT_FOUND, {}, "Session not found; initialize a new one");
        });
}

void Dispatcher::Impl::openStream(const SessionPtr& session, const std::string& lastEventId,
                                  const ResponseSinkPtr& sink)
{
    session->touch();
    if (lastEventId.empty())
    {
        const auto stream = session->openStandalone(protocol.services.events, protocol.options.streamRetryMs, sink);
        stream->openStream({}, 0);
        if (protocol.cluster)
            protocol.cluster->opened(session);
        if (session->ended()) // meanwhile: nobody else would close it
            stream->close(0);
        return;
    }
    const auto cut = lastEventId.rfind('_');
    const std::string streamId = lastEventId.substr(0, cut == std::string::npos ? 0 : cut);
    Poco::UInt64 index = 0;
    const bool named =
        cut != std::string::npos && Poco::NumberParser::tryParseUnsigned64(lastEventId.substr(cut + 1), index);
    const auto stream = named ? session->stream(streamId) : nullptr;
    if (named && !stream && protocol.cluster)
        return protocol.cluster->resume(session, streamId, index, sink);
    try
    {
        if (!stream)
            throw Poco::NotFoundException("stream");
        replayed.add(stream->resume(index, sink));
    }
    catch (const Poco::NotFoundException&)
    {
        // Not the status of a lost session: the client would give up this one, which is well.
        finishError(sink, ErrorKind::INVALID_REQUEST, {},
                    "Last-Event-ID names no stream that this session can resume; open a new one");
    }
}

void Dispatcher::endSession(const base::PrincipalPtr& principal, std::string_view sessionId,
                            const ResponseSinkPtr& sink)
{
    if (sessionId.empty())
        return finishError(sink, ErrorKind::SESSION_REQUIRED, {},
                           "send the header Mcp-Session-Id that initialize gave");
    _impl->withSession(principal, sessionId, sink,
                       [this, sink](const SessionPtr& session)
                       {
                           const auto& cluster = _impl->protocol.cluster;
                           const auto uncertain = [sink] {
                               finishError(sink, ErrorKind::LIMIT, {},
                                           "the session cannot be ended everywhere now; try again");
                           };
                           if (cluster && cluster->away()) // others would go on with it
                               return uncertain();
                           _impl->protocol.endSession(session,
                                                      [sink, uncertain](bool certain)
                                                      {
                                                          if (certain)
                                                              sink->finish({});
                                                          else
                                                              uncertain();
                                                      });
                       });
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
    auto& protocol = _impl->protocol;
    protocol.draining = true;
    protocol.sessions.close();
    protocol.subscriptions.listeners.endAll();
    for (const auto& session : protocol.sessions.all())
        session->closeStandalone(retryMs);
}

void Dispatcher::endAllSessions(std::uint32_t retryMs)
{
    auto& protocol = _impl->protocol;
    for (const auto& call : protocol.calls.all())
        call->abandon(ErrorKind::LIMIT, "the server is shutting down; call again when it is back");
    for (const auto& session : protocol.sessions.all())
        protocol.sessions.endHere(session, retryMs);
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
