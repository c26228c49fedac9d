#include "net/stdio/LineWriter.h"

#include "base/threads/ThreadRoot.h"

#include <algorithm>
#include <utility>

namespace tenon::net
{

LineWriter::LineWriter(std::shared_ptr<ProtocolDescriptors> descriptors) : _descriptors(std::move(descriptors)) {}

std::shared_ptr<LineWriter> LineWriter::start(std::shared_ptr<ProtocolDescriptors> descriptors)
{
    auto writer = std::make_shared<LineWriter>(std::move(descriptors));
    writer->_thread =
        std::thread([writer] { base::steadyThreadRoot("the writer of standard output", [&] { writer->run(); }); });
    return writer;
}

void LineWriter::run()
{
    std::unique_lock lock(_mutex);
    for (;;)
    {
        _changed.wait(lock, [this] { return _ending || !_lines.empty(); });
        if (_lines.empty() || _lost)
            break;
        const std::string line = std::move(_lines.front());
        _lines.pop_front();
        lock.unlock();
        const bool written = _descriptors->write(line.data(), line.size());
        if (!written)
            lose();
        lock.lock();
        _bytes -= line.size();
    }
    _ended = true;
    _changed.notify_all();
}

bool LineWriter::write(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    text.push_back('\n');
    {
        const std::lock_guard lock(_mutex);
        if (_lost || _ending)
            return false;
        if (_bytes == 0 || _bytes + text.size() <= MAX_WAITING_BYTES)
        {
            _bytes += text.size();
            _lines.push_back(std::move(text));
            _changed.notify_all();
            return true;
        }
    }
    lose();
    return false;
}

void LineWriter::expect()
{
    const std::lock_guard lock(_mutex);
    ++_expected;
}

void LineWriter::answered()
{
    const std::lock_guard lock(_mutex);
    --_expected;
    _changed.notify_all();
}

bool LineWriter::awaitAnswers(std::chrono::milliseconds patience)
{
    std::unique_lock lock(_mutex);
    return _changed.wait_for(lock, patience, [this] { return _expected == 0 || _lost; });
}

void LineWriter::lose()
{
    {
        const std::lock_guard lock(_mutex);
        if (std::exchange(_lost, true))
            return;
        _changed.notify_all();
    }
    _listeners.tell();
}

void LineWriter::end(std::chrono::milliseconds patience)
{
    if (!_thread.joinable())
        return;
    bool ended;
    {
        std::unique_lock lock(_mutex);
        _ending = true;
        _changed.notify_all();
        ended = _changed.wait_for(lock, patience, [this] { return _ended; });
    }
    lose();
    if (ended)
        _thread.join();
    else
        _thread.detach();
}

bool LineWriter::send(std::string_view message, std::string_view)
{
    return write(std::string(message));
}

bool LineWriter::send(const std::shared_ptr<const std::string>& message, std::string_view)
{
    return write(*message);
}

void LineWriter::finish(const mcp::Answer& answer)
{
    if (answer.parts.empty())
        return;
    std::string text;
    for (const std::string_view& part : answer.parts)
        text.append(part);
    write(std::move(text));
}

bool LineWriter::closed() const
{
    const std::lock_guard lock(_mutex);
    return _lost || _ending;
}

void LineWriter::onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener)
{
    _listeners.add(std::move(listener));
}

} // namespace tenon::net
