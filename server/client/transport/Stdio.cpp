#include "client/transport/Stdio.h"

#include "client/http/Trace.h"

namespace tenon::client
{

namespace
{

constexpr std::size_t KEPT_ERROR_LINES = 5;
constexpr std::size_t MAX_ERROR_LINE = 4096;

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
        line.clear();
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
    _output = std::thread([this] { readOutput(); });
    _errors = std::thread([this] { readErrors(); });
}

void Stdio::send(Outgoing message)
{
    if (_options.trace)
        _options.trace->line('>', message.text);
    message.text += '\n';
    _child->write(message.text, _options.writeMs);
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
    std::string said;
    {
        const std::lock_guard lock(_mutex);
        if (_closing)
            return;
        for (const std::string& one : _lastErrors)
            said += "\n  " + one;
    }
    _listener->onGone(ClientException(Fault::UNREACHABLE, (tooLong ? "the server sends a larger message than we take"
                                                                   : "the server closed its output") +
                                                              (said.empty() ? std::string() : "; it said:" + said)));
}

void Stdio::takeLine(const std::string& line)
{
    base::JsonDocumentPtr document;
    try
    {
        document = base::JsonDocument::parse(line);
    }
    catch (const Poco::Exception&)
    {
        takeErrorLine(line);
        return;
    }
    if (_options.trace)
        _options.trace->line('<', line);
    _listener->onMessage(std::move(document));
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
    if (!_child)
        return;
    (void)_child->end(_options.patienceMs);
    if (_output.joinable())
        _output.join();
    if (_errors.joinable())
        _errors.join();
}

} // namespace tenon::client
