// A read is always under way, so that its event tells of what arrives; what is sent is copied first, since the system
// works on it while the sender goes on.
#include "plugin/worker/channel/PipeStream.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>
#include <system_error>

#include <windows.h>

namespace tenon::plugin
{

namespace
{

constexpr std::size_t PIECE = 64 * 1024;
constexpr DWORD LAST_WORDS_MS = 200;

/// An operation of the system that goes on beside its thread.
struct Operation
{
    Operation() { overlapped.hEvent = CreateEventW(nullptr, TRUE, FALSE, nullptr); }
    ~Operation()
    {
        if (overlapped.hEvent)
            CloseHandle(overlapped.hEvent);
    }
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;

    OVERLAPPED overlapped{};
    bool pending = false;
    std::string buffer;
};

class PipeStream final : public ByteStream
{
public:
    explicit PipeStream(HANDLE pipe) : _pipe(pipe)
    {
        if (!_in.overlapped.hEvent || !_out.overlapped.hEvent)
        {
            const auto error = static_cast<int>(GetLastError());
            CloseHandle(_pipe);
            throw std::system_error(error, std::system_category(), "cannot wait for a pipe");
        }
        _in.buffer.resize(PIECE);
        beginReading();
    }

    ~PipeStream() override
    {
        if (_out.pending && !_closed) // last words
            WaitForSingleObject(_out.overlapped.hEvent, LAST_WORDS_MS);
        CancelIoEx(_pipe, nullptr);
        for (Operation* operation : {&_in, &_out})
        {
            DWORD moved = 0;
            if (operation->pending) // the system works on its buffer
                GetOverlappedResult(_pipe, &operation->overlapped, &moved, TRUE);
        }
        CloseHandle(_pipe);
    }

    std::size_t write(const char* data, std::size_t size, bool waits, bool& full) override;
    Received receive(char* data, std::size_t size, std::size_t& got) override;
    bool wait(int timeoutMs, bool toSend, std::intptr_t other) override;

    bool peerHasGone() override
    {
        DWORD available = 0;
        return _closed ||
               (!PeekNamedPipe(_pipe, nullptr, 0, nullptr, &available, nullptr) && GetLastError() != ERROR_IO_PENDING);
    }

    void shutDown() override
    {
        _closed = true;
        CancelIoEx(_pipe, nullptr);
        DisconnectNamedPipe(_pipe); // of the server's end; what the other side did not read is gone with it
        SetEvent(_in.overlapped.hEvent);
    }

private:
    void beginReading();
    [[nodiscard]] bool takeRead();

    const HANDLE _pipe;
    std::atomic<bool> _closed{false};

    Operation _out; // of the thread that sends

    // Of the thread that receives.
    Operation _in;
    std::size_t _begin = 0, _end = 0; ///< of what was read and not received yet
};

std::size_t PipeStream::write(const char* data, std::size_t size, bool waits, bool& full)
{
    std::size_t sent = 0;
    while (sent < size)
    {
        if (_closed)
            return size;
        DWORD moved = 0;
        if (_out.pending)
        {
            if (!GetOverlappedResult(_pipe, &_out.overlapped, &moved, waits ? TRUE : FALSE))
            {
                if (GetLastError() != ERROR_IO_INCOMPLETE)
                {
                    _out.pending = false;
                    return size;
                }
                full = true;
                return sent;
            }
            _out.pending = false;
        }
        const std::size_t piece = std::min(size - sent, PIECE);
        _out.buffer.assign(data + sent, piece);
        if (WriteFile(_pipe, _out.buffer.data(), static_cast<DWORD>(piece), nullptr, &_out.overlapped) ||
            GetLastError() == ERROR_IO_PENDING)
            _out.pending = true;
        else
            return size;
        sent += piece;
    }
    return sent;
}

void PipeStream::beginReading()
{
    _begin = _end = 0;
    if (ReadFile(_pipe, _in.buffer.data(), static_cast<DWORD>(_in.buffer.size()), nullptr, &_in.overlapped) ||
        GetLastError() == ERROR_IO_PENDING)
        _in.pending = true;
    else
    {
        _closed = true;
        SetEvent(_in.overlapped.hEvent);
    }
}

/// False if nothing has been read, or nothing will be.
bool PipeStream::takeRead()
{
    DWORD moved = 0;
    if (!_in.pending)
        return false;
    if (!GetOverlappedResult(_pipe, &_in.overlapped, &moved, FALSE))
    {
        if (GetLastError() != ERROR_IO_INCOMPLETE)
        {
            _in.pending = false;
            _closed = true;
        }
        return false;
    }
    _in.pending = false;
    _begin = 0;
    _end = moved;
    return true;
}

ByteStream::Received PipeStream::receive(char* data, std::size_t size, std::size_t& got)
{
    if (_begin == _end && !takeRead())
        return _closed ? Received::CLOSED : Received::NOTHING;
    got = std::min(size, _end - _begin);
    std::memcpy(data, _in.buffer.data() + _begin, got);
    _begin += got;
    if (_begin == _end)
        beginReading();
    return got > 0 ? Received::SOME : Received::NOTHING;
}

bool PipeStream::wait(int timeoutMs, bool toSend, std::intptr_t other)
{
    if (_begin != _end)
        return false;
    HANDLE handles[3];
    DWORD count = 0;
    if (other != -1)
        handles[count++] = reinterpret_cast<HANDLE>(other);
    handles[count++] = _in.overlapped.hEvent;
    if (toSend)
        handles[count++] = _out.overlapped.hEvent;
    return WaitForMultipleObjects(count, handles, FALSE, static_cast<DWORD>(timeoutMs)) == WAIT_OBJECT_0 && other != -1;
}

} // namespace

ByteStreamPtr streamOfPipe(void* pipe)
{
    return std::make_unique<PipeStream>(pipe);
}

} // namespace tenon::plugin
