#include "plugin/worker/process/WorkerOutput.h"

#include "plugin/call/PluginLog.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#if !defined(_WIN32)
#include <fcntl.h>
#include <unistd.h>
#endif

namespace tenon::plugin
{

namespace
{

constexpr std::size_t MAX_LINE_BYTES = 2000;
constexpr std::size_t LINES_A_SECOND = 200;
constexpr std::size_t MAX_REPORT_BYTES = 16 * 1024;
constexpr std::size_t READS_AT_ONCE = 32; // then the worker's frames have their turn

} // namespace

WorkerOutput::WorkerOutput(std::string plugin) : _plugin(std::move(plugin))
{
    open(_output);
    open(_error);
}

WorkerOutput::~WorkerOutput()
{
    for (auto* stream : {&_output, &_error})
    {
        close(stream->ours);
        close(stream->theirs);
    }
}

void WorkerOutput::started()
{
    close(_output.theirs);
    close(_error.theirs);
}

void WorkerOutput::take()
{
    read(_output);
    read(_error);
}

void WorkerOutput::finish()
{
    take();
    for (auto* stream : {&_output, &_error})
        if (!stream->line.empty())
            say(*stream, std::exchange(stream->line, {}));
    if (!_report.empty())
        logOfPlugin(_plugin, TENON_LOG_ERROR, _report);
    if (_dropped > 0)
        logOfPlugin(_plugin, TENON_LOG_WARNING, std::to_string(_dropped) + " printed lines were dropped");
}

/// Takes the lines out of what arrived, and keeps what has no end yet.
void WorkerOutput::cut(Stream& stream, std::string_view text)
{
    stream.bytes += text.size();
    while (!text.empty())
    {
        const auto end = text.find('\n');
        const auto piece = text.substr(0, end);
        stream.line.append(piece.substr(0, MAX_LINE_BYTES - std::min(MAX_LINE_BYTES, stream.line.size())));
        if (end == std::string_view::npos)
            return;
        say(stream, stream.line);
        stream.line.clear();
        text.remove_prefix(end + 1);
    }
}

void WorkerOutput::say(const Stream& stream, std::string_view line)
{
    if (&stream == &_error && (!_report.empty() || line.starts_with(CRASH_REPORT_BEGIN)))
    {
        if (_report.size() < MAX_REPORT_BYTES)
            _report.append(_report.empty() ? "" : "\n").append(line);
        return;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - _second > std::chrono::seconds(1))
    {
        _second = now;
        _linesOfSecond = 0;
        if (const auto dropped = std::exchange(_dropped, 0))
            logOfPlugin(_plugin, TENON_LOG_WARNING, std::to_string(dropped) + " printed lines were dropped");
    }
    if (++_linesOfSecond > LINES_A_SECOND)
    {
        ++_dropped;
        return;
    }
    if (&stream == &_output)
        logOfPlugin(_plugin, TENON_LOG_INFO, "printed: " + std::string(line));
    else
        logOfPlugin(_plugin, TENON_LOG_WARNING, line);
}

#if defined(_WIN32)

void WorkerOutput::open(Stream&) {}
void WorkerOutput::read(Stream&) {}
void WorkerOutput::close(int&) {}

#else

void WorkerOutput::open(Stream& stream)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        throw Poco::SystemException("cannot start a worker: no pipe can be made", errno);
    stream.ours = ends[0];
    stream.theirs = ends[1];
    // Only this end: the worker's prints wait for room as they would in a terminal.
    fcntl(stream.ours, F_SETFL, O_NONBLOCK);
}

void WorkerOutput::read(Stream& stream)
{
    std::array<char, 16384> buffer;
    for (std::size_t reads = 0; reads < READS_AT_ONCE && stream.ours >= 0; ++reads)
    {
        const auto got = ::read(stream.ours, buffer.data(), buffer.size());
        if (got > 0)
            cut(stream, {buffer.data(), static_cast<std::size_t>(got)});
        else if (got == 0)
            close(stream.ours);
        else if (errno != EINTR)
            return;
    }
}

void WorkerOutput::close(int& descriptor)
{
    if (descriptor >= 0)
        ::close(std::exchange(descriptor, -1));
}

#endif

} // namespace tenon::plugin
