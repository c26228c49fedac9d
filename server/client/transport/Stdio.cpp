#include "client/transport/Stdio.h"

#include "base/json/KeptJson.h"
#include "base/threads/ThreadRoot.h"
#include "client/http/Trace.h"

namespace tenon::client
{

namespace
{

constexpr std::size_t KEPT_ERROR_LINES = 5;
constexpr std::size_t MAX_ERROR_LINE = 4096;
constexpr std::size_t KEPT_LINE = 1024; // of which the room is kept for the next
/// How long a server that has closed its output may take for its last words: what it started may hold its standard error
/// open for ever.
constexpr std::chrono::milliseconds LAST_WORDS{1000};

/// Hands over the lines that `bytes` complete; the rest stays in `line`.
template <typename Sink>
void splitLines(std::string& line, const std::string& bytes, const Sink& sink)
{
    std::size_t at = 0;
    for (std::size_t end = bytes.find('\n'); end != std::string::npos; at = end + 1, end = bytes.find('\n', at))
    {
        line.append(bytes, at, end - at);
        if (line.ends_with('\r'))
            line.pop_back();
        if (!line.empty())
            sink(line);
        line.size() > KEPT_LINE ? std::string().swap(line) : line.clear();
    }
    line.append(bytes, at, std::string::npos);
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
    _output = std::thread(
        [this]
        {
            if (!base::threadRoot("the reader of a server's output", [this] { readOutput(); }))
                base::threadRoot("the end of a server's output",
                                 [this] {
                                     _listener->onGone(ClientException(Fault::UNREACHABLE,
                                                                       "what the server says cannot be read any more"));
                                 });
        });
    _errors =
        std::thread([this] { base::threadRoot("the reader of a server's standard error", [this] { readErrors(); }); });
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

void Stdio::readOutput()
{
    std::string line;
    bool tooLong = false;
    for (std::string bytes = _child->readOutput(); !bytes.empty() && !tooLong; bytes = _child->readOutput())
    {
        splitLines(line, bytes, [this](const std::string& one) { takeLine(one); });
        tooLong = line.size() > _options.maxMessageBytes;
    }
    const std::string said = lastWords();
    {
        const std::lock_guard lock(_mutex);
        if (_closing)
            return;
    }
    _listener->onGone(ClientException(
        Fault::UNREACHABLE,
        (tooLong ? "the server sends a larger message than we take" : "the server closed its output") + said));
}

/// What a server that has ended said last. Its output and its errors come over two pipes: the end of one says nothing
/// about what is still in the other.
std::string Stdio::lastWords()
{
    std::unique_lock lock(_mutex);
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
        document = base::parseToKeep(line); // nothing stays with a thread that mostly waits
    }
    catch (const Poco::Exception&)
    {
        takeErrorLine(line);
        return;
    }
    if (_options.trace)
        _options.trace->line('<', line);
    _listener->onMessage(std::move(document), {});
}

void Stdio::readErrors()
{
    std::string line;
    for (std::string bytes = _child->readErrors(); !bytes.empty(); bytes = _child->readErrors())
    {
        splitLines(line, bytes, [this](const std::string& one) { takeErrorLine(one); });
        if (line.size() > MAX_ERROR_LINE)
        {
            takeErrorLine(line);
            line.clear();
        }
    }
    if (!line.empty())
        takeErrorLine(line);
    {
        const std::lock_guard lock(_mutex);
        _errorsEnded = true;
    }
    _errorsRead.notify_all();
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
    if (_output.joinable())
        _output.join();
    if (_errors.joinable())
        _errors.join();
}

} // namespace tenon::client
