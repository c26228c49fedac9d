#include "ops/log/StderrChannel.h"

#include <Poco/Error.h>
#include <Poco/Exception.h>
#include <Poco/Message.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#if defined(_WIN32)
#include <iostream>
#else
#include <climits>
#include <poll.h>
#include <unistd.h>
#endif

namespace tenon::ops
{

void StderrChannel::log(const Poco::Message& message)
{
    const std::string before = _midLine ? "\n" : "";
    _midLine = true;
    write(before + message.getText() + '\n');
    _midLine = false;
}

#if defined(_WIN32)

void StderrChannel::write(const std::string& bytes)
{
    std::cerr << bytes << std::flush;
    if (!std::cerr.good())
    {
        std::cerr.clear();
        throw Poco::WriteFileException("standard error");
    }
}

#else

void StderrChannel::write(const std::string& bytes)
{
    constexpr int PATIENCE_MS = 200;
    std::size_t done = 0;
    while (done < bytes.size())
    {
        pollfd ready{_descriptor, POLLOUT, 0};
        const int count = poll(&ready, 1, PATIENCE_MS);
        if (count == 0)
            throw Poco::WriteFileException("standard error is not read");
        if (count < 0 && errno == EINTR)
            continue;
        // A pipe that can be written takes this much without waiting.
        const ssize_t written =
            ::write(_descriptor, bytes.data() + done, std::min<std::size_t>(bytes.size() - done, PIPE_BUF));
        if (written < 0 && errno != EINTR && errno != EAGAIN)
            throw Poco::WriteFileException("standard error", Poco::Error::getMessage(errno));
        done += written > 0 ? static_cast<std::size_t>(written) : 0;
    }
}

#endif

} // namespace tenon::ops
