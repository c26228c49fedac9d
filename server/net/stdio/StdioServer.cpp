#include "net/stdio/StdioServer.h"

#include "net/stdio/LineWriter.h"

#include <atomic>
#include <memory>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::size_t READ_BYTES = 65536;
constexpr std::chrono::milliseconds LAST_WORDS{500};
constexpr std::string_view TOO_LONG =
    R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"the message is larger than limits.maxMessageBytes"}})";

/// The answer to one line.
class LineReply final : public mcp::ResponseSink
{
public:
    explicit LineReply(std::shared_ptr<LineWriter> writer) : _writer(std::move(writer)) { _writer->expect(); }
    ~LineReply() override { settle(); }

    [[nodiscard]] bool streams() const override { return true; }
    void openStream(std::string_view, std::uint32_t) override {}
    bool send(std::string_view message, std::string_view eventId) override
    {
        return !_done.load() && _writer->send(message, eventId);
    }
    bool send(const std::shared_ptr<const std::string>& message, std::string_view eventId) override
    {
        return !_done.load() && _writer->send(message, eventId);
    }
    void finish(const mcp::Answer& answer) override
    {
        if (_done.load())
            return;
        _writer->finish(answer);
        settle();
    }
    void close(std::uint32_t) override { settle(); }
    [[nodiscard]] bool closed() const override { return _done.load() || _writer->closed(); }
    void onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener) override
    {
        _writer->onDisconnect(std::move(listener));
    }

private:
    void settle()
    {
        if (!_done.exchange(true))
            _writer->answered();
    }

    const std::shared_ptr<LineWriter> _writer;
    std::atomic<bool> _done{false};
};

} // namespace

StdioServer::StdioServer(mcp::Dispatcher& dispatcher, base::Executor& executor, ProtocolDescriptors descriptors,
                         base::PrincipalPtr principal, std::size_t maxMessageBytes)
    : _dispatcher(dispatcher), _executor(executor),
      _descriptors(std::make_shared<ProtocolDescriptors>(std::move(descriptors))), _principal(std::move(principal)),
      _maxMessageBytes(maxMessageBytes), _writer(LineWriter::start(_descriptors))
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
    _session = _dispatcher.openConnectionSession(mcp::Transport::STDIO, _principal, _writer);
    std::string pending;
    bool skipping = false;
    std::unique_ptr<char[]> buffer(new char[READ_BYTES]);
    for (;;)
    {
        const long got = _descriptors->read(buffer.get(), READ_BYTES);
        if (got <= 0 || _stopping.load())
            break;
        std::string_view bytes(buffer.get(), static_cast<std::size_t>(got));
        while (!bytes.empty())
        {
            const std::size_t end = bytes.find('\n');
            const std::string_view part = bytes.substr(0, end);
            if (!skipping && pending.size() + part.size() > _maxMessageBytes)
            {
                skipping = true;
                pending = std::string();
                tooLong();
            }
            if (!skipping)
                pending.append(part);
            if (end == std::string_view::npos)
                break;
            if (!skipping)
                line(pending);
            skipping = false;
            pending.clear();
            bytes.remove_prefix(end + 1);
        }
    }
    if (!_stopping.load())
    {
        if (!pending.empty() && !skipping)
            line(pending); // a last line without its end, as people type it
        _writer->awaitAnswers(grace);
    }
    if (_session)
        _dispatcher.endConnectionSession(_session);
    _writer->end(LAST_WORDS);
}

void StdioServer::tooLong()
{
    _writer->write(std::string(TOO_LONG));
}

void StdioServer::line(std::string_view text)
{
    if (text.ends_with('\r'))
        text.remove_suffix(1);
    if (text.find_first_not_of(" \t") == std::string_view::npos)
        return;
    mcp::IncomingMessage incoming;
    incoming.body = text;
    incoming.transport = mcp::Transport::STDIO;
    incoming.principal = _principal;
    incoming.session = _session;
    incoming.clientAddress = "stdio";
    incoming.mayBlock = false;
    const auto reply = std::make_shared<LineReply>(_writer);
    if (_dispatcher.handle(incoming, reply) == mcp::Handled::DONE)
        return;
    _executor.post(
        [this, reply, body = std::string(text), session = _session]
        {
            mcp::IncomingMessage again;
            again.body = body;
            again.transport = mcp::Transport::STDIO;
            again.principal = _principal;
            again.session = session;
            again.clientAddress = "stdio";
            _dispatcher.handle(again, reply);
        });
}

} // namespace tenon::net
