#include "net/mcp/PlainPost.h"

#include "base/json/JsonDocument.h"
#include "net/connection/Exchange.h"
#include "net/mcp/McpEndpoint.h"

#include <Poco/Exception.h>

#include <atomic>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::string_view INITIALIZE =
    R"({"jsonrpc":"2.0","id":"tenon-initialize","method":"initialize","params":{"protocolVersion":"2024-11-05",)"
    R"("capabilities":{},"clientInfo":{"name":"sse-profile","version":"1"}}})";

/// Takes what is for nobody.
class Nobody final : public mcp::ResponseSink
{
public:
    [[nodiscard]] bool streams() const override { return false; }
    void openStream(std::string_view, std::uint32_t) override {}
    bool send(std::string_view, std::string_view) override { return true; }
    bool send(const std::shared_ptr<const std::string>&, std::string_view) override { return true; }
    void finish(const mcp::Answer&) override {}
    void close(std::uint32_t) override {}
    [[nodiscard]] bool closed() const override { return false; }
    void onDisconnect(std::weak_ptr<mcp::DisconnectListener>) override {}
};

/// Whether the body is a request of a client that is not going to initialize.
bool isPlain(const Request& request)
{
    if (request.head.has(base::Field::SESSION_ID) || request.head.has(base::Field::PROTOCOL_VERSION))
        return false;
    try
    {
        const auto document = base::JsonDocument::parse(request.body, base::JsonDocument::Padding::PRESENT);
        const std::string_view method = base::textMember(document->root(), "method");
        return !method.empty() && method != "initialize";
    }
    catch (const Poco::DataFormatException&)
    {
        return false;
    }
}

} // namespace

void initializeFor(mcp::Dispatcher& dispatcher, const base::PrincipalPtr& principal, std::string_view clientAddress,
                   const std::shared_ptr<mcp::Session>& session)
{
    mcp::IncomingMessage incoming;
    incoming.body = INITIALIZE;
    incoming.transport = mcp::Transport::HTTP_SSE;
    incoming.principal = principal;
    incoming.session = session;
    incoming.clientAddress = clientAddress;
    dispatcher.handle(incoming, std::make_shared<Nobody>());
}

void refuseSession(const mcp::Dispatcher& dispatcher, const ExchangePtr& exchange)
{
    if (dispatcher.takesSessions())
        exchange->refuse(429, "you have reached your limit of sessions; close one, or try again later", RETRY_SOON);
    else
        exchange->refuse(503, "there are too many sessions; try again later", RETRY_SOON);
}

/// The answer to a plain request; its session goes with it.
class PlainPost::Reply final : public mcp::ResponseSink
{
public:
    Reply(PlainPost& post, ExchangePtr exchange, std::shared_ptr<mcp::Session> session)
        : _post(post), _exchange(std::move(exchange)), _session(std::move(session))
    {
    }
    ~Reply() override { end(); }

    /// Ends the session on another thread: an answer comes from inside the protocol.
    void end() noexcept
    {
        if (_ended.exchange(true))
            return;
        try
        {
            _post._executor.post([&dispatcher = _post._dispatcher, session = _session]
                                 { dispatcher.endConnectionSession(session); });
        }
        catch (...)
        {
            return; // the protocol's sweeper ends it
        }
    }

    [[nodiscard]] bool streams() const override { return false; }
    void openStream(std::string_view, std::uint32_t) override {}
    bool send(std::string_view, std::string_view) override { return true; }
    bool send(const std::shared_ptr<const std::string>&, std::string_view) override { return true; }
    [[nodiscard]] bool logs() const override { return _exchange->logs(); }
    void asked(std::string_view method, std::string_view name, std::string_view sessionId) override
    {
        _exchange->asked(method, name, sessionId);
    }
    void denied(base::Access access, std::string_view name, bool readOnly) override
    {
        _exchange->denied(access, name, readOnly);
    }
    void finish(const mcp::Answer& answer) override
    {
        _exchange->finish(answer);
        end();
    }
    void close(std::uint32_t retryMs) override
    {
        _exchange->close(retryMs);
        end();
    }
    [[nodiscard]] bool closed() const override { return _exchange->closed(); }
    void onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener) override
    {
        _exchange->onDisconnect(std::move(listener));
    }

private:
    PlainPost& _post;
    const ExchangePtr _exchange;
    const std::shared_ptr<mcp::Session> _session;
    std::atomic<bool> _ended{false};
};

mcp::Handled PlainPost::serve(const Request& request, ExchangePtr& exchange)
{
    if (!isPlain(request))
        return _endpoint->serve(request, exchange);
    const auto session = _dispatcher.openConnectionSession(mcp::Transport::HTTP_SSE, request.admission.principal,
                                                           std::make_shared<Nobody>(),
                                                           {request.admission.holder, request.admission.limits});
    if (!session)
        return refuseSession(_dispatcher, exchange), mcp::Handled::DONE;
    initializeFor(_dispatcher, request.admission.principal, request.admission.clientAddress, session);
    exchange->startClock();
    mcp::IncomingMessage message;
    message.body = request.body;
    message.padding = base::JsonDocument::Padding::PRESENT;
    message.transport = mcp::Transport::HTTP_SSE;
    message.principal = request.admission.principal;
    message.headers = &request.head;
    message.session = session;
    message.clientAddress = request.admission.clientAddress;
    message.allowance = {request.admission.holder, request.admission.limits};
    message.mayBlock = request.mayBlock;
    return _dispatcher.handle(message, std::make_shared<Reply>(*this, exchange, session));
}

} // namespace tenon::net
