#include "net/stdio/StdioServer.h"

#include "base/text/GiveBack.h"
#include "jsonrpc/Error.h"
#include "net/stdio/EnvelopeScanner.h"
#include "net/stdio/LineReply.h"
#include "net/stdio/LineWriter.h"

#include <Poco/Exception.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::size_t READ_BYTES = 65536;
constexpr std::size_t KEPT_BYTES = 65536; // of a buffer between two lines
constexpr std::chrono::milliseconds LAST_WORDS{500};
constexpr std::string_view BYTE_ORDER_MARK = "\xEF\xBB\xBF";

} // namespace

/// Whoever started the process, as the protocol sees it. Outlives the server as long as work of it is queued.
class StdioServer::Client
{
public:
    Client(mcp::Dispatcher& dispatcher, base::PrincipalPtr principal)
        : _dispatcher(dispatcher), _principal(std::move(principal))
    {
    }

    void begin(const std::shared_ptr<LineWriter>& writer)
    {
        _session = _dispatcher.openConnectionSession(mcp::Transport::STDIO, _principal, writer);
    }
    void end() const
    {
        if (_session)
            _dispatcher.endConnectionSession(_session);
    }

    mcp::Handled hand(std::string_view body, const mcp::ResponseSinkPtr& reply, bool mayBlock) const
    {
        mcp::IncomingMessage incoming;
        incoming.body = body;
        incoming.transport = mcp::Transport::STDIO;
        incoming.principal = _principal;
        incoming.session = _session;
        incoming.clientAddress = "stdio";
        incoming.mayBlock = mayBlock;
        return _dispatcher.handle(incoming, reply);
    }

private:
    mcp::Dispatcher& _dispatcher;
    const base::PrincipalPtr _principal;
    std::shared_ptr<mcp::Session> _session; ///< constant after `begin`
};

StdioServer::StdioServer(mcp::Dispatcher& dispatcher, base::Executor& executor, ProtocolDescriptors descriptors,
                         base::PrincipalPtr principal, std::size_t maxMessageBytes, base::Histogram& durations)
    : _executor(executor), _descriptors(std::make_shared<ProtocolDescriptors>(std::move(descriptors))),
      _maxMessageBytes(maxMessageBytes), _durations(durations), _writer(LineWriter::start(_descriptors)),
      _client(std::make_shared<Client>(dispatcher, std::move(principal)))
{
}

StdioServer::~StdioServer()
{
    _writer->end(std::chrono::milliseconds(0));
}

void StdioServer::stop()
{
    _stopping.store(true);
    _descriptors->interrupt();
}

void StdioServer::run(std::chrono::milliseconds grace)
{
    _client->begin(_writer);
    read();
    if (!_stopping.load())
        _writer->awaitAnswers(grace);
    _client->end();
    _writer->end(LAST_WORDS);
}

void StdioServer::read()
{
    std::string pending;
    std::optional<EnvelopeScanner> skipping; // of a line that is too long
    bool first = true;
    const std::unique_ptr<char[]> buffer(new char[READ_BYTES]);
    const auto take = [&](std::string_view part, bool ends)
    {
        if (!skipping && pending.size() + part.size() > _maxMessageBytes)
        {
            skipping.emplace().feed(pending);
            base::giveBack(pending);
        }
        if (skipping)
            skipping->feed(part);
        else
            pending.append(part);
        if (!ends)
            return;
        if (skipping)
            tooLong(skipping->requestId());
        else
            line(std::exchange(first, false) && pending.starts_with(BYTE_ORDER_MARK)
                     ? std::string_view(pending).substr(BYTE_ORDER_MARK.size())
                     : std::string_view(pending));
        skipping.reset();
        base::reuse(pending, KEPT_BYTES);
    };
    for (;;)
    {
        const long got = _descriptors->read(buffer.get(), READ_BYTES);
        if (_stopping.load())
            return;
        if (got <= 0)
            break;
        std::string_view bytes(buffer.get(), static_cast<std::size_t>(got));
        for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n'))
        {
            take(bytes.substr(0, end), true);
            bytes.remove_prefix(end + 1);
        }
        take(bytes, false);
    }
    if (!pending.empty() || skipping)
        take({}, true); // a last line without its end, as people type it
}

void StdioServer::tooLong(std::string_view requestId)
{
    std::string text;
    jsonrpc::appendError(text, requestId, jsonrpc::ErrorKind::INVALID_REQUEST, false,
                         "the message is larger than limits.maxMessageBytes");
    _writer->write(std::move(text));
}

void StdioServer::line(std::string_view text)
{
    if (text.ends_with('\r'))
        text.remove_suffix(1);
    if (text.find_first_not_of(" \t") == std::string_view::npos)
        return;
    const auto reply = std::make_shared<LineReply>(_writer, _durations);
    if (_client->hand(text, reply, false) == mcp::Handled::DONE)
        return;
    try
    {
        _executor.post([client = _client, reply, body = std::string(text)] { client->hand(body, reply, true); });
    }
    catch (const Poco::Exception&) // there is no thread to be had
    {
        EnvelopeScanner envelope;
        envelope.feed(text);
        std::string refusal;
        jsonrpc::appendError(refusal, envelope.requestId(), jsonrpc::ErrorKind::LIMIT, false,
                             "the server has no thread left for this; try again later");
        _writer->write(std::move(refusal));
    }
}

} // namespace tenon::net
