#include "client/protocol/ClientSession.h"

#include "base/json/JsonWriter.h"
#include "client/Revision.h"
#include "client/protocol/RevisionProbe.h"
#include "client/transport/Incoming.h"
#include "jsonrpc/Message.h"

#include <condition_variable>

namespace tenon::client
{

namespace
{

constexpr std::size_t MAX_ANSWERING = 16;

double numberMember(const base::JsonDocument::Element& object, std::string_view name, bool& found)
{
    base::JsonDocument::Element member;
    double number = 0;
    found = base::findMember(object, name, member) && !member.get(number);
    return number;
}

} // namespace

ClientSession::ClientSession(std::unique_ptr<Transport> transport, Options options, ClientHandler& handler,
                             base::Timers& timers)
    : _options(std::move(options)), _handler(handler), _transport(std::move(transport)),
      _correlator(
          timers, [this](const std::string& id) { abandon(id, "deadline"); }, [this] { return _transport->remark(); }),
      _answering(MAX_ANSWERING)
{
}

ClientSession::~ClientSession()
{
    close();
}

void ClientSession::open()
{
    _transport->open(*this);
    RevisionProbe(*this).run();
}

void ClientSession::close()
{
    if (_closed.exchange(true))
        return;
    _transport->close();
    _correlator.end(ClientException(Fault::CANCELLED, "the session is closed"));
    _answering.stop();
}

void ClientSession::setRevision(std::string_view revision)
{
    _revision = revision;
    _modern = isModernRevision(revision);
    _transport->setRevision(_revision);
}

void ClientSession::setPeer(Peer peer)
{
    _peer = std::move(peer);
    _peer.revision = _revision;
}

std::string ClientSession::metaOf(const std::string& id, const RequestOptions& options) const
{
    if (!_modern && options.meta.empty() && !options.onProgress)
        return {};
    std::string own;
    base::JsonWriter writer(own);
    writer.beginObject();
    if (!options.meta.empty())
    {
        const auto document = base::JsonDocument::parse(options.meta);
        simdjson::dom::object members;
        if (document->root().get(members))
            throw Poco::DataFormatException("_meta must be a JSON object");
        for (const auto& [name, value] : members)
            writer.member(name, value);
    }
    if (options.onProgress)
        writer.rawMember("progressToken", id);
    if (_modern)
    {
        const auto fixed = base::JsonDocument::parse(modernMeta(_options.info, _handler.abilities(), _revision));
        simdjson::dom::object members;
        if (!fixed->root().get(members))
            for (const auto& [name, value] : members)
                writer.member(name, value);
    }
    writer.endObject();
    return own;
}

std::string ClientSession::start(std::string_view method, std::string_view params, const RequestOptions& options,
                                 Completion completion)
{
    const std::string id = _correlator.nextId();
    Outgoing message;
    message.text = requestText(id, method, params, metaOf(id, options));
    message.id = id;
    message.method = method;
    message.headers = options.headers;
    if (!_correlator.add(id, options, std::move(completion)))
        return id;
    try
    {
        if (_closed)
            throw ClientException(Fault::UNREACHABLE, "the session is closed");
        _transport->send(std::move(message));
    }
    catch (const ClientException& exc)
    {
        _correlator.fail(id, exc);
    }
    if (options.cancellation)
        options.cancellation->onCancel([this, id] { cancel(id, "the caller gave up"); });
    return id;
}

Reply ClientSession::request(std::string_view method, std::string_view params, const RequestOptions& options)
{
    struct Waiting
    {
        std::mutex mutex;
        std::condition_variable done;
        bool completed = false;
        Outcome outcome;
    };
    const auto waiting = std::make_shared<Waiting>();
    (void)start(method, params, options,
                [waiting](Outcome outcome)
                {
                    const std::lock_guard lock(waiting->mutex);
                    waiting->outcome = std::move(outcome);
                    waiting->completed = true;
                    waiting->done.notify_all();
                });
    std::unique_lock lock(waiting->mutex);
    waiting->done.wait(lock, [&] { return waiting->completed; });
    if (options.cancellation)
        options.cancellation->onCancel({});
    if (waiting->outcome.fault)
        throw ClientException(*waiting->outcome.fault);
    return std::move(waiting->outcome.reply);
}

void ClientSession::notify(std::string_view method, std::string_view params)
{
    Outgoing message;
    message.text = requestText("", method, params, "");
    message.method = method;
    _transport->send(std::move(message));
}

void ClientSession::cancel(const std::string& id, std::string_view reason)
{
    if (_correlator.fail(id, ClientException(Fault::CANCELLED, "cancelled")))
        abandon(id, reason);
}

void ClientSession::abandon(const std::string& id, std::string_view reason)
{
    if (_transport->abandon(id))
        return;
    std::string params;
    base::JsonWriter(params).beginObject().rawMember("requestId", id).member("reason", reason).endObject();
    Outgoing message;
    message.text = requestText("", "notifications/cancelled", params, "");
    message.method = "notifications/cancelled";
    // Not on this thread: it may be that of the timers, and a POST takes its time.
    try
    {
        _answering.post([this, message = std::move(message)] { sendQuietly(message); });
    }
    catch (const Poco::Exception&)
    {
        // The server finds out when it answers.
    }
}

void ClientSession::sendQuietly(Outgoing message)
{
    try
    {
        if (!_closed)
            _transport->send(std::move(message));
    }
    catch (const Poco::Exception&)
    {
        // Whoever waits for an answer on this session hears of it by other ways.
    }
}

void ClientSession::onMessage(base::JsonDocumentPtr message, std::string_view related)
{
    simdjson::dom::array batch;
    if (!message->root().get(batch))
        for (const auto& one : batch)
            takeOne(message, one, related);
    else
        takeOne(message, message->root(), related);
}

void ClientSession::takeOne(const base::JsonDocumentPtr& document, const base::JsonDocument::Element& element,
                            std::string_view related)
{
    const auto message = jsonrpc::Message::read(element);
    switch (message.kind)
    {
    case jsonrpc::Message::Kind::RESPONSE:
        if (message.result.is_object())
            _correlator.complete(std::string(ownId(message.id)), {document, message.result});
        else
            _correlator.fail(
                std::string(ownId(message.id)),
                ClientException(Fault::PROTOCOL, "the server answered with a result that is not an object"));
        break;
    case jsonrpc::Message::Kind::ERROR_RESPONSE:
        takeError(message, related);
        break;
    case jsonrpc::Message::Kind::NOTIFICATION:
        takeNotification(message, related);
        break;
    case jsonrpc::Message::Kind::REQUEST:
        if (!leave(message, related))
            _answering.post([this, document, message] { answer(document, message); });
        break;
    case jsonrpc::Message::Kind::INVALID:
        // Some servers answer with both result and error, or without a version: the request need not wait for ever.
        if (!message.id.empty())
            _correlator.fail(
                std::string(ownId(message.id)),
                ClientException(Fault::PROTOCOL,
                                "the server answered with something other than a response: " + message.fault));
        break;
    }
}

/// An error without an id is of a request that the server could not read: the one that it answers, or else the only one.
void ClientSession::takeError(const jsonrpc::Message& message, std::string_view related)
{
    const ClientException error = errorOf(message.result);
    if (!message.id.empty())
        _correlator.fail(std::string(ownId(message.id)), error);
    else if (!related.empty())
        _correlator.fail(std::string(related), error);
    else
        _correlator.failOnly(error);
}

/// Leaves a request to a handler that answers later. False: it answers at once.
bool ClientSession::leave(const jsonrpc::Message& message, std::string_view related)
{
    const auto weak = weak_from_this();
    if (message.method == "ping" || weak.expired())
        return false;
    const auto reply = [weak](std::string text)
    {
        const auto self = weak.lock();
        if (!self || self->_closed)
            return;
        Outgoing outgoing;
        outgoing.text = std::move(text);
        self->_answering.post([session = self.get(), outgoing = std::move(outgoing)]
                              { session->sendQuietly(outgoing); });
    };
    ClientHandler::Question question{message.method, message.hasParams ? &message.params : nullptr, related, {}, {}};
    question.answer = [reply, id = message.id](const std::string& result) { reply(resultText(id, result)); };
    question.refuse = [reply, id = message.id](int code, const std::string& why)
    { reply(errorText(id, code, why, "")); };
    return _handler.takeQuestion(question);
}

void ClientSession::takeNotification(const jsonrpc::Message& message, std::string_view related)
{
    if (message.method == "notifications/progress" && message.hasParams)
        takeProgress(message);
    else if (message.method == "notifications/subscriptions/acknowledged" && message.hasParams)
        takeAcknowledgement(message, related);
    else
        _handler.onNotification(message.method, message.hasParams ? &message.params : nullptr, related);
}

void ClientSession::takeProgress(const jsonrpc::Message& message)
{
    base::JsonDocument::Element token;
    std::string id;
    if (!base::findMember(message.params, "progressToken", token) || !jsonrpc::readId(token, id))
        return;
    bool found = false;
    Progress progress;
    progress.done = numberMember(message.params, "progress", found);
    const double total = numberMember(message.params, "total", found);
    if (found)
        progress.total = total;
    progress.message = base::textMember(message.params, "message");
    _correlator.progress(std::string(ownId(id)), progress);
}

void ClientSession::takeAcknowledgement(const jsonrpc::Message& message, std::string_view related)
{
    base::JsonDocument::Element meta, member;
    std::string id;
    if (!base::findMember(message.params, "_meta", meta) ||
        !base::findMember(meta, "io.modelcontextprotocol/subscriptionId", member) || !jsonrpc::readId(member, id))
        id = related;
    if (base::findMember(message.params, "notifications", member))
        (void)_correlator.acknowledged(id, member);
}

void ClientSession::answer(const base::JsonDocumentPtr& document, const jsonrpc::Message& message)
{
    (void)document; // keeps what `message` borrows
    Outgoing reply;
    try
    {
        reply.text = resultText(message.id,
                                message.method == "ping"
                                    ? std::string("{}")
                                    : _handler.answer(message.method, message.hasParams ? &message.params : nullptr));
    }
    catch (const ClientException& exc)
    {
        reply.text = errorText(message.id, exc.fault() == Fault::RPC ? exc.code() : code::INTERNAL_ERROR, exc.message(),
                               exc.data());
    }
    catch (const std::exception&)
    {
        reply.text = errorText(message.id, code::INTERNAL_ERROR, "the client failed to answer", "");
    }
    sendQuietly(std::move(reply));
}

void ClientSession::onRequestFailed(const std::string& id, const ClientException& why)
{
    _correlator.fail(id, why);
}

void ClientSession::onGone(const ClientException& why)
{
    _correlator.failAll(why);
    _handler.onGone(why);
}

} // namespace tenon::client
