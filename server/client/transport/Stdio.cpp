#include "client/transport/Stdio.h"

#include "base/text/GiveBack.h"
#include "base/threads/ThreadRoot.h"
#include "client/http/Trace.h"
#include "client/transport/Incoming.h"

namespace tenon::client
{

namespace
{

constexpr std::size_t KEPT_ERROR_LINES = 5;
constexpr std::size_t MAX_ERROR_LINE = 4096;
constexpr int FATE_MS = 200;            // its end follows that of its output
constexpr std::size_t KEPT_LINE = 1024; // of which the room is kept for the next
/// How long a server that has closed its output, or does not read any more, may take for its last words.
constexpr std::chrono::milliseconds LAST_WORDS{1000};

/// Hands over the lines that `bytes` complete; the rest stays in `line`.
template <typename Sink>
void splitLines(std::string& line, std::string_view bytes, const Sink& sink)
{
    std::size_t at = 0;
    for (std::size_t end = bytes.find('\n'); end != bytes.npos; at = end + 1, end = bytes.find('\n', at))
    {
        line.append(bytes, at, end - at);
        if (line.ends_with('\r'))
            line.pop_back();
        if (!line.empty())
            sink(line);
        base::reuse(line, KEPT_LINE);
    }
    line.append(bytes, at);
}

} // namespace

Stdio::Stdio(Options options) : _options(std::move(options)) {}

Stdio::~Stdio()
{
    close();
}

void Stdio::open(TransportListener& listener)
{
    _listener = &listener;
    _child = _options.start();
    _reading = std::thread(
        [this]
        {
            if (!base::threadRoot("the reader of a server's output", [this] { readAll(); }))
                base::threadRoot("the end of a server's output",
                                 [this] {
                                     _listener->onGone(ClientException(Fault::UNREACHABLE,
                                                                       "what the server says cannot be read any more"));
                                 });
        });
}

void Stdio::send(Outgoing message)
{
    if (_options.trace)
        _options.trace->line('>', message.text);
    message.text += '\n';
    try
    {
        _child->write(message.text, _options.writeMs);
    }
    catch (const ClientException& exc)
    {
        throw ClientException(exc.fault(), exc.message() + lastWords());
    }
}

/// One thread for both streams: a server that is idle costs one, and one that ends has said its last words before it is
/// said to be gone.
void Stdio::readAll()
{
    {
        const std::lock_guard lock(_mutex);
        _reader = std::this_thread::get_id();
    }
    std::string line;
    bool tooLong = false;
    const auto takeOutput = [&](std::string_view bytes)
    {
        splitLines(line, bytes, [this](const std::string& one) { takeLine(one); });
        tooLong = line.size() > _options.maxMessageBytes;
        return !tooLong;
    };
    _child->read(
        takeOutput, [this](std::string_view bytes) { return takeErrors(bytes); }, LAST_WORDS);
    errorsEnded();
    const std::string said = lastWords();
    {
        const std::lock_guard lock(_mutex);
        if (_closing)
            return;
    }
    const std::string how = tooLong ? "sent a message larger than the limit" : _child->fate(FATE_MS);
    _listener->onGone(
        ClientException(Fault::UNREACHABLE, "the server " + (how.empty() ? "closed its output" : how) + said));
}

bool Stdio::takeErrors(std::string_view bytes)
{
    splitLines(_errorLine, bytes, [this](const std::string& one) { takeErrorLine(one); });
    if (_errorLine.size() > MAX_ERROR_LINE || (bytes.empty() && !_errorLine.empty()))
    {
        takeErrorLine(_errorLine);
        base::reuse(_errorLine, KEPT_LINE);
    }
    if (bytes.empty())
        errorsEnded();
    return true;
}

void Stdio::errorsEnded()
{
    {
        const std::lock_guard lock(_mutex);
        _errorsEnded = true;
    }
    _errorsRead.notify_all();
}

/// What a server that has ended said last. Its output and its errors come over two pipes: the end of one says nothing
/// about what is still in the other.
std::string Stdio::lastWords()
{
    std::unique_lock lock(_mutex);
    if (_reader != std::this_thread::get_id()) // which reads nothing while it waits here
        _errorsRead.wait_for(lock, LAST_WORDS, [this] { return _errorsEnded || _closing; });
    std::string said;
    for (const std::string& one : _lastErrors)
        said += "\n  " + one;
    return said.empty() ? said : "; it said:" + said;
}

void Stdio::takeLine(const std::string& line)
{
    base::JsonDocumentPtr document;
    try
    {
        document = parseMessageToKeep(line); // nothing stays with a thread that mostly waits
    }
    catch (const Poco::Exception&)
    {
        {
            const std::lock_guard lock(_mutex);
            _noMessage = line.substr(0, MAX_SHOWN);
        }
        takeErrorLine(line);
        return;
    }
    if (_options.trace)
        _options.trace->line('<', line);
    _listener->onMessage(std::move(document), {});
}

std::string Stdio::remark()
{
    const std::lock_guard lock(_mutex);
    return _noMessage.empty() ? std::string()
                              : "it printed a line that is not a message of the protocol:\n  " + _noMessage;
}

void Stdio::takeErrorLine(const std::string& line)
{
    const std::string shown = line.substr(0, MAX_ERROR_LINE);
    {
        const std::lock_guard lock(_mutex);
        _lastErrors.push_back(shown);
        if (_lastErrors.size() > KEPT_ERROR_LINES)
            _lastErrors.pop_front();
    }
    if (_options.onErrors)
        _options.onErrors(shown);
}

void Stdio::close()
{
    {
        const std::lock_guard lock(_mutex);
        if (_closing)
            return;
        _closing = true;
    }
    _errorsRead.notify_all();
    if (!_child)
        return;
    (void)_child->end(_options.patienceMs);
    if (_reading.joinable())
        _reading.join();
}

} // namespace tenon::client
